#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

#define LOBBY(head, resumed)                                                   \
    "{\"room\":\"lobby\",\"epoch\":\"e1\",\"head\":" head                      \
    ",\"read\":2,\"unread\":3,\"mentions\":0,\"resumed\":" resumed "}"

static void message(struct harness *harness, unsigned seq, const char *text)
{
    receive(harness,
            "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":%u,\"n\":%u,"
            "\"ts\":1,\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"k%u\","
            "\"text\":\"%s\"}\n",
            seq, seq, seq, text);
}

/* ---- sign-in ---- */

static void
test_says_hello_as_a_guest_and_nothing_else_before_its_reply(void **state)
{
    struct harness *harness = *state;

    send_text(harness, "lobby", "k1", "hi");
    assert_int_equal(chat__session_start(harness->session, harness->now),
                     CHAT_OK);
    expect_event(harness, "state connecting");
    expect_no_frame(harness);
    chat__session_connected(harness->session, harness->now);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":1,\"version\":1,"
                          "\"guest\":\"ann\",\"key\":\"gk\"}");
    expect_no_frame(harness);
    accept_hello(harness, 1, LOBBY("5", "false"));
    expect_event(harness, "state online as 17 ann");
    expect_event(harness, "joined lobby head 5 read 2 unread 3");
    expect_no_event(harness);
    expect_frame(harness, "{\"action\":\"send\",\"id\":2,\"room\":\"lobby\","
                          "\"key\":\"k1\",\"text\":\"hi\"}");
    assert_string_equal(chat__session_credentials(harness->session)->token,
                        "tok");
}

static void test_comes_back_with_its_token_and_resumes(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    message(harness, 6, "x");
    expect_event(harness, "entry lobby 6 bob: x");
    harness->random = 501 * 1000 + 400;
    disconnect(harness, 0);
    expect_event(harness, "state waiting error -5 retry %d",
                 (501 * 1000 + 400) % 501);
    pass(harness, 500);
    expect_event(harness, "state connecting");
    chat__session_connected(harness->session, harness->now);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":2,\"version\":1,"
                          "\"token\":\"tok\",\"resume\":[{\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"seq\":6}]}");
    accept_hello(harness, 2, LOBBY("8", "true"));
    expect_event(harness, "state online as 17 ann");
    expect_event(harness, "read lobby head 6 read 2 unread 3");
    expect_no_event(harness);
    message(harness, 7, "y");
    expect_event(harness, "entry lobby 7 bob: y");
}

static void test_pages_what_could_not_be_resumed(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    disconnect(harness, 0);
    pass(harness, 500);
    accept_hello(harness, go_to_hello(harness), LOBBY("8", "false"));
    forget_events(harness);
    message(harness, 9, "live");
    expect_no_event(harness);
    expect_frame(harness, "{\"action\":\"history\",\"id\":3,\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"after\":5,\"limit\":200}");
    receive(harness,
            "{\"reply\":3,\"ok\":{\"changes\":[],\"entries\":["
            "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":6,\"n\":1,"
            "\"ts\":1,\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"a\","
            "\"text\":\"six\"},"
            "{\"event\":\"later\",\"room\":\"lobby\",\"seq\":7,\"ts\":1,"
            "\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"l\"}],"
            "\"first\":1,\"head\":9,\"more\":true}}\n");
    expect_event(harness, "entry lobby 6 bob: six");
    expect_event(harness, "entry lobby 7 bob: -");
    expect_no_event(harness);
    expect_frame(harness, "{\"action\":\"history\",\"id\":4,\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"after\":7,\"limit\":200}");
    receive(harness,
            "{\"reply\":4,\"ok\":{\"changes\":[],\"entries\":["
            "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":8,\"ts\":1,"
            "\"from\":{\"id\":\"3\",\"name\":\"bob\"},\"key\":\"b\"}],"
            "\"first\":1,\"head\":9,\"more\":true}}\n");
    expect_event(harness, "entry lobby 8 bob: -");
    expect_event(harness, "entry lobby 9 bob: live");
    expect_no_event(harness);
    expect_no_frame(harness);
}

static void test_a_refusal_for_good_closes(void **state)
{
    struct harness *harness = *state;
    uint32_t id;

    send_text(harness, "lobby", "k1", "hi");
    id = go_to_hello(harness);
    forget_events(harness);
    receive(harness,
            "{\"reply\":%u,\"error\":{\"code\":\"version\",\"message\":\"v\"}}",
            id);
    expect_event(harness, "failed lobby k1 error -31");
    expect_event(harness, "state closed error -31");
    assert_false(chat__session_wants_transport(harness->session));
    assert_int_equal(chat__session_start(harness->session, harness->now),
                     CHAT_ERROR_STATE);
}

