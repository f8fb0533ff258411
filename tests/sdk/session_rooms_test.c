#include "tests/sdk/session_harness.h"

#include <string.h>

#define ROOM(name, epoch, head, resumed)                                       \
    "{\"room\":\"" name "\",\"epoch\":\"" epoch "\",\"head\":" head            \
    ",\"read\":0,\"unread\":0,\"mentions\":0,\"resumed\":" resumed "}"
#define FROM_BOB "\"from\":{\"id\":\"3\",\"name\":\"bob\"}"

static void entry(struct harness *harness, const char *room, unsigned seq)
{
    receive(harness,
            "{\"event\":\"message\",\"room\":\"%s\",\"seq\":%u,\"n\":%u,"
            "\"ts\":1," FROM_BOB ",\"key\":\"k%u\",\"text\":\"t%u\"}\n",
            room, seq, seq, seq, seq);
}

/* Comes back after a lost connection, and answers hello with these rooms. */
static void come_back(struct harness *harness, const char *rooms)
{
    disconnect(harness, 0);
    pass(harness, 500);
    accept_hello(harness, go_to_hello(harness), rooms);
    expect_event(harness, "state waiting error -5 retry 0");
    expect_event(harness, "state connecting");
    expect_event(harness, "state online as 17 ann");
}

static void test_rooms_are_told_once_a_handle(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e1", "5", "true") "," ROOM("other", "o1",
                                                                 "2", "false"));
    expect_event(harness, "joined other head 2 read 0 unread 0");
    expect_no_event(harness);
}

static void test_rooms_left_elsewhere_meanwhile_are_told(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, "");
    expect_event(harness, "left lobby head 5 read 0 unread 0");
    entry(harness, "lobby", 6);
    expect_no_event(harness);
}

static void test_another_epoch_resets_the_room(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e2", "3", "false"));
    expect_event(harness, "reset lobby head 3 read 0 unread 0");
    entry(harness, "lobby", 4);
    expect_event(harness, "entry lobby 4 bob: t4");
    expect_no_event(harness);
}

/* What was read of the old log says nothing of the new one. */
static void test_another_epoch_brings_its_own_marker(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"read\",\"room\":\"lobby\",\"read\":5,"
                     "\"unread\":0,\"mentions\":0}\n");
    expect_event(harness, "read lobby head 5 read 5 unread 0");
    come_back(harness, "{\"room\":\"lobby\",\"epoch\":\"e2\",\"head\":4,"
                       "\"read\":2,\"unread\":1,\"mentions\":1,"
                       "\"resumed\":false}");
    expect_event(harness, "reset lobby head 4 read 2 unread 1 mentions 1");
    expect_no_event(harness);
}

/* The message that is meant is gone; another may have its seq. */
static void test_changes_do_not_go_to_another_log(void **state)
{
    struct harness *harness = *state;
    struct chat__request edit = {.action = CHAT__ACTION_EDIT};

    go_online(harness, 5);
    edit.body.edit.room = "lobby";
    edit.body.edit.key = "k1";
    edit.body.edit.ref = 5;
    edit.body.edit.text = "better";
    submit(harness, &edit, 0);
    send_text(harness, "lobby", "k2", "hi");
    assert_non_null(harness_next_frame(harness));
    assert_non_null(harness_next_frame(harness));
    come_back(harness, ROOM("lobby", "e2", "3", "false"));
    expect_event(harness, "failed lobby k1 error -26");
    expect_event(harness, "reset lobby head 3 read 0 unread 0");
    expect_frame(harness, "{\"action\":\"send\",\"id\":5,\"room\":"
                          "\"lobby\",\"key\":\"k2\",\"text\":\"hi\"}");
    expect_no_frame(harness);
}

static void test_a_head_below_ours_resets_the_room(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e1", "3", "false"));
    expect_event(harness, "reset lobby head 3 read 0 unread 0");
}

