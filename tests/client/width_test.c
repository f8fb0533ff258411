#include "client/model/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_clusters_end_where_readers_see_it(void **state)
{
    static const struct {
        const char *text;
        size_t first;
    } cases[] = {
        {"", 0},
        {"ab", 1},
        {"éa", 2},
        {"e\u0301a", 3},
        {"\r\na", 2},
        {"日本", 3},
        {"👩‍👩‍👧x", 18},
        {"👍🏽x", 8},
        {"❤\uFE0Fx", 6},
        {"🇩🇪🇫🇷", 8},
        {"1\uFE0F\u20E3x", 7},
        {"각x", 3},
        {"\u1100\u1161\u11A8x", 9},
        {"\xff\xff", 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            chat__cluster_length(cases[i].text, strlen(cases[i].text)),
            cases[i].first);
    }
}

static void test_widths_are_those_of_terminals(void **state)
{
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},        {"abc", 3},     {"é", 1},
        {"e\u0301", 1}, {"日本", 4},    {"ｱ", 1},
        {"Ａ", 2},      {"👩", 2},       {"❤", 1},
        {"🇩🇪", 2},      {"1\u20E3", 1}, {"\u1100\u1161\u11A8", 2},
        {"각", 2},      {"नी", 2},      {"\uFFFD", 1},
        {"␛", 1},       {"…", 1},       {"\u25CC\u0301", 1},
        {"\xff", 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(chat__text_width(cases[i].text, strlen(cases[i].text)),
                         cases[i].width);
    }
}

static void test_the_cluster_before_is_found(void **state)
{
    const char *text = "ae\u0301日👩‍👩‍👧";

    (void)state;
    assert_int_equal(chat__cluster_before(text, strlen(text)), 7);
    assert_int_equal(chat__cluster_before(text, 7), 4);
    assert_int_equal(chat__cluster_before(text, 4), 1);
    assert_int_equal(chat__cluster_before(text, 1), 0);
    assert_int_equal(chat__cluster_before(text, 0), 0);
}

static void test_only_whole_clusters_fit(void **state)
{
    const char *text = "日本語";

    (void)state;
    assert_int_equal(chat__text_fit(text, 9, 0), 0);
    assert_int_equal(chat__text_fit(text, 9, 1), 0);
    assert_int_equal(chat__text_fit(text, 9, 5), 6);
    assert_int_equal(chat__text_fit(text, 9, 100), 9);
}

static void test_what_is_no_utf8_is_told(void **state)
{
    (void)state;
    assert_true(chat__is_utf8("", 0));
    assert_true(chat__is_utf8("日本語 e\u0301 \U0001F600", 18));
    assert_false(chat__is_utf8("caf\xe9", 4));
    assert_false(chat__is_utf8("\xe6\x97", 2));
    assert_false(chat__is_utf8("\xed\xa0\x80", 3));
    assert_false(chat__is_utf8("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clusters_end_where_readers_see_it),
        cmocka_unit_test(test_widths_are_those_of_terminals),
        cmocka_unit_test(test_the_cluster_before_is_found),
        cmocka_unit_test(test_only_whole_clusters_fit),
        cmocka_unit_test(test_what_is_no_utf8_is_told),
    };

    return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
