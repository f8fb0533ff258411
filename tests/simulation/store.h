/*
 * A server's own way to the one disk: jobs wait their time, fail before or
 * after their effect, are refused, and outlive the server that asked. Each is
 * freed when it has been answered.
 */
#ifndef CHAT_TESTS_SIMULATION_STORE_H
#define CHAT_TESTS_SIMULATION_STORE_H

#include "server/store/store.h"

struct server;

struct store {
    struct chat__store base;
    struct server *server;
};

void store_init(struct store *store, struct server *server);

/* For EVENT_EXECUTE and EVENT_COMPLETE. */
struct job;
void job_execute(struct job *job);
void job_complete(struct job *job);

#endif
