/*
 * The store on DynamoDB as it ships, once for each server, with the service
 * replaced by tests/dynamodb/service.h, one for all servers, with its faults. A
 * server may die after every request.
 *
 * A chunk that lands is put into the run's fake store as well, as the append
 * that it is; that must take it: it refuses what has another seq, or a key
 * twice. So the fake store has what the chunks say, and the model judges the
 * run by it as it does without DynamoDB.
 */
#ifndef CHAT_TESTS_SIMULATION_DYNAMODB_H
#define CHAT_TESTS_SIMULATION_DYNAMODB_H

#include "server/store/dynamodb.h"
#include "tests/dynamodb/service.h"

struct server;
struct simulation;

/* A server's own. */
struct dynamodb {
    struct service_client client;
    struct chat__store *store; /* NULL without it */
};

/* Makes the tables, and the programs' users: their ids name the rooms of dm. */
void dynamodb_begin(struct simulation *simulation);
struct chat__store *dynamodb_open(struct dynamodb *dynamodb,
                                  struct server *server);
void dynamodb_crash(struct dynamodb *dynamodb);
void dynamodb_close(struct dynamodb *dynamodb);
void dynamodb_end(struct simulation *simulation);

/* The only account of a run, the operator's; 0: it is not made yet. */
uint64_t dynamodb_account(const struct simulation *simulation);

/* As a server of a later version would: an entry behind the room's head. */
void dynamodb_append_foreign(struct simulation *simulation, const char *room,
                             const char *bytes);

/* At the end: the chunks' bytes are the fake store's, erased ones too. */
void dynamodb_check_tables(struct simulation *simulation);

/* For EVENT_POSTED. */
void dynamodb_complete(void *posted);

#endif
