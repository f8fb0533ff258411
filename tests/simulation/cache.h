/*
 * A cache between the servers of a run. It forgets, and is emptied; it answers
 * late, or that it does not know; a change may be lost or land later than the
 * next one; and it says again what it had for a key long ago. What it says was
 * set for that key, for values have a seal.
 */
#ifndef CHAT_TESTS_SIMULATION_CACHE_H
#define CHAT_TESTS_SIMULATION_CACHE_H

#include "server/bus/cache.h"
#include "tests/simulation/simulation.h"

struct server;

/* A server's end of it. */
struct cache {
    struct chat__cache base;
    struct server *server;
};

struct chat__cache *cache_open(struct cache *cache, struct server *server);

/* For EVENT_CACHE_SET: a value reaches it; for EVENT_CACHE_GET: an answer
 * reaches a server. */
void cache_keep(struct simulation *simulation, void *change);
void cache_answer(void *question);

/* Forgets everything. */
void cache_empty(struct simulation *simulation);

#endif
