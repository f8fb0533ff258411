/* People, invitations, presence and accounts, without a terminal. */
#include "app_scene.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A page of members; ann is 1, the others follow. */
static void tell_members(struct chat__app *app, const char *room,
                         const chat_member *members, size_t count, int more)
{
    chat_event event = {.type = CHAT_EVENT_MEMBERS,
                        .room = room,
                        .request = FAKE_MEMBERS_REQUEST};
    const chat_member *pointers[8];
    size_t i;

    for (i = 0; i < count; i++) {
        pointers[i] = &members[i];
    }
    event.u.members.members = pointers;
    event.u.members.count = count;
    event.u.members.more = more;
    chat__app_event(NULL, &event, app);
}

static void know_members(struct chat__app *app)
{
    const chat_member members[] = {
        {"1", "ann", CHAT_ROLE_OWNER, CHAT_PRESENCE_ONLINE},
        {"7", "bob", CHAT_ROLE_MEMBER, CHAT_PRESENCE_AWAY},
        {"8", "eve", CHAT_ROLE_MEMBER, CHAT_PRESENCE_OFFLINE},
        {"9", "eve", CHAT_ROLE_MODERATOR, CHAT_PRESENCE_DND},
    };

    tell_online(app);
    chat__app_ask_members(app, focused(app));
    tell_members(app, "lobby", members, 4, 0);
    fake_calls();
}

static void test_members_are_asked_for_by_pages(void **state)
{
    struct chat__app *app = *state;
    const chat_member first = {"1", "ann", CHAT_ROLE_OWNER,
                               CHAT_PRESENCE_ONLINE};
    const chat_member second = {"7", "bob", CHAT_ROLE_MEMBER,
                                CHAT_PRESENCE_AWAY};

    tell_online(app);
    chat__app_ask_members(app, focused(app));
    chat__app_ask_members(app, focused(app));
    assert_string_equal(fake_calls(), "members lobby 0 -");
    tell_members(app, "lobby", &first, 1, 1);
    assert_string_equal(fake_calls(), "members lobby 0 1");
    tell_members(app, "lobby", &second, 1, 0);
    assert_string_equal(fake_calls(), "");
    assert_int_equal(focused(app)->people.members, 2);
    assert_int_equal(focused(app)->members, 2);
    chat__app_ask_members(app, focused(app));
    assert_string_equal(fake_calls(), "");
    tell_online(app); /* a new connection: they are told anew */
    chat__app_ask_members(app, focused(app));
    assert_string_equal(fake_calls(), "members lobby 0 -");
}

/* A server that tells the same page again, with more behind it, is left. */
static void test_pages_of_members_come_to_an_end(void **state)
{
    struct chat__app *app = *state;
    const chat_member page = {"7", "bob", CHAT_ROLE_MEMBER, CHAT_PRESENCE_AWAY};

    tell_online(app);
    chat__app_ask_members(app, focused(app));
    tell_members(app, "lobby", &page, 1, 1);
    assert_string_equal(fake_calls(), "members lobby 0 -; members lobby 0 7");
    tell_members(app, "lobby", &page, 1, 1);
    assert_string_equal(fake_calls(), "");
    assert_true(focused(app)->members_told);
}

static void test_entries_change_who_is_there(void **state)
{
    struct chat__app *app = *state;
    chat_entry kick = other_entry(CHAT_ENTRY_KICK, 1);
    chat_entry role = other_entry(CHAT_ENTRY_ROLE, 2);
    chat_entry join = other_entry(CHAT_ENTRY_JOIN, 3);

    know_members(app);
    kick.user = (chat_person){"8", "eve"};
    tell(app, "lobby", kick);
    assert_int_equal(focused(app)->members, 3);
    role.user = (chat_person){"7", "bob"};
    role.role = CHAT_ROLE_OWNER;
    tell(app, "lobby", role);
    assert_int_equal(chat__people_find(&focused(app)->people, "7")->rank,
                     CHAT__RANK_OWNER);
    join.user_id = "30";
    join.user_name = "new";
    tell(app, "lobby", join);
    assert_int_equal(focused(app)->members, 4);
    assert_int_equal(chat__people_find(&focused(app)->people, "30")->presence,
                     CHAT__PRESENCE_ONLINE);
}

