/*
 * What users do to each other's messages and to each other: entries of all
 * kinds, invitations, removals, direct rooms, members and presence.
 */
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

#define FROM_BOB "\"from\":{\"id\":\"3\",\"name\":\"bob\"}"
#define TO_ANN   "\"user\":{\"id\":\"17\",\"name\":\"ann\"}"
#define TO_CAT   "\"user\":{\"id\":\"9\",\"name\":\"cat\"}"
#define LOBBY                                                                  \
    "{\"room\":\"lobby\",\"epoch\":\"e1\",\"head\":5,\"read\":0,"              \
    "\"unread\":0,\"mentions\":0,\"resumed\":true}"

/* An entry of the lobby by bob, with these members. */
static void entry(struct harness *harness, const char *kind, unsigned seq,
                  const char *members)
{
    receive(harness,
            "{\"event\":\"%s\",\"room\":\"lobby\",\"seq\":%u,\"ts\":1," FROM_BOB
            ",\"key\":\"k%u\"%s}\n",
            kind, seq, seq, members);
}

/* Comes back after a lost connection; the reply has these members. */
static void come_back(struct harness *harness, const char *rooms,
                      const char *invites)
{
    uint32_t id;

    disconnect(harness, 0);
    pass(harness, 500);
    id = go_to_hello(harness);
    receive(harness,
            "{\"reply\":%u,\"ok\":{" HELLO_OK
            ",\"rooms\":[%s],\"invites\":[%s]}}\n",
            id, rooms, invites);
    expect_event(harness, "state waiting error -5 retry 0");
    expect_event(harness, "state connecting");
    expect_event(harness, "state online as 17 ann");
}

/* ---- entries ---- */

static void test_entries_of_all_kinds(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "message", 6,
          ",\"n\":4,\"text\":\"hi\",\"mentions\":[\"9\",\"17\"]");
    expect_event(harness, "entry lobby 6 bob: hi @9 @17 me");
    entry(harness, "edit", 7, ",\"ref\":6,\"text\":\"ho\"");
    expect_event(harness, "entry lobby 7 bob: ho edit 6");
    entry(harness, "react", 8, ",\"ref\":6,\"emoji\":\"+\",\"on\":true");
    expect_event(harness, "entry lobby 8 bob: - react 6 + on");
    entry(harness, "react", 9, ",\"ref\":6,\"emoji\":\"+\",\"on\":false");
    expect_event(harness, "entry lobby 9 bob: - react 6 + off");
    entry(harness, "delete", 10, ",\"ref\":6");
    expect_event(harness, "entry lobby 10 bob: - delete 6");
    entry(harness, "message", 11, ",\"n\":5,\"deleted\":true");
    expect_event(harness, "entry lobby 11 bob: - deleted");
    entry(harness, "edit", 12, ",\"ref\":6,\"deleted\":true");
    expect_event(harness, "entry lobby 12 bob: - edit 6 deleted");
    entry(harness, "topic", 13, ",\"topic\":\"\"");
    expect_event(harness, "entry lobby 13 bob: - topic \"\"");
    entry(harness, "invite", 14, "," TO_CAT);
    expect_event(harness, "entry lobby 14 bob: - invite 9 cat");
    entry(harness, "kick", 15, "," TO_CAT ",\"reason\":\"loud\"");
    expect_event(harness, "entry lobby 15 bob: - kick 9 cat (loud)");
    entry(harness, "ban", 16, "," TO_CAT ",\"on\":true");
    expect_event(harness, "entry lobby 16 bob: - ban 9 cat on");
    entry(harness, "role", 17, "," TO_CAT ",\"role\":\"moderator\"");
    expect_event(harness, "entry lobby 17 bob: - role 9 cat moderator");
    entry(harness, "join", 18, ",\"with\":{\"id\":\"9\",\"name\":\"cat\"}");
    expect_event(harness, "entry lobby 18 bob: - with 9 cat");
    expect_no_event(harness);
}

