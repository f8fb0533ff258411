/* Edits, deletes and reactions against what is held of a room. */
#include "client/model/change.h"
#include "log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ME 1

static int set_up(void **state)
{
    static struct chat__room_log log;

    chat__room_log_init(&log);
    log.me = ME;
    *state = &log;
    return 0;
}

static int tear_down(void **state)
{
    chat__room_log_release(*state);
    return 0;
}

static struct chat__entry change_of(enum chat__item_kind kind, uint64_t seq,
                                    uint64_t ref)
{
    struct chat__entry entry = log_message(seq);

    entry.kind = kind;
    entry.ref = ref;
    entry.text = NULL;
    return entry;
}

static struct chat__entry edit_of(uint64_t seq, uint64_t ref, const char *text)
{
    struct chat__entry entry = change_of(CHAT__ITEM_EDIT, seq, ref);

    entry.text = text;
    return entry;
}

static struct chat__entry react_of(uint64_t seq, uint64_t ref,
                                   const char *user_id, const char *emoji,
                                   bool on)
{
    struct chat__entry entry = change_of(CHAT__ITEM_REACT, seq, ref);

    entry.user_id = user_id;
    entry.emoji = emoji;
    entry.on = on;
    return entry;
}

static void append(struct chat__room_log *log, struct chat__entry entry)
{
    assert_true(chat__room_log_append(log, &entry));
}

/* The messages from first to last, with one folded change. */
static void page(struct chat__room_log *log, uint64_t first, uint64_t last,
                 uint64_t head, const struct chat__change *change)
{
    struct chat__entry entries[40];
    struct chat__page told = {.entries = entries,
                              .oldest = 1,
                              .head = head,
                              .changes = change,
                              .change_count = change != NULL};

    while (first <= last) {
        entries[told.count++] = log_message(first++);
    }
    assert_true(chat__room_log_page(log, &told));
}

static const char *badges(const struct chat__room_log *log, uint64_t seq)
{
    return chat__safe_string(&chat__room_log_find(log, seq)->badges);
}

/* ---- live ---- */

static void test_an_edit_changes_the_text(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 2);
    append(log, edit_of(3, 1, "better \x1b[2J"));
    assert_string_equal(log_text(log), "better ␛[2J (edited) m2");
    assert_int_equal(log->last, 3);
    assert_true(chat__room_log_at_head(log));
    append(log, edit_of(4, 1, "best"));
    append(log, edit_of(4, 1, "again"));
    assert_string_equal(log_text(log), "best (edited) m2");
    assert_int_equal(chat__room_log_find(log, 1)->body, 4);
}

static void test_what_follows_a_change_goes_on(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    append(log, edit_of(2, 1, "x"));
    log_append(log, 3, 4);
    append(log, react_of(5, 4, "7", "👍", true));
    log_append(log, 6, 6);
    assert_string_equal(log_text(log), "x (edited) m3 m4 m6");
    assert_non_null(chat__room_log_find(log, 6));
    assert_non_null(chat__room_log_find(log, 3));
    assert_null(chat__room_log_find(log, 5));
    assert_null(chat__room_log_find(log, 0));
    assert_int_equal(chat__room_log_place(log, 5), 3);
}

static void test_a_delete_wins(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    append(log, react_of(2, 1, "7", "👍", true));
    append(log, change_of(CHAT__ITEM_DELETE, 3, 1));
    append(log, edit_of(4, 1, "back again"));
    append(log, react_of(5, 1, "7", "👍", true));
    assert_string_equal(log_text(log), CHAT__DELETED_TEXT);
    assert_string_equal(badges(log, 1), "");
    assert_true(chat__room_log_find(log, 1)->deleted);
}

/* Of a deleted message the server sends edits without a text. */
static void test_an_erased_edit_says_nothing(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    append(log, edit_of(2, 1, NULL));
    assert_string_equal(log_text(log), "m1");
}

static void test_own_text_can_be_written_anew(void **state)
{
    struct chat__room_log *log = *state;

    append(log, log_own(1, "key"));
    append(log, edit_of(2, 1, "a\tb"));
    assert_string_equal(chat__room_log_find(log, 1)->raw, "a\tb");
    append(log, change_of(CHAT__ITEM_DELETE, 3, 1));
    assert_null(chat__room_log_find(log, 1)->raw);
}

static void test_only_messages_change(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry join = log_message(1);

    join.kind = CHAT__ITEM_JOIN;
    append(log, join);
    append(log, edit_of(2, 1, "nonsense"));
    append(log, react_of(3, 1, "7", "👍", true));
    assert_string_equal(log_text(log), "bob joined");
    assert_string_equal(badges(log, 1), "");
}

