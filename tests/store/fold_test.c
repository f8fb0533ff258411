/* What later entries do to messages: edits, reactions, deletes. */
#include "tests/store/author.h"
#include "tests/store/both.h"

#include <stdlib.h>
#include <string.h>

#define THUMB "\xf0\x9f\x91\x8d"
#define HEART "\xe2\x9d\xa4\xef\xb8\x8f"
#define EYES  "\xf0\x9f\x91\x80"

static struct author begin(void **state)
{
    struct author author;
    sign_in_users(*state, 4);
    author_begin(&author, *state, "lobby", 1);
    return author;
}

/* Whether the bytes of an entry have `text` in them. */
static bool has(const struct chat__store_read_log *read, uint64_t seq,
                const char *text)
{
    const struct chat__store_log_entry *entry = &read->entries[seq - 1];
    assert_int_equal(entry->seq, seq);
    assert_int_equal(entry->bytes[0], '{');
    assert_int_equal(entry->bytes[entry->length - 1], '}');
    return memmem(entry->bytes, entry->length, text, strlen(text)) != NULL;
}

/* ---- edits */

static void test_the_newest_edit_holds(void **state)
{
    struct author author = begin(state);
    uint64_t first = author_say(&author, 1, "frist");
    uint64_t second = author_say(&author, 2, "second");
    uint64_t third = author_say(&author, 1, "thrid");
    author_edit(&author, 1, third, "third, or so");
    author_edit(&author, 1, first, "first");
    uint64_t newest =
        author_edit(&author, 1, third, "\"third\" \xf0\x9f\x90\x88");

    struct chat__store_read_log read = author_read(&author);
    assert_int_equal(read.change_count, 2);
    assert_int_equal(read.changes[0].ref, first);
    assert_string_equal(read.changes[0].text, "first");
    assert_int_equal(read.changes[1].ref, third);
    assert_int_equal(read.changes[1].upto, author.head);
    assert_int_equal(read.changes[1].edit, newest);
    assert_string_equal(read.changes[1].text, "\"third\" \xf0\x9f\x90\x88");
    assert_int_equal(read.changes[1].reaction_count, 0);
    assert_false(read.changes[1].deleted);
    assert_null(find_change(&read, second));
    assert_true(has(&read, first, "frist")); /* the log is as it was */
    chat__store_read_log_release(&read);
}

/* Only its messages' changes, but those up to the head. */
static void test_a_page_has_the_changes_of_its_messages(void **state)
{
    struct author author = begin(state);
    uint64_t seqs[6];
    for (size_t i = 0; i < 6; i++)
        seqs[i] = author_say(&author, 1, "text");
    for (size_t i = 0; i < 6; i++)
        author_edit(&author, 1, seqs[i], "edited");
    struct chat__store_read_log read = {
        .room = "lobby",
        .from = 1,
        .to = seqs[4],
        .backward = true,
        .limit = 2,
        .bytes_max = SIZE_MAX,
        .with_changes = true,
    };
    assert_int_equal(ask_read_log(*state, &read), CHAT__STORE_OK);
    assert_int_equal(read.count, 2);
    assert_int_equal(read.upto, author.head);
    assert_int_equal(read.change_count, 2);
    assert_int_equal(read.changes[0].ref, seqs[3]);
    assert_int_equal(read.changes[1].ref, seqs[4]);
    assert_int_equal(read.changes[1].upto, author.head);
    chat__store_read_log_release(&read);

    read = (struct chat__store_read_log){
        .room = "lobby", .from = 1, .to = 9, .limit = 9, .bytes_max = 9999};
    assert_int_equal(ask_read_log(*state, &read), CHAT__STORE_OK);
    assert_int_equal(read.change_count, 0);
    chat__store_read_log_release(&read);
    read = (struct chat__store_read_log){.room = "lobby",
                                         .from = 90,
                                         .to = 99,
                                         .limit = 9,
                                         .with_changes = true};
    assert_int_equal(ask_read_log(*state, &read), CHAT__STORE_OK);
    assert_int_equal(read.change_count, 0);
    chat__store_read_log_release(&read);
}