static void test_history_says_how_its_messages_were_left(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    go_online(harness, 5);
    request.body.history.room = "lobby";
    request.body.history.direction = CHAT__HISTORY_BEFORE;
    request.body.history.limit = 3;
    submit(harness, &request, 4);
    assert_non_null(harness_next_frame(harness));
    receive(harness,
            "{\"reply\":2,\"ok\":{\"entries\":["
            "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":1,\"n\":1,"
            "\"ts\":1," FROM_BOB ",\"key\":\"a\",\"text\":\"x\"},"
            "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":2,\"n\":2,"
            "\"ts\":1," FROM_BOB ",\"key\":\"b\",\"deleted\":true}],"
            "\"changes\":[{\"ref\":1,\"upto\":8,\"edit\":3,\"text\":\"y\","
            "\"reactions\":[{\"emoji\":\"+\",\"users\":[\"3\",\"17\"]},"
            "{\"emoji\":\"-\",\"users\":[\"9\"]}]},"
            "{\"ref\":2,\"upto\":8,\"deleted\":true}],"
            "\"first\":1,\"head\":8}}");
    expect_event(harness, "history lobby 1 2 [1 upto 8 edit 3: y + 3 17 - 9] "
                          "[2 upto 8 deleted] request 4");
}

/* ---- requests ---- */

static void test_what_is_done_to_messages_keeps_its_place(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_EDIT};

    go_online(harness, 5);
    chat__session_take_changed(harness->session);
    send_text(harness, "lobby", "k1", "x");
    request.body.edit = (struct chat__edit){
        .room = "lobby", .key = "k2", .ref = 5, .text = "y"};
    submit(harness, &request, 0);
    request = (struct chat__request){.action = CHAT__ACTION_TOPIC};
    request.body.topic =
        (struct chat__topic){.room = "lobby", .key = "k3", .topic = "t"};
    submit(harness, &request, 7);
    assert_non_null(harness_next_frame(harness));
    expect_frame(harness, "{\"action\":\"edit\",\"id\":3,\"room\":\"lobby\","
                          "\"key\":\"k2\",\"ref\":5,\"text\":\"y\"}");
    expect_no_frame(harness);
    receive(harness, "{\"reply\":3,\"ok\":{\"seq\":7,\"ts\":1}}");
    expect_event(harness, "sent lobby k2 7");
    assert_true(chat__session_take_changed(harness->session));
    expect_frame(harness, "{\"action\":\"topic\",\"id\":4,\"room\":\"lobby\","
                          "\"key\":\"k3\",\"topic\":\"t\"}");
    receive(harness, "{\"reply\":4,\"error\":{\"code\":\"forbidden\","
                     "\"message\":\"no\"}}");
    expect_event(harness, "failed lobby k3 error -22 request 7");
    assert_false(chat__session_take_changed(harness->session));
}

static void test_moderation_is_answered_by_its_number(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_BAN};

    go_online(harness, 5);
    request.body.ban = (struct chat__moderate){
        .room = "lobby", .key = "k1", .user = 9, .on = true, .reason = "loud"};
    submit(harness, &request, 7);
    expect_frame(harness,
                 "{\"action\":\"ban\",\"id\":2,\"room\":\"lobby\",\"key\":"
                 "\"k1\",\"user\":\"9\",\"on\":true,\"reason\":\"loud\"}");
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":0,\"ts\":0}}");
    expect_event(harness, "sent lobby k1 0 request 7");
}

static void test_what_is_done_to_messages_can_be_taken_back(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_DELETE};

    request.body.delete =
        (struct chat__delete){.room = "lobby", .key = "k1", .ref = 5};
    submit(harness, &request, 0);
    assert_int_equal(chat__session_cancel(harness->session, "k1"), CHAT_OK);
    expect_event(harness, "failed lobby k1 error -10");
}

/* ---- the end of a membership ---- */

static void test_a_kick_of_oneself_ends_the_room(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "kick", 6, "," TO_ANN ",\"reason\":\"loud\"");
    expect_event(harness, "entry lobby 6 bob: - kick 17 ann (loud)");
    expect_event(harness, "removed lobby head 6 read 0 unread 0 by 3 bob");
    /* The notice that follows says nothing new. */
    receive(harness, "{\"event\":\"membership\",\"room\":\"lobby\",\"epoch\":"
                     "\"e1\",\"head\":6,\"state\":\"removed\",\"by\":"
                     "{\"id\":\"3\",\"name\":\"bob\"}}\n");
    entry(harness, "topic", 7, ",\"topic\":\"t\"");
    expect_no_event(harness);
}

static void test_a_ban_of_oneself_ends_the_room(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "ban", 6, "," TO_ANN ",\"on\":false");
    expect_event(harness, "entry lobby 6 bob: - ban 17 ann off");
    entry(harness, "ban", 7, "," TO_ANN ",\"on\":true");
    expect_event(harness, "entry lobby 7 bob: - ban 17 ann on");
    expect_event(harness, "removed lobby head 7 read 0 unread 0 by 3 bob");
    expect_no_event(harness);
}

