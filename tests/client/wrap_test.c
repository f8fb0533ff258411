#include "client/model/width.h"
#include "client/model/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Lines joined by '|' must be `expected`. */
static void assert_wraps(const char *string, size_t width, const char *expected)
{
    struct chat__safe_text text;
    struct chat__wrap wrap;
    struct chat__line line;
    char joined[512] = "";
    size_t length = 0;
    const char *between = "";

    assert_true(chat__safe_text_init(&text, string, CHAT__SAFE_TEXT));
    chat__wrap_init(&wrap, &text, width);
    while (chat__wrap_next(&wrap, &line)) {
        length += (size_t)snprintf(joined + length, sizeof(joined) - length,
                                   "%s%.*s", between, (int)line.length,
                                   text.bytes + line.offset);
        between = "|";
    }
    assert_string_equal(joined, expected);
    chat__safe_text_release(&text);
}

static void test_words_stay_whole(void **state)
{
    (void)state;
    assert_wraps("", 10, "");
    assert_wraps("one two three", 20, "one two three");
    assert_wraps("one two three", 7, "one two|three");
    assert_wraps("one two three", 8, "one two|three");
    assert_wraps("one two three", 5, "one|two|three");
    assert_wraps("a  b", 2, "a|b");
    assert_wraps("word ", 4, "word");
}

static void test_long_words_are_broken(void **state)
{
    (void)state;
    assert_wraps("abcdefgh", 3, "abc|def|gh");
    assert_wraps("a bcdefgh", 3, "a|bcd|efg|h");
    assert_wraps("ab", 1, "a|b");
}

static void test_line_ends_are_kept(void **state)
{
    (void)state;
    assert_wraps("a\nb", 10, "a|b");
    assert_wraps("a\n\nb", 10, "a||b");
    assert_wraps("abc\nd", 3, "abc|d");
    assert_wraps("abc \nd", 3, "abc|d");
    assert_wraps("a\n", 10, "a|");
    assert_wraps("abc \n", 3, "abc|");
    assert_wraps("    code\n        more", 20, "    code|        more");
}

static void test_wide_characters_break_anywhere(void **state)
{
    (void)state;
    assert_wraps("日本語", 4, "日本|語");
    assert_wraps("日本語", 5, "日本|語");
    assert_wraps("ab日本", 4, "ab日|本");
    assert_wraps("日", 1, "日");
}

/*
 * At every width: no line too wide unless its one cluster is, nothing lost but
 * spaces and line ends, the count is right.
 */
static void assert_sound(const struct chat__safe_text *text, size_t width)
{
    struct chat__wrap wrap;
    struct chat__line line;
    size_t end = 0, count = 0, i;

    chat__wrap_init(&wrap, text, width);
    while (chat__wrap_next(&wrap, &line)) {
        const char *bytes = text->bytes + line.offset;
        count++;
        assert_true(line.offset >= end);
        for (i = end; i < line.offset; i++) {
            assert_true(text->bytes[i] == ' ' || text->bytes[i] == '\n');
        }
        end = line.offset + line.length;
        assert_int_equal(chat__text_width(bytes, line.length), line.width);
        if (line.width > width) {
            assert_int_equal(chat__cluster_length(bytes, line.length),
                             line.length);
        }
    }
    for (i = end; i < text->length; i++) {
        assert_true(text->bytes[i] == ' ' || text->bytes[i] == '\n');
    }
    assert_int_equal(chat__wrap_count(text, width), count);
    assert_true(count > 0);
}

static void test_every_width_is_sound(void **state)
{
    static const char *const strings[] = {
        "",
        " ",
        "\n\n\n",
        "The quick brown fox jumps over the lazy dog, again and again; "
        "https://example.org/a/very/long/path?with=a&query=string#fragment",
        "日本語のテキストと English "
        "が混ざる長い文章、絵文字👩‍👩‍👧も。",
        "e\u0301e\u0301e\u0301 \x1b[31mred\x1b[0m \u202Eflow\u202C",
        "   leading  and   inner    spaces     \n  trailing   ",
        "ภาษาไทยไม่มีช่องว่างระหว่างคำ नमस्ते दुनिया",
    };
    size_t i, width;

    (void)state;
    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        struct chat__safe_text text;
        assert_true(chat__safe_text_init(&text, strings[i], CHAT__SAFE_TEXT));
        for (width = 1; width <= 200; width++) {
            assert_sound(&text, width);
        }
        chat__safe_text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_stay_whole),
        cmocka_unit_test(test_long_words_are_broken),
        cmocka_unit_test(test_line_ends_are_kept),
        cmocka_unit_test(test_wide_characters_break_anywhere),
        cmocka_unit_test(test_every_width_is_sound),
    };

    return cmocka_run_group_tests_name("wrap", tests, NULL, NULL);
}
