/* How users stand to rooms: roles, invitations, bans, mentions, topics. */
#include "tests/store/author.h"
#include "tests/store/both.h"

#include <stdlib.h>
#include <string.h>

static struct author begin(void **state)
{
    struct author author;
    sign_in_users(*state, 6);
    author_begin(&author, *state, "lobby", 1);
    return author;
}

static struct chat__store_sign_in look(struct harness *harness, uint64_t user)
{
    struct chat__store_sign_in request =
        sign_in_by((unsigned char)user, NOW_MS);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_int_equal(request.user, user);
    return request;
}

static uint64_t rooms_rev(struct harness *harness, uint64_t user)
{
    struct chat__store_sign_in request = look(harness, user);
    uint64_t rev = request.rooms_rev;
    chat__store_sign_in_release(&request);
    return rev;
}

/* "user:role " of those who stand to the lobby in any way. */
static void expect_standings(struct harness *harness, const char *expected)
{
    char text[128] = "";
    size_t length = 0;
    struct chat__store_open_room room = {.room = "lobby"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    for (size_t i = 0; i < room.member_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "%d:%d ", (int)room.members[i].user,
                                   (int)room.members[i].role);
    assert_string_equal(text, expected);
    chat__store_open_room_release(&room);
}

static void expect_member_count(struct harness *harness, uint64_t members)
{
    struct chat__store_list_rooms list = {.limit = 1};
    assert_int_equal(ask_list_rooms(harness, &list), CHAT__STORE_OK);
    assert_int_equal(list.rows[0].members, members);
    chat__store_list_rooms_release(&list);
}

/* ---- standings */

static void test_only_members_are_counted(void **state)
{
    struct author author = begin(state);
    author_stand(&author, 1, 2, CHAT__ROLE_INVITED);
    author_stand(&author, 1, 3, CHAT__ROLE_BANNED);
    author_stand(&author, 4, 4, CHAT__ROLE_MEMBER);
    expect_standings(*state, "1:3 2:4 3:5 4:1 ");
    expect_member_count(*state, 2);
    author_stand(&author, 2, 2, CHAT__ROLE_MEMBER);
    expect_member_count(*state, 3);
    author_stand(&author, 1, 2, CHAT__ROLE_MODERATOR);
    expect_member_count(*state, 3);
    author_stand(&author, 1, 4, CHAT__ROLE_BANNED);
    author_stand(&author, 1, 3, CHAT__ROLE_NONE);
    expect_standings(*state, "1:3 2:2 4:5 ");
    expect_member_count(*state, 2);
    author_stand(&author, 2, 2, CHAT__ROLE_NONE);
    author_stand(&author, 2, 2, CHAT__ROLE_NONE);
    expect_member_count(*state, 1);
}

static void test_one_entry_may_change_two(void **state)
{
    struct author author = begin(state);
    struct chat__store_entry entry = {
        .user = 3,
        .standings = {{3, CHAT__ROLE_MEMBER}, {2, CHAT__ROLE_MEMBER}},
        .standing_count = 2,
    };
    assert_int_equal(author_append(&author, &entry, 1), CHAT__STORE_OK);
    expect_standings(*state, "1:3 2:1 3:1 ");
    assert_int_equal(rooms_rev(*state, 2), 1);
    assert_int_equal(rooms_rev(*state, 3), 1);
}

/* The user whose lists change, not the one who changes them. */
static void test_each_change_of_a_list_moves_its_revision(void **state)
{
    struct author author = begin(state);
    static const struct {
        enum chat__role role;
        uint64_t rev;
    } steps[] = {
        {CHAT__ROLE_BANNED, 0},  {CHAT__ROLE_NONE, 0},
        {CHAT__ROLE_INVITED, 1}, {CHAT__ROLE_INVITED, 1},
        {CHAT__ROLE_MEMBER, 2},  {CHAT__ROLE_MODERATOR, 2},
        {CHAT__ROLE_OWNER, 2},   {CHAT__ROLE_BANNED, 3},
        {CHAT__ROLE_NONE, 3},    {CHAT__ROLE_MEMBER, 4},
        {CHAT__ROLE_NONE, 5},    {CHAT__ROLE_NONE, 5},
        {CHAT__ROLE_INVITED, 6}, {CHAT__ROLE_NONE, 7},
        {CHAT__ROLE_INVITED, 8}, {CHAT__ROLE_BANNED, 9},
    };
    assert_int_equal(rooms_rev(*state, 1), 1);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        author_stand(&author, 1, 2, steps[i].role);
        assert_int_equal(rooms_rev(*state, 2), steps[i].rev);
    }
    assert_int_equal(rooms_rev(*state, 1), 1);
}

