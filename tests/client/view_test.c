#include "client/model/view.h"
#include "log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROWS_MAX 32

struct fixture {
    struct chat__room_log log;
    struct chat__view view;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    chat__room_log_init(&fixture.log);
    chat__view_resize(&fixture.view, 20, 5);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    chat__room_log_release(&fixture->log);
    return 0;
}

/*
 * The rows as a string: '.' blank, "day", "new", a note as "!", text, and
 * above a reply what it answers, "?" when that is not held.
 */
static const char *rows_of(struct fixture *fixture)
{
    static char text[1024];
    struct chat__row rows[ROWS_MAX];
    size_t length = 0, i;

    assert_true(fixture->view.height <= ROWS_MAX);
    chat__view_rows(&fixture->view, &fixture->log, rows);
    for (i = 0; i < fixture->view.height; i++) {
        const struct chat__row *row = &rows[i];
        const char *string = ".";
        int size = 1;
        if (row->kind == CHAT__ROW_DAY || row->kind == CHAT__ROW_MARK) {
            string = row->kind == CHAT__ROW_DAY ? "day" : "new";
            size = 3;
        } else if (row->kind == CHAT__ROW_TEXT) {
            string = row->text->bytes + row->line.offset;
            size = (int)row->line.length;
        } else if (row->kind == CHAT__ROW_REPLY) {
            string = row->answered == NULL ? "?" : row->answered->text.bytes;
            size = (int)strlen(string);
        } else if (row->kind == CHAT__ROW_NOTE) {
            string = "!";
        }
        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                   "%s%.*s", i == 0 ? "" : "|", size, string);
    }
    return text;
}

static void append_text(struct fixture *fixture, uint64_t seq, const char *text)
{
    struct chat__entry entry = log_message(seq);

    entry.text = text;
    chat__room_log_append(&fixture->log, &entry);
}

static void test_few_rows_are_at_the_bottom(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(rows_of(fixture), ".|.|.|.|.");
    log_append(&fixture->log, 1, 2);
    assert_string_equal(rows_of(fixture), ".|.|day|m1|m2");
}

static void test_the_newest_rows_show(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 1, 9);
    assert_string_equal(rows_of(fixture), "m5|m6|m7|m8|m9");
}

static void test_long_texts_take_more_rows(void **state)
{
    struct fixture *fixture = *state;

    append_text(fixture, 1, "one two three four five six seven");
    append_text(fixture, 2, "end");
    assert_string_equal(rows_of(fixture),
                        ".|day|one two three four|five six seven|end");
    chat__view_resize(&fixture->view, 10, 5);
    assert_string_equal(rows_of(fixture),
                        "one two|three four|five six|seven|end");
    chat__view_resize(&fixture->view, 10, 2);
    assert_string_equal(rows_of(fixture), "seven|end");
}

static void test_a_text_taller_than_the_screen_scrolls(void **state)
{
    struct fixture *fixture = *state;

    append_text(fixture, 1, "1\n2\n3\n4\n5\n6\n7\n8");
    assert_string_equal(rows_of(fixture), "4|5|6|7|8");
    chat__view_up(&fixture->view, &fixture->log, 2);
    assert_string_equal(rows_of(fixture), "2|3|4|5|6");
    chat__view_up(&fixture->view, &fixture->log, 100);
    assert_string_equal(rows_of(fixture), "day|1|2|3|4");
    chat__view_down(&fixture->view, &fixture->log, 100);
    assert_false(fixture->view.scrolled);
}

static void test_new_days_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct chat__entry entry = log_message(2);

    log_append(&fixture->log, 1, 1);
    entry.time_ms += INT64_C(86400000);
    chat__room_log_append(&fixture->log, &entry);
    assert_string_equal(rows_of(fixture), ".|day|m1|day|m2");
}

static void test_the_line_of_the_new_is_above_it(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 1, 4);
    fixture->log.read = 2;
    chat__room_log_set_mark(&fixture->log);
    assert_string_equal(rows_of(fixture), "m1|m2|new|m3|m4");
    log_append(&fixture->log, 5, 5);
    assert_string_equal(rows_of(fixture), "m2|new|m3|m4|m5");
}

