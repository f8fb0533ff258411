/* A connection that is to end, and the one that takes its place unseen. */
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOBBY(head, resumed)                                                   \
    "{\"room\":\"lobby\",\"epoch\":\"e1\",\"head\":" head                      \
    ",\"read\":0,\"unread\":0,\"mentions\":0,\"resumed\":" resumed "}"
#define DRAIN                                                                  \
    "{\"event\":\"drain\",\"reason\":\"deploy\",\"reconnect_in_ms\":1000,"     \
    "\"spread_ms\":4000}\n"
#define HELLO(id, seq)                                                         \
    "{\"action\":\"hello\",\"id\":" id ",\"version\":1,\"token\":\"tok\","     \
    "\"resume\":[{\"room\":\"lobby\",\"epoch\":\"e1\",\"seq\":" seq "}]}"

static void entry_on(struct harness *harness, uint64_t attempt, unsigned seq)
{
    receive_on(harness, attempt,
               "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":%u,\"n\":%u,"
               "\"ts\":1,\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":"
               "\"k%u\",\"text\":\"t%u\"}\n",
               seq, seq, seq, seq);
}

static void accept_on(struct harness *harness, uint64_t attempt, uint32_t id,
                      const char *rooms)
{
    receive_on(harness, attempt,
               "{\"reply\":%u,\"ok\":{" HELLO_OK
               ",\"rooms\":[%s],\"invites\":[]}}\n",
               id, rooms);
}

/* The attempt of the successor, 0: none is wanted. */
static uint64_t successor(const struct harness *harness)
{
    uint64_t attempts[CHAT__TRANSPORTS_MAX];
    size_t count = chat__session_transports(harness->session, attempts);

    assert_int_equal(attempts[0], chat__session_attempt(harness->session));
    return count == 2 ? attempts[1] : 0;
}

static void connect_successor(struct harness *harness)
{
    chat__session_transport_connected(harness->session, successor(harness),
                                      harness->now);
}

/* Online, told to drain, and due; the successor's attempt is returned. */
static uint64_t go_to_successor(struct harness *harness)
{
    go_online(harness, 5);
    receive(harness, DRAIN);
    pass(harness, 1000);
    assert_int_not_equal(successor(harness), 0);
    return successor(harness);
}

static void expect_frame_on(struct harness *harness, uint64_t attempt,
                            const char *text)
{
    const char *frame = harness_next_frame_of(harness, attempt);

    assert_string_equal(frame != NULL ? frame : "(no frame)",
                        text != NULL ? text : "(no frame)");
}

static void fail_successor(struct harness *harness)
{
    struct chat__disconnect why = {.error = CHAT_ERROR_NETWORK, .detail = "no"};

    chat__session_transport_disconnected(harness->session, successor(harness),
                                         &why, harness->now);
}

/* ---- when ---- */

static void test_a_drain_is_followed_at_a_time_drawn(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    harness->random = 2345;
    receive(harness, DRAIN);
    assert_int_equal(chat__session_deadline(harness->session, harness->now),
                     harness->now + 3345);
    pass(harness, 3344);
    assert_int_equal(successor(harness), 0);
    pass(harness, 1);
    assert_int_not_equal(successor(harness), 0);
    assert_null(
        chat__session_transport_url(harness->session, successor(harness)));
    expect_no_event(harness);
}

#define DRAIN_AT_ONCE                                                          \
    "{\"event\":\"drain\",\"reason\":\"d\",\"reconnect_in_ms\":0,"             \
    "\"spread_ms\":0}\n"

/* Until the successor begins, in milliseconds, once the server drains. */
static uint64_t wait_of_drain(struct harness *harness)
{
    receive(harness, DRAIN_AT_ONCE);
    return chat__session_deadline(harness->session, harness->now) -
           harness->now;
}

static void hand_over(struct harness *harness, uint64_t wait, uint32_t id)
{
    uint64_t attempt;

    pass(harness, wait);
    connect_successor(harness);
    attempt = successor(harness);
    assert_non_null(harness_next_frame_of(harness, attempt));
    accept_on(harness, attempt, id, LOBBY("5", "true"));
    assert_int_equal(chat__session_attempt(harness->session), attempt);
}

