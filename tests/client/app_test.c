/* Events of the SDK and lines of the user against the model, no terminal. */
#include "app_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_a_message_shows_at_once_and_once(void **state)
{
    struct chat__app *app = *state;
    char key[CHAT_KEY_SIZE];

    say(app, "hello");
    assert_string_equal(fake_calls(), "send lobby hello");
    assert_string_equal(log_text(&focused(app)->log), "hello");
    assert_int_equal(focused(app)->input.length, 0);
    snprintf(key, sizeof(key), "%s",
             chat__room_log_item(&focused(app)->log, 0)->key);
    tell_entry(app, "lobby", 1, "hello", key);
    assert_string_equal(log_text(&focused(app)->log), "hello");
    assert_int_equal(focused(app)->log.pending.count, 0);
}

static void test_what_is_not_taken_stays_in_the_line(void **state)
{
    struct chat__app *app = *state;

    fake_result = CHAT_ERROR_FULL;
    say(app, "hello");
    assert_string_equal(chat__input_text(chat__app_input(app)), "hello");
    assert_string_equal(notice(app), "not sent: full");
    assert_string_equal(log_text(&focused(app)->log), "");
}

static void test_a_refused_message_is_sent_again(void **state)
{
    struct chat__app *app = *state;
    char key[CHAT_KEY_SIZE];

    say(app, "hello");
    snprintf(key, sizeof(key), "%s",
             chat__room_log_item(&focused(app)->log, 0)->key);
    tell_failed(app, "lobby", key, CHAT_ERROR_FORBIDDEN);
    assert_string_equal(
        chat__safe_string(&chat__room_log_item(&focused(app)->log, 0)->note),
        "not sent: ␛[2Jbecause");
    fake_calls();
    say(app, "/retry");
    assert_string_equal(fake_calls(), "send lobby hello");
    assert_string_equal(log_text(&focused(app)->log), "hello");
    assert_null(chat__room_log_pending(&focused(app)->log, CHAT__ITEM_FAILED));
}

static void test_cancel_takes_back_the_newest(void **state)
{
    struct chat__app *app = *state;
    char key[CHAT_KEY_SIZE];

    say(app, "one");
    say(app, "two");
    snprintf(key, sizeof(key), "%s",
             chat__room_log_item(&focused(app)->log, 1)->key);
    fake_calls();
    say(app, "/cancel");
    assert_string_equal(fake_calls(), "cancel");
    tell_failed(app, "lobby", key, CHAT_ERROR_CANCELLED);
    assert_string_equal(log_text(&focused(app)->log), "one");
}

/* Acknowledged, and its entry is behind what will still come. */
static void test_an_acknowledged_message_does_not_wait_for_ever(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_SENT, .room = "lobby"};

    tell_entry(app, "lobby", 1, "a", NULL);
    tell_entry(app, "lobby", 2, "b", NULL);
    say(app, "mine");
    event.u.sent.key = chat__room_log_item(&focused(app)->log, 2)->key;
    event.u.sent.seq = 3;
    chat__app_event(NULL, &event, app);
    assert_string_equal(log_text(&focused(app)->log), "a b mine");
    event.u.sent.seq = 2;
    chat__app_event(NULL, &event, app);
    assert_string_equal(log_text(&focused(app)->log), "a b");
}

static void test_unread_counts_what_others_say(void **state)
{
    struct chat__app *app = *state;
    struct chat__room *dev;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    dev = chat__room_list_find(&app->rooms, "dev");
    assert_string_equal(focused(app)->name, "lobby");
    tell_entry(app, "dev", 1, "x", NULL);
    tell_entry(app, "dev", 1, "x", NULL);
    tell_entry(app, "dev", 2, "mine", "elsewhere");
    assert_int_equal(dev->unread, 1);
    assert_int_equal(chat__room_list_unread(&app->rooms), 1);
    say(app, "/next");
    assert_ptr_equal(focused(app), dev);
}

/* The server counts own messages too, until the marker is behind them. */
static void test_own_messages_are_read(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = "dev"};
    struct chat__room *dev;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    dev = chat__room_list_find(&app->rooms, "dev");
    tell_entry(app, "dev", 1, "mine", "elsewhere");
    assert_int_equal(dev->log.read, 1);
    event.u.room.change = CHAT_ROOM_READ;
    event.u.room.unread = 1;
    chat__app_event(NULL, &event, app);
    assert_int_equal(dev->unread, 0);
    tell_entry(app, "dev", 2, "x", NULL);
    tell_entry(app, "dev", 3, "mine", "elsewhere");
    assert_int_equal(dev->log.read, 1);
    assert_int_equal(dev->unread, 1);
}