/* ---- reactions ---- */

static void test_reactions_are_counted_and_own_ones_marked(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    append(log, react_of(2, 1, "7", "👍", true));
    append(log, react_of(3, 1, "8", "👍", true));
    append(log, react_of(4, 1, "8", "👍", true)); /* once is enough */
    append(log, react_of(5, 1, "1", "🎉", true));
    assert_string_equal(badges(log, 1), "👍 2  [🎉 1]");
    append(log, react_of(6, 1, "7", "👍", false));
    append(log, react_of(7, 1, "9", "👍", false)); /* never had it on */
    assert_string_equal(badges(log, 1), "👍 1  [🎉 1]");
    append(log, react_of(8, 1, "8", "👍", false));
    append(log, react_of(9, 1, "1", "🎉", false));
    assert_string_equal(badges(log, 1), "");
}

static void test_an_emoji_cannot_act_on_a_terminal(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 1);
    append(log, react_of(2, 1, "7", "\x1b[2J\x07\xc2\x9b", true));
    assert_string_equal(badges(log, 1), "␛[2J␇� 1");
    append(log, react_of(3, 1, "7", "", true));
    append(log,
           react_of(4, 1, "7", "0123456789012345678901234567890123456", true));
    assert_string_equal(badges(log, 1), "␛[2J␇� 1");
}

static void test_reactions_are_bounded(void **state)
{
    struct chat__reactions reactions = {.count = 0};
    char emoji[8];
    size_t i;

    (void)state;
    for (i = 0; i < 3 * CHAT__REACTION_KINDS_MAX; i++) {
        snprintf(emoji, sizeof(emoji), "%zu", i);
        assert_true(chat__reactions_set(&reactions, emoji, 7, true));
    }
    assert_int_equal(reactions.count, CHAT__REACTION_KINDS_MAX);
    for (i = 0; i < 3 * CHAT__REACTION_PEOPLE_MAX; i++) {
        assert_true(chat__reactions_set(&reactions, "0", i, true));
    }
    assert_int_equal(reactions.people, CHAT__REACTION_PEOPLE_MAX);
    assert_true(chat__reactions_has(&reactions, "0", 7));
    assert_false(chat__reactions_has(&reactions, "1", 8));
    chat__reactions_release(&reactions);
}

/* Each counts, so that a room's limit holds with them. */
static void test_the_bytes_of_changes_count(void **state)
{
    struct chat__room_log *log = *state;
    size_t empty, edited;

    log_append(log, 1, 1);
    empty = log->entries.bytes;
    append(log, edit_of(2, 1, "a text that is longer"));
    edited = log->entries.bytes;
    assert_true(edited > empty);
    append(log, react_of(3, 1, "7", "👍", true));
    assert_true(log->entries.bytes > edited);
    append(log, react_of(4, 1, "7", "👍", false));
    assert_int_equal(log->entries.bytes, edited);
}

/* ---- pages ---- */

static void test_a_page_brings_how_its_messages_are_now(void **state)
{
    struct chat__room_log *log = *state;
    const char *const people[] = {"7", "1"};
    const struct chat__reacted reacted = {"👍", people, 2};
    struct chat__change change = {.ref = 2,
                                  .upto = 9,
                                  .edit = 8,
                                  .text = "new",
                                  .reactions = &reacted,
                                  .reaction_count = 1};

    page(log, 1, 3, 9, &change);
    assert_string_equal(log_text(log), "m1 new (edited) m3");
    assert_string_equal(badges(log, 2), "[👍 2]");
}

static void test_a_page_may_tell_of_a_delete(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__change change = {.ref = 2, .upto = 9, .deleted = true};

    page(log, 1, 3, 9, &change);
    assert_string_equal(log_text(log), "m1 message deleted m3");
}

static void test_each_change_is_applied_once(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__change change = {
        .ref = 2, .upto = 6, .edit = 6, .text = "six"};

    page(log, 1, 3, 3, &change);
    append(log, edit_of(4, 2, "four")); /* in the page's change already */
    append(log, edit_of(5, 2, "five"));
    append(log, edit_of(6, 2, "six"));
    assert_string_equal(log_text(log), "m1 six (edited) m3");
    append(log, edit_of(7, 2, "seven"));
    assert_string_equal(log_text(log), "m1 seven (edited) m3");
    page(log, 1, 3, 7, &change); /* an answer that comes late */
    assert_string_equal(log_text(log), "m1 seven (edited) m3");
}

