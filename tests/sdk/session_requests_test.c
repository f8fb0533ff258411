#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

#define SEND(id, key)                                                          \
    "{\"action\":\"send\",\"id\":" id ",\"room\":\"lobby\",\"key\":\"" key     \
    "\",\"text\":\"x\"}"

static void test_an_answer_ends_a_message(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    chat__session_take_changed(harness->session);
    send_text(harness, "lobby", "k1", "x");
    expect_frame(harness, SEND("2", "k1"));
    expect_no_frame(harness);
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1,\"dup\":true}}");
    expect_event(harness, "sent lobby k1 6");
    assert_true(chat__session_take_changed(harness->session));
    assert_false(chat__session_take_changed(harness->session));
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_no_event(harness);
}

static void test_a_refusal_ends_a_message(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    expect_frame(harness, SEND("2", "k1"));
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"from_the_future\","
                     "\"message\":\"?\"}}");
    expect_event(harness, "failed lobby k1 error -32");
    expect_no_event(harness);
}

static void test_a_temporary_refusal_is_repeated_with_the_same_key(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    expect_frame(harness, SEND("2", "k1"));
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"rate_limited\","
                     "\"message\":\"slow\",\"retry_ms\":800}}");
    expect_no_event(harness);
    assert_int_equal(chat__session_deadline(harness->session, harness->now),
                     harness->now + 800);
    pass(harness, 799);
    expect_no_frame(harness);
    pass(harness, 1);
    expect_frame(harness, SEND("3", "k1"));
}

static void test_a_lost_connection_repeats_in_order(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    send_text(harness, "lobby", "k2", "x");
    send_text(harness, "lobby", "k3", "x");
    expect_frame(harness, SEND("2", "k1"));
    expect_frame(harness, SEND("3", "k2"));
    expect_no_frame(harness);
    receive(harness, "{\"reply\":3,\"ok\":{\"seq\":7,\"ts\":1}}");
    expect_frame(harness, SEND("4", "k3"));
    disconnect(harness, 0);
    pass(harness, 500);
    accept_hello(harness, go_to_hello(harness), "");
    expect_frame(harness, SEND("6", "k1"));
    expect_frame(harness, SEND("7", "k3"));
}

static void test_a_foreign_object_makes_everything_unsure(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    send_text(harness, "lobby", "k2", "x");
    expect_frame(harness, SEND("2", "k1"));
    expect_frame(harness, SEND("3", "k2"));
    harness->random = 200;
    receive(harness, "{\"message\":\"Internal server error\","
                     "\"connectionId\":\"c\",\"requestId\":\"r\"}");
    pass(harness, 199);
    expect_no_frame(harness);
    pass(harness, 1);
    expect_frame(harness, SEND("4", "k1"));
    expect_frame(harness, SEND("5", "k2"));
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_no_event(harness);
    receive(harness, "{\"reply\":4,\"ok\":{\"seq\":6,\"ts\":1,\"dup\":true}}");
    expect_event(harness, "sent lobby k1 6");
}

static void test_a_foreign_object_repeats_hello_too(void **state)
{
    struct harness *harness = *state;

    assert_int_equal(go_to_hello(harness), 1);
    receive(harness, "{\"message\":\"Forbidden\"}");
    assert_non_null(strstr(harness_next_frame(harness), "\"id\":2"));
    accept_hello(harness, 2, "");
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
}

static void test_a_gateway_that_only_fails_is_left(void **state)
{
    struct harness *harness = *state;

    go_to_hello(harness);
    for (int i = 0; i < CHAT__HELLOS_MAX; i++) {
        assert_int_equal(chat__session_state(harness->session),
                         CHAT_STATE_CONNECTING);
        receive(harness, "{\"message\":\"Too Many Requests\"}");
        harness_next_frame(harness);
    }
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_WAITING);
}

static void test_unanswered_requests_are_repeated(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    expect_frame(harness, SEND("2", "k1"));
    pass(harness, 22500);
    assert_non_null(harness_next_frame(harness)); /* a ping */
    receive(harness, "{\"reply\":3,\"ok\":{\"now\":6000,\"heads\":{},"
                     "\"rooms_rev\":1}}");
    pass(harness, 12499);
    expect_no_frame(harness);
    pass(harness, 1);
    expect_frame(harness, SEND("4", "k1"));
}

static void test_what_was_not_handed_over_can_be_taken_back(void **state)
{
    struct harness *harness = *state;

    send_text(harness, "lobby", "k1", "x");
    send_text(harness, "lobby", "k2", "x");
    assert_int_equal(chat__session_cancel(harness->session, "k2"), CHAT_OK);
    expect_event(harness, "failed lobby k2 error -10");
    assert_int_equal(chat__session_cancel(harness->session, "k2"),
                     CHAT_ERROR_STATE);
    go_online(harness, 5);
    expect_frame(harness, SEND("2", "k1"));
    expect_no_frame(harness);
    assert_int_equal(chat__session_cancel(harness->session, "k1"),
                     CHAT_ERROR_STATE);
    disconnect(harness, 0);
    assert_int_equal(chat__session_cancel(harness->session, "k1"),
                     CHAT_ERROR_STATE);
}

