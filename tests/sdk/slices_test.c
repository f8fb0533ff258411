#include "sdk/slices.h"
#include "tests/sdk/session_harness.h"

#include <string.h>

#define MAXIMUM 4

static size_t slice(const char *object, struct chat__slice *slices)
{
    return chat__slices_of_entries(object, strlen(object), slices, MAXIMUM);
}

static void check(const struct chat__slice *slice, const char *text)
{
    assert_int_equal(slice->length, strlen(text));
    assert_memory_equal(slice->bytes, text, slice->length);
}

static void test_gives_each_entry_as_it_was_sent(void **state)
{
    struct chat__slice slices[MAXIMUM];

    (void)state;
    assert_int_equal(slice("{\"reply\":1,\"ok\":{\"head\":2,\"entries\":["
                           "{\"seq\":1,\"text\":\"\\u00e9\\\\\"}, "
                           "{ \"seq\" : 2 }],\"first\":1}}",
                           slices),
                     2);
    check(&slices[0], "{\"seq\":1,\"text\":\"\\u00e9\\\\\"}");
    check(&slices[1], "{ \"seq\" : 2 }");
}

static void test_is_not_misled_by_texts_and_other_members(void **state)
{
    struct chat__slice slices[MAXIMUM];

    (void)state;
    assert_int_equal(
        slice(" {\"x\":[{\"ok\":{\"entries\":[{}]}}],\"a\":\"\\\"ok\\\":{\","
              "\"n\":-1.5e3,\"t\":true,\"ok\" : {\"topic\":\"]}\","
              "\"o\":{\"entries\":[{},{}]},\"entries\" : [ {\"a\":\"}\"} ]}}",
              slices),
        1);
    check(&slices[0], "{\"a\":\"}\"}");
}

static void test_counts_beyond_what_it_may_write(void **state)
{
    struct chat__slice slices[MAXIMUM];

    (void)state;
    assert_int_equal(
        slice("{\"ok\":{\"entries\":[{},{},{},{},{},{}]}}", slices), 6);
    check(&slices[MAXIMUM - 1], "{}");
}

static void test_none(void **state)
{
    struct chat__slice slices[MAXIMUM];

    (void)state;
    assert_int_equal(slice("{\"ok\":{\"entries\":[]}}", slices), 0);
    assert_int_equal(slice("{\"ok\":{\"seq\":1}}", slices), 0);
    assert_int_equal(slice("{\"error\":{\"entries\":[{}]}}", slices), 0);
    assert_int_equal(slice("{}", slices), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gives_each_entry_as_it_was_sent),
        cmocka_unit_test(test_is_not_misled_by_texts_and_other_members),
        cmocka_unit_test(test_counts_beyond_what_it_may_write),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
