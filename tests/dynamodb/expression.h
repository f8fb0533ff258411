/*
 * Expressions of DynamoDB, as far as the store uses them: conditions and
 * updates of an item. `names` and `values` are the request's; what an
 * expression uses of them is marked there, so that the rest can be refused.
 */
#ifndef CHAT_TESTS_DYNAMODB_EXPRESSION_H
#define CHAT_TESTS_DYNAMODB_EXPRESSION_H

#include <cjson/cJSON.h>
#include <stdbool.h>

struct expression {
    const char *at;
    cJSON *names;
    cJSON *values;
};

/* `item` NULL: there is none. */
bool expression_holds(struct expression *expression, const cJSON *item);
void expression_update(struct expression *expression, cJSON *item);

/* Fails when a name or a value was used by no expression. */
void expression_check_used(const cJSON *names, const cJSON *values);

/* Two typed values in order: numbers by value, strings by bytes. */
int expression_compare(const cJSON *a, const cJSON *b);

/* Ends the process with a sentence. */
_Noreturn void expression_fail(const char *what, const char *where);

#endif
