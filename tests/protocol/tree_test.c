/* That a tree in one block is the tree that cJSON would have made. */
#include "protocol/json.h"
#include "protocol/limits.h"
#include "tests/protocol/same_tree.h"
#include "tests/protocol/vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES_MAX  (2 * 1024 * 1024)
#define ALIVE      200
#define TEXT_BYTES 30

/* In memory of its own size, so that a sanitizer sees a byte too many. */
static cJSON *parse(const char *bytes, size_t length)
{
    struct chat__error error;
    char *copy = malloc(length > 0 ? length : 1);
    cJSON *json;

    assert_non_null(copy);
    if (length > 0)
        memcpy(copy, bytes, length);
    json = chat__json_parse(copy, length, &error);
    free(copy);
    return json;
}

static void expect_tree(const char *bytes, size_t length)
{
    cJSON *json = parse(bytes, length);

    assert_non_null(json);
    assert_true(is_tree_of(json, bytes, length));
    chat__json_free(json);
}

static void expect_tree_of(const char *json)
{
    expect_tree(json, strlen(json));
}

static void vectors_make_the_same_tree(void **state)
{
    static const char *const files[] = {"requests.json", "replies.json",
                                        "events.json", "malformed.json"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        cJSON *cases = vector_load(files[i]);
        const cJSON *item;

        cJSON_ArrayForEach(item, cases)
        {
            struct chat__buffer wire;
            cJSON *json;

            chat__buffer_init(&wire, BYTES_MAX);
            vector_bytes(cJSON_GetObjectItemCaseSensitive(item, "wire"), &wire);
            json = parse(wire.data, wire.length);
            if (json != NULL)
                assert_true(is_tree_of(json, wire.data, wire.length));
            chat__json_free(json);
            chat__buffer_release(&wire);
        }
        cJSON_Delete(cases);
    }
}

static void numbers_are_cjsons(void **state)
{
    (void)state;
    expect_tree_of("{\"a\":[0,-0,7,-7,0.5,-1.5e+3,1E5,1e-5,0e0,1.0,12]}");
    expect_tree_of("{\"a\":[2147483647,2147483648,-2147483649,1795363200000,"
                   "999999999999999,1000000000000000,9007199254740991,"
                   "9007199254740993,18446744073709551616,1e999,-1e999]}");
    expect_tree_of("{\"a\":1234567890123456789012345678901234567890123456789"
                   "01234567890123}");
}

static void words_and_spaces_are_cjsons(void **state)
{
    (void)state;
    expect_tree_of("{}");
    expect_tree_of(" { } ");
    expect_tree_of("\t{ \"a\" : [ true , false\r\n, null ] , \"b\":[ ],\"\":"
                   "{ \"c\" : { } , \"d\":[[],[ [ ] ]]} } \n");
}

static void escapes_are_cjsons(void **state)
{
    (void)state;
    expect_tree_of("{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"\\t\\r\\n\\f\\b\\/\\\\"
                   "\\\"\"}");
    expect_tree_of("{\"a\":\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\"}");
    expect_tree_of("{\"a\":\"\\uABCD\\uabcd\\u09aF\\ud7ff\\ue000\"}");
    expect_tree_of("{\"a\":\"\\ud800\\udc00\\uDBFF\\uDFFF\\ud83e\\udd86x\"}");
}

/* Whatever follows, at each place of a run of eight bytes. */
static void every_byte_is_kept_at_every_place(void **state)
{
    (void)state;
    for (size_t at = 0; at < TEXT_BYTES; at++)
        for (int byte = 1; byte < 0x80; byte++) {
            char json[128];
            char text[TEXT_BYTES + 1];
            char escape[8];

            memset(text, 'x', TEXT_BYTES);
            text[TEXT_BYTES] = '\0';
            snprintf(escape, sizeof(escape), "\\u%04x", byte);
            snprintf(json, sizeof(json), "{\"%.*s%s%s\":\"%s%s\"}", (int)at,
                     text, escape, text + at, escape, text + at);
            expect_tree_of(json);
            if (byte < 0x20 || byte == '"' || byte == '\\')
                continue;
            text[at] = (char)byte;
            snprintf(json, sizeof(json), "{\"%s\":\"%s\"}", text, text + at);
            expect_tree_of(json);
        }
}