/* Each connection that drains as soon as it is there is left later. */
static void test_drains_without_end_are_followed_ever_slower(void **state)
{
    struct harness *harness = *state;
    uint64_t wait = 0;

    go_online(harness, 5);
    harness->random = 25000;
    for (uint32_t id = 2; id < 9; id++) {
        wait = wait_of_drain(harness);
        assert_in_range(wait, 400, CHAT__BACKOFF_MAX_MS);
        hand_over(harness, wait, id);
    }
    assert_int_equal(wait, 25000);
    pass(harness, CHAT__STABLE_MS);
    receive(harness, DRAIN_AT_ONCE);
    pass(harness, 0);
    assert_int_not_equal(successor(harness), 0);
    expect_no_event(harness);
}

static void test_a_drain_may_name_another_address(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness,
            "{\"event\":\"drain\",\"reason\":\"d\",\"reconnect_in_ms\":"
            "9007199254740991,\"spread_ms\":9007199254740991,"
            "\"url\":\"ws://elsewhere/ws\"}\n");
    assert_true(chat__session_deadline(harness->session, harness->now) <=
                harness->now + 2 * CHAT__DRAIN_WAIT_MAX_MS);
    receive(harness, DRAIN);
    pass(harness, 1000);
    assert_string_equal(
        chat__session_transport_url(harness->session, successor(harness)),
        "ws://elsewhere/ws");
    assert_null(chat__session_transport_url(
        harness->session, chat__session_attempt(harness->session)));
}

/* For a connection that lives 100 seconds. */
static void go_online_for_a_time(struct harness *harness)
{
    uint32_t id = go_to_hello(harness);

    receive(harness,
            "{\"reply\":%u,\"ok\":{\"user\":{\"id\":\"17\",\"name\":\"ann\"},"
            "\"token\":\"tok\",\"session\":\"s1\",\"ping_ms\":600000,"
            "\"limits\":{\"frame_bytes\":30720,\"text_characters\":4000,"
            "\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"
            "\"in_flight\":2,\"connection_ms\":100000},"
            "\"server\":{\"version\":\"1\",\"task\":\"t\"},\"rooms\":[],"
            "\"invites\":[],\"rooms_rev\":1,\"now\":5000}}\n",
            id);
}

static void test_a_connection_is_replaced_before_it_is_too_old(void **state)
{
    struct harness *harness = *state;

    harness->random = 1234;
    go_online_for_a_time(harness);
    pass(harness, 91233);
    assert_int_equal(successor(harness), 0);
    pass(harness, 1);
    assert_int_not_equal(successor(harness), 0);
}

static void test_the_replacement_has_time_to_be_tried_again(void **state)
{
    struct harness *harness = *state;

    harness->random = 9999;
    go_online_for_a_time(harness);
    pass(harness, 98000);
    assert_int_not_equal(successor(harness), 0);
}

/* ---- how ---- */

static void test_a_successor_takes_over_unseen(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);
    uint64_t first = chat__session_attempt(harness->session);

    expect_frame_on(harness, second, NULL);
    connect_successor(harness);
    expect_frame_on(harness, second, HELLO("2", "5"));
    expect_frame_on(harness, second, NULL);
    entry_on(harness, first, 6);
    expect_event(harness, "entry lobby 6 bob: t6");
    send_text(harness, "lobby", "k1", "x");
    expect_no_frame(harness);
    accept_on(harness, second, 2, LOBBY("5", "true"));
    assert_int_equal(chat__session_attempt(harness->session), second);
    assert_int_equal(successor(harness), 0);
    expect_no_event(harness);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    /* What both bring is told once, and the first is heard no more. */
    entry_on(harness, second, 6);
    entry_on(harness, first, 7);
    expect_no_event(harness);
    entry_on(harness, second, 7);
    expect_event(harness, "entry lobby 7 bob: t7");
    expect_frame(harness, "{\"action\":\"send\",\"id\":3,\"room\":\"lobby\","
                          "\"key\":\"k1\",\"text\":\"x\"}");
}

static void test_requests_in_flight_are_answered_first(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);

    send_text(harness, "lobby", "k1", "x");
    assert_non_null(harness_next_frame(harness));
    connect_successor(harness);
    expect_frame_on(harness, second, NULL);
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_event(harness, "sent lobby k1 6");
    expect_frame_on(harness, second, HELLO("3", "5"));
}

static void test_what_is_not_answered_is_repeated(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);
    uint64_t first = chat__session_attempt(harness->session);

    send_text(harness, "lobby", "k1", "x");
    assert_non_null(harness_next_frame(harness));
    connect_successor(harness);
    expect_frame_on(harness, second, NULL);
    pass(harness, 5000);
    expect_frame_on(harness, second, HELLO("3", "5"));
    accept_on(harness, second, 3, LOBBY("5", "true"));
    receive_on(harness, first, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_no_event(harness);
    expect_frame(harness, "{\"action\":\"send\",\"id\":4,\"room\":\"lobby\","
                          "\"key\":\"k1\",\"text\":\"x\"}");
}

