/* Lists that are too long for one object are cut by bytes. */
#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/reply.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of the older and the newer half of a page. */
#define OLD_BYTES   1000
#define NEW_BYTES   500
#define LIST_LENGTH 500

#define DUCK "\xf0\x9f\xa6\x86"

struct fixture {
    struct chat__buffer buffer;
    struct chat__reply parsed;
    cJSON *json;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    chat__buffer_init(&fixture.buffer, 1024 * 1024);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    chat__reply_release(&fixture->parsed);
    cJSON_Delete(fixture->json);
    chat__buffer_release(&fixture->buffer);
    return 0;
}

/* Encodes behind what the buffer holds, and parses what came out. */
static size_t round_trip(struct fixture *fixture,
                         const struct chat__reply *reply, bool from_end)
{
    struct chat__error error;
    size_t start = fixture->buffer.length;
    size_t count = chat__reply_encode(reply, from_end, &fixture->buffer);
    size_t length = fixture->buffer.length - start;

    assert_false(fixture->buffer.failed);
    assert_true(length <= CHAT__OBJECT_BYTES_MAX);
    fixture->json =
        chat__json_parse(fixture->buffer.data + start, length, &error);
    assert_non_null(fixture->json);
    fixture->parsed.action = reply->action;
    assert_true(chat__reply_parse(&fixture->parsed, fixture->json, &error));
    return count;
}

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
    struct fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    const struct chat__page *page = &fixture->parsed.body.history.page;
    size_t count;

    fill_page(&reply.body.history.page);
    count = round_trip(fixture, &reply, false);
    assert_int_equal(count, CHAT__OBJECT_BYTES_MAX / (OLD_BYTES + 1));
    assert_int_equal(page->entry_count, count);
    assert_int_equal(seq_at(page, 0), 1);
    assert_int_equal(seq_at(page, count - 1), count);
    assert_true(page->more);
}

static void history_keeps_the_newest_from_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    const struct chat__page *page = &fixture->parsed.body.history.page;
    size_t count;

    fill_page(&reply.body.history.page);
    count = round_trip(fixture, &reply, true);
    assert_int_equal(count, (CHAT__OBJECT_BYTES_MAX - 200) / (NEW_BYTES + 1));
    assert_int_equal(page->entry_count, count);
    assert_int_equal(seq_at(page, 0), CHAT__PAGE_ENTRIES_MAX - count + 1);
    assert_int_equal(seq_at(page, count - 1), CHAT__PAGE_ENTRIES_MAX);
    assert_true(page->more);
}

static void a_page_that_fits_stays_whole(void **state)
{
    struct fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};

    fill_page(&reply.body.history.page);
    reply.body.history.page.entry_count = 20;
    assert_int_equal(round_trip(fixture, &reply, true), 20);
    assert_false(fixture->parsed.body.history.page.more);
}

/* 200 entries that would just fit if it were not for their commas. */
static void the_commas_of_a_page_count(void **state)
{
    struct fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    size_t bytes = (CHAT__OBJECT_BYTES_MAX - 100) / CHAT__PAGE_ENTRIES_MAX;

    fill_page_with(&reply.body.history.page, bytes, bytes);
    assert_in_range(round_trip(fixture, &reply, false), 190, 199);
}

static void the_limit_counts_from_where_the_object_begins(void **state)
{
    struct fixture *fixture = *state;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HISTORY};
    char before[CHAT__OBJECT_BYTES_MAX] = {0};

    chat__buffer_append(&fixture->buffer, before, sizeof(before));
    fill_page(&reply.body.history.page);
    assert_int_equal(round_trip(fixture, &reply, false),
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
    struct fixture *fixture = *state;
    const struct chat__join_ok *join = &fixture->parsed.body.join;
    struct chat__reply reply;
    size_t count;

    fill_join(&reply);
    count = round_trip(fixture, &reply, true);
    assert_in_range(count, 40, 55);
    assert_int_equal(seq_at(&join->page, count - 1), CHAT__PAGE_ENTRIES_MAX);
    assert_false(join->recovered);
    assert_true(join->page.more);
}

static void a_join_that_was_not_cut_is_recovered(void **state)
{
    struct fixture *fixture = *state;
    struct chat__reply reply;

    fill_join(&reply);
    reply.body.join.page.entry_count = 20;
    assert_int_equal(round_trip(fixture, &reply, true), 20);
    assert_true(fixture->parsed.body.join.recovered);
    assert_false(fixture->parsed.body.join.page.more);
}