static void test_a_refusal_for_now_waits_as_told(void **state)
{
    struct harness *harness = *state;
    uint32_t id = go_to_hello(harness);

    forget_events(harness);
    receive(harness,
            "{\"reply\":%u,\"error\":{\"code\":\"busy\",\"message\":\"b\","
            "\"retry_ms\":4000}}",
            id);
    expect_event(harness, "state waiting error -29 retry 4000");
    pass(harness, 3999);
    expect_no_event(harness);
    pass(harness, 1);
    expect_event(harness, "state connecting");
}

static void test_an_old_token_makes_place_for_the_guest(void **state)
{
    struct harness *harness = *state;
    struct chat__credentials *credentials =
        chat__session_credentials(harness->session);

    snprintf(credentials->token, sizeof(credentials->token), "old");
    assert_int_equal(go_to_hello(harness), 1);
    forget_events(harness);
    receive(harness, "{\"reply\":1,\"error\":{\"code\":\"unauthorized\","
                     "\"message\":\"no\"}}");
    expect_no_event(harness);
    expect_frame(harness, "{\"action\":\"hello\",\"id\":2,\"version\":1,"
                          "\"guest\":\"ann\",\"key\":\"gk\"}");
    accept_hello(harness, 2, "");
    expect_event(harness, "state online as 17 ann");
}

static void test_a_token_that_the_program_chose_is_not_replaced(void **state)
{
    struct harness *harness = *state;
    struct chat__credentials *credentials =
        chat__session_credentials(harness->session);

    snprintf(credentials->token, sizeof(credentials->token), "old");
    credentials->token_only = true;
    assert_int_equal(go_to_hello(harness), 1);
    forget_events(harness);
    receive(harness, "{\"reply\":1,\"error\":{\"code\":\"unauthorized\","
                     "\"message\":\"no\"}}");
    expect_event(harness, "state closed error -21");
}

static void test_hello_required_signs_in_again_and_repeats(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "hi");
    expect_frame(harness, "{\"action\":\"send\",\"id\":2,\"room\":\"lobby\","
                          "\"key\":\"k1\",\"text\":\"hi\"}");
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"hello_required\","
                     "\"message\":\"hello first\"}}");
    expect_frame(harness, "{\"action\":\"hello\",\"id\":3,\"version\":1,"
                          "\"token\":\"tok\",\"resume\":[{\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"seq\":5}]}");
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    accept_hello(harness, 3, LOBBY("5", "true"));
    expect_frame(harness, "{\"action\":\"send\",\"id\":4,\"room\":\"lobby\","
                          "\"key\":\"k1\",\"text\":\"hi\"}");
}

static void test_a_server_that_only_wants_hello_is_left(void **state)
{
    struct harness *harness = *state;
    uint32_t id = 2;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "hi");
    while (chat__session_state(harness->session) == CHAT_STATE_ONLINE &&
           id < 100) {
        assert_non_null(harness_next_frame(harness));
        receive(harness,
                "{\"reply\":%u,\"error\":{\"code\":\"hello_required\","
                "\"message\":\"hello first\"}}",
                id++);
        if (harness_next_frame(harness) == NULL)
            break;
        accept_hello(harness, id++, LOBBY("5", "true"));
    }
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_WAITING);
}

/* ---- ends ---- */

static void test_a_drain_comes_back_soon_and_spread(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"close\",\"code\":4001,"
                     "\"message\":\"restart\"}\n");
    harness->random = 777;
    disconnect(harness, 4001);
    expect_event(harness, "state waiting error -5 retry 777");
}

static void test_codes_from_4500_close_for_good(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    disconnect(harness, 4501);
    expect_event(harness, "state closed error -20");
}

static void test_a_hello_that_was_lost_is_said_again(void **state)
{
    struct harness *harness = *state;

    (void)go_to_hello(harness);
    forget_events(harness);
    disconnect(harness, 4502);
    expect_event(harness, "state waiting error -5 retry 0");
}

static void test_the_close_event_counts_where_no_code_can_be_sent(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"close\",\"code\":4505,"
                     "\"message\":\"old\"}\n");
    disconnect(harness, 1000);
    expect_event(harness, "state closed error -31");
}