static void test_a_log_that_begins_behind_us_resets_the_room(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e1", "90", "false"));
    pass(harness, 300);
    expect_frame(harness, "{\"action\":\"history\",\"id\":3,\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"after\":5,\"limit\":200}");
    receive(harness,
            "{\"reply\":3,\"ok\":{\"changes\":[],\"entries\":[],\"first\":50,"
            "\"head\":90}}");
    expect_event(harness, "reset lobby head 90 read 0 unread 0");
    entry(harness, "lobby", 91);
    expect_event(harness, "entry lobby 91 bob: t91");
}

static void test_a_changed_epoch_is_found_by_a_page(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "lobby", 8);
    expect_frame(harness, "{\"action\":\"history\",\"id\":2,\"room\":\"lobby\","
                          "\"epoch\":\"e1\",\"after\":5,\"limit\":200}");
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"epoch_changed\","
                     "\"message\":\"anew\"}}");
    expect_frame(harness, "{\"action\":\"ping\",\"id\":3}");
    receive(harness, "{\"reply\":3,\"ok\":{\"now\":6001,\"heads\":{\"lobby\":"
                     "{\"epoch\":\"e2\",\"head\":1}},\"rooms_rev\":1}}");
    expect_event(harness, "reset lobby head 1 read 0 unread 0");
    expect_no_event(harness);
}

static void test_a_room_that_may_not_be_read_any_more_is_left(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "lobby", 8);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"forbidden\","
                     "\"message\":\"not a member\"}}");
    expect_event(harness, "left lobby head 5 read 0 unread 0");
}

static void test_other_connections_of_the_user_join_and_leave(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"membership\",\"room\":\"new\",\"epoch\":"
                     "\"n1\",\"head\":3,\"state\":\"joined\",\"read\":1,"
                     "\"unread\":2,\"mentions\":0}\n");
    expect_event(harness, "joined new head 3 read 1 unread 2");
    entry(harness, "new", 4);
    expect_event(harness, "entry new 4 bob: t4");
    receive(harness, "{\"event\":\"membership\",\"room\":\"new\",\"epoch\":"
                     "\"n1\",\"head\":4,\"state\":\"left\"}\n");
    expect_event(harness, "left new head 4 read 1 unread 0");
    entry(harness, "new", 5);
    expect_no_event(harness);
}

static void test_old_news_of_a_room_do_not_reset_it(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    entry(harness, "lobby", 6);
    forget_events(harness);
    receive(harness, "{\"event\":\"membership\",\"room\":\"lobby\",\"epoch\":"
                     "\"e1\",\"head\":2,\"state\":\"joined\"}\n");
    expect_no_event(harness);
    entry(harness, "lobby", 7);
    expect_event(harness, "entry lobby 7 bob: t7");
}

static void test_markers_move_forward_only(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"read\",\"room\":\"lobby\",\"read\":4,"
                     "\"unread\":1,\"mentions\":0}\n");
    expect_event(harness, "read lobby head 5 read 4 unread 1");
    receive(harness, "{\"event\":\"read\",\"room\":\"lobby\",\"read\":3,"
                     "\"unread\":2,\"mentions\":0}\n");
    receive(harness, "{\"event\":\"read\",\"room\":\"unknown\",\"read\":3,"
                     "\"unread\":2,\"mentions\":0}\n");
    expect_no_event(harness);
}

static void test_typing_is_passed_on_but_for_ones_own(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness,
            "{\"event\":\"typing\",\"room\":\"lobby\"," FROM_BOB "}\n");
    receive(harness, "{\"event\":\"typing\",\"room\":\"lobby\",\"from\":"
                     "{\"id\":\"17\",\"name\":\"ann\"}}\n");
    receive(harness, "{\"event\":\"typing\",\"room\":\"else\"," FROM_BOB "}\n");
    expect_event(harness, "typing lobby 3 bob");
    expect_no_event(harness);
}

static void test_unknown_events_are_passed_over(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "{\"event\":\"rainfall\",\"room\":\"lobby\"}\n"
                     "{\"event\":\"weather\"}\n");
    expect_no_event(harness);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
}

