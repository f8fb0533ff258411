#include "server/core/spending.h"

#include "server/core/meter.h"
#include "server/core/publish.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

/* Places where one may be, one behind the other. */
#define PROBES 8

struct chat__spending {
    uint64_t id;
    uint32_t count; /* 0: the place is free */
    uint16_t scope;
    uint16_t class;
};

_Static_assert((CHAT__SPENDINGS_MAX & (CHAT__SPENDINGS_MAX - 1)) == 0,
               "a hash is cut to a place");

/* Its place, or one that is free; NULL: there is none. */
static struct chat__spending *find(const struct chat__core *core,
                                   enum chat__rate_scope scope, uint64_t id,
                                   enum chat__rate_class class)
{
    uint64_t words[] = {id, scope, class};
    uint64_t hash = chat__hash_bytes(core->hash_seed, words, sizeof(words));

    for (uint64_t i = 0; i < PROBES; i++) {
        struct chat__spending *place =
            &core->spendings[(hash + i) & (CHAT__SPENDINGS_MAX - 1)];

        if (place->count == 0 ||
            (place->id == id && place->scope == scope && place->class == class))
            return place;
    }
    return NULL;
}

void chat__spend(struct chat__core *core, enum chat__rate_scope scope,
                 uint64_t id, enum chat__rate_class class)
{
    struct chat__spending *place;

    if (core->options.bus == NULL || !chat__rate_is_limited(scope, class))
        return;
    if (core->spendings == NULL)
        core->spendings = calloc(CHAT__SPENDINGS_MAX, sizeof(*core->spendings));
    if (core->spendings == NULL)
        return;
    if (!core->spends) {
        core->spends = true;
        core->spending_ms = chat__monotonic_ms(core) + CHAT__SPENDING_MS;
    }
    place = find(core, scope, id, class);
    if (place == NULL)
        return;
    place->id = id;
    place->scope = (uint16_t)scope;
    place->class = (uint16_t) class;
    place->count++;
}

static void tell(struct chat__core *core)
{
    for (size_t i = 0; i < CHAT__SPENDINGS_MAX; i++) {
        const struct chat__spending *place = &core->spendings[i];

        if (place->count > 0 &&
            chat__rate_is_high(place->scope, place->class, place->count,
                               CHAT__SPENDING_MS))
            chat__publish_spending(core, place->id, place->scope, place->class,
                                   place->count);
    }
}

int64_t chat__spending_tick(struct chat__core *core, int64_t now_ms)
{
    if (core->spends && now_ms >= core->spending_ms) {
        tell(core);
        memset(core->spendings, 0,
               CHAT__SPENDINGS_MAX * sizeof(*core->spendings));
        core->spends = false;
    }
    return core->spends ? core->spending_ms : INT64_MAX;
}

/* ---- what others tell ---- */

static void owe_user(struct chat__core *core, uint64_t id,
                     enum chat__rate_class class, uint64_t count)
{
    struct chat__user *user = chat__user_find(core, id);

    if (user != NULL)
        chat__rate_owe(&user->buckets, CHAT__SCOPE_USER, class, count,
                       chat__monotonic_ms(core));
}

/* Of an address that is not here, too: it may come. */
static void owe_address(struct chat__core *core, uint64_t id,
                        enum chat__rate_class class, uint64_t count)
{
    struct chat__meter *meter =
        chat__meter_acquire(core, CHAT__SCOPE_ADDRESS, id);

    if (meter != NULL)
        chat__rate_owe(&meter->buckets, CHAT__SCOPE_ADDRESS, class, count,
                       chat__monotonic_ms(core));
    chat__meter_release(meter);
}

void chat__spending_hear(struct chat__core *core, uint64_t id,
                         unsigned int state, uint64_t count)
{
    unsigned int scope = state >> 4;
    unsigned int class = state & 15;

    if (!core->options.settings.rate_limits || class >= CHAT__RATE_COUNT ||
        (scope != CHAT__SCOPE_USER && scope != CHAT__SCOPE_ADDRESS) ||
        !chat__rate_is_limited(scope, class))
        return;
    chat__metrics_add(core->options.metrics, CHAT__METRIC_RATE_HEARD, count);
    if (scope == CHAT__SCOPE_USER)
        owe_user(core, id, class, count);
    else
        owe_address(core, id, class, count);
}

void chat__spending_release(struct chat__core *core)
{
    free(core->spendings);
}