static void test_a_membership_begins_at_its_entry(void **state)
{
    struct author author = begin(state);
    author_say(&author, 1, "before");
    author_stand(&author, 1, 2, CHAT__ROLE_INVITED);
    author_say(&author, 1, "meanwhile");
    uint64_t join = author_stand(&author, 2, 2, CHAT__ROLE_MEMBER);
    author_say(&author, 1, "after");
    author_stand(&author, 1, 2, CHAT__ROLE_MODERATOR);
    struct chat__store_sign_in request = look(*state, 2);
    assert_int_equal(request.membership_count, 1);
    assert_int_equal(request.memberships[0].read, join);
    assert_int_equal(request.memberships[0].read_n, 2);
    assert_int_equal(request.memberships[0].role, CHAT__ROLE_MODERATOR);
    chat__store_sign_in_release(&request);
}

static void test_who_is_no_member_has_no_room(void **state)
{
    struct author author = begin(state);
    author_stand(&author, 1, 2, CHAT__ROLE_INVITED);
    author_stand(&author, 1, 3, CHAT__ROLE_BANNED);
    for (uint64_t user = 2; user <= 3; user++) {
        struct chat__store_sign_in request = look(*state, user);
        assert_int_equal(request.membership_count, 0);
        chat__store_sign_in_release(&request);
        struct chat__store_heads heads = {.user = user, .limit = 9};
        memset(heads.token_hash, (int)user, sizeof heads.token_hash);
        assert_int_equal(ask_heads(*state, &heads), CHAT__STORE_OK);
        assert_int_equal(heads.count, 0);
        chat__store_heads_release(&heads);
        struct chat__store_mark_read mark = {
            .room = "lobby", .user = user, .seq = 1};
        assert_int_equal(ask_mark_read(*state, &mark), CHAT__STORE_NOT_FOUND);
    }
}

/* ---- invitations */

static void test_invites_say_by_whom(void **state)
{
    struct author zoo;
    struct author alps;
    begin(state);
    author_begin(&zoo, *state, "zoo", 3);
    author_begin(&alps, *state, "alps", 4);
    author_stand(&zoo, 3, 2, CHAT__ROLE_INVITED);
    author_stand(&alps, 4, 2, CHAT__ROLE_INVITED);
    author_stand(&alps, 5, 2, CHAT__ROLE_INVITED); /* is so already */
    struct chat__store_sign_in request = look(*state, 2);
    assert_int_equal(request.invite_count, 2);
    assert_string_equal(request.invites[0].room, "alps");
    assert_int_equal(request.invites[0].by, 4);
    assert_string_equal(request.invites[0].by_name, "u4");
    assert_string_equal(request.invites[1].room, "zoo");
    assert_int_equal(request.invites[1].by, 3);
    chat__store_sign_in_release(&request);

    author_stand(&zoo, 2, 2, CHAT__ROLE_MEMBER);
    author_stand(&alps, 2, 2, CHAT__ROLE_NONE);
    author_stand(&alps, 5, 2, CHAT__ROLE_INVITED);
    request = look(*state, 2);
    assert_int_equal(request.invite_count, 1);
    assert_int_equal(request.invites[0].by, 5);
    assert_int_equal(request.membership_count, 1);
    chat__store_sign_in_release(&request);
}

