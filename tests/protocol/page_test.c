/* Pages are cut by bytes, an entry together with its change. */
#include "protocol/limits.h"
#include "tests/protocol/reply_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of the older and the newer half of a page. */
#define OLD_BYTES 1000
#define NEW_BYTES 500

#define DUCK "\xf0\x9f\xa6\x86"

static void fill_page_with(struct chat__page *page, size_t old_bytes,
                           size_t new_bytes)
{
    static struct chat__entry_bytes entries[CHAT__PAGE_ENTRIES_MAX];
    static char bytes[CHAT__PAGE_ENTRIES_MAX][OLD_BYTES + 1];

    for (size_t i = 0; i < CHAT__PAGE_ENTRIES_MAX; i++) {
        size_t length = i < CHAT__PAGE_ENTRIES_MAX / 2 ? old_bytes : new_bytes;
        int head = snprintf(bytes[i], sizeof(bytes[i]),
                            "{\"event\":\"x\",\"seq\":%zu,\"x\":\"", i + 1);

        memset(bytes[i] + head, 'x', length - (size_t)head - 2);
        memcpy(bytes[i] + length - 2, "\"}", 3);
        entries[i] = (struct chat__entry_bytes){
            .data = bytes[i], .length = length, .seq = i + 1};
    }
    page->entries = entries;
    page->entry_count = CHAT__PAGE_ENTRIES_MAX;
    page->first = 1;
    page->head = CHAT__PAGE_ENTRIES_MAX;
}

static void fill_page(struct chat__page *page)
{
    fill_page_with(page, OLD_BYTES, NEW_BYTES);
}

static uint64_t seq_at(const struct chat__page *page, size_t index)
{
    const cJSON *entry = cJSON_GetArrayItem(page->entries_json, (int)index);

    return (uint64_t)cJSON_GetObjectItemCaseSensitive(entry, "seq")
        ->valuedouble;
}

static void history_keeps_the_oldest(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    const struct chat__page *page = &fixture->parsed.body.history.page;
    size_t count;

    fill_page(&reply.body.history.page);
    count = reply_round_trip(fixture, &reply, false);
    assert_int_equal(count, CHAT__OBJECT_BYTES_MAX / (OLD_BYTES + 1));
    assert_int_equal(page->entry_count, count);
    assert_int_equal(seq_at(page, 0), 1);
    assert_int_equal(seq_at(page, count - 1), count);
    assert_true(page->more);
}

static void history_keeps_the_newest_from_the_end(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    const struct chat__page *page = &fixture->parsed.body.history.page;
    size_t count;

    fill_page(&reply.body.history.page);
    count = reply_round_trip(fixture, &reply, true);
    assert_int_equal(count, (CHAT__OBJECT_BYTES_MAX - 200) / (NEW_BYTES + 1));
    assert_int_equal(page->entry_count, count);
    assert_int_equal(seq_at(page, 0), CHAT__PAGE_ENTRIES_MAX - count + 1);
    assert_int_equal(seq_at(page, count - 1), CHAT__PAGE_ENTRIES_MAX);
    assert_true(page->more);
}

static void a_page_that_fits_stays_whole(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};

    fill_page(&reply.body.history.page);
    reply.body.history.page.entry_count = 20;
    assert_int_equal(reply_round_trip(fixture, &reply, true), 20);
    assert_false(fixture->parsed.body.history.page.more);
}

/* 200 entries that would just fit if it were not for their commas. */
static void the_commas_of_a_page_count(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    size_t bytes = (CHAT__OBJECT_BYTES_MAX - 100) / CHAT__PAGE_ENTRIES_MAX;

    fill_page_with(&reply.body.history.page, bytes, bytes);
    assert_in_range(reply_round_trip(fixture, &reply, false), 190, 199);
}

static void the_limit_counts_from_where_the_object_begins(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    char before[CHAT__OBJECT_BYTES_MAX] = {0};

    chat__buffer_append(&fixture->buffer, before, sizeof(before));
    fill_page(&reply.body.history.page);
    assert_int_equal(reply_round_trip(fixture, &reply, false),
                     CHAT__OBJECT_BYTES_MAX / (OLD_BYTES + 1));
}

static void fill_join(struct chat__reply *reply)
{
    static char topic[CHAT__TOPIC_BYTES_MAX + 1];

    for (size_t i = 0; i < CHAT__TOPIC_BYTES_MAX; i += strlen(DUCK))
        memcpy(topic + i, DUCK, strlen(DUCK));
    *reply = (struct chat__reply){.ok = true, .action = CHAT__ACTION_JOIN};
    reply->body.join.room = "lobby";
    reply->body.join.epoch = "e1";
    reply->body.join.topic = topic;
    reply->body.join.role = CHAT__ROLE_MODERATOR;
    reply->body.join.recovered = true;
    fill_page(&reply->body.join.page);
}

static void a_join_that_was_cut_is_not_recovered(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__join_ok *join = &fixture->parsed.body.join;
    struct chat__reply reply;
    size_t count;

    fill_join(&reply);
    count = reply_round_trip(fixture, &reply, true);
    assert_in_range(count, 40, 55);
    assert_int_equal(seq_at(&join->page, count - 1), CHAT__PAGE_ENTRIES_MAX);
    assert_false(join->recovered);
    assert_true(join->page.more);
}