/* What was read for the reply may be older than what came meanwhile. */
static void test_an_older_head_does_not_reset_the_room(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);
    uint64_t first = chat__session_attempt(harness->session);

    connect_successor(harness);
    expect_frame_on(harness, second, HELLO("2", "5"));
    entry_on(harness, first, 6);
    entry_on(harness, first, 7);
    forget_events(harness);
    accept_on(harness, second, 2, LOBBY("6", "false"));
    expect_no_event(harness);
    entry_on(harness, second, 8);
    expect_event(harness, "entry lobby 8 bob: t8");
}

static void test_the_presence_is_told_to_the_successor(void **state)
{
    struct harness *harness = *state;
    uint64_t second;

    chat__session_set_presence(harness->session, CHAT__PRESENCE_DND);
    second = go_to_successor(harness);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"ok\":{}}");
    connect_successor(harness);
    expect_frame_on(harness, second, HELLO("3", "5"));
    accept_on(harness, second, 3, LOBBY("5", "true"));
    expect_frame(harness, "{\"action\":\"presence\",\"id\":4,"
                          "\"state\":\"dnd\"}");
}

static void test_a_change_of_the_password_is_not_cut_off(void **state)
{
    struct harness *harness = *state;
    struct chat__request request = {.action = CHAT__ACTION_PASSWORD};
    uint64_t second = go_to_successor(harness);

    request.body.password.old = "old secret";
    request.body.password.new = "new secret";
    submit(harness, &request, 7);
    assert_non_null(harness_next_frame(harness));
    connect_successor(harness);
    pass(harness, 5000);
    expect_frame_on(harness, second, NULL);
    assert_int_equal(successor(harness), 0);
    receive(harness, "{\"reply\":2,\"ok\":{\"token\":\"tok2\"}}");
    expect_event(harness, "done request 7");
    pass(harness, 500);
    connect_successor(harness);
    assert_non_null(
        strstr(harness_next_frame_of(harness, successor(harness)), "tok2"));
}

/* ---- when it fails ---- */

static void test_a_successor_that_cannot_be_had_is_tried_again(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);
    uint64_t first = chat__session_attempt(harness->session);

    harness->random = 400;
    fail_successor(harness);
    assert_int_equal(successor(harness), 0);
    entry_on(harness, first, 6);
    expect_event(harness, "entry lobby 6 bob: t6");
    pass(harness, 400);
    assert_true(successor(harness) > second);
    expect_no_event(harness);
    /* Without an answer in time, too. */
    pass(harness, CHAT__CONNECT_TIMEOUT_MS);
    assert_int_equal(successor(harness), 0);
}

/* Requests wait for it, and must not wait for long. */
static void test_a_successor_that_does_not_answer_is_given_up(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);

    connect_successor(harness);
    expect_frame_on(harness, second, HELLO("2", "5"));
    send_text(harness, "lobby", "k1", "x");
    expect_no_frame(harness);
    assert_int_equal(chat__session_deadline(harness->session, harness->now),
                     harness->now + 10000);
    pass(harness, 10000);
    assert_int_equal(successor(harness), 0);
    assert_non_null(strstr(harness_next_frame(harness), "\"key\":\"k1\""));
    expect_no_event(harness);
}

static void test_a_successor_that_is_refused_is_tried_again(void **state)
{
    static const char *const frames[] = {
        "{\"reply\":2,\"error\":{\"code\":\"busy\",\"message\":\"b\","
        "\"retry_ms\":1}}",
        "{\"reply\":2,\"error\":{\"code\":\"unauthorized\",\"message\":\"b\"}}",
        "{\"message\":\"Internal server error\"}",
        "{\"reply\":2,\"ok\":{}}",
        "what",
        DRAIN,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct harness *harness = harness_new();
        uint64_t second = go_to_successor(harness);

        connect_successor(harness);
        assert_non_null(harness_next_frame_of(harness, second));
        receive_on(harness, second, "%s", frames[i]);
        assert_int_equal(successor(harness), 0);
        assert_int_equal(chat__session_state(harness->session),
                         CHAT_STATE_ONLINE);
        pass(harness, 500);
        assert_true(successor(harness) > second);
        send_text(harness, "lobby", "k1", "x");
        assert_non_null(harness_next_frame(harness));
        expect_no_event(harness);
        harness_free(harness);
    }
}

