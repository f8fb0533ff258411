/* Whatever comes in, nothing that could act on a terminal comes out. */
#include "client/model/text_safe.h"
#include "client/model/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#define RANDOM_ROUNDS 20000
#define RANDOM_BYTES  48

static bool is_bidi_or_invisible(int32_t code_point)
{
    return code_point == 0x061C || code_point == 0x00AD ||
           (code_point >= 0x200B && code_point <= 0x200F &&
            code_point != 0x200C && code_point != 0x200D) ||
           (code_point >= 0x2028 && code_point <= 0x202E) ||
           (code_point >= 0x2060 && code_point <= 0x206F) ||
           (code_point >= 0xFE00 && code_point <= 0xFE0F) ||
           code_point == 0xFEFF || code_point == 0x3164 ||
           (code_point >= 0xE0000 && code_point <= 0xE0FFF);
}

static void assert_safe(const char *bytes, size_t length, bool may_have_lines)
{
    size_t offset = 0;

    assert_int_equal(bytes[length], '\0');
    while (offset < length) {
        int32_t code_point;
        utf8proc_ssize_t size =
            utf8proc_iterate((const utf8proc_uint8_t *)bytes + offset,
                             (utf8proc_ssize_t)(length - offset), &code_point);
        utf8proc_category_t category;
        assert_true(size > 0);
        offset += (size_t)size;
        if (code_point == '\n') {
            assert_true(may_have_lines);
            continue;
        }
        category = utf8proc_category(code_point);
        assert_true(code_point >= 0x20 && code_point != 0x7F);
        assert_false(code_point >= 0x80 && code_point <= 0x9F);
        assert_int_not_equal(category, UTF8PROC_CATEGORY_CN);
        assert_int_not_equal(category, UTF8PROC_CATEGORY_CO);
        assert_false(is_bidi_or_invisible(code_point));
    }
}

static void assert_shows(const char *untrusted, const char *expected)
{
    struct chat__safe_text safe;

    assert_true(chat__safe_text_init(&safe, untrusted, CHAT__SAFE_LINE));
    assert_string_equal(chat__safe_string(&safe), expected);
    assert_safe(safe.bytes, safe.length, false);
    chat__safe_text_release(&safe);
}

static void test_plain_text_stays(void **state)
{
    (void)state;
    assert_shows("", "");
    assert_shows("hello, world", "hello, world");
    assert_shows("Zoë grüßt 日本語 שלום مرحبا हिन्दी",
                 "Zoë grüßt 日本語 שלום مرحبا हिन्दी");
    assert_shows("e\u0301t\u0301", "e\u0301t\u0301");
    assert_shows("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e");
}

static void test_controls_become_pictures(void **state)
{
    (void)state;
    assert_shows("a\x1b[2Jb", "a␛[2Jb");
    assert_shows("\x1b]0;owned\x07", "␛]0;owned␇");
    assert_shows("a\bb\rc\x7f", "a␈b␍c␡");
    assert_shows("a\nb\r\nc", "a\u2424b\u2424c");
    assert_shows("a\tb", "a b");
}

static void test_c1_controls_are_replaced(void **state)
{
    (void)state;
    assert_shows("a\xc2\x9b"
                 "31mb",
                 "a\uFFFD31mb");
    assert_shows("\xc2\x85"
                 "\xc2\x90"
                 "\xc2\x9d"
                 "",
                 "\uFFFD\uFFFD\uFFFD");
    /* the same as single bytes, which is no UTF-8 */
    assert_shows("a\x9b\x33", "a\uFFFD3");
}

static void test_what_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    assert_shows("\xff\xfe", "\uFFFD\uFFFD");
    assert_shows("\xc0\xaf", "\uFFFD\uFFFD");
    assert_shows("\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD");
    assert_shows("a\xe2\x82", "a\uFFFD\uFFFD");
}

static void test_bidi_and_invisible_characters_are_seen(void **state)
{
    (void)state;
    assert_shows("a\u202Eb", "a\uFFFDb");
    assert_shows("a\u2066b\u2069", "a\uFFFDb\uFFFD");
    assert_shows("a\u200Bb", "a\uFFFDb");
    assert_shows("a\u200Cb\u200Dc", "a\uFFFDb\uFFFDc");
    assert_shows("\uFEFFa", "\uFFFDa");
    assert_shows("a\u2028b\u2029c", "a\u2424b\u2424c");
    assert_shows("a\u3164b", "a\uFFFDb");
    assert_shows("\U000E0041\U000E0042", "\uFFFD\uFFFD");
    assert_shows("\uE000", "\uFFFD");
    assert_shows("\u0378", "\uFFFD");
}