static void test_a_removal_may_come_before_its_entry(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"membership\",\"room\":\"lobby\",\"epoch\":"
                     "\"e1\",\"head\":6,\"state\":\"removed\",\"by\":"
                     "{\"id\":\"3\",\"name\":\"bob\"}}\n");
    expect_event(harness, "removed lobby head 5 read 0 unread 0 by 3 bob");
    entry(harness, "kick", 6, "," TO_ANN);
    expect_no_event(harness);
}

/* Whoever has come in again since does not go by old news. */
static void test_an_old_removal_does_not_end_a_new_membership(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"membership\",\"room\":\"lobby\",\"epoch\":"
                     "\"e1\",\"head\":5,\"state\":\"removed\",\"by\":"
                     "{\"id\":\"3\",\"name\":\"bob\"}}\n");
    expect_no_event(harness);
    entry(harness, "topic", 6, ",\"topic\":\"t\"");
    expect_event(harness, "entry lobby 6 bob: - topic \"t\"");
}

/* ---- invitations ---- */

#define INVITE(room)                                                           \
    "{\"room\":\"" room "\",\"by\":{\"id\":\"3\",\"name\":\"bob\"}}"
#define MEMBERSHIP(room, state)                                                \
    "{\"event\":\"membership\",\"room\":\"" room "\",\"epoch\":\"x1\","        \
    "\"head\":4,\"state\":\"" state "\",\"by\":{\"id\":\"3\",\"name\":"        \
    "\"bob\"}}\n"

static void test_invitations_are_told_once(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, MEMBERSHIP("den", "invited"));
    receive(harness, MEMBERSHIP("den", "invited"));
    expect_event(harness, "invited den head 0 read 0 unread 0 by 3 bob");
    expect_no_event(harness);
    come_back(harness, LOBBY, INVITE("cave") "," INVITE("den"));
    expect_event(harness, "invited cave head 0 read 0 unread 0 by 3 bob");
    expect_no_event(harness);
    come_back(harness, LOBBY, INVITE("cave"));
    expect_event(harness, "left den head 0 read 0 unread 0");
    expect_no_event(harness);
}

static void test_an_invitation_to_ones_own_room_is_old_news(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, MEMBERSHIP("lobby", "invited"));
    expect_no_event(harness);
}

static void test_an_invitation_ends(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, MEMBERSHIP("a", "invited") MEMBERSHIP("b", "invited")
                         MEMBERSHIP("c", "invited") MEMBERSHIP("d", "invited"));
    forget_events(harness);
    receive(harness, MEMBERSHIP("a", "removed"));
    expect_event(harness, "removed a head 0 read 0 unread 0 by 3 bob");
    receive(harness, MEMBERSHIP("b", "left"));
    expect_event(harness, "left b head 0 read 0 unread 0 by 3 bob");
    receive(harness, MEMBERSHIP("c", "joined"));
    expect_event(harness, "joined c head 4 read 0 unread 0");
    leave_room(harness, "d", "k1", 8);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":0,\"ts\":0}}");
    expect_event(harness, "left d head 0 read 0 unread 0 request 8");
    receive(harness, MEMBERSHIP("d", "left") MEMBERSHIP("a", "removed"));
    expect_no_event(harness);
}

/* The list of hello ends somewhere; what is behind it may still be open. */
static void test_a_full_list_of_invitations_ends_none_behind_it(void **state)
{
    struct harness *harness = *state;
    char list[CHAT__INVITES_MAX * 64] = "";

    go_online(harness, 5);
    receive(harness, MEMBERSHIP("a", "invited") MEMBERSHIP("z", "invited"));
    forget_events(harness);
    for (int i = 0; i < CHAT__INVITES_MAX; i++) {
        size_t used = strlen(list);

        snprintf(list + used, sizeof(list) - used,
                 "%s{\"room\":\"m%02d\",\"by\":{\"id\":\"3\",\"name\":\"b\"}}",
                 i > 0 ? "," : "", i);
    }
    come_back(harness, LOBBY, list);
    for (int i = 0; i < CHAT__INVITES_MAX; i++)
        expect_event(harness, "invited m%02d head 0 read 0 unread 0 by 3 b", i);
    expect_event(harness, "left a head 0 read 0 unread 0");
    expect_no_event(harness);
}

