/*
 * A server: a real core, the real queue of each connection's output, and a
 * loop whose passes end when the schedule says so.
 *
 * A server that crashes keeps its core until the store has answered what was
 * asked, so that late writes have somewhere to come back to; by then it has no
 * connections, and what it asks anew has no effect.
 */
#ifndef CHAT_TESTS_SIMULATION_SERVER_H
#define CHAT_TESTS_SIMULATION_SERVER_H

#include "server/core/core.h"
#include "server/front/output.h"
#include "tests/simulation/bus.h"
#include "tests/simulation/cache.h"
#include "tests/simulation/dynamodb.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/store.h"

enum server_state { SERVER_UP, SERVER_DRAINING, SERVER_DEAD };

struct server {
    struct server *next;
    struct simulation *simulation;
    unsigned int number;
    enum server_state state;
    struct chat__core *core; /* NULL: it has come to its end */
    struct store store;
    struct dynamodb dynamodb; /* instead, in runs with it */
    struct bus bus;
    struct cache cache;
    struct chat__output_pool pool;
    struct chat__metrics metrics;
    int64_t wall_offset;
    int64_t empty_by; /* not UP: nobody is in memory from then on */
    bool later_version;
    bool pass_is_due;
};

/* One more, with a disk that may have logs already. */
struct server *server_start(struct simulation *simulation);

/* The faults stop: all are up, none is short of memory. */
void server_heal(struct simulation *simulation);

/* Its memory and its connections are gone. */
void server_crash(struct server *server);

/* As SIGTERM: it finishes what it has, and takes nothing more. */
void server_drain(struct server *server);

/* Something happened in its core: a loop pass will end. */
void server_touched(struct server *server);
void server_pass(struct server *server);
void server_tick(struct server *server);

/* An append of its has reached the disk; the others may be told. */
void server_appended(struct server *server,
                     const struct chat__store_append *append);
void server_hint(struct server *server, unsigned int room);

/* A random one that takes connections, or NULL. */
struct server *server_choose(struct simulation *simulation);
unsigned int server_count_up(const struct simulation *simulation);

/* Checks that nothing is left, and frees. */
void server_free(struct server *server);

#endif
