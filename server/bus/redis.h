/*
 * The bus and the cache of several tasks, over a Redis or a Valkey. It is a
 * help and never needed: while it is gone, slow, flushed, or lies, tasks are
 * slower and nothing is lost. docs/redis.md says what passes through it.
 *
 * One connection listens, one is for commands. What a task publishes comes back
 * to it; only while it does, `listens` is true: that proves the whole way.
 * Notices of a loop pass go out together at the next flush; what cannot go is
 * dropped.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_BUS_REDIS_H
#define CHAT_SERVER_BUS_REDIS_H

#include "server/bus/bus.h"
#include "server/bus/cache.h"
#include "server/bus/redis_url.h"
#include "server/bus/seal.h"

#include <uv.h>

/* A packet at least this often; none back for the second: it is not heard. */
#define CHAT__REDIS_BEAT_MS    2000
#define CHAT__REDIS_UNHEARD_MS 7000

/* What a finish waits for answers. */
#define CHAT__REDIS_FINISH_MS 1000

struct chat__redis_options {
    uv_loop_t *loop;
    struct chat__redis_url url; /* copied, and wiped by free */
    const char *ca_file;        /* NULL: the system's */
    const char *prefix;         /* of the channel and the keys; borrowed */
    struct chat__bus_sink sink;
    bool (*fill)(void *context, void *bytes, size_t length); /* by chance */
    /* It is reached from now on, or, with a few words why, not any more. */
    void (*report)(void *context, const char *why);
    void *context;
};

struct chat__redis_counts {
    uint64_t sent; /* notices */
    uint64_t received;
    uint64_t dropped;
    uint64_t refused; /* packets, and notices in them, that no task has made */
    uint64_t ignored; /* of another version */
    uint64_t lost;    /* connections */
    uint64_t cache_found;
    uint64_t cache_missing;
    uint64_t cache_unknown;
};

struct chat__redis;

/* NULL, with a sentence in `message`. It does not connect before its start. */
struct chat__redis *chat__redis_new(const struct chat__redis_options *options,
                                    char *message, size_t size);

/* With the key that all tasks of these tables have. False: memory is short. */
bool chat__redis_start(struct chat__redis *redis,
                       const unsigned char key[CHAT__SEAL_KEY_BYTES]);

struct chat__bus *chat__redis_bus(struct chat__redis *redis);
struct chat__cache *chat__redis_cache(struct chat__redis *redis);

/* At the end of each loop pass. */
void chat__redis_flush(struct chat__redis *redis);

bool chat__redis_is_reached(const struct chat__redis *redis);
struct chat__redis_counts chat__redis_counts(const struct chat__redis *redis);

/* Sends what waits; the loop runs until that has been answered, or late. */
void chat__redis_finish(struct chat__redis *redis);
bool chat__redis_is_finished(const struct chat__redis *redis);

/*
 * Answers what the cache was asked, before it returns; nothing is answered any
 * more after. Then the loop must run until it has closed its handles, then it
 * is freed. NULL is fine for both.
 */
void chat__redis_close(struct chat__redis *redis);
void chat__redis_free(struct chat__redis *redis);

#endif
