#include "tests/protocol/fields_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const cJSON *fields_find(const cJSON *object, const char *path)
{
    const char *dot;

    while (object != NULL && (dot = strchr(path, '.')) != NULL) {
        char key[32];

        snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
        object = cJSON_GetObjectItemCaseSensitive(object, key);
        path = dot + 1;
    }
    return object ? cJSON_GetObjectItemCaseSensitive(object, path) : NULL;
}

void fields_expect_text(const char *value, const cJSON *expected)
{
    if (expected == NULL) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(value, cJSON_GetStringValue(expected));
}

static void expect_id(uint64_t value, const cJSON *expected)
{
    if (expected == NULL)
        assert_int_equal(value, 0);
    else
        assert_int_equal(value,
                         strtoull(cJSON_GetStringValue(expected), NULL, 10));
}

/* On the wire, absence is a presence too. */
static void expect_presence(enum chat__presence value, const cJSON *expected)
{
    assert_string_equal(chat__presence_name(value),
                        expected ? cJSON_GetStringValue(expected) : "offline");
}

void fields_expect_ids(const uint64_t *ids, size_t count, const cJSON *expected)
{
    const cJSON *item;

    assert_int_equal(count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        expect_id(*ids++, item);
    }
}

static void expect_field(const struct field *field, const void *structure,
                         const cJSON *object)
{
    const void *value = (const char *)structure + field->offset;
    const cJSON *expected = fields_find(object, field->path);

    switch (field->type) {
    case FIELD_STRING:
        fields_expect_text(*(const char *const *)value, expected);
        break;
    case FIELD_INTEGER:
        assert_int_equal(*(const uint64_t *)value,
                         expected ? (uint64_t)expected->valuedouble : 0);
        break;
    case FIELD_ROLE:
        fields_expect_text(chat__role_name(*(const enum chat__role *)value),
                           expected);
        break;
    case FIELD_PRESENCE:
        expect_presence(*(const enum chat__presence *)value, expected);
        break;
    case FIELD_BOOL:
        assert_int_equal(*(const bool *)value, cJSON_IsTrue(expected));
        break;
    default:
        expect_id(*(const uint64_t *)value, expected);
        break;
    }
}

void fields_expect(const struct field *fields, const void *structure,
                   const cJSON *expected)
{
    for (; fields->type != FIELD_END; fields++)
        expect_field(fields, structure, expected);
}

void fields_expect_list(const struct field *fields, const void *elements,
                        size_t size, size_t count, const cJSON *expected)
{
    const char *at = elements;
    const cJSON *item;

    assert_int_equal(count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        fields_expect(fields, at, item);
        at += size;
    }
}
