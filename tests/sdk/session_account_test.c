/* Accounts: who signs in, what ends a token, and what a password leaves. */
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

static void use_account(struct harness *harness, const char *register_key)
{
    struct chat__credentials *credentials =
        chat__session_credentials(harness->session);

    memset(credentials, 0, sizeof(*credentials));
    snprintf(credentials->account, sizeof(credentials->account), "Ann");
    snprintf(credentials->password, sizeof(credentials->password),
             "old secret");
    snprintf(credentials->register_key, sizeof(credentials->register_key), "%s",
             register_key);
}

/* Every byte of the password's place is wiped. */
static void check_no_password(const struct harness *harness)
{
    static const struct chat__credentials empty;
    const struct chat__credentials *credentials =
        chat__session_credentials(harness->session);

    assert_memory_equal(credentials->password, empty.password,
                        sizeof(empty.password));
    assert_memory_equal(credentials->register_key, empty.register_key,
                        sizeof(empty.register_key));
}

static void refuse(struct harness *harness, uint32_t id, const char *code)
{
    receive(harness,
            "{\"reply\":%u,\"error\":{\"code\":\"%s\",\"message\":\"no\"}}\n",
            id, code);
}

#define LOGIN(id, password)                                                    \
    "{\"action\":\"hello\",\"id\":" id ",\"version\":1,\"login\":{\"user\":"   \
    "\"Ann\",\"password\":\"" password "\"}}"

static void say_hello(struct harness *harness)
{
    assert_int_equal(chat__session_start(harness->session, harness->now),
                     CHAT_OK);
    chat__session_connected(harness->session, harness->now);
}

/* ---- signing in ---- */

static void test_a_password_lives_until_there_is_a_token(void **state)
{
    struct harness *harness = *state;

    use_account(harness, "");
    say_hello(harness);
    expect_frame(harness, LOGIN("1", "old secret"));
    accept_hello(harness, 1, "");
    check_no_password(harness);
    forget_events(harness);
    disconnect(harness, 0);
    pass(harness, 500);
    chat__session_connected(harness->session, harness->now);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":2,\"version\":1,"
                          "\"token\":\"tok\"}");
    /* Nobody else than the account signs in, should the token have ended. */
    forget_events(harness);
    refuse(harness, 2, "unauthorized");
    expect_event(harness, "state closed error -21");
}

static void test_a_login_goes_on_after_a_lost_connection(void **state)
{
    struct harness *harness = *state;

    use_account(harness, "");
    say_hello(harness);
    expect_frame(harness, LOGIN("1", "old secret"));
    disconnect(harness, 0);
    pass(harness, 500);
    chat__session_connected(harness->session, harness->now);
    expect_frame(harness, LOGIN("2", "old secret"));
}

static void test_a_wrong_password_closes(void **state)
{
    struct harness *harness = *state;

    use_account(harness, "");
    say_hello(harness);
    expect_frame(harness, LOGIN("1", "old secret"));
    forget_events(harness);
    refuse(harness, 1, "unauthorized");
    expect_event(harness, "state closed error -21");
    check_no_password(harness);
}

static void test_an_account_is_made_with_one_key(void **state)
{
    struct harness *harness = *state;

    use_account(harness, "rk");
    say_hello(harness);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":1,\"version\":1,"
                          "\"register\":{\"user\":\"Ann\",\"password\":"
                          "\"old secret\"},\"key\":\"rk\"}");
    disconnect(harness, 0);
    pass(harness, 500);
    chat__session_connected(harness->session, harness->now);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":2,\"version\":1,"
                          "\"register\":{\"user\":\"Ann\",\"password\":"
                          "\"old secret\"},\"key\":\"rk\"}");
    accept_hello(harness, 2, "");
    check_no_password(harness);
}

static void test_a_name_that_is_taken_closes(void **state)
{
    struct harness *harness = *state;

    use_account(harness, "rk");
    say_hello(harness);
    assert_non_null(harness_next_frame(harness));
    forget_events(harness);
    refuse(harness, 1, "name_taken");
    expect_event(harness, "state closed error -24");
}

/* ---- logout ---- */

static void ask_logout(struct harness *harness)
{
    struct chat__request request = {.action = CHAT__ACTION_LOGOUT};

    request.body.logout.all = true;
    submit(harness, &request, 7);
}

static void check_logged_out(struct harness *harness)
{
    expect_event(harness, "done request 7");
    expect_event(harness, "failed lobby k1 error -10");
    expect_event(harness, "state closed");
    expect_no_event(harness);
    assert_string_equal(chat__session_credentials(harness->session)->token, "");
    assert_true(chat__session_take_changed(harness->session));
    assert_false(chat__session_wants_transport(harness->session));
}

static void go_to_logout(struct harness *harness)
{
    go_online(harness, 5);
    chat__session_take_changed(harness->session);
    ask_logout(harness);
    expect_frame(harness, "{\"action\":\"logout\",\"id\":2,\"all\":true}");
    send_text(harness, "lobby", "k1", "x");
}