static void test_the_first_may_end_while_the_successor_signs_in(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);

    connect_successor(harness);
    expect_frame_on(harness, second, HELLO("2", "5"));
    disconnect(harness, 4001);
    assert_int_equal(chat__session_attempt(harness->session), second);
    accept_hello(harness, 2, LOBBY("5", "true"));
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    expect_no_event(harness);
    entry_on(harness, second, 6);
    expect_event(harness, "entry lobby 6 bob: t6");
}

static void test_the_first_may_end_before_the_successor_says_hello(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);

    send_text(harness, "lobby", "k1", "x");
    assert_non_null(harness_next_frame(harness));
    connect_successor(harness);
    disconnect(harness, 4001);
    expect_frame_on(harness, second, HELLO("3", "5"));
    accept_hello(harness, 3, LOBBY("5", "true"));
    expect_no_event(harness);
    assert_non_null(strstr(harness_next_frame(harness), "\"key\":\"k1\""));
}

static void test_the_first_may_end_while_the_successor_connects(void **state)
{
    struct harness *harness = *state;
    uint64_t second = go_to_successor(harness);

    disconnect(harness, 4001);
    expect_event(harness, "state waiting error -5 retry 0");
    assert_false(chat__session_wants_transport(harness->session));
    pass(harness, 1);
    expect_event(harness, "state connecting");
    assert_true(chat__session_attempt(harness->session) > second);
    assert_int_equal(successor(harness), 0);
}

static void test_an_end_for_good_ends_the_successor_too(void **state)
{
    struct harness *harness = *state;
    uint64_t attempts[CHAT__TRANSPORTS_MAX];

    go_to_successor(harness);
    connect_successor(harness);
    disconnect(harness, 4501);
    expect_event(harness, "state closed error -20");
    assert_int_equal(chat__session_transports(harness->session, attempts), 0);
}

/* A caller of one transport: the session stays with it until it ends. */
static void test_a_caller_without_a_second_transport_loses_nothing(void **state)
{
    struct harness *harness = *state;

    go_to_successor(harness);
    for (int i = 0; i < 100; i++) {
        pass(harness, 1000);
        while (harness_next_frame(harness) != NULL) {
            const char *id = strstr(harness->frame, "\"id\":");

            receive(harness,
                    "{\"reply\":%lu,\"ok\":{\"now\":6000,\"heads\":{},"
                    "\"rooms_rev\":1}}",
                    strtoul(id + 5, NULL, 10));
        }
    }
    expect_no_event(harness);
    disconnect(harness, 4001);
    expect_event(harness, "state waiting error -5 retry 0");
}

#define SUCCESSOR_TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUCCESSOR_TEST(test_a_drain_is_followed_at_a_time_drawn),
        SUCCESSOR_TEST(test_drains_without_end_are_followed_ever_slower),
        SUCCESSOR_TEST(test_a_drain_may_name_another_address),
        SUCCESSOR_TEST(test_a_connection_is_replaced_before_it_is_too_old),
        SUCCESSOR_TEST(test_the_replacement_has_time_to_be_tried_again),
        SUCCESSOR_TEST(test_a_successor_takes_over_unseen),
        SUCCESSOR_TEST(test_requests_in_flight_are_answered_first),
        SUCCESSOR_TEST(test_what_is_not_answered_is_repeated),
        SUCCESSOR_TEST(test_an_older_head_does_not_reset_the_room),
        SUCCESSOR_TEST(test_the_presence_is_told_to_the_successor),
        SUCCESSOR_TEST(test_a_change_of_the_password_is_not_cut_off),
        SUCCESSOR_TEST(test_a_successor_that_cannot_be_had_is_tried_again),
        SUCCESSOR_TEST(test_a_successor_that_does_not_answer_is_given_up),
        cmocka_unit_test(test_a_successor_that_is_refused_is_tried_again),
        SUCCESSOR_TEST(test_the_first_may_end_while_the_successor_signs_in),
        SUCCESSOR_TEST(test_the_first_may_end_before_the_successor_says_hello),
        SUCCESSOR_TEST(test_the_first_may_end_while_the_successor_connects),
        SUCCESSOR_TEST(test_an_end_for_good_ends_the_successor_too),
        SUCCESSOR_TEST(test_a_caller_without_a_second_transport_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