static void test_an_ended_token_makes_place_for_the_guest(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    disconnect(harness, 4500);
    expect_event(harness, "state waiting error -21 retry 0");
    pass(harness, 0);
    chat__session_connected(harness->session, harness->now);
    assert_non_null(strstr(harness_next_frame(harness),
                           "\"guest\":\"ann\",\"key\":\"gk\""));
}

static void test_backs_off_until_a_connection_has_held(void **state)
{
    struct harness *harness = *state;

    harness->random = UINT64_C(500 * 501) * 1001 * 2001 * 4001 * 8001;
    go_online(harness, 5);
    for (unsigned limit = 500; limit <= 4000; limit *= 2) {
        uint64_t deadline;

        disconnect(harness, 0);
        deadline = chat__session_deadline(harness->session, harness->now);
        assert_in_range(deadline, harness->now, harness->now + limit);
        pass(harness, limit);
        assert_int_equal(chat__session_state(harness->session),
                         CHAT_STATE_CONNECTING);
        accept_hello(harness, go_to_hello(harness), LOBBY("5", "true"));
    }
    pass(harness, CHAT__STABLE_MS);
    forget_events(harness);
    harness->random = 500;
    disconnect(harness, 0);
    expect_event(harness, "state waiting error -5 retry 500");
}

static void test_start_while_waiting_tries_at_once(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    harness->random = 400;
    disconnect(harness, 0);
    expect_event(harness, "state waiting error -5 retry 400");
    assert_int_equal(chat__session_start(harness->session, harness->now),
                     CHAT_OK);
    expect_event(harness, "state connecting");
}

static void test_stop_fails_what_waits(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "hi");
    join_room(harness, "other", "k2", 9);
    chat__session_stop(harness->session, harness->now);
    expect_event(harness, "failed lobby k1 error -10");
    expect_event(harness, "failed other - error -10 request 9");
    expect_event(harness, "state closed");
    expect_no_event(harness);
}

static void test_stop_leaves_messages_to_the_file(void **state)
{
    struct harness *harness = *state;

    chat__session_keep_messages(harness->session);
    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "hi");
    chat__session_stop(harness->session, harness->now);
    expect_event(harness, "state closed");
    expect_no_event(harness);
    assert_int_equal(chat__session_outbox(harness->session)->messages, 1);
}

/* ---- time ---- */

static void test_pings_and_finds_what_was_lost(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    assert_int_equal(chat__session_deadline(harness->session, harness->now),
                     harness->now + 22500);
    pass(harness, 22499);
    expect_no_frame(harness);
    pass(harness, 1);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":2,\"since\":5000}");
    receive(harness, "{\"reply\":2,\"ok\":{\"now\":6000,\"heads\":{\"lobby\":"
                     "{\"epoch\":\"e1\",\"head\":7}},\"rooms_rev\":1}}");
    expect_no_frame(harness);
    pass(harness, 300);
    assert_non_null(
        strstr(harness_next_frame(harness), "\"after\":5,\"limit\":200"));
    pass(harness, 22200);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":4,\"since\":6000}");
}

/* Servers' clocks differ, so `since` of one hides what another had; and a list
 * of rooms may have been told by one that was behind. */
static void test_every_fourth_ping_lists_all_rooms(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    for (unsigned id = 2; id < 10; id++) {
        pass(harness, 22500);
        if (id == 6)
            expect_frame(harness, "{\"action\":\"ping\",\"id\":%u}", id);
        else
            expect_frame(harness,
                         "{\"action\":\"ping\",\"id\":%u,\"since\":5000}", id);
        receive(harness,
                "{\"reply\":%u,\"ok\":{\"now\":5000,\"heads\":{%s},"
                "\"rooms_rev\":1}}",
                id, id == 6 ? "\"lobby\":{\"epoch\":\"e1\",\"head\":5}" : "");
    }
    expect_no_event(harness);
    pass(harness, 22500);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":10}");
    receive(harness, "{\"reply\":10,\"ok\":{\"now\":5000,\"heads\":{},"
                     "\"rooms_rev\":1}}");
    expect_event(harness, "left lobby head 5 read 0 unread 0");
}

static void test_a_long_ping_goes_on(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    pass(harness, 22500);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":2,\"since\":5000}");
    receive(harness, "{\"reply\":2,\"ok\":{\"now\":6000,\"heads\":{},"
                     "\"more\":true,\"after\":\"lobby\",\"rooms_rev\":1}}");
    expect_frame(harness, "{\"action\":\"ping\",\"id\":3,\"since\":5000,"
                          "\"after\":\"lobby\"}");
    receive(harness, "{\"reply\":3,\"ok\":{\"now\":6100,\"heads\":{},"
                     "\"rooms_rev\":1}}");
    pass(harness, 22500);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":4,\"since\":6000}");
}

