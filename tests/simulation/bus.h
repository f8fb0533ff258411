/*
 * A bus between the servers of a run. It loses, delays, repeats and reorders;
 * it says again what it said long ago; it lies about all but the entries
 * themselves, for those have a seal: of them only true ones are told, maybe
 * old, under any heading that has none. It goes down and comes back.
 */
#ifndef CHAT_TESTS_SIMULATION_BUS_H
#define CHAT_TESTS_SIMULATION_BUS_H

#include "server/bus/bus.h"
#include "tests/simulation/simulation.h"

struct server;

/* A server's end of it. */
struct bus {
    struct chat__bus base;
    struct server *server;
};

struct chat__bus *bus_open(struct bus *bus, struct server *server);

/* For EVENT_NOTICE: it reaches its server. */
void bus_deliver(void *packet);
/* For EVENT_BUS: it goes down, comes back, or lies. */
void bus_happen(struct simulation *simulation);

/* What it remembers. */
void bus_end(struct simulation *simulation);

#endif