static void test_no_more_invites_than_a_hello_has(void **state)
{
    begin(state);
    for (int i = 0; i < CHAT__INVITES_MAX + 5; i++) {
        char name[16];
        struct author author;
        snprintf(name, sizeof name, "r%03d", i);
        author_begin(&author, *state, name, 1);
        author_stand(&author, 1, 2, CHAT__ROLE_INVITED);
    }
    struct chat__store_sign_in request = look(*state, 2);
    assert_int_equal(request.invite_count, CHAT__INVITES_MAX);
    assert_string_equal(request.invites[0].room, "r000");
    assert_string_equal(request.invites[99].room, "r099");
    chat__store_sign_in_release(&request);
}

/* ---- the lists of those who stand to a room */

/* "user:role:name " of a page, with "+" at the end when there are more. */
static void expect_list(struct harness *harness, enum chat__member_list list,
                        uint64_t after, size_t limit, const char *expected)
{
    char text[256] = "";
    size_t length = 0;
    struct chat__store_list_members request = {
        .room = "lobby", .list = list, .after = after, .limit = limit};
    assert_int_equal(ask_list_members(harness, &request), CHAT__STORE_OK);
    for (size_t i = 0; i < request.count; i++)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%d:%d:%s ",
                             (int)request.rows[i].user,
                             (int)request.rows[i].role, request.rows[i].name);
    snprintf(text + length, sizeof text - length, "%s",
             request.more ? "+" : "");
    assert_string_equal(text, expected);
    chat__store_list_members_release(&request);
}

static void test_members_are_listed_in_pages_by_id(void **state)
{
    struct author author = begin(state);
    author_stand(&author, 6, 6, CHAT__ROLE_MEMBER);
    author_stand(&author, 3, 3, CHAT__ROLE_MODERATOR);
    author_stand(&author, 1, 2, CHAT__ROLE_BANNED);
    author_stand(&author, 1, 4, CHAT__ROLE_INVITED);
    author_stand(&author, 1, 5, CHAT__ROLE_BANNED);
    const enum chat__member_list members = CHAT__MEMBER_LIST_MEMBERS;
    const enum chat__member_list banned = CHAT__MEMBER_LIST_BANNED;
    expect_list(*state, members, 0, 9, "1:3:u1 3:2:u3 6:1:u6 ");
    expect_list(*state, members, 0, 3, "1:3:u1 3:2:u3 6:1:u6 ");
    expect_list(*state, members, 0, 2, "1:3:u1 3:2:u3 +");
    expect_list(*state, members, 3, 2, "6:1:u6 ");
    expect_list(*state, members, 6, 2, "");
    expect_list(*state, members, UINT64_MAX, 2, "");
    expect_list(*state, CHAT__MEMBER_LIST_INVITED, 0, 9, "4:4:u4 ");
    expect_list(*state, banned, 0, 9, "2:5:u2 5:5:u5 ");
    expect_list(*state, banned, 0, 1, "2:5:u2 +");
    expect_list(*state, banned, 2, 1, "5:5:u5 ");
    struct chat__store_list_members request = {.room = "nowhere", .limit = 1};
    assert_int_equal(ask_list_members(*state, &request), CHAT__STORE_NOT_FOUND);
}

/* ---- mentions */

static uint64_t mentions_of(struct harness *harness, uint64_t user)
{
    struct chat__store_sign_in request = look(harness, user);
    assert_int_equal(request.membership_count, 1);
    uint64_t mentions = request.memberships[0].mentions;
    chat__store_sign_in_release(&request);
    return mentions;
}

static uint64_t read_to(struct harness *harness, uint64_t user, uint64_t seq)
{
    struct chat__store_mark_read mark = {
        .room = "lobby", .user = user, .seq = seq};
    assert_int_equal(ask_mark_read(harness, &mark), CHAT__STORE_OK);
    return mark.mentions;
}