static void test_history_goes_by_what_the_program_was_told(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    go_online(harness, 5);
    request.body.history.room = "lobby";
    request.body.history.direction = CHAT__HISTORY_BEFORE;
    request.body.history.limit = 10;
    submit(harness, &request, 4);
    expect_frame(harness, "{\"action\":\"history\",\"id\":2,\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"before\":6,\"limit\":10}");
    receive(harness,
            "{\"reply\":2,\"ok\":{\"changes\":[],\"entries\":["
            "{\"event\":\"join\",\"room\":\"lobby\",\"seq\":4,\"ts\":1,"
            "\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"x\"},"
            "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":5,\"ts\":1,"
            "\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"y\"}],"
            "\"first\":1,\"head\":8,\"more\":true}}");
    expect_event(harness, "history lobby 4 5 and more request 4");
}

static void test_rooms_are_listed(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_ROOMS};

    go_online(harness, 5);
    request.body.rooms.prefix = "l";
    submit(harness, &request, 4);
    expect_frame(harness, "{\"action\":\"rooms\",\"id\":2,\"prefix\":\"l\"}");
    receive(harness, "{\"reply\":2,\"ok\":{\"rooms\":[{\"room\":\"lobby\","
                     "\"members\":3},{\"room\":\"lounge\",\"topic\":\"t\","
                     "\"members\":1}]}}");
    expect_event(harness, "rooms lobby lounge request 4");
}

static void test_the_latest_read_marker_wins(void **state)
{
    struct harness *harness = *state;

    assert_int_equal(chat__session_read(harness->session, "lobby", 3), CHAT_OK);
    assert_int_equal(chat__session_read(harness->session, "lobby", 5), CHAT_OK);
    assert_int_equal(chat__session_read(harness->session, "lobby", 4), CHAT_OK);
    go_online(harness, 5);
    expect_frame(harness, "{\"action\":\"read\",\"id\":2,\"room\":\"lobby\","
                          "\"seq\":5}");
    expect_no_frame(harness);
    receive(harness,
            "{\"reply\":2,\"ok\":{\"seq\":5,\"unread\":0,\"mentions\":0}}");
    expect_event(harness, "read lobby head 5 read 5 unread 0");
}

static void test_typing_goes_out_once_in_three_seconds(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    chat__session_typing(harness->session, "lobby", harness->now);
    expect_frame(harness, "{\"action\":\"typing\",\"room\":\"lobby\"}");
    chat__session_typing(harness->session, "lobby", harness->now + 2999);
    expect_no_frame(harness);
    chat__session_typing(harness->session, "lobby", harness->now + 3000);
    assert_non_null(harness_next_frame(harness));
    chat__session_typing(harness->session, "elsewhere", harness->now);
    expect_no_frame(harness);
}

static void test_an_answer_without_memory_is_asked_for_again(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "x");
    expect_frame(harness, SEND("2", "k1"));
    harness->refuse = 1;
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_event(harness, "state waiting error -1 retry 0");
    assert_int_equal(chat__session_outbox(harness->session)->messages, 1);
}

static void test_a_hello_leaves_out_positions_that_do_not_fit(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    for (int i = 0; i < 400; i++)
        receive(harness,
                "{\"event\":\"membership\",\"room\":\"room-%059d\",\"epoch\":"
                "\"01234567890123456789012345678901\",\"head\":3,"
                "\"state\":\"joined\"}\n",
                i);
    disconnect(harness, 0);
    pass(harness, 500);
    chat__session_connected(harness->session, harness->now);
    assert_non_null(harness_next_frame(harness));
    assert_in_range(strlen(harness->frame), CHAT__FRAME_BYTES_MAX / 2,
                    CHAT__FRAME_BYTES_MAX);
}

#define REQUEST_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REQUEST_TEST(test_an_answer_ends_a_message),
        REQUEST_TEST(test_a_refusal_ends_a_message),
        REQUEST_TEST(test_a_temporary_refusal_is_repeated_with_the_same_key),
        REQUEST_TEST(test_a_lost_connection_repeats_in_order),
        REQUEST_TEST(test_a_foreign_object_makes_everything_unsure),
        REQUEST_TEST(test_a_foreign_object_repeats_hello_too),
        REQUEST_TEST(test_a_gateway_that_only_fails_is_left),
        REQUEST_TEST(test_unanswered_requests_are_repeated),
        REQUEST_TEST(test_what_was_not_handed_over_can_be_taken_back),
        REQUEST_TEST(test_history_goes_by_what_the_program_was_told),
        REQUEST_TEST(test_rooms_are_listed),
        REQUEST_TEST(test_the_latest_read_marker_wins),
        REQUEST_TEST(test_typing_goes_out_once_in_three_seconds),
        REQUEST_TEST(test_an_answer_without_memory_is_asked_for_again),
        REQUEST_TEST(test_a_hello_leaves_out_positions_that_do_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
