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

/*
 * Of the model: the store that was opened last dies when it has put an item
 * into this table, before it hears of it; its requests are answered no more.
 * After revive they are, so that it can be closed.
 */
void tables_die_after(struct tables *tables, const char *table);
bool tables_are_dead(const struct tables *tables);
void tables_revive(struct tables *tables);

/*
 * Of the model: all writes so far are carried out once more, the first one
 * last, as tries are that land late.
 */
void tables_repeat(struct tables *tables);

#endif
