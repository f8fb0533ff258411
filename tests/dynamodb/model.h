/*
 * A model of DynamoDB's tables in memory: what the store's requests mean, on
 * one thread, each at once. It knows the operations, expressions and types that
 * the store uses and fails the test at anything else, such as a value that no
 * expression uses, which DynamoDB refuses as well.
 */
#ifndef CHAT_TESTS_DYNAMODB_MODEL_H
#define CHAT_TESTS_DYNAMODB_MODEL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dynamodb_model;

/* The tables of docs/dynamodb.md, their names behind `prefix`. */
struct dynamodb_model *dynamodb_model_new(const char *prefix);
void dynamodb_model_free(struct dynamodb_model *model);

/* A page of a query has so many items at most; 0: any number. */
void dynamodb_model_limit_pages(struct dynamodb_model *model, size_t items);

/* Called when an item has been put that was not there. */
void dynamodb_model_watch(struct dynamodb_model *model,
                          void (*put)(void *context, const char *table,
                                      const cJSON *item),
                          void *context);

/*
 * Carries a request out. `stale`: a read that does not ask to be consistent
 * sees items as they were before their last change. Returns the answer's body,
 * to be freed, with its status.
 */
char *dynamodb_model_execute(struct dynamodb_model *model,
                             const char *operation, const char *body,
                             size_t length, bool stale, unsigned int *status);

/* The items of a table, in no order: an array, valid until the next change. */
const cJSON *const *dynamodb_model_items(const struct dynamodb_model *model,
                                         const char *table, size_t *count);

/* Puts an item as it is; the model takes it over. */
void dynamodb_model_put(struct dynamodb_model *model, const char *table,
                        cJSON *item);

#endif
