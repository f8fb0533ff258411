#include "protocol/error.h"
#include "protocol/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void utf8_is_checked_by_length(void **state)
{
    (void)state;
    assert_true(chat__utf8_valid(NULL, 0));
    assert_true(chat__utf8_valid("a\0b", 3));
    assert_true(chat__utf8_valid("é日🦆", strlen("é日🦆")));
    assert_false(chat__utf8_valid("é", 1));
    assert_false(chat__utf8_valid("🦆", 3));
    assert_false(chat__utf8_valid("a\x80", 2));
    assert_false(chat__utf8_valid("\xed\xa0\x80", 3));
    assert_false(chat__utf8_valid("\xf4\x90\x80\x80", 4));
    assert_false(chat__utf8_valid("\xc0\xaf", 2));
}

static void characters_are_code_points(void **state)
{
    (void)state;
    assert_int_equal(chat__utf8_characters(""), 0);
    assert_int_equal(chat__utf8_characters("aé日🦆"), 4);
    assert_int_equal(chat__utf8_characters("e\u0301"), 2);
}

static void graphemes_are_what_people_count(void **state)
{
    (void)state;
    assert_int_equal(chat__utf8_graphemes(""), 0);
    assert_int_equal(chat__utf8_graphemes("abc"), 3);
    assert_int_equal(chat__utf8_graphemes("e\u0301x"), 2);
    assert_int_equal(chat__utf8_graphemes("🇨🇭🇩🇪"), 2);
    assert_int_equal(chat__utf8_graphemes("👩\u200d👩\u200d👧!"), 2);
    assert_int_equal(chat__utf8_graphemes("\u1100\u1161\u11a8"), 1);
    assert_int_equal(chat__utf8_graphemes("\r\n"), 1);
}

static void a_server_may_name_reserved_rooms(void **state)
{
    (void)state;
    assert_non_null(chat__text_check_room_name("dm.3.17"));
    assert_null(chat__text_check_any_room_name("dm.3.17"));
    assert_non_null(chat__text_check_any_room_name("../x"));
}

/* The longest texts of one kind of character, and one more. */
static void a_message_is_as_long_as_it_may_be(void **state)
{
    static const struct {
        const char *character;
        size_t most;
    } cases[] = {
        {"x", 4000}, {"é", 4000}, {"🦆", 2048}, {"\x01", 1706}, {"\n", 4000}};

    (void)state;
    assert_non_null(chat__text_check_message(""));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        size_t bytes = strlen(cases[i].character);
        char text[4 * 4001 + 1];

        for (size_t at = 0; at <= cases[i].most; at++)
            memcpy(text + at * bytes, cases[i].character, bytes);
        text[(cases[i].most + 1) * bytes] = '\0';
        assert_non_null(chat__text_check_message(text));
        text[cases[i].most * bytes] = '\0';
        assert_null(chat__text_check_message(text));
    }
}

static void error_names_come_back(void **state)
{
    (void)state;
    for (int code = CHAT__ERROR_BAD_REQUEST; code < CHAT__ERROR_UNKNOWN; code++)
        assert_int_equal(chat__error_from_name(
                             chat__error_name((enum chat__error_code)code)),
                         code);
    assert_int_equal(chat__error_from_name("none"), CHAT__ERROR_UNKNOWN);
    assert_int_equal(chat__error_from_name("quota"), CHAT__ERROR_UNKNOWN);
    assert_string_equal(chat__error_name(CHAT__ERROR_COUNT), "unknown");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    struct chat__error error;
    char text[CHAT__ERROR_MESSAGE_BYTES + 8];

    (void)state;
    for (size_t lead = 0; lead < 5; lead++) {
        memset(text, 'x', sizeof(text));
        for (size_t at = lead; at + 4 < sizeof(text); at += 4)
            memcpy(text + at, "🦆", 4);
        text[sizeof(text) - 1] = '\0';
        chat__error_set(&error, CHAT__ERROR_BUSY, "%s", text);
        assert_true(chat__utf8_valid(error.message, strlen(error.message)));
        assert_true(strlen(error.message) >= CHAT__ERROR_MESSAGE_BYTES - 4);
        assert_memory_equal(error.message, text, strlen(error.message));
    }
}

static void an_error_is_temporary_or_not(void **state)
{
    struct chat__error error;

    (void)state;
    chat__error_set_temporary(&error, CHAT__ERROR_BUSY, 800, "wait %d", 1);
    assert_true(error.temporary);
    assert_int_equal(error.retry_ms, 800);
    assert_string_equal(error.message, "wait 1");
    chat__error_set(&error, CHAT__ERROR_FORBIDDEN, "no");
    assert_false(error.temporary);
    assert_int_equal(error.retry_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_checked_by_length),
        cmocka_unit_test(characters_are_code_points),
        cmocka_unit_test(graphemes_are_what_people_count),
        cmocka_unit_test(a_server_may_name_reserved_rooms),
        cmocka_unit_test(a_message_is_as_long_as_it_may_be),
        cmocka_unit_test(error_names_come_back),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(an_error_is_temporary_or_not),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