static void test_a_room_is_loaded_when_it_is_shown(void **state)
{
    struct chat__app *app = *state;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 500, 0);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "");
    say(app, "/switch d");
    chat__app_load(app);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history dev 0");
    tell_page(app, "dev", 401, 500);
    chat__view_resize(&focused(app)->view, 40, 10);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "");
    chat__view_top(&focused(app)->view, &focused(app)->log);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history dev 401");
}

static void test_refused_history_is_not_asked_again(void **state)
{
    struct chat__app *app = *state;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 500, 0);
    say(app, "/switch dev");
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history dev 0");
    tell_failed(app, "dev", NULL, CHAT_ERROR_FORBIDDEN);
    assert_string_equal(notice(app), "dev: ␛[2Jbecause");
    chat__app_load(app);
    assert_string_equal(fake_calls(), "");
}

static void test_a_reset_loads_anew(void **state)
{
    struct chat__app *app = *state;

    tell_entry(app, "lobby", 1, "a", NULL);
    tell_room(app, "lobby", CHAT_ROOM_RESET, 50, 0);
    assert_string_equal(log_text(&focused(app)->log), "");
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history lobby 0");
}

static void test_a_reset_brings_what_is_unread(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = "lobby"};

    focused(app)->log.read = 90;
    event.u.room = (chat_room_event){.change = CHAT_ROOM_RESET,
                                     .head = 50,
                                     .read = 47,
                                     .unread = 3,
                                     .mentions = 1};
    chat__app_event(NULL, &event, app);
    assert_int_equal(focused(app)->log.read, 47);
    assert_int_equal(focused(app)->unread, 3);
    assert_int_equal(focused(app)->mentions, 1);
}

static void test_a_marker_that_is_behind_changes_nothing(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = "lobby"};

    focused(app)->log.read = 7; /* seen here */
    event.u.room.change = CHAT_ROOM_READ;
    event.u.room.read = 5;
    event.u.room.unread = 2;
    chat__app_event(NULL, &event, app);
    assert_int_equal(focused(app)->log.read, 7);
    assert_int_equal(focused(app)->unread, 0);
    event.u.room.read = 9; /* read elsewhere */
    event.u.room.unread = 1;
    chat__app_event(NULL, &event, app);
    assert_int_equal(focused(app)->log.read, 9);
    assert_int_equal(focused(app)->unread, 1);
}

static void test_joining_and_leaving(void **state)
{
    struct chat__app *app = *state;

    say(app, "/join #dev");
    assert_string_equal(fake_calls(), "join dev");
    tell_room(app, "dev", CHAT_ROOM_JOINED, 3, 9);
    assert_string_equal(focused(app)->name, "dev");
    say(app, "/join lobby");
    assert_string_equal(fake_calls(), "");
    assert_string_equal(focused(app)->name, "lobby");
    say(app, "/leave dev");
    assert_string_equal(fake_calls(), "leave dev");
    tell_room(app, "dev", CHAT_ROOM_LEFT, 0, 0);
    tell_room(app, "lobby", CHAT_ROOM_LEFT, 0, 0);
    assert_null(focused(app));
    say(app, "hello?");
    assert_string_equal(notice(app),
                        "you are in no room: /join ROOM enters one");
    say(app, "/join lobby");
    assert_string_equal(fake_calls(), "join lobby");
}

/* The answer comes late: the line that was begun stays where it was begun. */
static void test_a_join_takes_no_line_along(void **state)
{
    struct chat__app *app = *state;

    say(app, "/join dev");
    press(app, CHAT__KEY_TEXT, "for the ");
    tell_room(app, "dev", CHAT_ROOM_JOINED, 3, 9);
    assert_string_equal(notice(app), "you are in: dev");
    press(app, CHAT__KEY_TEXT, "lobby");
    fake_calls();
    press(app, CHAT__KEY_ACCEPT, "");
    assert_string_equal(fake_calls(), "send lobby for the lobby");
    say(app, "/join dev");
    assert_string_equal(focused(app)->name, "dev");
}

/* After a restart the server names the rooms before the first is joined. */
static void test_the_room_of_the_command_line_is_the_first_shown(void **state)
{
    static struct chat__app app;
    void *again = &app;

    (void)state;
    memset(&app, 0, sizeof(app));
    app.options = &scene_options;
    tell_room(&app, "alpha", CHAT_ROOM_JOINED, 100, 0);
    chat__app_load(&app);
    assert_string_equal(fake_calls(), "");
    tell_room(&app, "lobby", CHAT_ROOM_JOINED, 100, 0);
    assert_string_equal(focused(&app)->name, "lobby");
    tell_room(&app, "zeta", CHAT_ROOM_JOINED, 100, 0);
    assert_string_equal(focused(&app)->name, "lobby");
    tear_down(&again);
}