static void test_events_before_the_sign_in_reply_are_held(void **state)
{
    struct harness *harness = *state;
    uint32_t id = go_to_hello(harness);

    forget_events(harness);
    entry(harness, "lobby", 6);
    entry(harness, "lobby", 5);
    expect_no_event(harness);
    accept_hello(harness, id, ROOM("lobby", "e1", "5", "false"));
    expect_event(harness, "state online as 17 ann");
    expect_event(harness, "joined lobby head 5 read 0 unread 0");
    expect_event(harness, "entry lobby 6 bob: t6");
    expect_no_event(harness);
}

/* ---- join and leave ---- */

static void
test_a_join_tells_the_room_its_page_and_what_came_early(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    join_room(harness, "new", "j1", 9);
    expect_frame(harness, "{\"action\":\"join\",\"id\":2,\"room\":\"new\","
                          "\"key\":\"j1\",\"limit\":50}");
    entry(harness, "new", 3);
    entry(harness, "new", 2);
    receive(harness, "{\"reply\":2,\"ok\":{\"room\":\"new\",\"epoch\":\"n1\","
                     "\"members\":2,\"role\":\"member\",\"recovered\":false,"
                     "\"changes\":[],\"entries\":[{\"event\":"
                     "\"join\",\"room\":\"new\",\"seq\":2,\"ts\":1," FROM_BOB
                     ",\"key\":\"x\"}],\"first\":1,\"head\":2,\"more\":true}}");
    expect_event(harness,
                 "joined new head 2 read 0 unread 0 as member request 9");
    expect_event(harness, "history new 2 and more request 9");
    expect_event(harness, "entry new 3 bob: t3");
    expect_no_event(harness);
}

static void test_joining_again_goes_on_where_the_log_stands(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    join_room(harness, "lobby", "j1", 9);
    assert_non_null(harness_next_frame(harness));
    receive(
        harness,
        "{\"reply\":2,\"ok\":{\"room\":\"lobby\",\"epoch\":\"e1\","
        "\"members\":2,\"role\":\"member\",\"recovered\":false,\"changes\":[],"
        "\"entries\":["
        "{\"event\":\"join\",\"room\":\"lobby\",\"seq\":5,\"ts\":1," FROM_BOB
        ",\"key\":\"x\"},"
        "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":6,\"ts\":1," FROM_BOB
        ",\"key\":\"y\"}],\"first\":1,\"head\":6}}");
    expect_event(harness,
                 "joined lobby head 5 read 0 unread 0 as member request 9");
    expect_event(harness, "history lobby 5 request 9");
    expect_no_event(harness);
    entry(harness, "lobby", 6);
    expect_event(harness, "entry lobby 6 bob: t6");
}

static void test_a_refused_join_leaves_nothing_behind(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    join_room(harness, "new", "j1", 9);
    assert_non_null(harness_next_frame(harness));
    entry(harness, "new", 3);
    receive(harness, "{\"reply\":2,\"error\":{\"code\":\"not_found\","
                     "\"message\":\"no such room\"}}");
    expect_event(harness, "failed new - error -23 request 9");
    entry(harness, "new", 4);
    expect_no_event(harness);
    assert_int_equal(chat__session_outbox(harness->session)->others, 0);
}

static const char own_leave[] =
    "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":6,\"ts\":1,\"from\":"
    "{\"id\":\"17\",\"name\":\"ann\"},\"key\":\"l1\"}\n";

static void test_a_leave_ends_after_its_own_entry(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    leave_room(harness, "lobby", "l1", 4);
    expect_frame(harness, "{\"action\":\"leave\",\"id\":2,\"room\":\"lobby\","
                          "\"key\":\"l1\"}");
    receive(harness, "%s", own_leave);
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_event(harness, "entry lobby 6 ann (own): -");
    expect_event(harness, "left lobby head 6 read 0 unread 0 request 4");
    entry(harness, "lobby", 7);
    expect_no_event(harness);
}

static void test_a_leave_whose_reply_comes_first(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    leave_room(harness, "lobby", "l1", 4);
    assert_non_null(harness_next_frame(harness));
    receive(harness, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}");
    expect_event(harness, "left lobby head 5 read 0 unread 0 request 4");
    receive(harness, "%s", own_leave);
    expect_no_event(harness);
}

