/*
 * What the vectors cannot say about the guard: that it never reads past the
 * bytes, and that it and the parser behind it agree.
 */
#include "protocol/json.h"
#include "protocol/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char document[] =
    " {\"a\":[true,false,null,-1.5e+3,{\"\\u00e9\\ud83e\\udd86\":\"\\n\"}],"
    "\"\xc3\xa9\":{\"c\":[[],{}]}} ";

/* In memory of its own size, so that a sanitizer sees a byte too many. */
static bool guard(const char *bytes, size_t length)
{
    struct chat__error error;
    char *copy = malloc(length > 0 ? length : 1);
    bool fine;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    fine = chat__json_guard(copy, length, &error);
    free(copy);
    return fine;
}

static void every_proper_prefix_is_refused(void **state)
{
    size_t length = strlen(document);

    (void)state;
    assert_true(guard(document, length));
    assert_true(guard(document, length - 1));
    for (size_t cut = 0; cut < length - 1; cut++)
        assert_false(guard(document, cut));
}

/* With one byte changed the guard decides; cJSON takes all that it takes. */
static void the_parser_takes_what_the_guard_takes(void **state)
{
    char changed[sizeof(document)];
    size_t length = strlen(document);

    (void)state;
    for (size_t at = 0; at < length; at++)
        for (int byte = 0; byte < 256; byte++) {
            cJSON *json;

            memcpy(changed, document, sizeof(document));
            changed[at] = (char)byte;
            if (!guard(changed, length))
                continue;
            json = cJSON_ParseWithLength(changed, length);
            assert_non_null(json);
            cJSON_Delete(json);
        }
}

/* What a byte is to a string does not depend on where it stands. */
static void every_byte_in_a_string_is_judged(void **state)
{
    (void)state;
    for (size_t at = 0; at < 24; at++)
        for (int byte = 0; byte < 256; byte++) {
            char bytes[] = "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxx\"}";
            bool fine =
                byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

            bytes[6 + at] = (char)byte;
            assert_int_equal(guard(bytes, sizeof(bytes) - 1), fine);
        }
}

static void the_refusal_names_the_byte(void **state)
{
    struct chat__error error;

    (void)state;
    assert_false(chat__json_guard("{\"a\":01}", 8, &error));
    assert_int_equal(error.code, CHAT__ERROR_BAD_REQUEST);
    assert_string_equal(error.message,
                        "JSON, byte 6: ',' or closing bracket expected");
}

static void depth_counts_what_is_open_not_what_was(void **state)
{
    char bytes[8192] = "{\"a\":[";
    size_t length = strlen(bytes);

    (void)state;
    for (int i = 0; i < 500; i++) {
        memcpy(bytes + length, "[[[]]],", 7);
        length += 7;
    }
    memcpy(bytes + length, "[]]}", 4);
    assert_true(guard(bytes, length + 4));
}

static void members_are_read_by_exact_case_and_type(void **state)
{
    const char *bytes = "{\"Seq\":1,\"text\":null,\"flag\":0,\"list\":{}}";
    struct chat__error error;
    cJSON *json = chat__json_parse(bytes, strlen(bytes), &error);
    const cJSON *value = NULL;
    const char *string = "before";
    uint64_t number = 7;
    bool flag = true;

    (void)state;
    assert_non_null(json);
    assert_true(
        chat__json_uint(json, "seq", CHAT__JSON_OPTIONAL, 9, &number, &error));
    assert_int_equal(number, 7);
    assert_false(
        chat__json_uint(json, "seq", CHAT__JSON_REQUIRED, 9, &number, &error));
    assert_string_equal(error.message, "seq: missing");
    assert_false(
        chat__json_uint(json, "Seq", CHAT__JSON_REQUIRED, 0, &number, &error));
    assert_string_equal(error.message, "Seq: at most 0 expected");
    assert_false(
        chat__json_string(json, "text", CHAT__JSON_OPTIONAL, &string, &error));
    assert_string_equal(string, "before");
    assert_false(
        chat__json_bool(json, "flag", CHAT__JSON_OPTIONAL, &flag, &error));
    assert_true(flag);
    assert_false(
        chat__json_array(json, "list", CHAT__JSON_OPTIONAL, &value, &error));
    assert_null(value);
    assert_true(
        chat__json_object(json, "list", CHAT__JSON_REQUIRED, &value, &error));
    assert_non_null(value);
    chat__json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_proper_prefix_is_refused),
        cmocka_unit_test(the_parser_takes_what_the_guard_takes),
        cmocka_unit_test(every_byte_in_a_string_is_judged),
        cmocka_unit_test(the_refusal_names_the_byte),
        cmocka_unit_test(depth_counts_what_is_open_not_what_was),
        cmocka_unit_test(members_are_read_by_exact_case_and_type),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