/* Nothing typed is lost because the first room comes meanwhile. */
static void test_a_line_goes_on_in_the_first_room(void **state)
{
    static struct chat__app app;
    void *again = &app;

    (void)state;
    memset(&app, 0, sizeof(app));
    app.options = &scene_options;
    press(&app, CHAT__KEY_TEXT, "/qu");
    tell_room(&app, "lobby", CHAT_ROOM_JOINED, 0, 1);
    press(&app, CHAT__KEY_TEXT, "it");
    assert_string_equal(chat__input_text(chat__app_input(&app)), "/quit");
    tear_down(&again);
}

/* ... nor goes to a room that merely was there before. */
static void test_a_line_waits_for_the_first_room(void **state)
{
    static struct chat__app app;
    void *again = &app;

    (void)state;
    memset(&app, 0, sizeof(app));
    app.options = &scene_options;
    press(&app, CHAT__KEY_TEXT, "hel");
    tell_room(&app, "alpha", CHAT_ROOM_JOINED, 0, 0);
    press(&app, CHAT__KEY_TEXT, "lo");
    press(&app, CHAT__KEY_ACCEPT, "");
    assert_string_equal(notice(&app), "not yet: the first room is being "
                                      "entered");
    tell_room(&app, "lobby", CHAT_ROOM_JOINED, 0, 1);
    assert_string_equal(line(&app), "hello");
    press(&app, CHAT__KEY_ACCEPT, "");
    assert_string_equal(fake_calls(), "send lobby hello");
    tear_down(&again);
}

static void test_unknown_commands_are_not_sent(void **state)
{
    struct chat__app *app = *state;

    say(app, "/nonsense");
    assert_string_equal(fake_calls(), "");
    assert_string_equal(chat__input_text(chat__app_input(app)), "/nonsense");
    say(app, "//etc");
    assert_string_equal(fake_calls(), "send lobby /etc");
}

static void test_what_is_wrong_with_a_command_is_told(void **state)
{
    struct chat__app *app = *state;

    say(app, "/join");
    assert_string_equal(notice(app), "usage: /join ROOM");
    fake_result = CHAT_ERROR_ARGUMENT;
    say(app, "/join no room");
    assert_string_equal(notice(app), "not the name of a room: no room");
    fake_result = CHAT_OK;
    say(app, "/join dev");
    assert_string_equal(notice(app), "dev: entered once there is a connection");
}

static void test_rooms_are_listed_safely(void **state)
{
    struct chat__app *app = *state;
    const chat_room_summary room = {"dev", "the \x1b[31mtopic", 3};
    const chat_room_summary *const rooms[] = {&room};
    chat_event event = {.type = CHAT_EVENT_ROOMS};

    say(app, "/rooms d");
    assert_string_equal(fake_calls(), "rooms d");
    event.u.rooms.rooms = rooms;
    event.u.rooms.count = 1;
    chat__app_event(NULL, &event, app);
    assert_non_null(strstr(log_text(&focused(app)->log), "#dev"));
    assert_non_null(strstr(log_text(&focused(app)->log), "the ␛[31mtopic"));
}

/* Sign-in tells of a room only that one is in it. */
static void test_a_room_of_an_earlier_run_is_described(void **state)
{
    struct chat__app *app = *state;
    const chat_room_summary rooms[] = {{"dev", "the topic", 3},
                                       {"dev2", NULL, 9}};
    const chat_room_summary *const pointers[] = {&rooms[0], &rooms[1]};
    chat_event event = {.type = CHAT_EVENT_ROOMS,
                        .request = FAKE_ROOMS_REQUEST};

    app->connection.state = CHAT_STATE_ONLINE;
    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    say(app, "/switch dev");
    chat__app_load(app);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "rooms dev");
    event.u.rooms.rooms = pointers;
    event.u.rooms.count = 2;
    chat__app_event(NULL, &event, app);
    assert_int_equal(focused(app)->members, 3);
    assert_string_equal(chat__safe_string(&focused(app)->topic), "the topic");
    assert_string_equal(log_text(&focused(app)->log), "");
    event.type = CHAT_EVENT_FAILED;
    event.u.failed.detail = "no";
    event.u.failed.key = NULL;
    chat__app_event(NULL, &event, app);
    assert_string_equal(notice(app), "");
}

