/*
 * The store on DynamoDB with all that it stands on: an HTTP client, credentials
 * and the client of the service. Loop thread only.
 */
#ifndef CHAT_SERVER_SERVER_DYNAMODB_H
#define CHAT_SERVER_SERVER_DYNAMODB_H

#include "server/completion.h"
#include "server/options/options.h"
#include "server/store/store.h"

#include <uv.h>

struct chat__server_dynamodb;

/*
 * NULL, with a sentence in `message`, when the options name no place for it.
 * `report` is told once of each problem that requests have; NULL: nobody is.
 */
struct chat__server_dynamodb *
chat__server_dynamodb_open(const struct chat__options *options, uv_loop_t *loop,
                           struct chat__completion_sink sink,
                           void (*report)(const char *problem), char *message,
                           size_t size);

/* Reports to the log. */
void chat__server_dynamodb_log(const char *problem);

/* Closed by its own operation, before the next. */
struct chat__store *
chat__server_dynamodb_store(const struct chat__server_dynamodb *dynamodb);

/* Why it does not work and what to do; NULL: it does. Not after its close. */
const char *
chat__server_dynamodb_problem(const struct chat__server_dynamodb *dynamodb);

/* What waits for an answer, such as a probe, gets none: before the store's
 * close. NULL is fine. */
void chat__server_dynamodb_cut_off(struct chat__server_dynamodb *dynamodb);

/* Close, then run the loop until it has closed its handles, then free. */
void chat__server_dynamodb_close(struct chat__server_dynamodb *dynamodb);
void chat__server_dynamodb_free(struct chat__server_dynamodb *dynamodb);

/* --create-tables, with a loop of its own; false: the log says why. */
bool chat__server_create_tables(const struct chat__options *options);

#endif