/* ---- reactions */

/* "emoji:user,user " of a message's reactions. */
static void expect_reactions(const struct author *author, uint64_t ref,
                             const char *expected)
{
    char text[256] = "";
    size_t length = 0;
    struct chat__store_read_log read = author_read(author);
    const struct chat__change *change = find_change(&read, ref);
    assert_non_null(change);
    for (size_t i = 0; i < change->reaction_count; i++) {
        const struct chat__reaction *reaction = &change->reactions[i];
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "%s:", reaction->emoji);
        for (size_t j = 0; j < reaction->user_count; j++)
            length += (size_t)snprintf(text + length, sizeof text - length,
                                       "%d ", (int)reaction->users[j]);
    }
    assert_string_equal(text, expected);
    chat__store_read_log_release(&read);
}

static void test_reactions_stand_in_the_order_in_which_they_came(void **state)
{
    struct author author = begin(state);
    uint64_t other = author_say(&author, 1, "other");
    uint64_t ref = author_say(&author, 1, "text");
    author_react(&author, 3, ref, THUMB, true);
    author_react(&author, 2, ref, HEART, true);
    author_react(&author, 2, other, EYES, true);
    author_react(&author, 1, ref, THUMB, true);
    author_react(&author, 3, ref, THUMB, true); /* is on already */
    expect_reactions(&author, ref, THUMB ":3 1 " HEART ":2 ");
    expect_reactions(&author, other, EYES ":2 ");

    /* As long as one has it on, it keeps its place; then it begins anew. */
    author_react(&author, 3, ref, THUMB, false);
    expect_reactions(&author, ref, THUMB ":1 " HEART ":2 ");
    author_react(&author, 3, ref, THUMB, true);
    expect_reactions(&author, ref, THUMB ":1 3 " HEART ":2 ");
    author_react(&author, 1, ref, THUMB, false);
    author_react(&author, 3, ref, THUMB, false);
    author_react(&author, 1, ref, THUMB, true);
    expect_reactions(&author, ref, HEART ":2 " THUMB ":1 ");
}

static void test_a_message_whose_reactions_went_says_so(void **state)
{
    struct author author = begin(state);
    uint64_t ref = author_say(&author, 1, "text");
    uint64_t never = author_say(&author, 1, "text");
    author_react(&author, 2, ref, THUMB, true);
    author_react(&author, 2, ref, THUMB, false);
    author_react(&author, 2, never, THUMB, false);
    expect_reactions(&author, ref, "");
    expect_reactions(&author, never, "");
}

static void test_edits_and_reactions_do_not_hurt_each_other(void **state)
{
    struct author author = begin(state);
    uint64_t ref = author_say(&author, 1, "text");
    author_react(&author, 2, ref, THUMB, true);
    uint64_t edit = author_edit(&author, 1, ref, "edited");
    author_react(&author, 3, ref, THUMB, true);
    struct chat__store_read_log read = author_read(&author);
    assert_int_equal(read.changes[0].edit, edit);
    assert_string_equal(read.changes[0].text, "edited");
    chat__store_read_log_release(&read);
    expect_reactions(&author, ref, THUMB ":2 3 ");
}

/* ---- deletes */

static void expect_erased(const struct author *author, uint64_t ref,
                          const char *text)
{
    struct chat__store_read_log read = author_read(author);
    const struct chat__change *change = find_change(&read, ref);
    assert_non_null(change);
    assert_true(change->deleted);
    assert_int_equal(change->edit, 0);
    assert_null(change->text);
    assert_int_equal(change->reaction_count, 0);
    assert_int_equal(change->upto, author->head);
    assert_true(has(&read, ref, "\"deleted\":true"));
    for (uint64_t seq = 1; seq <= author->head; seq++)
        assert_false(has(&read, seq, text));
    chat__store_read_log_release(&read);
}

