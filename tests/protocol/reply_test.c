/* Lists that are too long for one object are cut by bytes. */
#include "protocol/limits.h"
#include "tests/protocol/reply_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIST_LENGTH 500

/* Room names of 64 bytes, in order. */
static const char *room_name(size_t index)
{
    static char names[LIST_LENGTH][CHAT__ROOM_NAME_BYTES_MAX + 1];

    snprintf(names[index], sizeof(names[index]), "%064zu", index);
    return names[index];
}

static void hello_is_cut_behind_its_first_rooms(void **state)
{
    struct reply_fixture *fixture = *state;
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
    count = reply_round_trip(fixture, &reply, false);
    assert_in_range(count, 100, LIST_LENGTH - 1);
    assert_int_equal(hello->room_count, count);
    assert_true(hello->more);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(hello->rooms[i].room, room_name(i));
}

static void fill_hello_with_invites(struct chat__reply *reply, size_t count,
                                    const char *name)
{
    static struct chat__hello_room rooms[LIST_LENGTH];
    static struct chat__invite invites[LIST_LENGTH];

    for (size_t i = 0; i < LIST_LENGTH; i++) {
        rooms[i] =
            (struct chat__hello_room){.room = room_name(i), .epoch = "e"};
        invites[i] = (struct chat__invite){.room = room_name(i),
                                           .by = {UINT64_MAX, name}};
    }
    *reply = (struct chat__reply){.ok = true, .action = CHAT__ACTION_HELLO};
    reply->body.hello = (struct chat__hello_ok){
        .user_id = 1,
        .user_name = "ann",
        .session = "s",
        .server_version = "0",
        .server_task = "t",
        .rooms = rooms,
        .room_count = LIST_LENGTH,
        .invites = invites,
        .invite_count = count,
    };
}

static void hello_has_at_most_100_invites(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__hello_ok *hello = &fixture->parsed.body.hello;
    struct chat__reply reply;

    fill_hello_with_invites(&reply, LIST_LENGTH, "bob");
    assert_in_range(reply_round_trip(fixture, &reply, false), 50, 200);
    assert_int_equal(hello->invite_count, CHAT__INVITES_MAX);
    assert_true(hello->more);
    assert_string_equal(hello->invites[99].room, room_name(99));
}

/* The longest of them leave place for rooms, and only they are cut. */
static void hello_has_place_for_rooms_beside_its_invites(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__hello_ok *hello = &fixture->parsed.body.hello;
    static char name[CHAT__USER_NAME_BYTES_MAX + 1];
    struct chat__reply reply;
    size_t count;

    memset(name, '"', sizeof(name) - 1);
    fill_hello_with_invites(&reply, CHAT__INVITES_MAX, name);
    count = reply_round_trip(fixture, &reply, false);
    assert_in_range(hello->invite_count, 40, CHAT__INVITES_MAX - 1);
    assert_in_range(count, 40, LIST_LENGTH - 1);
    assert_int_equal(hello->room_count, count);
    assert_true(hello->more);
}

static void members_are_cut_behind_the_first(void **state)
{
    struct reply_fixture *fixture = *state;
    static char name[CHAT__USER_NAME_BYTES_MAX + 1];
    struct chat__member_row rows[CHAT__MEMBERS_PAGE_MAX];
    const struct chat__members_ok *parsed = &fixture->parsed.body.members;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_MEMBERS};
    size_t count;

    memset(name, '"', sizeof(name) - 1);
    for (size_t i = 0; i < CHAT__MEMBERS_PAGE_MAX; i++)
        rows[i] = (struct chat__member_row){.id = UINT64_MAX - i,
                                            .name = name,
                                            .role = CHAT__ROLE_MODERATOR,
                                            .presence = CHAT__PRESENCE_ONLINE};
    reply.body.members.members = rows;
    reply.body.members.member_count = CHAT__MEMBERS_PAGE_MAX;
    count = reply_round_trip(fixture, &reply, false);
    assert_in_range(count, 50, CHAT__MEMBERS_PAGE_MAX - 1);
    assert_int_equal(parsed->member_count, count);
    assert_true(parsed->more);
    assert_int_equal(parsed->members[count - 1].id, UINT64_MAX - count + 1);
}

static void rooms_are_cut_behind_the_first(void **state)
{
    struct reply_fixture *fixture = *state;
    static struct chat__room_summary rooms[LIST_LENGTH];
    const struct chat__rooms_ok *parsed = &fixture->parsed.body.rooms;
    struct chat__reply reply = {.ok = true, .action = CHAT__ACTION_ROOMS};
    size_t count;

    for (size_t i = 0; i < LIST_LENGTH; i++)
        rooms[i] = (struct chat__room_summary){.room = room_name(i),
                                               .topic = i % 2 ? "t" : NULL};
    reply.body.rooms.rooms = rooms;
    reply.body.rooms.room_count = LIST_LENGTH;
    count = reply_round_trip(fixture, &reply, false);
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
    struct reply_fixture *fixture = *state;
    const struct chat__ping_ok *ping = &fixture->parsed.body.ping;
    struct chat__reply reply;
    size_t count;

    fill_ping(&reply, LIST_LENGTH);
    count = reply_round_trip(fixture, &reply, false);
    assert_in_range(count, 100, LIST_LENGTH - 1);
    assert_int_equal(ping->head_count, count);
    assert_true(ping->more);
    assert_string_equal(ping->after, room_name(count - 1));
}

static void heads_that_fit_go_on_where_the_store_says(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__ping_ok *ping = &fixture->parsed.body.ping;
    struct chat__reply reply;

    fill_ping(&reply, 3);
    reply.body.ping.more = true;
    reply.body.ping.after = "zoo";
    assert_int_equal(reply_round_trip(fixture, &reply, false), 3);
    assert_true(ping->more);
    assert_string_equal(ping->after, "zoo");
}

/* The list ends at each place before the limit that there is. */
static void no_alignment_passes_the_limit(void **state)
{
    const size_t head_bytes = 140;
    struct reply_fixture *fixture = *state;
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

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, reply_set_up, reply_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hello_is_cut_behind_its_first_rooms),
        TEST(hello_has_at_most_100_invites),
        TEST(hello_has_place_for_rooms_beside_its_invites),
        TEST(members_are_cut_behind_the_first),
        TEST(rooms_are_cut_behind_the_first),
        TEST(heads_are_cut_with_a_place_to_go_on),
        TEST(heads_that_fit_go_on_where_the_store_says),
        TEST(no_alignment_passes_the_limit),
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