static void test_mentions_count_behind_the_marker(void **state)
{
    struct author author = begin(state);
    static const uint64_t both[] = {2, 3, 2};
    author_stand(&author, 2, 2, CHAT__ROLE_MEMBER);
    author_stand(&author, 3, 3, CHAT__ROLE_MEMBER);
    uint64_t first = author_mention(&author, 1, both, 3);
    uint64_t second = author_mention(&author, 1, both, 1);
    author_say(&author, 1, "nobody's");
    uint64_t third = author_mention(&author, 1, both, 2);
    assert_int_equal(mentions_of(*state, 1), 0);
    assert_int_equal(mentions_of(*state, 2), 3);
    assert_int_equal(mentions_of(*state, 3), 2);

    assert_int_equal(read_to(*state, 2, first - 1), 3);
    assert_int_equal(read_to(*state, 2, first), 2);
    assert_int_equal(mentions_of(*state, 2), 2);
    assert_int_equal(mentions_of(*state, 3), 2);
    assert_int_equal(read_to(*state, 2, second + 1), 1);
    assert_int_equal(read_to(*state, 2, first), 1);
    assert_int_equal(read_to(*state, 2, third), 0);
    assert_int_equal(mentions_of(*state, 2), 0);
}

static void test_mentions_go_with_the_membership(void **state)
{
    struct author author = begin(state);
    static const uint64_t who[] = {2};
    author_mention(&author, 1, who, 1); /* not a member yet */
    author_stand(&author, 2, 2, CHAT__ROLE_MEMBER);
    assert_int_equal(mentions_of(*state, 2), 0);
    author_mention(&author, 1, who, 1);
    author_stand(&author, 1, 2, CHAT__ROLE_MODERATOR);
    assert_int_equal(mentions_of(*state, 2), 1);
    author_stand(&author, 1, 2, CHAT__ROLE_BANNED);
    author_mention(&author, 1, who, 1);
    author_stand(&author, 1, 2, CHAT__ROLE_NONE);
    author_stand(&author, 2, 2, CHAT__ROLE_MEMBER);
    assert_int_equal(mentions_of(*state, 2), 0);
    assert_int_equal(read_to(*state, 2, 1), 0);
}

/* The very entry that makes a member may mention them. */
static void test_members_after_the_entry_are_mentioned(void **state)
{
    struct author author = begin(state);
    static const uint64_t who[] = {2};
    struct chat__store_entry entry = {
        .user = 1,
        .message = true,
        .text = "come in",
        .standings = {{2, CHAT__ROLE_MEMBER}},
        .standing_count = 1,
    };
    assert_int_equal(author_append(&author, &entry, 1), CHAT__STORE_OK);
    author_mention(&author, 1, who, 1);
    assert_int_equal(mentions_of(*state, 2), 1);
}

/* ---- topics */

static void expect_topic(struct harness *harness, const char *topic)
{
    struct chat__store_open_room room = {.room = "lobby"};
    struct chat__store_list_rooms list = {.limit = 1};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_int_equal(ask_list_rooms(harness, &list), CHAT__STORE_OK);
    if (topic == NULL) {
        assert_null(room.topic);
        assert_null(list.rows[0].topic);
    } else {
        assert_string_equal(room.topic, topic);
        assert_string_equal(list.rows[0].topic, topic);
    }
    chat__store_open_room_release(&room);
    chat__store_list_rooms_release(&list);
}

static void test_a_topic_stays_until_another(void **state)
{
    struct author author = begin(state);
    expect_topic(*state, NULL);
    author_topic(&author, 1, "cats \xf0\x9f\x90\x88");
    author_say(&author, 1, "a message leaves it");
    expect_topic(*state, "cats \xf0\x9f\x90\x88");
    author_topic(&author, 1, "");
    expect_topic(*state, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALL(test_only_members_are_counted),
        ALL(test_one_entry_may_change_two),
        ALL(test_each_change_of_a_list_moves_its_revision),
        ALL(test_a_membership_begins_at_its_entry),
        ALL(test_who_is_no_member_has_no_room),
        ALL(test_invites_say_by_whom),
        ALL(test_no_more_invites_than_a_hello_has),
        ALL(test_members_are_listed_in_pages_by_id),
        ALL(test_mentions_count_behind_the_marker),
        ALL(test_mentions_go_with_the_membership),
        ALL(test_members_after_the_entry_are_mentioned),
        ALL(test_a_topic_stays_until_another),
    };
    return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
