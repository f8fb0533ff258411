/* What the user does to messages, without a terminal. */
#include "app_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum chat__intent_kind intent(struct chat__app *app)
{
    return focused(app)->intent.kind;
}

/* Bob says "one", ann "mine", bob "two": seqs 1 to 3. */
static void talk(struct chat__app *app)
{
    tell_entry(app, "lobby", 1, "one", NULL);
    tell_entry(app, "lobby", 2, "mine", "k1");
    tell_entry(app, "lobby", 3, "two", NULL);
}

/* ---- selecting ---- */

static void test_a_message_is_selected_and_answered(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    assert_int_equal(focused(app)->intent.seq, 3);
    press(app, CHAT__KEY_TEXT, "kk");
    assert_int_equal(focused(app)->intent.seq, 1);
    press(app, CHAT__KEY_TEXT, "k"); /* there is none above */
    assert_int_equal(focused(app)->intent.seq, 1);
    press(app, CHAT__KEY_TEXT, "r");
    assert_int_equal(intent(app), CHAT__INTENT_REPLY);
    say(app, "indeed");
    assert_string_equal(fake_calls(), "send lobby indeed to 1");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    assert_string_equal(line(app), "");
}

static void test_below_the_newest_is_none(void **state)
{
    struct chat__app *app = *state;

    press(app, CHAT__KEY_SELECT_ABOVE, "");
    assert_string_equal(notice(app), "there is no message here");
    talk(app);
    press(app, CHAT__KEY_SELECT_BELOW, "");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_SELECT_BELOW, "");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
}

static void test_an_edit_starts_with_the_old_text(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    press(app, CHAT__KEY_TEXT, "a draft");
    fake_calls();
    press(app, CHAT__KEY_EDIT_LAST, "");
    assert_string_equal(line(app), "mine");
    press(app, CHAT__KEY_TEXT, "!");
    chat__app_accept(app);
    assert_string_equal(fake_calls(), "typing lobby; edit lobby 2 mine!");
    assert_string_equal(line(app), "a draft");
    assert_true(chat__room_log_is_changing(&focused(app)->log, 2));
    press(app, CHAT__KEY_EDIT_LAST, "");
    press(app, CHAT__KEY_ESCAPE, "");
    assert_string_equal(line(app), "a draft");
}

/* What is edited is a text, also when it looks like a command. */
static void test_an_edit_runs_nothing(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    press(app, CHAT__KEY_EDIT_LAST, "");
    say(app, "/quit");
    assert_string_equal(fake_calls(), "edit lobby 2 /quit");
    assert_false(app->quit);
}

static void test_only_own_messages_are_edited(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_TEXT, "e");
    assert_string_equal(notice(app),
                        "only your own messages can be written anew");
    assert_int_equal(intent(app), CHAT__INTENT_SELECT);
}

static void test_a_delete_asks_first(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    say(app, "/delete");
    press(app, CHAT__KEY_TEXT, "n");
    assert_string_equal(fake_calls(), "");
    assert_string_equal(notice(app), "not deleted");
    say(app, "/delete");
    press(app, CHAT__KEY_TEXT, "y");
    assert_string_equal(fake_calls(), "delete lobby 2");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
}

/* Not even the question whether to delete waits in a room that was left. */
static void test_nothing_acts_in_a_room_that_was_left(void **state)
{
    struct chat__app *app = *state;

    tell_room(app, "dev", CHAT_ROOM_JOINED, 0, 0);
    talk(app);
    say(app, "/delete");
    press(app, CHAT__KEY_NEXT_ROOM, "");
    assert_string_equal(focused(app)->name, "dev");
    press(app, CHAT__KEY_PREVIOUS_ROOM, "");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    press(app, CHAT__KEY_TEXT, "yes");
    assert_string_equal(line(app), "yes");
    assert_string_equal(fake_calls(), "typing lobby");
}

