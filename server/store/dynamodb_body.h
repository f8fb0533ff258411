/*
 * The body of a request of DynamoDB, and the items of an answer. Attributes
 * are typed JSON: "name":{"S":"text"} or {"N":"17"}.
 *
 * A body fails as its buffer does; whoever sends it checks once. In
 * expressions attributes are written as #name, and the names are collected by
 * themselves: DynamoDB reserves some 570 words.
 */
#ifndef CHAT_SERVER_STORE_DYNAMODB_BODY_H
#define CHAT_SERVER_STORE_DYNAMODB_BODY_H

#include "protocol/writer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#define CHAT__DYNAMODB_EXPRESSIONS_MAX 4

struct chat__dynamodb_body {
    struct chat__buffer buffer;
    struct chat__writer writer;
    const char *table; /* without the prefix; a constant */
    const char *expressions[CHAT__DYNAMODB_EXPRESSIONS_MAX];
    size_t expression_count;
};

/* Begins the outermost object with the name of the table. */
void chat__dynamodb_body_begin(struct chat__dynamodb_body *body,
                               const char *prefix, const char *table);

/* Ends it with the names that its expressions use. */
void chat__dynamodb_body_end(struct chat__dynamodb_body *body);
void chat__dynamodb_body_release(struct chat__dynamodb_body *body);

/* `text` is borrowed until the end. */
void chat__dynamodb_expression(struct chat__dynamodb_body *body,
                               const char *kind, const char *text);

/* Attributes into the map that is open; string NULL: none. */
void chat__dynamodb_string(struct chat__writer *writer, const char *name,
                           const char *value);
void chat__dynamodb_number(struct chat__writer *writer, const char *name,
                           uint64_t value);
void chat__dynamodb_signed(struct chat__writer *writer, const char *name,
                           int64_t value);
/* A set: what is there twice is written once. */
void chat__dynamodb_numbers(struct chat__writer *writer, const char *name,
                            const uint64_t *values, size_t count);

/* Of an item; NULL, 0 or false when it is not there. */
const char *chat__dynamodb_get_string(const cJSON *item, const char *name);
uint64_t chat__dynamodb_get_number(const cJSON *item, const char *name);
int64_t chat__dynamodb_get_signed(const cJSON *item, const char *name);
/* The array of a list, or of a set of numbers. */
const cJSON *chat__dynamodb_get_list(const cJSON *item, const char *name);

/* An element of a list that is a map; one of a set of numbers. */
const cJSON *chat__dynamodb_element_map(const cJSON *element);
uint64_t chat__dynamodb_element_number(const cJSON *element);

/* A string into a place of `size` bytes, cut where it must be; NULL: "". */
void chat__dynamodb_copy(char *to, size_t size, const char *from);

/* Bytes as hexadecimal digits with their NUL, and back. */
void chat__dynamodb_to_hex(char *text, const unsigned char *bytes,
                           size_t length);
bool chat__dynamodb_from_hex(unsigned char *bytes, size_t length,
                             const char *text);

#endif