/* Names as long as may be fill the list's bytes before its count is reached. */
static void test_a_list_of_long_invitations_ends_none_behind_it(void **state)
{
    struct harness *harness = *state;
    char list[CHAT__INVITES_BYTES_MAX] = "";
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    int count = 0;

    memset(name, 0, sizeof(name));
    for (size_t i = 0; i < CHAT__USER_NAME_GRAPHEMES_MAX; i++)
        memcpy(name + 4 * i, "\xF0\x9F\x98\x80", 4);
    go_online(harness, 5);
    receive(harness, MEMBERSHIP("a", "invited") MEMBERSHIP("z", "invited"));
    forget_events(harness);
    while (strlen(list) + 300 < sizeof(list)) {
        size_t used = strlen(list);

        snprintf(room, sizeof(room), "m%063d", count);
        snprintf(list + used, sizeof(list) - used,
                 "%s{\"room\":\"%s\",\"by\":{\"id\":\"3\",\"name\":\"%s\"}}",
                 count > 0 ? "," : "", room, name);
        count++;
    }
    assert_in_range(count, 2, CHAT__INVITES_MAX - 1);
    come_back(harness, LOBBY, list);
    for (int i = 0; i < count; i++)
        expect_event(harness, "invited m%063d head 0 read 0 unread 0 by 3 %s",
                     i, name);
    expect_event(harness, "left a head 0 read 0 unread 0");
    expect_no_event(harness);
}

/* ---- direct rooms ---- */

#define DM_OK(room)                                                            \
    "{\"reply\":2,\"ok\":{\"room\":\"" room "\",\"epoch\":\"d1\","             \
    "\"members\":2,\"role\":\"member\",\"recovered\":false,\"entries\":["      \
    "{\"event\":\"join\",\"room\":\"" room "\",\"seq\":1,\"ts\":1,\"from\":"   \
    "{\"id\":\"17\",\"name\":\"ann\"},\"key\":\"k1\",\"with\":{\"id\":\"3\","  \
    "\"name\":\"bob\"}}],\"changes\":[],\"first\":1,\"head\":1}}\n"

static void open_dm(struct harness *harness)
{
    struct chat__request request = {.action = CHAT__ACTION_DM};

    go_online(harness, 5);
    request.body.dm = (struct chat__dm){.user = 3, .key = "k1", .limit = 10};
    submit(harness, &request, 7);
    expect_frame(harness, "{\"action\":\"dm\",\"id\":2,\"user\":\"3\",\"key\":"
                          "\"k1\",\"limit\":10}");
}

static void test_a_direct_room_is_opened(void **state)
{
    struct harness *harness = *state;

    open_dm(harness);
    /* What overtakes the reply is held until it comes. */
    receive(harness, "{\"event\":\"message\",\"room\":\"dm.3.17\",\"seq\":2,"
                     "\"n\":1,\"ts\":1," FROM_BOB ",\"key\":\"k\","
                     "\"text\":\"hi\"}\n");
    expect_no_event(harness);
    receive(harness, DM_OK("dm.3.17"));
    expect_event(harness, "joined dm.3.17 head 1 read 0 unread 0 as member "
                          "request 7");
    expect_event(harness, "history dm.3.17 1 request 7");
    expect_event(harness, "entry dm.3.17 2 bob: hi");
    expect_no_event(harness);
}

static void test_a_direct_room_that_is_refused(void **state)
{
    struct harness *harness = *state;

    open_dm(harness);
    receive(harness, "{\"event\":\"message\",\"room\":\"dm.3.17\",\"seq\":5,"
                     "\"n\":1,\"ts\":1," FROM_BOB ",\"key\":\"k\","
                     "\"text\":\"hi\"}\n");
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"not_found\","
                     "\"message\":\"nobody\"}}\n");
    expect_event(harness, "failed - - error -23 request 7");
    receive(harness, MEMBERSHIP("dm.3.17", "joined"));
    expect_event(harness, "joined dm.3.17 head 4 read 0 unread 0");
    expect_no_event(harness);
}

static void test_an_answer_about_another_room_is_not_used(void **state)
{
    struct harness *harness = *state;

    open_dm(harness);
    receive(harness, DM_OK("dm.4.17"));
    expect_event(harness, "state waiting error -8 retry 0");
}

/* ---- members and presence ---- */