static void test_a_changed_room_list_is_compared_as_a_whole(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    pass(harness, 22500);
    expect_frame(harness, "{\"action\":\"ping\",\"id\":2,\"since\":5000}");
    receive(harness, "{\"reply\":2,\"ok\":{\"now\":6000,\"heads\":{},"
                     "\"rooms_rev\":4}}");
    expect_frame(harness, "{\"action\":\"ping\",\"id\":3}");
    receive(harness, "{\"reply\":3,\"ok\":{\"now\":6001,\"heads\":{\"other\":"
                     "{\"epoch\":\"o1\",\"head\":9}},\"rooms_rev\":4}}");
    expect_event(harness, "joined other head 9 read 0 unread 0");
    expect_event(harness, "left lobby head 5 read 0 unread 0");
    expect_no_event(harness);
    expect_no_frame(harness);
}

static void test_silence_means_that_the_connection_is_dead(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    pass(harness, 25000 + 34999);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    pass(harness, 1);
    expect_event(harness, "state waiting error -7 retry 0");
    assert_false(chat__session_wants_transport(harness->session));
}

/* The pages of a round are read one after the other, and so is the list. */
static void test_a_change_between_two_pages_of_a_ping_is_found(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    pass(harness, 22500);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"ok\":{\"now\":6000,\"heads\":{},"
                     "\"more\":true,\"after\":\"lobby\",\"rooms_rev\":1}}");
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":3,\"ok\":{\"now\":6001,\"heads\":{},"
                     "\"rooms_rev\":2}}");
    expect_no_frame(harness);
    pass(harness, 22500);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":4,\"ok\":{\"now\":7000,\"heads\":{},"
                     "\"rooms_rev\":2}}");
    expect_frame(harness, "{\"action\":\"ping\",\"id\":5}");
}

static void test_no_server_decides_how_long_a_request_waits(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    send_text(harness, "lobby", "k1", "hi");
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"busy\",\"message\":"
                     "\"b\",\"retry_ms\":4000000000}}");
    harness->now += CHAT__RETRY_MAX_MS;
    assert_non_null(harness_next_frame(harness)); /* a ping */
    assert_non_null(strstr(harness_next_frame(harness), "\"key\":\"k1\""));
}

static void test_no_server_decides_how_long_a_sign_in_waits(void **state)
{
    struct harness *harness = *state;
    uint32_t id = go_to_hello(harness);

    forget_events(harness);
    receive(harness,
            "{\"reply\":%u,\"error\":{\"code\":\"busy\",\"message\":\"b\","
            "\"retry_ms\":4000000000}}",
            id);
    expect_event(harness, "state waiting error -29 retry %d",
                 CHAT__RETRY_MAX_MS);
}

static void test_no_server_can_put_off_pings_for_ever(void **state)
{
    struct harness *harness = *state;
    uint32_t id = go_to_hello(harness);

    receive(harness,
            "{\"reply\":%u,\"ok\":{\"user\":{\"id\":\"17\",\"name\":\"ann\"},"
            "\"session\":\"s1\",\"ping_ms\":9007199254740991,"
            "\"limits\":{\"frame_bytes\":30720,\"text_characters\":4000,"
            "\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"
            "\"in_flight\":2,\"connection_ms\":0},"
            "\"server\":{\"version\":\"1\",\"task\":\"t\"},\"rooms\":[],"
            "\"invites\":[],\"rooms_rev\":1,\"now\":5000}}",
            id);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    assert_true(chat__session_deadline(harness->session, harness->now) <=
                harness->now + CHAT__PING_INTERVAL_MAX_MS);
}

static void test_silence_means_nothing_while_nobody_reads(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    chat__session_pause(harness->session, true, harness->now);
    pass(harness, 3600 * 1000);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    chat__session_pause(harness->session, false, harness->now);
    pass(harness, 34000);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    pass(harness, 60000);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_WAITING);
}

static void test_a_connection_that_does_not_come_is_given_up(void **state)
{
    struct harness *harness = *state;

    chat__session_start(harness->session, harness->now);
    expect_event(harness, "state connecting");
    pass(harness, CHAT__CONNECT_TIMEOUT_MS);
    expect_event(harness, "state waiting error -7 retry 0");
}

