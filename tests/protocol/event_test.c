/* What a delete leaves of an entry. */
#include "protocol/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ENTRY(kind, head, tail)                                                \
    "{\"event\":\"" kind "\",\"room\":\"lobby\",\"seq\":42," head              \
    "\"ts\":1795363200000,\"from\":{\"id\":\"17\",\"name\":\"ann\"},"          \
    "\"key\":\"k\"," tail "}"

static void expect_erased(const char *entry, const char *expected)
{
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, 1024);
    chat__buffer_append_string(&buffer, ">");
    assert_true(chat__event_erase(entry, strlen(entry), &buffer));
    assert_int_equal(buffer.length, strlen(expected) + 1);
    assert_memory_equal(buffer.data + 1, expected, strlen(expected));
    chat__buffer_release(&buffer);
}

static void expect_refused(const char *bytes, size_t limit)
{
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, limit);
    assert_false(chat__event_erase(bytes, strlen(bytes), &buffer));
    chat__buffer_release(&buffer);
}

static void a_message_loses_its_text_and_its_mentions(void **state)
{
    (void)state;
    expect_erased(
        ENTRY("message", "\"n\":31,",
              "\"text\":\"@bob hi\",\"reply_to\":41,"
              "\"mentions\":[\"3\",\"4\"]"),
        ENTRY("message", "\"n\":31,", "\"reply_to\":41,\"deleted\":true"));
}

static void an_edit_loses_its_text(void **state)
{
    (void)state;
    expect_erased(ENTRY("edit", "", "\"ref\":41,\"text\":\"ho\""),
                  ENTRY("edit", "", "\"ref\":41,\"deleted\":true"));
}

static void what_was_erased_stays_as_it_is(void **state)
{
    static const char message[] =
        ENTRY("message", "\"n\":31,", "\"deleted\":true");
    static const char edit[] = ENTRY("edit", "", "\"ref\":41,\"deleted\":true");

    (void)state;
    expect_erased(message, message);
    expect_erased(edit, edit);
}

static void other_entries_hold_nothing_to_erase(void **state)
{
    (void)state;
    expect_refused(ENTRY("topic", "", "\"topic\":\"t\""), 1024);
    expect_refused(ENTRY("delete", "", "\"ref\":41"), 1024);
    expect_refused(ENTRY("merge", "", "\"text\":\"hi\""), 1024);
    expect_refused(ENTRY("message", "", "\"text\":\"without n\""), 1024);
    expect_refused("{\"event\":\"message\"", 1024);
    expect_refused("", 1024);
}

static void a_buffer_that_is_too_small_is_told(void **state)
{
    (void)state;
    expect_refused(ENTRY("edit", "", "\"ref\":41,\"text\":\"ho\""), 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_loses_its_text_and_its_mentions),
        cmocka_unit_test(an_edit_loses_its_text),
        cmocka_unit_test(what_was_erased_stays_as_it_is),
        cmocka_unit_test(other_entries_hold_nothing_to_erase),
        cmocka_unit_test(a_buffer_that_is_too_small_is_told),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
