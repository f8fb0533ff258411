/*
 * Bytes to a cJSON tree, behind a guard: no byte reaches the parser before
 * the guard has seen that they are strict JSON (RFC 8259), valid UTF-8, free
 * of NUL and lone surrogates, one value with nothing after it, no deeper, no
 * larger and no wider than limits.h allows. Two equal keys in one object are
 * refused after unescaping. All input of both sides comes through here.
 */
#ifndef CHAT_PROTOCOL_JSON_H
#define CHAT_PROTOCOL_JSON_H

#include "protocol/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parses one JSON object. NULL with `error` set (bad_request, too_large, or
 * busy when memory is short). The tree is one block (tree.h) to be read with
 * cJSON's functions; the caller frees it with chat__json_free.
 */
cJSON *chat__json_parse(const char *bytes, size_t length,
                        struct chat__error *error);

/* Accepts NULL. Never cJSON_Delete: that frees what is not its own. */
void chat__json_free(cJSON *json);

/*
 * The guard alone: how many values the object holds, itself and those in
 * depth; 0 with `error` set when it is refused.
 */
size_t chat__json_guard(const char *bytes, size_t length,
                        struct chat__error *error);

/* NULL when there is no such member, or no object. */
const cJSON *chat__json_member(const cJSON *object, const char *key);

/*
 * Members of an object. Each returns false, with `error` set to bad_request
 * and the member's name in it, when the member is there with a wrong type or
 * out of range. When it is absent the output keeps its value and the result
 * is true for `optional`, false for `required`.
 */
enum chat__json_presence { CHAT__JSON_OPTIONAL, CHAT__JSON_REQUIRED };

bool chat__json_string(const cJSON *object, const char *key,
                       enum chat__json_presence presence, const char **value,
                       struct chat__error *error);
bool chat__json_uint(const cJSON *object, const char *key,
                     enum chat__json_presence presence, uint64_t maximum,
                     uint64_t *value, struct chat__error *error);
bool chat__json_bool(const cJSON *object, const char *key,
                     enum chat__json_presence presence, bool *value,
                     struct chat__error *error);
bool chat__json_object(const cJSON *object, const char *key,
                       enum chat__json_presence presence, const cJSON **value,
                       struct chat__error *error);
bool chat__json_array(const cJSON *object, const char *key,
                      enum chat__json_presence presence, const cJSON **value,
                      struct chat__error *error);

/* A user id: a string of decimal digits, > 0, without leading zeros. */
bool chat__json_id(const cJSON *object, const char *key,
                   enum chat__json_presence presence, uint64_t *value,
                   struct chat__error *error);

/* The same of an element of an array; false when it is none. */
bool chat__json_is_id(const cJSON *element, uint64_t *value);

#endif