/* A paste is text, whatever is in it. */
static void test_what_is_pasted_never_acts(void **state)
{
    struct chat__app *app = *state;
    struct chat__key key = {
        .action = CHAT__KEY_TEXT, .pasted = true, .text = "y", .length = 1};

    talk(app);
    say(app, "/delete");
    chat__app_key(app, &key);
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    assert_string_equal(line(app), "y");
    assert_string_equal(fake_calls(), "typing lobby");
}

static void test_an_emoji_is_put_on_and_taken_off(void **state)
{
    struct chat__app *app = *state;
    chat_entry react = other_entry(CHAT_ENTRY_REACT, 4);

    tell_online(app);
    talk(app);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_TEXT, "+");
    press(app, CHAT__KEY_TEXT, "tada");
    chat__app_accept(app);
    assert_string_equal(fake_calls(), "react lobby 3 🎉 on");
    react.user_id = "1";
    react.ref = 3;
    react.emoji = "🎉";
    react.on = 1;
    tell(app, "lobby", react);
    say(app, "/react 🎉");
    assert_string_equal(fake_calls(), "react lobby 3 🎉 off");
    say(app, "/react nonsense");
    assert_string_equal(fake_calls(), "");
    assert_string_equal(notice(app), "no such emoji: nonsense");
    assert_string_equal(line(app), "/react nonsense");
}

static void test_a_digit_chooses_an_emoji(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    say(app, "/react");
    press(app, CHAT__KEY_TEXT, "1");
    assert_string_equal(fake_calls(), "react lobby 3 👍 on");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
}

static void test_a_command_acts_on_the_selected_message(void **state)
{
    struct chat__app *app = *state;

    talk(app);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_TEXT, "/");
    press(app, CHAT__KEY_TEXT, "react +1");
    chat__app_accept(app);
    assert_string_equal(fake_calls(), "react lobby 2 👍 on");
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    say(app, "/reply yes");
    assert_string_equal(fake_calls(), "send lobby yes to 3");
    say(app, "/edit better");
    assert_string_equal(fake_calls(), "edit lobby 2 better");
}

static void test_a_deleted_message_ends_what_was_intended(void **state)
{
    struct chat__app *app = *state;
    chat_entry gone = other_entry(CHAT_ENTRY_DELETE, 4);

    talk(app);
    press(app, CHAT__KEY_EDIT_LAST, "");
    gone.ref = 2;
    tell(app, "lobby", gone);
    assert_int_equal(intent(app), CHAT__INTENT_NONE);
    assert_string_equal(line(app), "");
    assert_string_equal(notice(app), "the message was deleted");
}

/* On the way to what 500, far behind it, answers: to 100. */
static void go_far_up(struct chat__app *app)
{
    chat_entry answer = entry_of(500, "answer", NULL);

    focused(app)->log.head = 499;
    focused(app)->log.last = 499;
    focused(app)->log.first = 499;
    answer.reply_to = 100;
    tell(app, "lobby", answer);
    press(app, CHAT__KEY_SELECT_ABOVE, "");
    press(app, CHAT__KEY_ACCEPT, "");
    assert_string_equal(fake_calls(), "history lobby 150");
}

static void test_what_is_answered_is_gone_to(void **state)
{
    struct chat__app *app = *state;

    go_far_up(app);
    tell_page(app, "lobby", 50, 149);
    assert_int_equal(intent(app), CHAT__INTENT_SELECT);
    assert_int_equal(focused(app)->intent.seq, 100);
    assert_true(focused(app)->view.scrolled);
}

/* Its page comes late: what is typed then is a line, and deletes nothing. */
static void test_what_is_gone_to_late_takes_no_keys(void **state)
{
    struct chat__app *app = *state;

    go_far_up(app);
    press(app, CHAT__KEY_ESCAPE, "");
    press(app, CHAT__KEY_TEXT, "every");
    tell_page(app, "lobby", 50, 149);
    press(app, CHAT__KEY_TEXT, "body");
    assert_string_equal(line(app), "everybody");
    assert_string_equal(fake_calls(), "typing lobby; typing lobby");
}

