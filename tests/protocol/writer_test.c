#include "protocol/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

struct fixture {
    struct chat__buffer buffer;
    struct chat__writer writer;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    chat__buffer_init(&fixture.buffer, 4096);
    chat__writer_init(&fixture.writer, &fixture.buffer);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    chat__buffer_release(&fixture->buffer);
    return 0;
}

static void expect(const struct fixture *fixture, const char *json)
{
    assert_false(fixture->buffer.failed);
    assert_int_equal(fixture->buffer.length, strlen(json));
    assert_memory_equal(fixture->buffer.data, json, strlen(json));
}

static void commas_stand_between_members_only(void **state)
{
    struct fixture *fixture = *state;
    struct chat__writer *writer = &fixture->writer;

    chat__write_object(writer, NULL);
    chat__write_array(writer, "a");
    chat__write_uint(writer, NULL, 1);
    chat__write_object(writer, NULL);
    chat__write_object_end(writer);
    chat__write_array(writer, NULL);
    chat__write_array_end(writer);
    chat__write_array_end(writer);
    chat__write_object(writer, "b");
    chat__write_bool(writer, "c", true);
    chat__write_bool(writer, "d", false);
    chat__write_object_end(writer);
    chat__write_string(writer, "e", "f");
    chat__write_object_end(writer);
    expect(fixture,
           "{\"a\":[1,{},[]],\"b\":{\"c\":true,\"d\":false},\"e\":\"f\"}");
}

static void a_string_that_is_null_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct chat__writer *writer = &fixture->writer;

    chat__write_object(writer, NULL);
    chat__write_string(writer, "a", NULL);
    chat__write_string(writer, "b", "");
    chat__write_string(writer, "c", NULL);
    chat__write_object_end(writer);
    expect(fixture, "{\"b\":\"\"}");
}

static void numbers_keep_all_their_digits(void **state)
{
    struct fixture *fixture = *state;
    struct chat__writer *writer = &fixture->writer;

    chat__write_array(writer, NULL);
    chat__write_uint(writer, NULL, 0);
    chat__write_uint(writer, NULL, UINT64_MAX);
    chat__write_int(writer, NULL, INT64_MIN);
    chat__write_int(writer, NULL, INT64_MAX);
    chat__write_id(writer, NULL, UINT64_MAX);
    chat__write_array_end(writer);
    expect(fixture, "[0,18446744073709551615,-9223372036854775808,"
                    "9223372036854775807,\"18446744073709551615\"]");
}

static void only_what_must_be_is_escaped(void **state)
{
    struct fixture *fixture = *state;

    chat__write_string(&fixture->writer, NULL,
                       "\"\\/\b\f\n\r\t\x01\x1f\x7f é日🦆");
    expect(fixture, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é日🦆\"");
}

static void every_byte_comes_back_through_a_parser(void **state)
{
    struct fixture *fixture = *state;
    char string[128];
    cJSON *json;

    for (size_t i = 0; i < sizeof(string); i++)
        string[i] = (char)(i + 1);
    string[sizeof(string) - 1] = '\0';
    chat__write_string(&fixture->writer, NULL, string);
    json = cJSON_ParseWithLength(fixture->buffer.data, fixture->buffer.length);
    assert_string_equal(cJSON_GetStringValue(json), string);
    cJSON_Delete(json);
}

/* In strings of any length: the writer looks at eight bytes at a time. */
static void an_escape_stands_at_any_place(void **state)
{
    struct fixture *fixture = *state;
    char string[32];
    char json[64];

    for (int length = 1; length < 20; length++)
        for (int at = 0; at < length; at++) {
            memset(string, 'x', (size_t)length);
            string[length] = '\0';
            string[at] = '"';
            snprintf(json, sizeof(json), "\"%.*s\\\"%s\"", at,
                     "xxxxxxxxxxxxxxxxxxxx", string + at + 1);
            chat__buffer_clear(&fixture->buffer);
            fixture->writer.comma = false;
            chat__write_string(&fixture->writer, NULL, string);
            expect(fixture, json);
        }
}

static void numbers_of_any_length_are_written(void **state)
{
    struct fixture *fixture = *state;
    uint64_t power = 1;
    char json[32];

    for (int digits = 1; digits <= 20; digits++, power *= 10)
        for (int i = -1; i <= 1; i++) {
            uint64_t value = power + (uint64_t)i;

            snprintf(json, sizeof(json), "%llu", (unsigned long long)value);
            chat__buffer_clear(&fixture->buffer);
            fixture->writer.comma = false;
            chat__write_uint(&fixture->writer, NULL, value);
            expect(fixture, json);
        }
}

static void keys_are_escaped_too(void **state)
{
    struct fixture *fixture = *state;

    chat__write_object(&fixture->writer, NULL);
    chat__write_uint(&fixture->writer, "a\"b", 1);
    chat__write_object_end(&fixture->writer);
    expect(fixture, "{\"a\\\"b\":1}");
}

static void raw_bytes_are_embedded_as_they_are(void **state)
{
    struct fixture *fixture = *state;

    chat__write_array(&fixture->writer, NULL);
    chat__write_raw(&fixture->writer, NULL, "{ \"a\" : 1.50 }...", 14);
    chat__write_raw(&fixture->writer, NULL, "null", 4);
    chat__write_array_end(&fixture->writer);
    expect(fixture, "[{ \"a\" : 1.50 },null]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commas_stand_between_members_only),
        TEST(a_string_that_is_null_is_left_out),
        TEST(numbers_keep_all_their_digits),
        TEST(only_what_must_be_is_escaped),
        TEST(every_byte_comes_back_through_a_parser),
        TEST(an_escape_stands_at_any_place),
        TEST(numbers_of_any_length_are_written),
        TEST(keys_are_escaped_too),
        TEST(raw_bytes_are_embedded_as_they_are),
    };

    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
