/*
 * DynamoDB's tables for one test: the model of them, whose requests are
 * answered one by one and in order; or, where CHAT_DYNAMODB_ENDPOINT names a
 * service such as DynamoDB Local, tables of it with a prefix of their own.
 */
#ifndef CHAT_TESTS_STORE_TABLES_H
#define CHAT_TESTS_STORE_TABLES_H

#include "server/store/store.h"

#include <stdbool.h>

struct tables;

struct tables *tables_new(void);
void tables_free(struct tables *tables); /* accepts NULL */

/* A store on them; more than one may be opened after another. */
struct chat__store *tables_open(struct tables *tables,
                                struct chat__completion_sink sink);

/* Answers a request; false when none waits. */
bool tables_step(struct tables *tables);

#endif
