#include "sdk/outbox.h"
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

#define NOW 5000

static struct chat__outbox outbox;
static uint32_t last_id;

static int begin(void **state)
{
    (void)state;
    chat__outbox_init(&outbox);
    outbox.in_flight_max = 2;
    last_id = 0;
    return 0;
}

static int finish(void **state)
{
    (void)state;
    chat__outbox_release(&outbox);
    assert_null(outbox.first);
    assert_null(outbox.lanes);
    return 0;
}

static struct chat__item *new_message(const char *room, const char *key,
                                      const char *text)
{
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct chat__item *item;

    request.body.send.room = room;
    request.body.send.key = key;
    request.body.send.text = text;
    item = chat__item_new(&request, 0);
    assert_non_null(item);
    return item;
}

static void add(const char *room, const char *key)
{
    assert_true(chat__outbox_add(&outbox, new_message(room, key, "text")));
}

static void add_history(const char *room)
{
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};
    struct chat__item *item;

    request.body.history.room = room;
    item = chat__item_new(&request, 0);
    assert_non_null(item);
    assert_true(chat__outbox_add(&outbox, item));
}

/* Hands the next item over; it must have this key. Its id is returned. */
static uint32_t hand(const char *key, uint64_t now)
{
    struct chat__item *item = chat__outbox_next(&outbox, now);

    assert_non_null(item);
    assert_string_equal(item->key, key);
    chat__outbox_handed(&outbox, item, ++last_id, now);
    return last_id;
}

static void answer(uint32_t id)
{
    struct chat__item *item = chat__outbox_find(&outbox, id);

    assert_non_null(item);
    chat__outbox_remove(&outbox, item);
}

static void refuse(uint32_t id, uint64_t wait)
{
    struct chat__item *item = chat__outbox_find(&outbox, id);

    assert_non_null(item);
    chat__outbox_refused(&outbox, item, wait, NOW);
}

static void test_keeps_order_and_the_limit_of_each_room(void **state)
{
    uint32_t a1;

    (void)state;
    add("a", "a1");
    add("a", "a2");
    add("a", "a3");
    add("b", "b1");
    a1 = hand("a1", NOW);
    hand("a2", NOW);
    hand("b1", NOW);
    assert_null(chat__outbox_next(&outbox, NOW));
    answer(a1);
    hand("a3", NOW);
}

static void test_requests_without_key_are_not_held_up(void **state)
{
    struct chat__item *item;

    (void)state;
    outbox.in_flight_max = 1;
    add("a", "a1");
    add("a", "a2");
    add_history("a");
    hand("a1", NOW);
    item = chat__outbox_next(&outbox, NOW);
    assert_non_null(item);
    assert_int_equal(item->request.action, CHAT__ACTION_HISTORY);
}

static void test_requests_about_a_room_wait_for_its_join(void **state)
{
    struct chat__request request = {.action = CHAT__ACTION_JOIN};
    struct chat__item *item;
    uint32_t join;

    (void)state;
    request.body.join.room = "a";
    request.body.join.key = "j1";
    item = chat__item_new(&request, 0);
    assert_non_null(item);
    assert_true(chat__outbox_add(&outbox, item));
    add_history("a");
    join = hand("j1", NOW);
    assert_null(chat__outbox_next(&outbox, NOW));
    answer(join);
    item = chat__outbox_next(&outbox, NOW);
    assert_non_null(item);
    assert_int_equal(item->request.action, CHAT__ACTION_HISTORY);
}

static void test_what_is_behind_a_refused_one_waits_for_it(void **state)
{
    uint32_t first;
    uint32_t second;

    (void)state;
    add("a", "a1");
    add("a", "a2");
    add("a", "a3");
    add("b", "b1");
    first = hand("a1", NOW);
    second = hand("a2", NOW);
    refuse(first, 800);
    refuse(second, 800);
    hand("b1", NOW);
    assert_null(chat__outbox_next(&outbox, NOW + 799));
    assert_int_equal(chat__outbox_deadline(&outbox, NOW), NOW + 800);
    first = hand("a1", NOW + 800);
    assert_null(chat__outbox_next(&outbox, NOW + 5000));
    answer(first);
    second = hand("a2", NOW + 800);
    assert_null(chat__outbox_next(&outbox, NOW + 5000));
    answer(second);
    hand("a3", NOW + 800);
}