static void test_the_line_waits_for_what_is_not_loaded(void **state)
{
    struct fixture *fixture = *state;

    fixture->log.head = 9;
    fixture->log.read = 2;
    chat__room_log_set_mark(&fixture->log);
    log_page(&fixture->log, 7, 9, 9);
    assert_string_equal(rows_of(fixture), ".|day|m7|m8|m9");
    log_page(&fixture->log, 1, 6, 9);
    chat__view_up(&fixture->view, &fixture->log, 4);
    assert_string_equal(rows_of(fixture), "m2|new|m3|m4|m5");
}

static void test_a_reader_is_not_moved(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 20, 40);
    chat__view_up(&fixture->view, &fixture->log, 10);
    assert_string_equal(rows_of(fixture), "m26|m27|m28|m29|m30");
    log_append(&fixture->log, 41, 45);
    assert_string_equal(rows_of(fixture), "m26|m27|m28|m29|m30");
    log_page(&fixture->log, 1, 19, 45);
    assert_string_equal(rows_of(fixture), "m26|m27|m28|m29|m30");
    chat__view_bottom(&fixture->view, &fixture->log);
    assert_string_equal(rows_of(fixture), "m41|m42|m43|m44|m45");
}

static void test_scrolling_stops_at_both_ends(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 1, 9);
    chat__view_top(&fixture->view, &fixture->log);
    assert_string_equal(rows_of(fixture), "day|m1|m2|m3|m4");
    chat__view_up(&fixture->view, &fixture->log, 3);
    assert_string_equal(rows_of(fixture), "day|m1|m2|m3|m4");
    chat__view_down(&fixture->view, &fixture->log, 2);
    assert_string_equal(rows_of(fixture), "m2|m3|m4|m5|m6");
    chat__view_down(&fixture->view, &fixture->log, 50);
    assert_string_equal(rows_of(fixture), "m5|m6|m7|m8|m9");
    assert_false(fixture->view.scrolled);
    assert_true(fixture->log.follows);
}

static void test_older_ones_are_wanted_in_time(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 100, 130);
    assert_false(chat__view_wants_older(&fixture->view, &fixture->log));
    chat__view_up(&fixture->view, &fixture->log, 18);
    assert_true(chat__view_wants_older(&fixture->view, &fixture->log));
    log_page(&fixture->log, 1, 99, 130);
    assert_false(chat__view_wants_older(&fixture->view, &fixture->log));
    chat__view_top(&fixture->view, &fixture->log);
    assert_false(chat__view_wants_older(&fixture->view, &fixture->log));
}

/* Far up the window loses its newest entries, and gets them back. */
static void test_newer_ones_are_wanted_again(void **state)
{
    struct fixture *fixture = *state;

    fixture->log.entries_max = 40;
    log_append(&fixture->log, 100, 139);
    chat__view_top(&fixture->view, &fixture->log);
    log_page(&fixture->log, 80, 99, 139);
    assert_in_range(fixture->log.last, 110, 119);
    assert_false(chat__view_wants_newer(&fixture->view, &fixture->log));
    chat__view_down(&fixture->view, &fixture->log, 100);
    assert_true(fixture->view.scrolled);
    assert_true(chat__view_wants_newer(&fixture->view, &fixture->log));
}

static void test_the_newest_seq_that_shows_is_told(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(chat__view_newest(&fixture->view, &fixture->log), 0);
    log_append(&fixture->log, 1, 9);
    chat__room_log_send(&fixture->log, "key", "ann", "mine", 0, 1795363200000);
    assert_int_equal(chat__view_newest(&fixture->view, &fixture->log), 9);
    chat__view_up(&fixture->view, &fixture->log, 3);
    assert_int_equal(chat__view_newest(&fixture->view, &fixture->log), 7);
}

static void test_a_refusal_has_a_row(void **state)
{
    struct fixture *fixture = *state;

    log_append(&fixture->log, 1, 1);
    chat__room_log_send(&fixture->log, "key", "ann", "mine", 0, 1795363200000);
    chat__room_log_fail(&fixture->log, "key", "no");
    assert_string_equal(rows_of(fixture), ".|day|m1|mine|!");
}