static void test_tab_offers_who_spoke_last(void **state)
{
    struct chat__app *app = *state;

    tell_entry(app, "lobby", 1, "hi", NULL);
    chat__input_insert(chat__app_input(app), "b", 1);
    chat__app_complete(app);
    assert_string_equal(chat__input_text(chat__app_input(app)), "bob: ");
    chat__input_edit(chat__app_input(app), CHAT__EDIT_CLEAR);
    chat__input_insert(chat__app_input(app), "/sw", 3);
    chat__app_complete(app);
    assert_string_equal(chat__input_text(chat__app_input(app)), "/switch ");
    chat__app_complete(app);
    assert_string_equal(chat__input_text(chat__app_input(app)),
                        "/switch lobby ");
}

static void test_typing_is_told_but_not_for_commands(void **state)
{
    struct chat__app *app = *state;

    press(app, CHAT__KEY_TEXT, "/jo");
    assert_string_equal(fake_calls(), "");
    chat__input_edit(chat__app_input(app), CHAT__EDIT_CLEAR);
    press(app, CHAT__KEY_TEXT, "hello");
    assert_string_equal(fake_calls(), "typing lobby");
}

static void test_control_c_quits_only_twice(void **state)
{
    struct chat__app *app = *state;

    press(app, CHAT__KEY_TEXT, "draft");
    press(app, CHAT__KEY_INTERRUPT, "");
    assert_int_equal(chat__app_input(app)->length, 0);
    press(app, CHAT__KEY_INTERRUPT, "");
    assert_false(app->quit);
    press(app, CHAT__KEY_TEXT, "x");
    press(app, CHAT__KEY_INTERRUPT, "");
    press(app, CHAT__KEY_INTERRUPT, "");
    assert_false(app->quit);
    press(app, CHAT__KEY_INTERRUPT, "");
    assert_true(app->quit);
}

static void test_drafts_belong_to_their_room(void **state)
{
    struct chat__app *app = *state;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    press(app, CHAT__KEY_TEXT, "draft");
    press(app, CHAT__KEY_NEXT_ROOM, "");
    assert_int_equal(chat__app_input(app)->length, 0);
    press(app, CHAT__KEY_PREVIOUS_ROOM, "");
    assert_string_equal(chat__input_text(chat__app_input(app)), "draft");
}

static void test_the_connection_is_told(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_STATE};

    event.u.state.state = CHAT_STATE_WAITING;
    event.u.state.error = CHAT_ERROR_NETWORK;
    event.u.state.detail = "refused\x07";
    event.u.state.retry_ms = 5000;
    chat__app_event(NULL, &event, app);
    assert_string_equal(chat__safe_string(&app->connection.trouble),
                        "refused␇");
    event.u.state.state = CHAT_STATE_ONLINE;
    event.u.state.error = CHAT_OK;
    event.u.state.detail = "";
    event.u.state.user_id = "1";
    event.u.state.user_name = "ann";
    chat__app_event(NULL, &event, app);
    assert_string_equal(chat__safe_string(&app->connection.trouble), "");
    assert_string_equal(chat__safe_string(&app->connection.me), "ann");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_message_shows_at_once_and_once),
        TEST(test_what_is_not_taken_stays_in_the_line),
        TEST(test_a_refused_message_is_sent_again),
        TEST(test_cancel_takes_back_the_newest),
        TEST(test_an_acknowledged_message_does_not_wait_for_ever),
        TEST(test_unread_counts_what_others_say),
        TEST(test_own_messages_are_read),
        TEST(test_a_room_is_loaded_when_it_is_shown),
        TEST(test_refused_history_is_not_asked_again),
        TEST(test_a_reset_loads_anew),
        TEST(test_a_reset_brings_what_is_unread),
        TEST(test_a_marker_that_is_behind_changes_nothing),
        TEST(test_joining_and_leaving),
        TEST(test_a_join_takes_no_line_along),
        cmocka_unit_test(test_the_room_of_the_command_line_is_the_first_shown),
        cmocka_unit_test(test_a_line_goes_on_in_the_first_room),
        cmocka_unit_test(test_a_line_waits_for_the_first_room),
        TEST(test_unknown_commands_are_not_sent),
        TEST(test_what_is_wrong_with_a_command_is_told),
        TEST(test_rooms_are_listed_safely),
        TEST(test_a_room_of_an_earlier_run_is_described),
        TEST(test_tab_offers_who_spoke_last),
        TEST(test_typing_is_told_but_not_for_commands),
        TEST(test_control_c_quits_only_twice),
        TEST(test_drafts_belong_to_their_room),
        TEST(test_the_connection_is_told),
    };

    return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