static void test_moderators_name_people(void **state)
{
    struct chat__app *app = *state;

    know_members(app);
    say(app, "/kick bob too loud");
    say(app, "/kick @bob");
    say(app, "/ban eve#9 spam");
    say(app, "/unban #44");
    say(app, "/invite #44");
    say(app, "/role bob moderator");
    say(app, "/topic what we do");
    say(app, "/topic -");
    say(app, "/dm bob");
    assert_string_equal(
        fake_calls(),
        "kick lobby 7 too loud; kick lobby 7 -; ban lobby 9 spam; "
        "unban lobby 44 -; invite lobby 44; role lobby 7 2; "
        "topic lobby what we do; topic lobby ; dm 7");
}

static void test_who_is_meant_must_be_clear(void **state)
{
    struct chat__app *app = *state;

    know_members(app);
    say(app, "/kick eve");
    assert_string_equal(notice(app), "say which one: eve#9, eve#8");
    assert_string_equal(line(app), "/kick eve");
    say(app, "/kick nobody");
    assert_string_equal(notice(app), "nobody is known by this name: nobody");
    say(app, "/role bob king");
    assert_string_equal(notice(app), "a role is: member, moderator or owner");
    say(app, "/members everybody");
    assert_string_equal(notice(app), "a list is: invited or banned");
    assert_string_equal(fake_calls(), "");
}

static void test_tab_completes_people_and_emoji(void **state)
{
    static const struct {
        const char *typed;
        const char *completed;
    } cases[] = {
        {"/kick b", "/kick bob "},
        {"/kick e", "/kick eve#9 "},
        {"hi @b", "hi @bob "},
        {"hi :tad", "hi 🎉 "},
        {"/role bob mo", "/role bob moderator "},
        {"/react :tad", "/react 🎉 "},
        {"/help ki", "/help kick "},
        {"/sw", "/switch "},
    };
    struct chat__app *app = *state;
    size_t i;

    know_members(app);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chat__input_edit(chat__app_input(app), CHAT__EDIT_CLEAR);
        chat__input_insert(chat__app_input(app), cases[i].typed,
                           strlen(cases[i].typed));
        chat__app_complete(app);
        assert_string_equal(line(app), cases[i].completed);
    }
}

static void test_names_in_a_text_are_mentions(void **state)
{
    struct chat__app *app = *state;

    know_members(app);
    say(app, "@bob and @eve#8: look");
    assert_string_equal(fake_calls(), "send lobby @bob and @eve#8: look @7 @8");
}

static void test_a_mention_rings_and_counts(void **state)
{
    struct chat__app *app = *state;
    struct chat__room *dev;
    chat_entry entry = entry_of(1, "@ann", NULL);

    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    dev = chat__room_list_find(&app->rooms, "dev");
    entry.mentions_me = 1;
    tell(app, "dev", entry);
    tell_entry(app, "dev", 2, "x", NULL);
    assert_int_equal(dev->mentions, 1);
    assert_int_equal(dev->unread, 2);
    assert_true(app->rings);
    app->rings = false;
    tell_entry(app, "dev", 3, "x", NULL);
    assert_false(app->rings);
    say(app, "/dnd");
    entry.seq = 4;
    tell(app, "dev", entry);
    assert_int_equal(dev->mentions, 2);
    assert_false(app->rings);
}

/* Rooms with mentions come before those that are only unread. */
static void test_next_goes_to_mentions_first(void **state)
{
    struct chat__app *app = *state;
    chat_entry entry = entry_of(1, "@ann", NULL);

    tell_room(app, "alpha", CHAT_ROOM_JOINED, 0, 0);
    tell_room(app, "zeta", CHAT_ROOM_JOINED, 0, 0);
    tell_room(app, "mike", CHAT_ROOM_JOINED, 0, 0);
    tell_entry(app, "zeta", 1, "x", NULL);
    entry.mentions_me = 1;
    tell(app, "alpha", entry);
    say(app, "/next");
    assert_string_equal(focused(app)->name, "alpha");
}