static void test_unsure_ones_go_again_in_order(void **state)
{
    uint32_t old;

    (void)state;
    add("a", "a1");
    add("a", "a2");
    add("a", "a3");
    old = hand("a1", NOW);
    hand("a2", NOW);
    chat__outbox_unsure(&outbox, NOW + 50);
    assert_null(chat__outbox_find(&outbox, old));
    assert_null(chat__outbox_next(&outbox, NOW + 49));
    assert_int_equal(chat__outbox_deadline(&outbox, NOW), NOW + 50);
    hand("a1", NOW + 50);
    hand("a2", NOW + 50);
    assert_null(chat__outbox_next(&outbox, NOW + 50));
}

static void test_bounds_messages_and_bytes(void **state)
{
    struct chat__item *item = new_message("a", "k", "0123456789");

    (void)state;
    outbox.messages_max = 2;
    outbox.message_bytes_max = 2 * item->bytes;
    assert_true(chat__outbox_has_room(&outbox, item));
    add("a", "a1");
    assert_true(chat__outbox_has_room(&outbox, item));
    add("a", "a2");
    assert_false(chat__outbox_has_room(&outbox, item));
    answer(hand("a1", NOW));
    assert_true(chat__outbox_has_room(&outbox, item));
    outbox.message_bytes_max = outbox.message_bytes + item->bytes - 1;
    assert_false(chat__outbox_has_room(&outbox, item));
    outbox.message_bytes_max = item->bytes - 1;
    assert_false(chat__outbox_has_room(&outbox, item));
    chat__item_free(item);
}

static void test_bounds_all_other_requests(void **state)
{
    (void)state;
    for (int i = 0; i < CHAT__OUTBOX_REQUESTS_MAX; i++) {
        assert_int_equal(outbox.others, i);
        add_history("a");
    }
    assert_false(chat__outbox_has_room(&outbox, outbox.first));
}

static void test_knows_who_waits_longest(void **state)
{
    (void)state;
    assert_int_equal(chat__outbox_oldest(&outbox), UINT64_MAX);
    add("a", "a1");
    add("b", "b1");
    assert_int_equal(chat__outbox_oldest(&outbox), UINT64_MAX);
    hand("a1", NOW);
    answer(hand("b1", NOW - 7));
    assert_int_equal(chat__outbox_oldest(&outbox), NOW);
}

static void test_finds_by_key_and_room(void **state)
{
    (void)state;
    add("a", "a1");
    add_history("b");
    assert_non_null(chat__outbox_find_message(&outbox, "a1"));
    assert_null(chat__outbox_find_leave(&outbox, "a1"));
    assert_null(chat__outbox_find_message(&outbox, "a2"));
    assert_true(chat__outbox_has(&outbox, CHAT__ACTION_SEND, "a"));
    assert_false(chat__outbox_has(&outbox, CHAT__ACTION_SEND, "b"));
    assert_true(chat__outbox_has(&outbox, CHAT__ACTION_HISTORY, "b"));
}

#define OUTBOX_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(test_keeps_order_and_the_limit_of_each_room),
        OUTBOX_TEST(test_requests_without_key_are_not_held_up),
        OUTBOX_TEST(test_requests_about_a_room_wait_for_its_join),
        OUTBOX_TEST(test_what_is_behind_a_refused_one_waits_for_it),
        OUTBOX_TEST(test_unsure_ones_go_again_in_order),
        OUTBOX_TEST(test_bounds_messages_and_bytes),
        OUTBOX_TEST(test_bounds_all_other_requests),
        OUTBOX_TEST(test_knows_who_waits_longest),
        OUTBOX_TEST(test_finds_by_key_and_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