static void test_a_hello_without_answer_is_given_up(void **state)
{
    struct harness *harness = *state;

    go_to_hello(harness);
    forget_events(harness);
    pass(harness, 35000);
    expect_event(harness, "state waiting error -7 retry 0");
}

/* ---- bad input ---- */

static void test_nonsense_ends_the_connection(void **state)
{
    static const char *const frames[] = {
        "{",
        "hello",
        "[]",
        "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":\"6\"}",
        "{\"event\":5}",
        "{\"reply\":\"x\"}",
        "{\"event\":\"typing\",\"event\":\"typing\"}",
    };

    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct harness *harness = harness_new();

        go_online(harness, 5);
        receive(harness, "%s", frames[i]);
        expect_event(harness, "state waiting error -8 retry 0");
        expect_no_event(harness);
        harness_free(harness);
    }
    (void)state;
}

static void test_the_rest_of_a_bad_frame_is_not_read(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "nonsense\n{\"event\":\"typing\",\"room\":\"lobby\","
                     "\"from\":{\"id\":\"3\",\"name\":\"bob\"}}\n");
    expect_event(harness, "state waiting error -8 retry 0");
    expect_no_event(harness);
}

static void test_replies_to_nobody_are_passed_over(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"reply\":99,\"ok\":{\"seq\":1}}");
    receive(harness, "{\"reply\":0,\"ok\":{}}");
    expect_no_event(harness);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
}

static void test_events_without_memory_come_again(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    harness->refuse = 1;
    message(harness, 6, "x");
    expect_event(harness, "state waiting error -1 retry 0");
    pass(harness, 0);
    forget_events(harness);
    chat__session_connected(harness->session, harness->now);
    assert_non_null(strstr(harness_next_frame(harness), "\"seq\":5}"));
}

#define SESSION_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(
            test_says_hello_as_a_guest_and_nothing_else_before_its_reply),
        SESSION_TEST(test_comes_back_with_its_token_and_resumes),
        SESSION_TEST(test_pages_what_could_not_be_resumed),
        SESSION_TEST(test_a_refusal_for_good_closes),
        SESSION_TEST(test_a_refusal_for_now_waits_as_told),
        SESSION_TEST(test_an_old_token_makes_place_for_the_guest),
        SESSION_TEST(test_a_token_that_the_program_chose_is_not_replaced),
        SESSION_TEST(test_hello_required_signs_in_again_and_repeats),
        SESSION_TEST(test_a_server_that_only_wants_hello_is_left),
        SESSION_TEST(test_a_drain_comes_back_soon_and_spread),
        SESSION_TEST(test_codes_from_4500_close_for_good),
        SESSION_TEST(test_a_hello_that_was_lost_is_said_again),
        SESSION_TEST(test_the_close_event_counts_where_no_code_can_be_sent),
        SESSION_TEST(test_an_ended_token_makes_place_for_the_guest),
        SESSION_TEST(test_backs_off_until_a_connection_has_held),
        SESSION_TEST(test_start_while_waiting_tries_at_once),
        SESSION_TEST(test_stop_fails_what_waits),
        SESSION_TEST(test_stop_leaves_messages_to_the_file),
        SESSION_TEST(test_pings_and_finds_what_was_lost),
        SESSION_TEST(test_every_fourth_ping_lists_all_rooms),
        SESSION_TEST(test_a_long_ping_goes_on),
        SESSION_TEST(test_a_changed_room_list_is_compared_as_a_whole),
        SESSION_TEST(test_silence_means_that_the_connection_is_dead),
        SESSION_TEST(test_a_change_between_two_pages_of_a_ping_is_found),
        SESSION_TEST(test_no_server_decides_how_long_a_request_waits),
        SESSION_TEST(test_no_server_decides_how_long_a_sign_in_waits),
        SESSION_TEST(test_no_server_can_put_off_pings_for_ever),
        SESSION_TEST(test_silence_means_nothing_while_nobody_reads),
        SESSION_TEST(test_a_connection_that_does_not_come_is_given_up),
        SESSION_TEST(test_a_hello_without_answer_is_given_up),
        SESSION_TEST(test_nonsense_ends_the_connection),
        SESSION_TEST(test_the_rest_of_a_bad_frame_is_not_read),
        SESSION_TEST(test_replies_to_nobody_are_passed_over),
        SESSION_TEST(test_events_without_memory_come_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