/* A page is folded up to a seq; what came live meanwhile is newer. */
static void test_a_change_waits_for_its_message(void **state)
{
    struct chat__room_log *log = *state;
    const char *const people[] = {"7"};
    const struct chat__reacted reacted = {"👍", people, 1};
    struct chat__change change = {
        .ref = 2, .upto = 11, .reactions = &reacted, .reaction_count = 1};

    log_append(log, 10, 10);
    append(log, react_of(11, 2, "7", "👍", true));
    append(log, react_of(12, 2, "8", "👍", true));
    append(log, edit_of(13, 2, "late"));
    assert_int_equal(log->kept.count, 3);
    page(log, 1, 9, 11, &change);
    assert_string_equal(badges(log, 2), "👍 2");
    assert_non_null(strstr(log_text(log), "m1 late (edited) m3"));
    assert_int_equal(log->kept.count, 0);
    assert_int_equal(log->kept.bytes, 0);
}

static void test_what_waits_is_bounded(void **state)
{
    struct chat__room_log *log = *state;
    static char text[4096];
    uint64_t seq;

    memset(text, 'x', sizeof(text) - 1);
    log_append(log, 1000, 1000);
    for (seq = 1001; seq < 1001 + 2 * CHAT__KEPT_MAX; seq++) {
        append(log, react_of(seq, 1, "7", "👍", true));
    }
    assert_int_equal(log->kept.count, CHAT__KEPT_MAX);
    assert_int_equal(log->kept.data[0].seq, 1001 + CHAT__KEPT_MAX);
    for (; seq < 2500; seq++) {
        append(log, edit_of(seq, 1, text));
    }
    assert_true(log->kept.bytes <= CHAT__KEPT_BYTES_MAX);
    assert_true(log->kept.count > 0);
}

/* The text of an edit may be left out of a page for its size. */
static void test_a_missing_text_is_asked_for(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__change change = {.ref = 2, .upto = 9, .edit = 8};
    struct chat__entry entry = edit_of(8, 2, "long");

    page(log, 1, 3, 9, &change);
    assert_int_equal(chat__room_log_missing(log), 8);
    assert_true(chat__room_log_change(log, &entry));
    assert_string_equal(log_text(log), "m1 long (edited) m3");
    assert_int_equal(chat__room_log_missing(log), 0);
}

static void test_a_page_of_changes_only_moves_the_window(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entries[] = {react_of(8, 2, "7", "👍", true),
                                    react_of(9, 2, "8", "👍", true)};
    struct chat__page told = {entries, 2, 1, 10, NULL, 0};

    log_append(log, 10, 10);
    assert_true(chat__room_log_page(log, &told));
    assert_int_equal(log->first, 8);
    page(log, 1, 7, 10, NULL);
    assert_int_equal(log->first, 1);
    assert_string_equal(badges(log, 2), "👍 2");
}

/* ---- the line between read and new ---- */

static void test_changes_are_not_new_to_the_reader(void **state)
{
    struct chat__room_log *log = *state;

    log_append(log, 1, 2);
    log->read = 2;
    append(log, edit_of(3, 1, "x"));
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 0);
    append(log, log_own(4, "key"));
    append(log, edit_of(5, 1, "y"));
    log_append(log, 6, 6);
    chat__room_log_set_mark(log);
    assert_int_equal(log->mark, 4);
}

/* ---- what was asked for ---- */

static void test_what_was_asked_for_is_known_until_it_comes(void **state)
{
    struct chat__room_log *log = *state;
    struct chat__entry entry = edit_of(2, 1, "x");

    log_append(log, 1, 1);
    chat__room_log_ask(log, "key", 1);
    assert_true(chat__room_log_is_changing(log, 1));
    assert_true(chat__room_log_has_asked(log, "key"));
    entry.own = true;
    entry.key = "key";
    append(log, entry);
    assert_false(chat__room_log_is_changing(log, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_edit_changes_the_text),
        TEST(test_what_follows_a_change_goes_on),
        TEST(test_a_delete_wins),
        TEST(test_an_erased_edit_says_nothing),
        TEST(test_own_text_can_be_written_anew),
        TEST(test_only_messages_change),
        TEST(test_reactions_are_counted_and_own_ones_marked),
        TEST(test_an_emoji_cannot_act_on_a_terminal),
        TEST(test_reactions_are_bounded),
        TEST(test_the_bytes_of_changes_count),
        TEST(test_a_page_brings_how_its_messages_are_now),
        TEST(test_a_page_may_tell_of_a_delete),
        TEST(test_each_change_is_applied_once),
        TEST(test_a_change_waits_for_its_message),
        TEST(test_what_waits_is_bounded),
        TEST(test_a_missing_text_is_asked_for),
        TEST(test_a_page_of_changes_only_moves_the_window),
        TEST(test_changes_are_not_new_to_the_reader),
        TEST(test_what_was_asked_for_is_known_until_it_comes),
    };

    return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