static void test_a_logout_closes(void **state)
{
    struct harness *harness = *state;

    go_to_logout(harness);
    receive(harness, "{\"reply\":2,\"ok\":{}}");
    check_logged_out(harness);
}

static void test_a_logout_whose_answer_is_overtaken_by_the_close(void **state)
{
    struct harness *harness = *state;

    go_to_logout(harness);
    disconnect(harness, 4500);
    check_logged_out(harness);
}

static void test_a_logout_whose_answer_is_lost(void **state)
{
    struct harness *harness = *state;
    uint32_t id;

    go_to_logout(harness);
    disconnect(harness, 0);
    pass(harness, 500);
    id = go_to_hello(harness);
    forget_events(harness);
    refuse(harness, id, "unauthorized");
    check_logged_out(harness);
}

/* ---- a new password ---- */

#define CHANGE(id)                                                             \
    "{\"action\":\"password\",\"id\":" id ",\"old\":\"old secret\","           \
    "\"new\":\"new secret\"}"

static void go_to_password(struct harness *harness)
{
    struct chat__request request = {.action = CHAT__ACTION_PASSWORD};

    use_account(harness, "");
    go_online(harness, 5);
    chat__session_take_changed(harness->session);
    request.body.password.old = "old secret";
    request.body.password.new = "new secret";
    submit(harness, &request, 7);
    expect_frame(harness, CHANGE("2"));
}

static void test_a_new_password_brings_a_new_token(void **state)
{
    struct harness *harness = *state;

    go_to_password(harness);
    receive(harness, "{\"reply\":2,\"ok\":{\"token\":\"tok2\"}}");
    expect_event(harness, "done request 7");
    assert_string_equal(chat__session_credentials(harness->session)->token,
                        "tok2");
    assert_true(chat__session_take_changed(harness->session));
}

static void test_a_wrong_old_password_is_told(void **state)
{
    struct harness *harness = *state;

    go_to_password(harness);
    refuse(harness, 2, "unauthorized");
    expect_event(harness, "failed - - error -21 request 7");
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
}

/* The change was done: the old token has ended, the new one was lost. */
static void test_a_change_without_answer_that_was_done(void **state)
{
    struct harness *harness = *state;
    uint32_t id;

    go_to_password(harness);
    disconnect(harness, 0);
    pass(harness, 500);
    id = go_to_hello(harness);
    forget_events(harness);
    refuse(harness, id, "unauthorized");
    expect_frame(harness,
                 "{\"action\":\"hello\",\"id\":4,\"version\":1,\"login\":"
                 "{\"user\":\"ann\",\"password\":\"new secret\"},\"resume\":"
                 "[{\"room\":\"lobby\",\"epoch\":\"e1\",\"seq\":5}]}");
    accept_hello(harness, 4, "");
    expect_event(harness, "done request 7");
    expect_event(harness, "state online as 17 ann");
    check_no_password(harness);
    expect_no_frame(harness);
}

static void test_a_change_without_answer_that_was_not_done(void **state)
{
    struct harness *harness = *state;

    go_to_password(harness);
    disconnect(harness, 0);
    pass(harness, 500);
    accept_hello(harness, go_to_hello(harness), "");
    expect_frame(harness, CHANGE("4"));
}

/* It has no key: on the same connection nobody could tell. */
static void test_a_change_that_is_unsure_is_settled_by_a_sign_in(void **state)
{
    struct harness *harness = *state;

    go_to_password(harness);
    receive(harness, "{\"message\":\"Internal server error\"}");
    expect_event(harness, "state waiting error -7 retry 0");
}

/* The connection is left, as in any other doubt: nothing more is said on it. */
static void test_a_change_that_wants_hello_is_settled_too(void **state)
{
    struct harness *harness = *state;

    go_to_password(harness);
    refuse(harness, 2, "hello_required");
    expect_event(harness, "state waiting error -7 retry 0");
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_WAITING);
    pass(harness, 500);
    accept_hello(harness, go_to_hello(harness), "");
    expect_frame(harness, CHANGE("4"));
}

#define ACCOUNT_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCOUNT_TEST(test_a_password_lives_until_there_is_a_token),
        ACCOUNT_TEST(test_a_login_goes_on_after_a_lost_connection),
        ACCOUNT_TEST(test_a_wrong_password_closes),
        ACCOUNT_TEST(test_an_account_is_made_with_one_key),
        ACCOUNT_TEST(test_a_name_that_is_taken_closes),
        ACCOUNT_TEST(test_a_logout_closes),
        ACCOUNT_TEST(test_a_logout_whose_answer_is_overtaken_by_the_close),
        ACCOUNT_TEST(test_a_logout_whose_answer_is_lost),
        ACCOUNT_TEST(test_a_new_password_brings_a_new_token),
        ACCOUNT_TEST(test_a_wrong_old_password_is_told),
        ACCOUNT_TEST(test_a_change_without_answer_that_was_done),
        ACCOUNT_TEST(test_a_change_without_answer_that_was_not_done),
        ACCOUNT_TEST(test_a_change_that_is_unsure_is_settled_by_a_sign_in),
        ACCOUNT_TEST(test_a_change_that_wants_hello_is_settled_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
