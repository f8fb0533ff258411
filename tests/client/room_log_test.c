#include "log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct chat__room_log log;

    chat__room_log_init(&log);
    *state = &log;
    return 0;
}

static int tear_down(void **state)
{
    chat__room_log_release(*state);
    return 0;
}

static void test_live_entries_are_held_once(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 5, 7);
    log_append(log, 6, 8);
    assert_string_equal(log_text(log), "m5 m6 m7 m8");
    assert_int_equal(log->first, 5);
    assert_int_equal(log->last, 8);
    assert_true(chat__room_log_at_head(log));
    assert_true(chat__room_log_has_older(log));
}

static void test_pages_go_before_and_overlap(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 10, 11);
    log_page(log, 6, 9, 11);
    log_page(log, 4, 7, 11);
    assert_string_equal(log_text(log), "m4 m5 m6 m7 m8 m9 m10 m11");
    log_page(log, 1, 3, 11);
    assert_false(chat__room_log_has_older(log));
}

static void test_a_page_may_reach_past_both_ends(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 4, 5);
    log_page(log, 2, 8, 8);
    assert_string_equal(log_text(log), "m2 m3 m4 m5 m6 m7 m8");
}

static void test_a_newer_page_without_contact_replaces(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 3);
    log_page(log, 10, 12, 12);
    assert_string_equal(log_text(log), "m10 m11 m12");
    assert_int_equal(log->first, 10);
}

static void test_an_older_page_without_contact_is_dropped(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 10, 12);
    log_page(log, 1, 3, 12);
    assert_string_equal(log_text(log), "m10 m11 m12");
}

static void empty_page(struct chat__room_log *log, uint64_t head)
{
    chat__room_log_page(log, &(struct chat__page){NULL, 0, 1, head, NULL, 0});
}

static void test_an_empty_page_ends_the_asking(void **state)
{
    struct chat__room_log *log = *state;

    log->head = 9;
    empty_page(log, 9);
    assert_false(chat__room_log_has_older(log));
    assert_true(chat__room_log_at_head(log));
    log_append(log, 10, 12);
    empty_page(log, 12);
    assert_false(chat__room_log_has_older(log));
}

static void test_the_window_drops_the_far_end(void **state)
{
    struct chat__room_log *log = *state;

    log->entries_max = 4;
    log_append(log, 1, 6);
    assert_string_equal(log_text(log), "m3 m4 m5 m6");
    assert_true(chat__room_log_has_older(log));
    log->follows = false; /* the reader has gone up */
    log_page(log, 1, 2, 6);
    assert_string_equal(log_text(log), "m1 m2 m3 m4");
    assert_false(chat__room_log_at_head(log));
    log_append(log, 7, 7);
    assert_string_equal(log_text(log), "m1 m2 m3 m4");
    assert_int_equal(log->head, 7);
}

/* What was just asked for stays, else it would be asked for again for ever. */
static void test_a_reader_gets_down_again(void **state)
{
    struct chat__room_log *log = *state;

    log->entries_max = 4;
    log_append(log, 1, 8);
    log->follows = false;
    log_page(log, 1, 4, 8);
    assert_string_equal(log_text(log), "m1 m2 m3 m4");
    log_page(log, 4, 6, 8);
    assert_string_equal(log_text(log), "m3 m4 m5 m6");
    log_page(log, 7, 8, 8);
    assert_string_equal(log_text(log), "m5 m6 m7 m8");
    log_append(log, 9, 9);
    assert_string_equal(log_text(log), "m5 m6 m7 m8");
    assert_false(chat__room_log_at_head(log));
}

static void test_the_window_is_bounded_in_bytes(void **state)
{
    struct chat__room_log *log = *state;

    log->bytes_max = 10 * (sizeof(struct chat__item) + 16);
    log_append(log, 1, 200);
    assert_in_range(log->entries.count, 5, 10);
    assert_int_equal(log->last, 200);
}

static void test_ordinals_survive_what_comes_and_goes(void **state)
{
    struct chat__room_log *log = *state;
    int64_t ordinal;
    size_t index;

    log_append(log, 10, 12);
    ordinal = chat__room_log_ordinal(log, 1); /* m11 */
    log_page(log, 5, 9, 12);
    index = chat__room_log_index(log, ordinal);
    assert_int_equal(chat__room_log_item(log, index)->seq, 11);
    log->entries_max = 4;
    log_append(log, 13, 13);
    index = chat__room_log_index(log, ordinal);
    assert_int_equal(chat__room_log_item(log, index)->seq, 11);
}

static void test_own_messages_wait_behind_and_become_entries(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entry = log_own(3, "key-1");

    log_append(log, 1, 2);
    assert_true(chat__room_log_send(log, "key-1", "ann", "m3", 0, 0));
    assert_true(chat__room_log_send(log, "key-2", "ann", "later", 0, 0));
    assert_string_equal(log_text(log), "m1 m2 m3 later");
    assert_int_equal(chat__room_log_item(log, 2)->state, CHAT__ITEM_SENDING);
    chat__room_log_append(log, &entry);
    assert_string_equal(log_text(log), "m1 m2 m3 later");
    assert_int_equal(chat__room_log_item(log, 2)->state, CHAT__ITEM_DONE);
    assert_int_equal(log->pending.count, 1);
    chat__room_log_append(log, &entry);
    assert_string_equal(log_text(log), "m1 m2 m3 later");
}