static void test_a_conversation_is_called_as_the_other_one(void **state)
{
    struct chat__app *app = *state;
    chat_entry meet = other_entry(CHAT_ENTRY_JOIN, 1);

    tell_online(app);
    fake_calls();
    tell_room(app, "dm.1.7", CHAT_ROOM_JOINED, 0, 0);
    assert_string_equal(fake_calls(), "members dm.1.7 0 -");
    meet.with = (chat_person){"1", "ann"};
    tell(app, "dm.1.7", meet);
    assert_string_equal(chat__safe_string(&app->rooms.rooms[1]->title), "@bob");
    say(app, "/switch bo");
    assert_string_equal(focused(app)->name, "dm.1.7");
    assert_string_equal(log_text(&focused(app)->log),
                        "bob began to talk with ann");
}

static void test_invitations_are_answered(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = "den"};

    say(app, "/accept");
    assert_string_equal(notice(app), "nobody invited you");
    event.u.room.change = CHAT_ROOM_INVITED;
    event.u.room.by = (chat_person){"7", "bob"};
    chat__app_event(NULL, &event, app);
    assert_string_equal(notice(app),
                        "bob invites you to #den: /accept or /decline");
    say(app, "/accept #den");
    say(app, "/decline");
    assert_string_equal(fake_calls(), "join den only; leave den");
    event.u.room.change = CHAT_ROOM_REMOVED;
    chat__app_event(NULL, &event, app);
    assert_int_equal(app->invites.count, 0);
    assert_string_equal(notice(app), "the invitation was taken back: den");
}

static void test_who_is_removed_is_told(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = "lobby"};

    event.u.room.change = CHAT_ROOM_REMOVED;
    event.u.room.by = (chat_person){"7", "bob"};
    chat__app_event(NULL, &event, app);
    assert_null(focused(app));
    assert_string_equal(notice(app), "bob removed you from #lobby");
}

static void test_the_topic_follows_the_log(void **state)
{
    struct chat__app *app = *state;
    chat_entry topic = other_entry(CHAT_ENTRY_TOPIC, 1);

    topic.topic = "a \x1b[31mtopic";
    tell(app, "lobby", topic);
    assert_string_equal(chat__safe_string(&focused(app)->topic),
                        "a ␛[31mtopic");
    assert_string_equal(log_text(&focused(app)->log),
                        "bob set the topic: a ␛[31mtopic");
}

/* ---- presence ---- */

static void test_presence_is_told(void **state)
{
    struct chat__app *app = *state;

    say(app, "/away");
    say(app, "/dnd");
    say(app, "/back");
    assert_string_equal(fake_calls(), "presence 2; presence 3; presence 1");
}

static void test_who_is_idle_is_away_until_a_key(void **state)
{
    static const struct chat__options options = {
        .url = "ws://x/ws", .room = "lobby", .away_after = 2};
    struct chat__app *app = *state;

    assert_int_equal(chat__app_time_to_away(app, 0), -1);
    app->options = &options;
    chat__app_wake(app, 1000);
    assert_int_equal(chat__app_time_to_away(app, 61000), 60000);
    chat__app_fall_asleep(app);
    assert_int_equal(chat__app_time_to_away(app, 999000), -1);
    chat__app_wake(app, 200000);
    assert_string_equal(fake_calls(), "presence 2; presence 1");
    say(app, "/away"); /* by hand: a key does not end it */
    chat__app_wake(app, 300000);
    assert_string_equal(fake_calls(), "presence 2");
}

/* ---- accounts ---- */

static void type_secret(struct chat__app *app, const char *text)
{
    press(app, CHAT__KEY_TEXT, text);
    press(app, CHAT__KEY_ACCEPT, "");
}

static void test_a_password_is_typed_unseen(void **state)
{
    struct chat__app *app = *state;

    say(app, "/password");
    type_secret(app, "old secret");
    type_secret(app, "short");
    assert_string_equal(notice(app), "a password has at least 8 bytes");
    type_secret(app, "new secret");
    type_secret(app, "other secret");
    assert_string_equal(notice(app), "that was not the same twice");
    type_secret(app, "new secret");
    type_secret(app, "new secret");
    assert_string_equal(fake_calls(), "password old secret new secret");
    assert_int_equal(app->secret.purpose, CHAT__SECRET_NONE);
    assert_string_equal(line(app), "");
    chat__input_edit(chat__app_input(app), CHAT__EDIT_UP);
    assert_string_equal(line(app), "/password");
    assert_string_equal(app->secret.typed[0], "");
}