static void test_members_are_listed(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_MEMBERS};

    go_online(harness, 5);
    request.body.members = (struct chat__members_request){
        .room = "lobby", .after = 2, .list = CHAT__MEMBER_LIST_MEMBERS};
    submit(harness, &request, 7);
    expect_frame(harness, "{\"action\":\"members\",\"id\":2,\"room\":\"lobby\","
                          "\"after\":\"2\"}");
    receive(harness, "{\"reply\":2,\"ok\":{\"members\":[{\"id\":\"3\",\"name\":"
                     "\"bob\",\"role\":\"owner\",\"presence\":\"away\"},"
                     "{\"id\":\"17\",\"name\":\"ann\",\"role\":\"member\"}],"
                     "\"more\":true}}\n");
    expect_event(harness, "members lobby 3 bob owner away, 17 ann member "
                          "offline, and more request 7");
    request.body.members = (struct chat__members_request){
        .room = "lobby", .list = CHAT__MEMBER_LIST_BANNED};
    submit(harness, &request, 8);
    expect_frame(harness, "{\"action\":\"members\",\"id\":3,\"room\":\"lobby\","
                          "\"list\":\"banned\"}");
    receive(harness, "{\"reply\":3,\"ok\":{\"members\":[]}}\n");
    expect_event(harness, "banned lobby request 8");
}

static void test_the_presence_of_others_is_told(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness,
            "{\"event\":\"presence\",\"room\":\"lobby\",\"users\":["
            "{\"id\":\"3\",\"presence\":\"dnd\"},"
            "{\"id\":\"9\",\"presence\":\"offline\"}]}\n"
            "{\"event\":\"presence\",\"room\":\"else\",\"users\":[]}\n");
    expect_event(harness, "presence lobby 3 dnd 9 offline");
    expect_no_event(harness);
}

#define PRESENCE(id, state)                                                    \
    "{\"action\":\"presence\",\"id\":" id ",\"state\":\"" state "\"}"

static void test_ones_own_presence_is_told_again(void **state)
{
    struct harness *harness = *state;

    chat__session_set_presence(harness->session, CHAT__PRESENCE_DND);
    chat__session_set_presence(harness->session, CHAT__PRESENCE_AWAY);
    go_online(harness, 5);
    expect_frame(harness, PRESENCE("2", "away"));
    expect_no_frame(harness);
    receive(harness, "{\"reply\":2,\"ok\":{}}");
    come_back(harness, LOBBY, "");
    expect_frame(harness, PRESENCE("4", "away"));
    expect_no_frame(harness);
    expect_no_event(harness);
}

static void test_mentions_count_with_the_marker(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"read\",\"room\":\"lobby\",\"read\":4,"
                     "\"unread\":3,\"mentions\":2}\n");
    expect_event(harness, "read lobby head 5 read 4 unread 3 mentions 2");
}

#define MEMBERS_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMBERS_TEST(test_entries_of_all_kinds),
        MEMBERS_TEST(test_history_says_how_its_messages_were_left),
        MEMBERS_TEST(test_what_is_done_to_messages_keeps_its_place),
        MEMBERS_TEST(test_moderation_is_answered_by_its_number),
        MEMBERS_TEST(test_what_is_done_to_messages_can_be_taken_back),
        MEMBERS_TEST(test_a_kick_of_oneself_ends_the_room),
        MEMBERS_TEST(test_a_ban_of_oneself_ends_the_room),
        MEMBERS_TEST(test_a_removal_may_come_before_its_entry),
        MEMBERS_TEST(test_an_old_removal_does_not_end_a_new_membership),
        MEMBERS_TEST(test_invitations_are_told_once),
        MEMBERS_TEST(test_an_invitation_to_ones_own_room_is_old_news),
        MEMBERS_TEST(test_an_invitation_ends),
        MEMBERS_TEST(test_a_full_list_of_invitations_ends_none_behind_it),
        MEMBERS_TEST(test_a_list_of_long_invitations_ends_none_behind_it),
        MEMBERS_TEST(test_a_direct_room_is_opened),
        MEMBERS_TEST(test_a_direct_room_that_is_refused),
        MEMBERS_TEST(test_an_answer_about_another_room_is_not_used),
        MEMBERS_TEST(test_members_are_listed),
        MEMBERS_TEST(test_the_presence_of_others_is_told),
        MEMBERS_TEST(test_ones_own_presence_is_told_again),
        MEMBERS_TEST(test_mentions_count_with_the_marker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