static void test_a_reply_shows_what_it_answers(void **state)
{
    struct fixture *fixture = *state;
    struct chat__entry entry = log_message(14);

    log_append(&fixture->log, 11, 12);
    chat__room_log_notice(&fixture->log, "notice", entry.time_ms);
    log_append(&fixture->log, 13, 13);
    entry.reply_to = 12;
    entry.text = "one two three four five six";
    chat__room_log_append(&fixture->log, &entry);
    assert_string_equal(rows_of(fixture),
                        "notice|m13|m12|one two three four|five six");
    entry.seq = 15;
    entry.reply_to = 9;
    entry.text = "so";
    chat__room_log_append(&fixture->log, &entry);
    assert_string_equal(rows_of(fixture),
                        "m12|one two three four|five six|?|so");
    log_page(&fixture->log, 8, 10, 15);
    assert_string_equal(rows_of(fixture),
                        "m12|one two three four|five six|m9|so");
    chat__view_up(&fixture->view, &fixture->log, 1);
    assert_string_equal(rows_of(fixture),
                        "m13|m12|one two three four|five six|m9");
}

static void append_coming(struct fixture *fixture, uint64_t seq,
                          enum chat__item_kind kind, const char *name)
{
    struct chat__entry entry = log_message(seq);

    entry.kind = kind;
    entry.user_id = name;
    entry.user_name = name;
    entry.text = NULL;
    chat__room_log_append(&fixture->log, &entry);
}

static void test_who_came_and_went_is_one_line(void **state)
{
    struct fixture *fixture = *state;

    chat__view_resize(&fixture->view, 60, 4);
    log_append(&fixture->log, 1, 1);
    append_coming(fixture, 2, CHAT__ITEM_JOIN, "nora");
    assert_string_equal(rows_of(fixture), ".|day|m1|nora joined");
    append_coming(fixture, 3, CHAT__ITEM_JOIN, "ines");
    assert_string_equal(rows_of(fixture), ".|day|m1|nora and ines joined");
    append_coming(fixture, 4, CHAT__ITEM_JOIN, "kenji");
    assert_string_equal(rows_of(fixture),
                        ".|day|m1|nora, ines and kenji joined");
    append_coming(fixture, 5, CHAT__ITEM_LEAVE, "ines");
    append_coming(fixture, 6, CHAT__ITEM_LEAVE, "bob");
    assert_string_equal(
        rows_of(fixture),
        ".|day|m1|nora and kenji joined; bob left; ines came and went");
    append_coming(fixture, 7, CHAT__ITEM_JOIN, "bob");
    log_append(&fixture->log, 8, 8);
    assert_string_equal(rows_of(fixture),
                        "m1|nora and kenji joined; ines came and went; bob "
                        "left and came|back|m8");
}

static void test_many_who_came_are_counted(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq;

    chat__view_resize(&fixture->view, 60, 2);
    for (seq = 1; seq <= 1000; seq++) {
        char name[8];
        snprintf(name, sizeof(name), "u%u", (unsigned int)seq);
        append_coming(fixture, seq, CHAT__ITEM_JOIN, name);
    }
    assert_string_equal(rows_of(fixture),
                        "u960, u961, u962, u963, u964 and 27 others joined|"
                        "u992, u993, u994, u995, u996 and 4 others joined");
    assert_int_equal(chat__view_newest(&fixture->view, &fixture->log), 1000);
}

/* The newest of a run shows too, so that the room is read up to it. */
static void test_a_reader_of_a_run_is_not_moved(void **state)
{
    struct fixture *fixture = *state;
    struct chat__entry page[2] = {log_message(8), log_message(9)};

    page[1].kind = CHAT__ITEM_JOIN;
    chat__view_resize(&fixture->view, 40, 3);
    append_coming(fixture, 10, CHAT__ITEM_JOIN, "nora");
    append_coming(fixture, 11, CHAT__ITEM_JOIN, "ines");
    log_append(&fixture->log, 12, 20);
    chat__view_top(&fixture->view, &fixture->log);
    assert_string_equal(rows_of(fixture), "day|nora and ines joined|m12");
    chat__view_up(&fixture->view, &fixture->log, 1);
    chat__room_log_page(&fixture->log,
                        &(struct chat__page){page, 2, 1, 20, NULL, 0});
    assert_string_equal(rows_of(fixture), "m8|bob, nora and ines joined|m12");
    chat__view_down(&fixture->view, &fixture->log, 1);
    assert_string_equal(rows_of(fixture), "bob, nora and ines joined|m12|m13");
    chat__view_up(&fixture->view, &fixture->log, 9);
    assert_string_equal(rows_of(fixture), "day|m8|bob, nora and ines joined");
    assert_int_equal(chat__view_newest(&fixture->view, &fixture->log), 11);
}