static void test_a_delete_erases_the_message_and_its_edits(void **state)
{
    struct author author = begin(state);
    uint64_t kept = author_say(&author, 1, "kept");
    uint64_t ref = author_say(&author, 2, "secret one");
    author_edit(&author, 2, ref, "secret two");
    author_edit(&author, 1, kept, "kept and edited");
    uint64_t last = author_edit(&author, 2, ref, "secret three");
    author_react(&author, 3, ref, THUMB, true);
    author_delete(&author, 2, ref);
    author_say(&author, 1, "later");

    expect_erased(&author, ref, "secret");
    struct chat__store_read_log read = author_read(&author);
    assert_true(has(&read, last, "\"deleted\":true"));
    assert_true(has(&read, kept, "\"kept\""));
    assert_string_equal(find_change(&read, kept)->text, "kept and edited");
    chat__store_read_log_release(&read);
}

/* What says that it is deleted may be longer than the text was. */
static void test_texts_of_every_length_are_erased(void **state)
{
    struct author author = begin(state);
    static const size_t lengths[] = {1, 2, 3, 4, 5, 6, 300, 4000};
    uint64_t refs[sizeof lengths / sizeof *lengths];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char text[4096];
        memset(text, '#', lengths[i]);
        text[lengths[i]] = '\0';
        refs[i] = author_say(&author, 1, text);
        author_edit(&author, 1, refs[i], text);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        author_delete(&author, 1, refs[i]);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        expect_erased(&author, refs[i], "#");
}

/* ---- what a fold may be about */

static enum chat__store_result try_edit(struct author *author, uint64_t ref)
{
    struct chat__store_entry entries[] = {
        {.user = 2,
         .standings = {{2, CHAT__ROLE_MEMBER}},
         .standing_count = 1,
         .topic = "new"},
        {.user = 1, .fold = CHAT__FOLD_EDIT, .ref = ref, .text = "edited"},
    };
    return author_append(author, entries, 2);
}

static void test_a_fold_about_no_message_takes_its_batch_with_it(void **state)
{
    struct author author = begin(state);
    uint64_t gone = author_say(&author, 1, "gone");
    uint64_t edit = author_edit(&author, 1, gone, "edited");
    uint64_t delete = author_delete(&author, 1, gone);
    uint64_t ref = author_say(&author, 1, "text");
    const uint64_t refs[] = {0,       1,       gone,    edit,      delete,
                             ref + 1, ref + 2, ref + 3, UINT64_MAX};
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        assert_int_equal(try_edit(&author, refs[i]), CHAT__STORE_FAILED);
    struct chat__store_open_room room = {.room = "lobby"};
    assert_int_equal(ask_open_room(*state, &room), CHAT__STORE_OK);
    assert_int_equal(room.head, ref);
    assert_int_equal(room.member_count, 1);
    assert_null(room.topic);
    chat__store_open_room_release(&room);
    assert_int_equal(try_edit(&author, ref), CHAT__STORE_OK);
}

static void test_a_batch_may_be_about_itself(void **state)
{
    struct author author = begin(state);
    uint64_t ref = author.head + 1;
    struct chat__store_entry entries[] = {
        {.user = 1, .message = true, .text = "secret"},
        {.user = 1, .fold = CHAT__FOLD_EDIT, .ref = ref, .text = "a secret"},
        {.user = 1, .fold = CHAT__FOLD_DELETE, .ref = ref},
        {.user = 1, .fold = CHAT__FOLD_REACT_ON, .ref = ref, .emoji = THUMB},
    };
    assert_int_equal(author_append(&author, entries, 4), CHAT__STORE_FAILED);
    assert_int_equal(author_append(&author, entries, 3), CHAT__STORE_OK);
    expect_erased(&author, ref, "secret");
}

/* The caller composes anew without what exists; the mistake may go with it. */
static void test_a_repeated_key_is_named_before_a_mistake(void **state)
{
    struct author author = begin(state);
    uint64_t gone = author_say(&author, 1, "gone");
    author_delete(&author, 1, gone);
    struct chat__store_entry entries[] = {
        {.user = 1, .fold = CHAT__FOLD_EDIT, .ref = gone, .text = "edited"},
        {.user = 1, .message = true, .text = "gone", .key = "k2"},
    };
    assert_int_equal(author_append(&author, entries, 2), CHAT__STORE_DUPLICATE);
}

