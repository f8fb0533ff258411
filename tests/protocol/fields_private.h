/*
 * Tables of members: what a parser yields, next to its place on the wire. The
 * files fields_*.c share these.
 */
#ifndef TESTS_PROTOCOL_FIELDS_PRIVATE_H
#define TESTS_PROTOCOL_FIELDS_PRIVATE_H

#include "tests/protocol/fields.h"

#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_END,
    FIELD_STRING,
    FIELD_INTEGER, /* uint64_t or int64_t: none is negative on the wire */
    FIELD_BOOL,
    FIELD_ID,
    FIELD_ROLE,
    FIELD_PRESENCE
};

struct field {
    enum field_type type;
    const char *path; /* on the wire, with dots for nesting */
    size_t offset;
};

#define FIELD(type, path, structure, member)                                   \
    {                                                                          \
        FIELD_##type, path, offsetof(struct structure, member)                 \
    }

/* The member at a path with dots; NULL when it is not there. */
const cJSON *fields_find(const cJSON *object, const char *path);

/* Without `expected` there is to be no string. */
void fields_expect_text(const char *value, const cJSON *expected);

void fields_expect_ids(const uint64_t *ids, size_t count,
                       const cJSON *expected);

/* The table ends with FIELD_END. */
void fields_expect(const struct field *fields, const void *structure,
                   const cJSON *expected);

/* `expected` is an array, or an object whose keys the caller compares. */
void fields_expect_list(const struct field *fields, const void *elements,
                        size_t size, size_t count, const cJSON *expected);

#endif