static void test_marks_have_a_base_and_an_end(void **state)
{
    char many[2 * 5000 + 2];
    struct chat__safe_text safe;
    size_t i;

    (void)state;
    assert_shows("\u0301", "\u25CC\u0301");
    assert_shows("\n\u0301", "\u2424\u25CC\u0301");
    many[0] = 'a';
    for (i = 0; i < 5000; i++) {
        memcpy(many + 1 + 2 * i, "\u0301", 2);
    }
    many[2 * 5000 + 1] = '\0';
    assert_true(chat__safe_text_init(&safe, many, CHAT__SAFE_LINE));
    assert_int_equal(safe.length, 1 + 2 * CHAT__SAFE_MARKS_MAX);
    chat__safe_text_release(&safe);
}

static void test_emoji_are_as_wide_everywhere(void **state)
{
    (void)state;
    assert_shows("👩‍👩‍👧", "👩👩👧");
    assert_shows("👍🏽", "👍");
    assert_shows("❤\uFE0F", "❤");
    assert_shows("1\uFE0F\u20E3", "1\u20E3");
    assert_shows("🇩🇪", "🇩🇪");
    assert_shows("🇩", "\uFFFD");
}

static void test_a_text_keeps_its_lines(void **state)
{
    struct chat__safe_text safe;

    (void)state;
    assert_true(chat__safe_text_init(&safe, "a\n\tb\r\nc\rd", CHAT__SAFE_TEXT));
    assert_string_equal(chat__safe_string(&safe), "a\n    b\nc␍d");
    assert_safe(safe.bytes, safe.length, true);
    chat__safe_text_release(&safe);
}

static void test_a_long_text_is_cut(void **state)
{
    size_t length = CHAT__SAFE_INPUT_BYTES_MAX + 100;
    char *text = malloc(length + 1);
    struct chat__safe_text safe;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = '\0';
    assert_true(chat__safe_text_init(&safe, text, CHAT__SAFE_LINE));
    assert_int_equal(safe.length, CHAT__SAFE_INPUT_BYTES_MAX + 3);
    assert_string_equal(safe.bytes + CHAT__SAFE_INPUT_BYTES_MAX, "…");
    chat__safe_text_release(&safe);
    free(text);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

/* Code points near each other make clusters; some bytes are no UTF-8. */
static void make_random(char *text, uint32_t *seed)
{
    static const int32_t blocks[] = {0,       0x80,    0x300,   0x600,  0x900,
                                     0x1100,  0x2000,  0x2060,  0xFE00, 0xFFF0,
                                     0x1F1E6, 0x1F3F0, 0x1F460, 0xE0000};
    size_t length = 0;

    while (length < RANDOM_BYTES - 4) {
        int32_t block = blocks[next_random(seed) % 14];
        int32_t code_point = block + (int32_t)(next_random(seed) % 48);
        if (next_random(seed) % 16 == 0) {
            text[length++] = (char)(next_random(seed) % 255 + 1);
        } else if (code_point != 0) {
            length += (size_t)utf8proc_encode_char(
                code_point, (utf8proc_uint8_t *)text + length);
        }
    }
    text[length] = '\0';
}

static void test_anything_is_safe_and_stays_so(void **state)
{
    uint32_t seed = 1;
    int round;

    (void)state;
    for (round = 0; round < RANDOM_ROUNDS; round++) {
        enum chat__safe_kind kind =
            round % 2 == 0 ? CHAT__SAFE_LINE : CHAT__SAFE_TEXT;
        struct chat__safe_text once, twice;
        char text[RANDOM_BYTES + 1];
        make_random(text, &seed);
        assert_true(chat__safe_text_init(&once, text, kind));
        assert_safe(once.bytes, once.length, kind == CHAT__SAFE_TEXT);
        assert_true(chat__safe_text_init(&twice, once.bytes, kind));
        assert_string_equal(once.bytes, twice.bytes);
        chat__safe_text_release(&once);
        chat__safe_text_release(&twice);
    }
}

static void test_one_cluster_fits_its_buffer(void **state)
{
    char cluster[4096], safe[CHAT__SAFE_CLUSTER_BYTES];
    size_t length = 0;

    (void)state;
    while (length + 16 < sizeof(cluster)) { /* a family without end */
        memcpy(cluster + length, "👩\u0301\u200D", 9);
        length += 9;
    }
    assert_true(chat__safe_cluster(cluster, length, safe) <
                CHAT__SAFE_CLUSTER_BYTES);
    assert_safe(safe, strlen(safe), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_stays),
        cmocka_unit_test(test_controls_become_pictures),
        cmocka_unit_test(test_c1_controls_are_replaced),
        cmocka_unit_test(test_what_is_no_utf8_is_replaced),
        cmocka_unit_test(test_bidi_and_invisible_characters_are_seen),
        cmocka_unit_test(test_marks_have_a_base_and_an_end),
        cmocka_unit_test(test_emoji_are_as_wide_everywhere),
        cmocka_unit_test(test_a_text_keeps_its_lines),
        cmocka_unit_test(test_a_long_text_is_cut),
        cmocka_unit_test(test_anything_is_safe_and_stays_so),
        cmocka_unit_test(test_one_cluster_fits_its_buffer),
    };

    return cmocka_run_group_tests_name("text_safe", tests, NULL, NULL);
}