/* ---- a message by itself */

static struct chat__store_find_message find(struct author *author, uint64_t ref,
                                            const char *emoji, uint64_t reactor)
{
    struct chat__store_find_message request = {
        .room = "lobby", .ref = ref, .emoji = emoji, .reactor = reactor};
    assert_int_equal(ask_find_message(author->harness, &request),
                     CHAT__STORE_OK);
    return request;
}

static void test_a_message_is_found_as_it_was_left(void **state)
{
    struct author author = begin(state);
    uint64_t ref = author_say(&author, 3, "text");
    author_react(&author, 1, ref, THUMB, true);
    author_react(&author, 2, ref, THUMB, true);
    author_react(&author, 2, ref, HEART, true);
    author_react(&author, 3, ref, EYES, true);
    author_react(&author, 3, ref, EYES, false);

    struct chat__store_find_message found = find(&author, ref, THUMB, 2);
    assert_int_equal(found.user, 3);
    assert_false(found.deleted);
    assert_int_equal(found.reactions, 3);
    assert_int_equal(found.kinds, 2);
    assert_true(found.kind_is_on && found.is_on);
    found = find(&author, ref, HEART, 1);
    assert_true(found.kind_is_on && !found.is_on);
    found = find(&author, ref, EYES, 3);
    assert_false(found.kind_is_on || found.is_on);
    author_edit(&author, 3, ref, "other");
    author_edit(&author, 3, ref, "third");
    found = find(&author, ref, NULL, 0);
    assert_int_equal(found.edits, 2);
    assert_int_equal(found.reactions, 0);
    assert_int_equal(found.kinds, 0);

    author_delete(&author, 3, ref);
    found = find(&author, ref, THUMB, 2);
    assert_int_equal(found.user, 3);
    assert_true(found.deleted);
    assert_int_equal(found.reactions, 0);
}

static void test_what_is_no_message_is_not_found(void **state)
{
    struct author author = begin(state);
    uint64_t ref = author_say(&author, 1, "text");
    uint64_t edit = author_edit(&author, 1, ref, "edited");
    const uint64_t refs[] = {0, 1, edit, edit + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        struct chat__store_find_message request = {.room = "lobby",
                                                   .ref = refs[i]};
        assert_int_equal(ask_find_message(*state, &request),
                         CHAT__STORE_NOT_FOUND);
    }
    struct chat__store_find_message request = {.room = "nowhere", .ref = ref};
    assert_int_equal(ask_find_message(*state, &request), CHAT__STORE_NOT_FOUND);
}

static void test_rooms_do_not_share_folds(void **state)
{
    struct author author = begin(state);
    struct author other;
    author_begin(&other, *state, "other", 1);
    uint64_t ref = author_say(&author, 1, "text");
    assert_int_equal(author_say(&other, 1, "text"), ref);
    author_edit(&author, 1, ref, "edited");
    author_react(&author, 1, ref, THUMB, true);
    struct chat__store_read_log read = author_read(&other);
    assert_int_equal(read.change_count, 0);
    chat__store_read_log_release(&read);
    author_delete(&other, 1, ref);
    expect_erased(&other, ref, "text");
    expect_reactions(&author, ref, THUMB ":1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALL(test_the_newest_edit_holds),
        ALL(test_a_page_has_the_changes_of_its_messages),
        ALL(test_reactions_stand_in_the_order_in_which_they_came),
        ALL(test_a_message_whose_reactions_went_says_so),
        ALL(test_edits_and_reactions_do_not_hurt_each_other),
        ALL(test_a_delete_erases_the_message_and_its_edits),
        ALL(test_texts_of_every_length_are_erased),
        BOTH(test_a_fold_about_no_message_takes_its_batch_with_it),
        BOTH(test_a_batch_may_be_about_itself),
        ALL(test_a_repeated_key_is_named_before_a_mistake),
        ALL(test_a_message_is_found_as_it_was_left),
        ALL(test_what_is_no_message_is_not_found),
        ALL(test_rooms_do_not_share_folds),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