static void test_a_leave_from_another_connection(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    receive(harness, "%s", own_leave);
    expect_event(harness, "entry lobby 6 ann (own): -");
    expect_event(harness, "left lobby head 6 read 0 unread 0");
}

/* Away while another connection left the room and came back to it. */
static void test_a_leave_that_a_later_join_has_undone(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e1", "7", "true"));
    receive(harness, "%s", own_leave);
    expect_event(harness, "entry lobby 6 ann (own): -");
    entry(harness, "lobby", 7);
    expect_event(harness, "entry lobby 7 bob: t7");
    receive(harness,
            "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":8,\"ts\":1,"
            "\"from\":{\"id\":\"17\",\"name\":\"ann\"},\"key\":\"l2\"}\n");
    expect_event(harness, "entry lobby 8 ann (own): -");
    expect_event(harness, "left lobby head 8 read 0 unread 0");
    expect_no_event(harness);
}

static void test_a_leave_in_a_page_that_a_later_join_has_undone(void **state)
{
    struct harness *harness = *state;

    go_online(harness, 5);
    come_back(harness, ROOM("lobby", "e1", "7", "false"));
    pass(harness, 300);
    assert_non_null(harness_next_frame(harness));
    receive(harness,
            "{\"reply\":3,\"ok\":{\"changes\":[],\"entries\":["
            "{\"event\":\"leave\",\"room\":\"lobby\",\"seq\":6,\"ts\":1,"
            "\"from\":{\"id\":\"17\",\"name\":\"ann\"},\"key\":\"l1\"},"
            "{\"event\":\"join\",\"room\":\"lobby\",\"seq\":7,\"ts\":1,"
            "\"from\":{\"id\":\"17\",\"name\":\"ann\"},\"key\":\"j1\"}],"
            "\"first\":1,\"head\":7}}");
    expect_event(harness, "entry lobby 6 ann (own): -");
    expect_event(harness, "entry lobby 7 ann (own): -");
    entry(harness, "lobby", 8);
    expect_event(harness, "entry lobby 8 bob: t8");
    expect_no_event(harness);
}

#define ROOMS_TEST(function)                                                   \
    cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS_TEST(test_rooms_are_told_once_a_handle),
        ROOMS_TEST(test_rooms_left_elsewhere_meanwhile_are_told),
        ROOMS_TEST(test_another_epoch_resets_the_room),
        ROOMS_TEST(test_another_epoch_brings_its_own_marker),
        ROOMS_TEST(test_changes_do_not_go_to_another_log),
        ROOMS_TEST(test_a_head_below_ours_resets_the_room),
        ROOMS_TEST(test_a_log_that_begins_behind_us_resets_the_room),
        ROOMS_TEST(test_a_changed_epoch_is_found_by_a_page),
        ROOMS_TEST(test_a_room_that_may_not_be_read_any_more_is_left),
        ROOMS_TEST(test_other_connections_of_the_user_join_and_leave),
        ROOMS_TEST(test_old_news_of_a_room_do_not_reset_it),
        ROOMS_TEST(test_markers_move_forward_only),
        ROOMS_TEST(test_typing_is_passed_on_but_for_ones_own),
        ROOMS_TEST(test_unknown_events_are_passed_over),
        ROOMS_TEST(test_events_before_the_sign_in_reply_are_held),
        ROOMS_TEST(test_a_join_tells_the_room_its_page_and_what_came_early),
        ROOMS_TEST(test_joining_again_goes_on_where_the_log_stands),
        ROOMS_TEST(test_a_refused_join_leaves_nothing_behind),
        ROOMS_TEST(test_a_leave_ends_after_its_own_entry),
        ROOMS_TEST(test_a_leave_whose_reply_comes_first),
        ROOMS_TEST(test_a_leave_from_another_connection),
        ROOMS_TEST(test_a_leave_that_a_later_join_has_undone),
        ROOMS_TEST(test_a_leave_in_a_page_that_a_later_join_has_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