static void test_own_messages_are_found_in_pages(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entries[] = {log_message(1), log_own(2, "key-1")};

    assert_true(chat__room_log_send(log, "key-1", "ann", "m2", 0, 0));
    assert_true(chat__room_log_page(
        log, &(struct chat__page){entries, 2, 1, 2, NULL, 0}));
    assert_string_equal(log_text(log), "m1 m2");
    assert_int_equal(log->pending.count, 0);
}

/* A key of another user is not ours, whatever it says. */
static void test_a_foreign_key_takes_nothing_away(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entry = log_message(1);

    entry.key = "key-1";
    assert_true(chat__room_log_send(log, "key-1", "ann", "mine", 0, 0));
    chat__room_log_append(log, &entry);
    assert_string_equal(log_text(log), "m1 mine");
}

static void test_a_refused_message_says_why(void **state)
{
    struct chat__room_log *log = *state;
    const struct chat__item *item;

    assert_true(chat__room_log_send(log, "key-1", "ann", "\x1b[31mred", 0, 0));
    chat__room_log_fail(log, "key-1", "too \x1b[2Jlong");
    chat__room_log_fail(log, "unknown", "nothing");
    item = chat__room_log_pending(log, CHAT__ITEM_FAILED);
    assert_non_null(item);
    assert_string_equal(item->raw, "\x1b[31mred");
    assert_string_equal(chat__safe_string(&item->text), "␛[31mred");
    assert_string_equal(chat__safe_string(&item->note),
                        "not sent: too ␛[2Jlong");
    assert_null(chat__room_log_pending(log, CHAT__ITEM_SENDING));
    assert_ptr_equal(chat__room_log_last_pending(log, CHAT__ITEM_FAILED), item);
    chat__room_log_forget(log, "key-1");
    assert_int_equal(chat__room_log_count(log), 0);
}

static void test_notices_stay_where_they_were_said(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    assert_true(chat__room_log_notice(log, "notice", 0));
    log_append(log, 2, 2);
    assert_string_equal(log_text(log), "m1 notice m2");
    log->entries_max = 2;
    log_append(log, 3, 4);
    assert_string_equal(log_text(log), "m3 m4");
    assert_int_equal(log->first, 3);
}

static void test_a_reset_keeps_what_is_pending(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 3);
    assert_true(chat__room_log_send(log, "key-1", "ann", "mine", 0, 0));
    chat__room_log_reset(log);
    assert_string_equal(log_text(log), "mine");
    log_append(log, 1, 1);
    assert_string_equal(log_text(log), "m1 mine");
}

static void test_the_mark_stays_until_it_is_set_again(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 5);
    log->read = 3;
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 3);
    log->read = 5;
    log_append(log, 6, 6);
    assert_int_equal(log->mark, 3);
    log->read = 6;
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 0);
}

static void test_the_mark_is_above_the_first_news(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry own = log_own(3, "key"), join = log_message(4);

    log_append(log, 1, 2);
    chat__room_log_append(log, &own);
    join.kind = CHAT__ITEM_JOIN;
    chat__room_log_append(log, &join);
    log->read = 2;
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 0);
    log_append(log, 5, 6);
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 4);
}

static void test_kinds_have_words(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entry = log_message(1);

    entry.kind = CHAT__ITEM_JOIN;
    chat__room_log_append(log, &entry);
    entry = log_message(2);
    entry.kind = CHAT__ITEM_LEAVE;
    chat__room_log_append(log, &entry);
    entry = log_message(3);
    entry.deleted = true;
    entry.text = NULL;
    chat__room_log_append(log, &entry);
    assert_string_equal(log_text(log), "bob joined bob left message deleted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_live_entries_are_held_once),
        TEST(test_pages_go_before_and_overlap),
        TEST(test_a_page_may_reach_past_both_ends),
        TEST(test_a_newer_page_without_contact_replaces),
        TEST(test_an_older_page_without_contact_is_dropped),
        TEST(test_an_empty_page_ends_the_asking),
        TEST(test_the_window_drops_the_far_end),
        TEST(test_a_reader_gets_down_again),
        TEST(test_the_window_is_bounded_in_bytes),
        TEST(test_ordinals_survive_what_comes_and_goes),
        TEST(test_own_messages_wait_behind_and_become_entries),
        TEST(test_own_messages_are_found_in_pages),
        TEST(test_a_foreign_key_takes_nothing_away),
        TEST(test_a_refused_message_says_why),
        TEST(test_notices_stay_where_they_were_said),
        TEST(test_a_reset_keeps_what_is_pending),
        TEST(test_the_mark_stays_until_it_is_set_again),
        TEST(test_the_mark_is_above_the_first_news),
        TEST(test_kinds_have_words),
    };

    return cmocka_run_group_tests_name("room_log", tests, NULL, NULL);
}
