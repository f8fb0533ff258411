/*
 * A core with a fake store, a fake front, a clock that stands until a test
 * moves it and chance that repeats itself. Tests drive clients with the JSON
 * of the wire and compare what comes back with JSON; in both, ' stands for ".
 */
#ifndef CHAT_TESTS_CORE_WORLD_H
#define CHAT_TESTS_CORE_WORLD_H

#include "server/core/core.h"
#include "tests/core/fake_accounts.h"
#include "tests/core/fake_store.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WALL_MS INT64_C(1795363200000)

struct world {
    struct chat__core *core;
    uint64_t connections; /* so far; names them */
    struct chat__core_options options;
    struct fake_store *store;
    struct fake_accounts accounts;
    struct chat__metrics metrics;
    int64_t wall_ms;
    int64_t monotonic_ms;
    uint64_t random;
    bool random_fails;
    bool frame_fails; /* the front finds no memory for frames */
    size_t frames;    /* made and not released */
    size_t framed;    /* made ever */
};

struct client {
    struct world *world;
    struct chat__connection *connection;
    char **objects; /* what came, in order */
    size_t object_count;
    size_t read;         /* of these a test has looked at */
    unsigned int closed; /* the code, 0: open */
};

/* True while the core runs, and neither the store nor the front in it. */
extern bool world_in_core;

/* A world whose lobby is made; with rate limits off. */
struct world *world_new(void);
struct world *world_new_with(const struct chat__core_options *changes);
/* Runs what waits, then frees; clients must be closed. */
void world_free(struct world *world);
/* Runs what waits, then puts a new core on the store; the same holds. */
void world_restart(struct world *world);

/* Completes everything in the order it was asked for, then flushes. */
void world_run(struct world *world);
/* Flushes and ticks. */
void world_advance(struct world *world, int64_t ms);

struct client *client_open(struct world *world);
/* From this address, of CHAT__ADDRESS_BYTES. */
struct client *client_open_from(struct world *world,
                                const unsigned char *address);
/* Of whom a proxy says this. */
struct client *client_open_as(struct world *world,
                              const struct chat__remote_context *remote);
/* Connected and signed in as the guest with this name and key. */
struct client *client_hello(struct world *world, const char *name);
/* Disconnects and frees. */
void client_close(struct client *client);
/* Only disconnects; what came can still be looked at. */
void client_disconnect(struct client *client);

/* In a loop pass of its own; what it asks for is appended at its end. */
void client_say(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* In a pass that goes on, until somebody says something by client_say. */
void client_say_more(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next object, as it came; fails when there is none. */
const char *client_next(struct client *client);
/* The next object has what `format` has, and maybe more. */
void client_expect(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void client_expect_nothing(struct client *client);
/* Looks away from everything that came so far. */
void client_skip(struct client *client);

/* Says it, runs everything, skips what came. */
void client_do(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True when `actual` has everything that `expected` has. */
bool json_contains(const cJSON *actual, const cJSON *expected);

#endif
