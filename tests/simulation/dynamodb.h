/*
 * The store on DynamoDB as it ships, once for each server, with the service
 * replaced by tests/dynamodb's model of its tables: one for all servers.
 *
 * Between them requests wait their time and meet faults: they are throttled,
 * fail before or after their effect, have their answer lost, and land long
 * after their caller has given them up, be it alive, asking for the same again,
 * or dead. A server may die after every request.
 *
 * A chunk that lands is put into the run's fake store as well, as the append
 * that it is; that must take it: it refuses what has another seq, or a key
 * twice. So the fake store has what the chunks say, and the model judges the
 * run by it as it does without DynamoDB.
 */
#ifndef CHAT_TESTS_SIMULATION_DYNAMODB_H
#define CHAT_TESTS_SIMULATION_DYNAMODB_H

#include "server/store/dynamodb.h"

struct server;
struct simulation;

/* A server's own. */
struct dynamodb {
    struct chat__dynamodb_client client;
    struct server *server;
    struct chat__store *store; /* NULL without it */
};

/* Makes the tables, and the programs' users: their ids name the rooms of dm. */
void dynamodb_begin(struct simulation *simulation);
struct chat__store *dynamodb_open(struct dynamodb *dynamodb,
                                  struct server *server);
void dynamodb_close(struct dynamodb *dynamodb);

/* As a server of a later version would: an entry behind the room's head. */
void dynamodb_append_foreign(struct simulation *simulation, const char *room,
                             const char *bytes);

/* At the end: the chunks' bytes are the fake store's, erased ones too. */
void dynamodb_check_tables(struct simulation *simulation);

/* For EVENT_REQUEST, EVENT_RESPONSE, EVENT_POSTED. */
void dynamodb_execute(void *request);
void dynamodb_respond(void *request);
void dynamodb_complete(void *posted);

#endif