static void characters_are_kept_at_every_place(void **state)
{
    (void)state;
    for (size_t at = 0; at < TEXT_BYTES; at++) {
        char json[128];

        snprintf(json, sizeof(json), "{\"%.*sé日🦆%.*s\":\"日日日\"}",
                 (int)at, "..............................",
                 (int)(TEXT_BYTES - at), "..............................");
        expect_tree_of(json);
    }
}

static void as_many_values_as_may_be(void **state)
{
    static char json[CHAT__FRAME_BYTES_MAX];
    size_t length = 0;

    (void)state;
    memcpy(json, "{\"a\":[", length = 6);
    for (int i = 2; i < CHAT__JSON_VALUES_MAX; i++) {
        memcpy(json + length, i % 2 == 0 ? "1," : "{},", i % 2 == 0 ? 2 : 3);
        length += i % 2 == 0 ? 2 : 3;
    }
    memcpy(json + length - 1, "]}", 2);
    expect_tree(json, length + 1);
}

static void a_frame_of_one_string(void **state)
{
    static char json[CHAT__FRAME_BYTES_MAX];

    (void)state;
    memset(json, 'x', sizeof(json));
    memcpy(json, "{\"a\":\"", 6);
    memcpy(json + sizeof(json) - 2, "\"}", 2);
    expect_tree(json, sizeof(json));
}

static void as_deep_as_may_be(void **state)
{
    (void)state;
    expect_tree_of("{\"a\":{\"a\":{\"a\":{\"a\":[[[{\"b\":1},2],3],4],\"c\":5},"
                   "\"c\":6},\"c\":7},\"c\":8}");
}

/* Freed in another order than made, and each still its own. */
static void many_are_alive_at_once(void **state)
{
    cJSON *trees[ALIVE];
    char json[64];

    (void)state;
    for (int i = 0; i < ALIVE; i++) {
        snprintf(json, sizeof(json), "{\"n\":%d,\"s\":\"%d\",\"f\":-%d}", i, i,
                 i);
        trees[i] = parse(json, strlen(json));
        assert_non_null(trees[i]);
    }
    for (int i = 0; i < ALIVE; i++) {
        int at = (i * 7) % ALIVE; /* 7 is prime to 200 */

        snprintf(json, sizeof(json), "{\"n\":%d,\"s\":\"%d\",\"f\":-%d}", at,
                 at, at);
        assert_true(is_tree_of(trees[at], json, strlen(json)));
        chat__json_free(trees[at]);
    }
    chat__json_free(NULL);
}

/* `count` keys of which the last is as the one at `equal`, if that is one. */
static bool is_accepted(int count, int equal, bool escaped)
{
    static char json[CHAT__FRAME_BYTES_MAX];
    int length = snprintf(json, sizeof(json), "{");
    cJSON *tree;

    for (int i = 0; i < count; i++) {
        int key = i == count - 1 && equal >= 0 ? equal : i;

        length += snprintf(json + length, sizeof(json) - (size_t)length,
                           "%s\"%s%03d\":0", i > 0 ? "," : "",
                           i % 2 == 1 && escaped ? "\\u006b" : "k", key);
    }
    length += snprintf(json + length, sizeof(json) - (size_t)length, "}");
    tree = parse(json, (size_t)length);
    chat__json_free(tree);
    return tree != NULL;
}

static void equal_keys_are_found_among_any_number(void **state)
{
    static const int counts[] = {2, 3, 15, 16, 17, 18, 100, 512};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        int count = counts[i];

        assert_true(is_accepted(count, -1, false));
        assert_true(is_accepted(count, -1, true));
        for (int equal = 0; equal < count - 1; equal++) {
            assert_false(is_accepted(count, equal, false));
            assert_false(is_accepted(count, equal, true));
        }
    }
    assert_false(is_accepted(CHAT__JSON_KEYS_MAX + 1, -1, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_make_the_same_tree),
        cmocka_unit_test(numbers_are_cjsons),
        cmocka_unit_test(words_and_spaces_are_cjsons),
        cmocka_unit_test(escapes_are_cjsons),
        cmocka_unit_test(every_byte_is_kept_at_every_place),
        cmocka_unit_test(characters_are_kept_at_every_place),
        cmocka_unit_test(as_many_values_as_may_be),
        cmocka_unit_test(a_frame_of_one_string),
        cmocka_unit_test(as_deep_as_may_be),
        cmocka_unit_test(many_are_alive_at_once),
        cmocka_unit_test(equal_keys_are_found_among_any_number),
    };

    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