static void test_a_refused_change_is_told(void **state)
{
    struct chat__app *app = *state;
    chat_event event = {.type = CHAT_EVENT_FAILED, .room = "lobby"};

    talk(app);
    say(app, "/edit x");
    event.u.failed.error = CHAT_ERROR_FORBIDDEN;
    event.u.failed.detail = "no\x07";
    event.u.failed.key = focused(app)->log.asked[0].key;
    chat__app_event(NULL, &event, app);
    assert_string_equal(notice(app), "refused: no␇");
    assert_false(chat__room_log_is_changing(&focused(app)->log, 2));
}

/* A page may leave out the text of an edit for its size. */
static void test_a_missing_text_is_asked_for(void **state)
{
    struct chat__app *app = *state;
    const chat_change change = {.ref = 1, .upto = 9, .edit = 8};
    const chat_change *const changes[] = {&change};
    const chat_entry message = entry_of(1, "old", NULL);
    const chat_entry *entries[] = {&message};
    chat_entry edit = other_entry(CHAT_ENTRY_EDIT, 8);
    chat_event event = {.type = CHAT_EVENT_HISTORY, .room = "lobby"};

    event.u.history.entries = entries;
    event.u.history.count = 1;
    event.u.history.first = 1;
    event.u.history.head = 1;
    event.u.history.changes = changes;
    event.u.history.change_count = 1;
    chat__app_event(NULL, &event, app);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history lobby 9");
    edit.ref = 1;
    edit.text = "long";
    entries[0] = &edit;
    event.request = FAKE_TEXT_REQUEST;
    event.u.history.change_count = 0;
    chat__app_event(NULL, &event, app);
    assert_string_equal(log_text(&focused(app)->log), "long (edited)");
}

/* A server that names an edit and does not have it is not asked for ever. */
static void test_a_missing_text_is_asked_for_once(void **state)
{
    struct chat__app *app = *state;
    const chat_change change = {.ref = 1, .upto = 9, .edit = 8};
    const chat_change *const changes[] = {&change};
    const chat_entry message = entry_of(1, "old", NULL);
    const chat_entry *const entries[] = {&message};
    chat_event event = {.type = CHAT_EVENT_HISTORY, .room = "lobby"};

    event.u.history.entries = entries;
    event.u.history.count = 1;
    event.u.history.first = 1;
    event.u.history.head = 1;
    event.u.history.changes = changes;
    event.u.history.change_count = 1;
    chat__app_event(NULL, &event, app);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "history lobby 9");
    event.request = FAKE_TEXT_REQUEST;
    event.u.history.count = 0;
    event.u.history.change_count = 0;
    chat__app_event(NULL, &event, app);
    chat__app_load(app);
    assert_string_equal(fake_calls(), "");
    assert_string_equal(log_text(&focused(app)->log), "old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_message_is_selected_and_answered),
        TEST(test_below_the_newest_is_none),
        TEST(test_an_edit_starts_with_the_old_text),
        TEST(test_an_edit_runs_nothing),
        TEST(test_only_own_messages_are_edited),
        TEST(test_a_delete_asks_first),
        TEST(test_nothing_acts_in_a_room_that_was_left),
        TEST(test_what_is_pasted_never_acts),
        TEST(test_an_emoji_is_put_on_and_taken_off),
        TEST(test_a_digit_chooses_an_emoji),
        TEST(test_a_command_acts_on_the_selected_message),
        TEST(test_a_deleted_message_ends_what_was_intended),
        TEST(test_what_is_answered_is_gone_to),
        TEST(test_what_is_gone_to_late_takes_no_keys),
        TEST(test_a_refused_change_is_told),
        TEST(test_a_missing_text_is_asked_for),
        TEST(test_a_missing_text_is_asked_for_once),
    };

    return cmocka_run_group_tests_name("act", tests, NULL, NULL);
}