static void test_what_is_new_ends_a_run(void **state)
{
    struct fixture *fixture = *state;

    chat__view_resize(&fixture->view, 40, 4);
    append_coming(fixture, 1, CHAT__ITEM_JOIN, "nora");
    append_coming(fixture, 2, CHAT__ITEM_JOIN, "ines");
    assert_string_equal(rows_of(fixture), ".|.|day|nora and ines joined");
    fixture->log.mark = 1;
    assert_string_equal(rows_of(fixture), "day|nora joined|new|ines joined");
    fixture->log.mark = 0;
    assert_string_equal(rows_of(fixture), ".|.|day|nora and ines joined");
}

#define COMINGS_FIRST 51
#define COMINGS_LAST  1250
#define ROOM_LAST     1300

static void load(struct fixture *fixture, uint64_t first)
{
    struct chat__entry entries[10];
    size_t i;

    for (i = 0; i < 10; i++) {
        entries[i] = log_message(first + i);
        if (first + i >= COMINGS_FIRST && first + i <= COMINGS_LAST) {
            entries[i].kind = CHAT__ITEM_JOIN;
        }
    }
    chat__room_log_page(&fixture->log, &(struct chat__page){
                                           entries, 10, 1, ROOM_LAST, NULL, 0});
}

/* Loads what the view asks for; it must come to an end. */
static void settle(struct fixture *fixture)
{
    int left = 200;

    while (left-- > 0) {
        struct chat__room_log *log = &fixture->log;
        if (chat__view_wants_older(&fixture->view, log)) {
            load(fixture, log->first > 10 ? log->first - 10 : 1);
        } else if (chat__view_wants_newer(&fixture->view, log)) {
            load(fixture, log->last > 1290 ? 1291 : log->last + 1);
        } else {
            return;
        }
    }
    fail_msg("asks for ever");
}

static void test_more_runs_than_the_log_holds_are_passed(void **state)
{
    struct fixture *fixture = *state;
    int presses;

    fixture->log.entries_max = 480;
    load(fixture, 1291);
    settle(fixture);
    for (presses = 0; presses < 100 && fixture->log.first > 1; presses++) {
        chat__view_up(&fixture->view, &fixture->log, 4);
        settle(fixture);
    }
    chat__view_top(&fixture->view, &fixture->log);
    assert_string_equal(rows_of(fixture), "day|m1|m2|m3|m4");
    for (presses = 0; presses < 100 && fixture->view.scrolled; presses++) {
        chat__view_down(&fixture->view, &fixture->log, 4);
        settle(fixture);
    }
    assert_string_equal(rows_of(fixture), "m1296|m1297|m1298|m1299|m1300");
}

static void test_every_size_is_fine(void **state)
{
    struct fixture *fixture = *state;
    size_t width, height;

    append_text(fixture, 1, "日本語 and\nseveral lines\n\nof text");
    log_append(&fixture->log, 2, 30);
    for (width = 1; width < 100; width += 7) {
        for (height = 1; height <= ROWS_MAX; height++) {
            chat__view_resize(&fixture->view, width, height);
            chat__view_up(&fixture->view, &fixture->log, height);
            assert_true(strlen(rows_of(fixture)) >= height - 1);
            chat__view_down(&fixture->view, &fixture->log, 3);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_few_rows_are_at_the_bottom),
        TEST(test_the_newest_rows_show),
        TEST(test_long_texts_take_more_rows),
        TEST(test_a_text_taller_than_the_screen_scrolls),
        TEST(test_new_days_are_told),
        TEST(test_the_line_of_the_new_is_above_it),
        TEST(test_the_line_waits_for_what_is_not_loaded),
        TEST(test_a_reader_is_not_moved),
        TEST(test_scrolling_stops_at_both_ends),
        TEST(test_older_ones_are_wanted_in_time),
        TEST(test_newer_ones_are_wanted_again),
        TEST(test_the_newest_seq_that_shows_is_told),
        TEST(test_a_refusal_has_a_row),
        TEST(test_a_reply_shows_what_it_answers),
        TEST(test_who_came_and_went_is_one_line),
        TEST(test_many_who_came_are_counted),
        TEST(test_a_reader_of_a_run_is_not_moved),
        TEST(test_what_is_new_ends_a_run),
        TEST(test_more_runs_than_the_log_holds_are_passed),
        TEST(test_every_size_is_fine),
    };

    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