static void a_join_that_was_not_cut_is_recovered(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__reply reply;

    fill_join(&reply);
    reply.body.join.page.entry_count = 20;
    assert_int_equal(reply_round_trip(fixture, &reply, true), 20);
    assert_true(fixture->parsed.body.join.recovered);
    assert_false(fixture->parsed.body.join.page.more);
}

/* ---- changes ---- */

#define EDITED_AT 10
#define LAST      20

/* An edit of the entry, whose text has so many bytes. */
static struct chat__change edit_of(uint64_t ref, size_t bytes)
{
    static char texts[2][CHAT__TEXT_JSON_BYTES_MAX + 1];
    char *text = texts[ref == LAST];

    memset(text, 'x', bytes);
    text[bytes] = '\0';
    return (struct chat__change){
        .ref = ref, .upto = 200, .edit = 150, .text = text};
}

/*
 * 20 entries of 1,000 bytes and an edit of 8,000 in their middle leave place
 * for less than 1,500 bytes.
 */
static void fill_edited_page(struct chat__reply *reply,
                             struct chat__change changes[2], size_t last_bytes)
{
    struct chat__page *page = &reply->body.history.page;

    *reply = (struct chat__reply){.ok = true, .action = CHAT__ACTION_HISTORY};
    fill_page(page);
    page->entry_count = LAST;
    changes[0] = edit_of(EDITED_AT, 8000);
    changes[1] = edit_of(LAST, last_bytes);
    page->changes = changes;
    page->change_count = 2;
}

static void a_page_ends_before_an_entry_whose_change_has_no_place(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.history.page;
    struct chat__change changes[2];
    struct chat__reply reply;

    fill_edited_page(&reply, changes, 10000);
    assert_int_equal(reply_round_trip(fixture, &reply, false), LAST - 1);
    assert_true(page->more);
    assert_int_equal(page->change_count, 1);
    assert_int_equal(page->changes[0].ref, EDITED_AT);
    assert_string_equal(page->changes[0].text, changes[0].text);
}

static void a_page_from_the_end_takes_its_own_changes(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.history.page;
    struct chat__change changes[2];
    struct chat__reply reply;

    fill_edited_page(&reply, changes, 10000);
    assert_int_equal(reply_round_trip(fixture, &reply, true), LAST - EDITED_AT);
    assert_int_equal(seq_at(page, 0), EDITED_AT + 1);
    assert_true(page->more);
    assert_int_equal(page->change_count, 1);
    assert_int_equal(page->changes[0].ref, LAST);
    assert_string_equal(page->changes[0].text, changes[1].text);
}

/* Wherever the border falls, the last entry is there with its change or not. */
static void no_border_parts_an_entry_from_its_change(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.history.page;
    struct chat__change changes[2];
    struct chat__reply reply;
    bool cut = false;

    for (size_t bytes = 200; bytes < 600; bytes++) {
        size_t count;

        fill_edited_page(&reply, changes, bytes);
        chat__buffer_clear(&fixture->buffer);
        count = reply_round_trip(fixture, &reply, false);
        assert_in_range(count, LAST - 1, LAST);
        assert_int_equal(page->change_count, count == LAST ? 2 : 1);
        assert_int_equal(page->more, count < LAST);
        assert_false(cut && count == LAST);
        assert_false(bytes == 200 && count < LAST);
        cut = count < LAST;
    }
    assert_true(cut);
}

static void a_page_that_fits_has_all_its_changes_and_no_others(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.history.page;
    struct chat__change changes[2];
    struct chat__reply reply;

    fill_edited_page(&reply, changes, 1);
    changes[1].ref = LAST + 1;
    assert_int_equal(reply_round_trip(fixture, &reply, false), LAST);
    assert_false(page->more);
    assert_int_equal(page->change_count, 1);
    assert_int_equal(page->changes[0].ref, EDITED_AT);
}

/* Of a message that was deleted nothing is told but that. */
static void a_deleted_message_has_no_other_change(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.history.page;
    struct chat__change changes[2];
    struct chat__reply reply;
    uint64_t user = 17;
    struct chat__reaction reaction = {
        .emoji = DUCK, .users = &user, .user_count = 1};

    fill_edited_page(&reply, changes, 1);
    changes[0].deleted = true;
    changes[0].reactions = &reaction;
    changes[0].reaction_count = 1;
    assert_int_equal(reply_round_trip(fixture, &reply, false), LAST);
    assert_true(page->changes[0].deleted);
    assert_int_equal(page->changes[0].edit, 0);
    assert_null(page->changes[0].text);
    assert_int_equal(page->changes[0].reaction_count, 0);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, reply_set_up, reply_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(history_keeps_the_oldest),
        TEST(history_keeps_the_newest_from_the_end),
        TEST(a_page_that_fits_stays_whole),
        TEST(the_commas_of_a_page_count),
        TEST(the_limit_counts_from_where_the_object_begins),
        TEST(a_join_that_was_cut_is_not_recovered),
        TEST(a_join_that_was_not_cut_is_recovered),
        TEST(a_page_ends_before_an_entry_whose_change_has_no_place),
        TEST(a_page_from_the_end_takes_its_own_changes),
        TEST(no_border_parts_an_entry_from_its_change),
        TEST(a_page_that_fits_has_all_its_changes_and_no_others),
        TEST(a_deleted_message_has_no_other_change),
    };

    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
