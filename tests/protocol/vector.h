/*
 * The cases of tests/vectors/, which has the format in its README. Used by
 * tests only: what cannot be read ends the program.
 */
#ifndef CHAT_TESTS_PROTOCOL_VECTOR_H
#define CHAT_TESTS_PROTOCOL_VECTOR_H

#include "protocol/buffer.h"

#include <cjson/cJSON.h>

/* The array of cases in a file, such as "requests.json". */
cJSON *vector_load(const char *file);

/* Appends the bytes that a string or an array of parts stands for. */
void vector_bytes(const cJSON *value, struct chat__buffer *bytes);

/* The string member of a case, NULL when there is none. */
const char *vector_string(const cJSON *item, const char *member);

/*
 * Runs `test` once for each case of a file, under the case's name, with the
 * case as its state. Returns how many failed.
 */
int vector_run(const char *file, void (*test)(void **state));

#endif