static void test_a_password_can_be_left(void **state)
{
    struct chat__app *app = *state;

    say(app, "/login ann");
    press(app, CHAT__KEY_TEXT, "secret");
    press(app, CHAT__KEY_ESCAPE, "");
    assert_string_equal(fake_calls(), "");
    assert_int_equal(app->secret.purpose, CHAT__SECRET_NONE);
    press(app, CHAT__KEY_TEXT, "x");
    assert_string_equal(line(app), "x");
}

static int remove_entry(const char *path, const struct stat *status, int kind,
                        struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void test_a_refused_sign_in_changes_nobody(void **state)
{
    struct chat__app *app = *state;
    char folder[] = "/tmp/chat-XXXXXX";
    const char *calls;

    assert_non_null(mkdtemp(folder));
    setenv("XDG_STATE_HOME", folder, 1);
    snprintf(app->who.name, sizeof(app->who.name), "guest");
    say(app, "/login ann");
    type_secret(app, "my secret");
    calls = fake_calls();
    assert_non_null(strstr(calls, "new ws://x/ws; login ann my secret; "));
    assert_non_null(strstr(calls, "connect; join lobby"));
    assert_string_equal(app->who.password, "");
    tell_closed(app, "wrong name or password");
    assert_string_equal(notice(app), "not signed in: wrong name or password");
    chat__app_settle(app);
    assert_non_null(strstr(fake_calls(), "guest guest; "));
    assert_string_equal(notice(app), "not signed in: wrong name or password");
    say(app, "/register ann");
    type_secret(app, "my secret");
    type_secret(app, "my secret");
    assert_non_null(strstr(fake_calls(), "register ann my secret; "));
    tell_online(app);
    chat__app_settle(app);
    assert_string_equal(app->who.name, "ann");
    assert_string_equal(fake_calls(), "");
    chat__state_release(&app->state);
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* The one that is come back to is the last that a server accepted. */
static void test_a_second_sign_in_before_the_first_is_answered(void **state)
{
    struct chat__app *app = *state;
    char folder[] = "/tmp/chat-XXXXXX";

    assert_non_null(mkdtemp(folder));
    setenv("XDG_STATE_HOME", folder, 1);
    snprintf(app->who.name, sizeof(app->who.name), "guest");
    say(app, "/login ann");
    type_secret(app, "my secret");
    say(app, "/login bob");
    type_secret(app, "a wrong one");
    fake_calls();
    tell_closed(app, "wrong name or password");
    chat__app_settle(app);
    assert_non_null(strstr(fake_calls(), "guest guest; "));
    assert_string_equal(app->who.name, "guest");
    assert_false(app->quit);
    chat__app_close(app);
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void test_logging_out(void **state)
{
    struct chat__app *app = *state;

    say(app, "/logout");
    say(app, "/logout all");
    assert_string_equal(fake_calls(), "logout; logout all");
    say(app, "/logout please");
    assert_string_equal(notice(app), "usage: /logout [all]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_members_are_asked_for_by_pages),
        TEST(test_pages_of_members_come_to_an_end),
        TEST(test_entries_change_who_is_there),
        TEST(test_moderators_name_people),
        TEST(test_who_is_meant_must_be_clear),
        TEST(test_tab_completes_people_and_emoji),
        TEST(test_names_in_a_text_are_mentions),
        TEST(test_a_mention_rings_and_counts),
        TEST(test_next_goes_to_mentions_first),
        TEST(test_a_conversation_is_called_as_the_other_one),
        TEST(test_invitations_are_answered),
        TEST(test_who_is_removed_is_told),
        TEST(test_the_topic_follows_the_log),
        TEST(test_presence_is_told),
        TEST(test_who_is_idle_is_away_until_a_key),
        TEST(test_a_password_is_typed_unseen),
        TEST(test_a_password_can_be_left),
        TEST(test_a_refused_sign_in_changes_nobody),
        TEST(test_a_second_sign_in_before_the_first_is_answered),
        TEST(test_logging_out),
    };

    return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
