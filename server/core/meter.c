#include "server/core/meter.h"

#include <stdlib.h>

/* Nobody can choose names that stand in one place of the table. */
static uint64_t hash_of(const struct chat__core *core, uint64_t id)
{
    return chat__hash_bytes(core->hash_seed, &id, sizeof(id));
}

static struct chat__meter *find(const struct chat__core *core,
                                enum chat__rate_scope scope, uint64_t id)
{
    struct chat__table_link *link =
        chat__table_find(&core->meters, hash_of(core, id));

    for (; link != NULL; link = chat__table_next(link)) {
        struct chat__meter *meter =
            CHAT__CONTAINER(link, struct chat__meter, link);

        if (meter->scope == scope && meter->id == id)
            return meter;
    }
    return NULL;
}

static struct chat__meter *make(struct chat__core *core,
                                enum chat__rate_scope scope, uint64_t id)
{
    struct chat__meter *meter = calloc(1, sizeof(*meter));

    if (meter == NULL)
        return NULL;
    meter->core = core;
    meter->scope = scope;
    meter->id = id;
    if (!chat__table_insert(&core->meters, &meter->link, hash_of(core, id))) {
        free(meter);
        return NULL;
    }
    return meter;
}

static void unlink_idle(struct chat__meter *meter)
{
    struct chat__core *core = meter->core;

    if (meter->previous != NULL)
        meter->previous->next = meter->next;
    else
        core->meters_idle_first = meter->next;
    if (meter->next != NULL)
        meter->next->previous = meter->previous;
    else
        core->meters_idle_last = meter->previous;
    core->meters_idle--;
}

static void link_idle(struct chat__meter *meter)
{
    struct chat__core *core = meter->core;

    meter->next = NULL;
    meter->previous = core->meters_idle_last;
    if (meter->previous != NULL)
        meter->previous->next = meter;
    else
        core->meters_idle_first = meter;
    core->meters_idle_last = meter;
    core->meters_idle++;
}

static void forget(struct chat__meter *meter)
{
    unlink_idle(meter);
    chat__table_remove(&meter->core->meters, &meter->link);
    free(meter);
}

struct chat__meter *chat__meter_acquire(struct chat__core *core,
                                        enum chat__rate_scope scope,
                                        uint64_t id)
{
    struct chat__meter *meter = find(core, scope, id);

    if (meter == NULL)
        meter = make(core, scope, id);
    else if (meter->references == 0)
        unlink_idle(meter);
    if (meter != NULL)
        meter->references++;
    return meter;
}

struct chat__meter *chat__meter_hold(struct chat__meter *meter)
{
    if (meter != NULL)
        meter->references++;
    return meter;
}

void chat__meter_release(struct chat__meter *meter)
{
    struct chat__core *core;

    if (meter == NULL || --meter->references > 0)
        return;
    core = meter->core;
    link_idle(meter);
    if (core->meters_idle > CHAT__METERS_IDLE_MAX)
        forget(core->meters_idle_first);
}

void chat__meters_sweep(struct chat__core *core)
{
    int64_t now = chat__monotonic_ms(core);

    while (core->meters_idle_first != NULL &&
           chat__rate_is_full(&core->meters_idle_first->buckets, now))
        forget(core->meters_idle_first);
}

void chat__meters_release(struct chat__core *core)
{
    while (core->meters_idle_first != NULL)
        forget(core->meters_idle_first);
    chat__table_release(&core->meters);
}