/* The largest message there can be, in the largest join there can be. */
static void the_largest_entry_fits_the_largest_join(void **state)
{
    struct fixture *fixture = *state;
    static char text[CHAT__TEXT_CHARACTERS_MAX + 1];
    static char word[CHAT__KEY_BYTES_MAX + 1];
    struct chat__event event = {.kind = CHAT__EVENT_MESSAGE,
                                .seq = CHAT__INTEGER_MAX,
                                .n = CHAT__INTEGER_MAX,
                                .ts = (int64_t)CHAT__INTEGER_MAX,
                                .reply_to = CHAT__INTEGER_MAX};
    struct chat__buffer entry;
    struct chat__entry_bytes bytes;
    struct chat__reply reply;

    memset(text, '\x1b', sizeof(text) - 1);
    memset(word, 'k', sizeof(word) - 1);
    event.room = event.key = event.text = word;
    event.text = text;
    event.from =
        (struct chat__person){.id = UINT64_MAX,
                              .name = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
                                      "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""};
    chat__buffer_init(&entry, CHAT__OBJECT_BYTES_MAX);
    chat__event_encode(&event, &entry);
    assert_false(entry.failed);
    bytes = (struct chat__entry_bytes){
        .data = entry.data, .length = entry.length, .seq = event.seq};
    fill_join(&reply);
    reply.id = UINT32_MAX;
    reply.body.join.room = word;
    reply.body.join.members = CHAT__INTEGER_MAX;
    reply.body.join.page = (struct chat__page){
        .entries = &bytes,
        .entry_count = 1,
        .first = CHAT__INTEGER_MAX,
        .head = CHAT__INTEGER_MAX,
    };
    assert_int_equal(round_trip(fixture, &reply, true), 1);
    chat__buffer_release(&entry);
}

/* Room names of 64 bytes, in order. */
static const char *room_name(size_t index)
{
    static char names[LIST_LENGTH][CHAT__ROOM_NAME_BYTES_MAX + 1];

    snprintf(names[index], sizeof(names[index]), "%064zu", index);
    return names[index];
}

static void hello_is_cut_behind_its_first_rooms(void **state)
{
    struct fixture *fixture = *state;
    static struct chat__hello_room rooms[LIST_LENGTH];
    const struct chat__hello_ok *hello = &fixture->parsed.body.hello;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_HELLO};
    size_t count;

    for (size_t i = 0; i < LIST_LENGTH; i++)
        rooms[i] = (struct chat__hello_room){
            .room = room_name(i), .epoch = "e", .head = CHAT__INTEGER_MAX};
    reply.body.hello = (struct chat__hello_ok){
        .user_id = 1,
        .user_name = "ann",
        .session = "s",
        .server_version = "0",
        .server_task = "t",
        .rooms = rooms,
        .room_count = LIST_LENGTH,
        .rooms_rev = CHAT__INTEGER_MAX,
        .now = (int64_t)CHAT__INTEGER_MAX,
    };
    count = round_trip(fixture, &reply, false);
    assert_in_range(count, 100, LIST_LENGTH - 1);
    assert_int_equal(hello->room_count, count);
    assert_true(hello->more);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(hello->rooms[i].room, room_name(i));
}

static void rooms_are_cut_behind_the_first(void **state)
{
    struct fixture *fixture = *state;
    static struct chat__room_summary rooms[LIST_LENGTH];
    const struct chat__rooms_ok *parsed = &fixture->parsed.body.rooms;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_ROOMS};
    size_t count;

    for (size_t i = 0; i < LIST_LENGTH; i++)
        rooms[i] = (struct chat__room_summary){.room = room_name(i),
                                               .topic = i % 2 ? "t" : NULL};
    reply.body.rooms.rooms = rooms;
    reply.body.rooms.room_count = LIST_LENGTH;
    count = round_trip(fixture, &reply, false);
    assert_in_range(count, 100, LIST_LENGTH - 1);
    assert_int_equal(parsed->room_count, count);
    assert_true(parsed->more);
    assert_string_equal(parsed->rooms[count - 1].room, room_name(count - 1));
}

static void fill_ping(struct chat__reply *reply, size_t count)
{
    static struct chat__head heads[LIST_LENGTH];

    for (size_t i = 0; i < count; i++)
        heads[i] =
            (struct chat__head){.room = room_name(i),
                                .epoch = "01234567890123456789012345678901",
                                .head = CHAT__INTEGER_MAX};
    *reply = (struct chat__reply){.ok = true, .action = CHAT__ACTION_PING};
    reply->body.ping.heads = heads;
    reply->body.ping.head_count = count;
    reply->body.ping.now = (int64_t)CHAT__INTEGER_MAX;
    reply->body.ping.rooms_rev = CHAT__INTEGER_MAX;
}

static void heads_are_cut_with_a_place_to_go_on(void **state)
{
    struct fixture *fixture = *state;
    const struct chat__ping_ok *ping = &fixture->parsed.body.ping;
    struct chat__reply reply;
    size_t count;

    fill_ping(&reply, LIST_LENGTH);
    count = round_trip(fixture, &reply, false);
    assert_in_range(count, 100, LIST_LENGTH - 1);
    assert_int_equal(ping->head_count, count);
    assert_true(ping->more);
    assert_string_equal(ping->after, room_name(count - 1));
}

static void heads_that_fit_go_on_where_the_store_says(void **state)
{
    struct fixture *fixture = *state;
    const struct chat__ping_ok *ping = &fixture->parsed.body.ping;
    struct chat__reply reply;

    fill_ping(&reply, 3);
    reply.body.ping.more = true;
    reply.body.ping.after = "zoo";
    assert_int_equal(round_trip(fixture, &reply, false), 3);
    assert_true(ping->more);
    assert_string_equal(ping->after, "zoo");
}

/* The list ends at each place before the limit that there is. */
static void no_alignment_passes_the_limit(void **state)
{
    const size_t head_bytes = 140;
    struct fixture *fixture = *state;
    struct chat__reply reply;

    for (size_t shift = 0; shift < head_bytes; shift++) {
        size_t left = shift;

        fill_ping(&reply, LIST_LENGTH);
        for (size_t i = 0; left > 0; i++) {
            size_t cut = left < 31 ? left : 31;

            reply.body.ping.heads[i].epoch += cut;
            left -= cut;
        }
        chat__buffer_clear(&fixture->buffer);
        chat__reply_encode(&reply, false, &fixture->buffer);
        assert_in_range(fixture->buffer.length,
                        CHAT__OBJECT_BYTES_MAX - 2 * head_bytes,
                        CHAT__OBJECT_BYTES_MAX);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(the_largest_entry_fits_the_largest_join),
        TEST(hello_is_cut_behind_its_first_rooms),
        TEST(rooms_are_cut_behind_the_first),
        TEST(heads_are_cut_with_a_place_to_go_on),
        TEST(heads_that_fit_go_on_where_the_store_says),
        TEST(no_alignment_passes_the_limit),
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
