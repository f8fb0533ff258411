#include "tests/simulation/cache.h"

#include "tests/simulation/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MS 20
#define LATE_MS  5000

/* Of a thousand. */
#define LOST    100
#define LATE    100
#define UNKNOWN 50
#define HIDDEN  50
#define OLD     200
#define EMPTIED 2

/* What a key had, the newest first. */
struct cached {
    struct cached *next;
    char key[CHAT__CACHE_KEY_BYTES_MAX + 1];
    size_t length;
    char bytes[];
};

struct question {
    struct server *server;
    char key[CHAT__CACHE_KEY_BYTES_MAX + 1];
    chat__cache_done *done;
    void *context;
    bool unknown;
};

static int64_t delay(struct simulation *simulation, bool late)
{
    return (int64_t)simulation_draw(simulation, late ? LATE_MS : DELAY_MS);
}

/* ---- to set ---- */

static bool set(struct chat__cache *base, const char *key, const void *bytes,
                size_t length, uint32_t expiry_ms, chat__cache_done *done,
                void *context)
{
    struct server *server = ((struct cache *)base)->server;
    struct simulation *simulation = server->simulation;
    struct cached *cached;

    (void)expiry_ms;
    (void)context;
    if (done != NULL)
        abort(); /* nobody asks how it went, so that is no part of the model */
    if (server->state == SERVER_DEAD || simulation_fault(simulation, LOST))
        return true;
    cached = calloc(1, sizeof(*cached) + length);
    if (cached == NULL)
        abort();
    snprintf(cached->key, sizeof(cached->key), "%s", key);
    cached->length = length;
    memcpy(cached->bytes, bytes, length);
    simulation_trace(simulation, "leave", server->number, 0, key, strlen(key));
    simulation_after(simulation,
                     delay(simulation, simulation_fault(simulation, LATE)),
                     EVENT_CACHE_SET, cached, 0);
    return true;
}

void cache_empty(struct simulation *simulation)
{
    while (simulation->cached != NULL) {
        struct cached *cached = simulation->cached;

        simulation->cached = cached->next;
        free(cached);
    }
}

void cache_keep(struct simulation *simulation, void *change)
{
    struct cached *cached = change;

    if (simulation_fault(simulation, EMPTIED))
        cache_empty(simulation);
    cached->next = simulation->cached;
    simulation->cached = cached;
}

/* ---- to get ---- */

static bool get(struct chat__cache *base, const char *key,
                chat__cache_done *done, void *context)
{
    struct server *server = ((struct cache *)base)->server;
    struct simulation *simulation = server->simulation;
    struct question *question = calloc(1, sizeof(*question));

    if (question == NULL)
        abort();
    *question =
        (struct question){.server = server,
                          .done = done,
                          .context = context,
                          .unknown = server->state == SERVER_DEAD ||
                                     simulation_fault(simulation, UNKNOWN)};
    snprintf(question->key, sizeof(question->key), "%s", key);
    simulation_after(simulation,
                     question->unknown ? CHAT__CACHE_PATIENCE_MS
                                       : delay(simulation, false),
                     EVENT_CACHE_GET, question, 0);
    return true;
}

/*
 * Whether two keys are of one thing, such as places of a room's tail: a run is
 * too short to use a place twice, so what another place has stands for that.
 */
static bool is_beside(const char *key, const char *other)
{
    size_t length = (size_t)(strrchr(key, ':') - key) + 1;

    return strncmp(key, other, length) == 0;
}

/* The newest value of the key, unless the cache lies. */
static const struct cached *find(struct simulation *simulation, const char *key)
{
    bool hides = simulation_fault(simulation, HIDDEN);
    bool lies = simulation_fault(simulation, OLD);
    const struct cached *found = NULL;

    for (const struct cached *cached = hides ? NULL : simulation->cached;
         cached != NULL; cached = cached->next)
        if (lies ? is_beside(key, cached->key)
                 : strcmp(cached->key, key) == 0) {
            found = cached;
            if (!lies || simulation_chance(simulation, 100))
                break;
        }
    return found;
}

void cache_answer(void *subject)
{
    struct question *question = subject;
    struct server *server = question->server;
    const struct cached *found =
        question->unknown ? NULL : find(server->simulation, question->key);
    struct chat__cache_value value = {0};

    if (found != NULL)
        value = (struct chat__cache_value){found->bytes, found->length};
    if (question->unknown)
        question->done(question->context, CHAT__CACHE_UNKNOWN, NULL, 0);
    else if (found == NULL)
        question->done(question->context, CHAT__CACHE_MISSING, NULL, 0);
    else
        question->done(question->context, CHAT__CACHE_FOUND, &value, 1);
    server_touched(server);
    free(question);
}

struct chat__cache *cache_open(struct cache *cache, struct server *server)
{
    static const struct chat__cache_operations operations = {.get = get,
                                                             .set = set};

    cache->base.operations = &operations;
    cache->server = server;
    return &cache->base;
}
