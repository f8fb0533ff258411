#include "sdk/timeline.h"
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

#define NOW 5000

static struct chat__timeline timeline;

static int begin(void **state)
{
    (void)state;
    chat__timeline_init(&timeline);
    chat__timeline_start(&timeline, "e1", 10);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    chat__timeline_release(&timeline);
    return 0;
}

static enum chat__verdict offer(uint64_t seq)
{
    char bytes[32];
    int length =
        snprintf(bytes, sizeof(bytes), "entry %llu", (unsigned long long)seq);

    return chat__timeline_offer(&timeline, seq, bytes, (size_t)length, false,
                                NOW);
}

/* The next entry comes from what is held. */
static void expect_held(uint64_t seq)
{
    char text[32];
    const char *bytes;
    size_t length;

    snprintf(text, sizeof(text), "entry %llu", (unsigned long long)seq);
    assert_true(chat__timeline_next_held(&timeline, &bytes, &length));
    assert_int_equal(length, strlen(text));
    assert_memory_equal(bytes, text, length);
    chat__timeline_advance(&timeline, NOW);
    assert_int_equal(timeline.last, seq);
}

static void expect_none_held(void)
{
    const char *bytes;
    size_t length;

    assert_false(chat__timeline_next_held(&timeline, &bytes, &length));
}

static void test_applies_in_order_and_drops_what_it_had(void **state)
{
    (void)state;
    assert_int_equal(offer(11), CHAT__VERDICT_APPLY);
    chat__timeline_advance(&timeline, NOW);
    assert_int_equal(offer(11), CHAT__VERDICT_DROP);
    assert_int_equal(offer(3), CHAT__VERDICT_DROP);
    assert_int_equal(offer(12), CHAT__VERDICT_APPLY);
    assert_int_equal(chat__timeline_deadline(&timeline), CHAT__NEVER);
}

static void test_holds_what_comes_early_and_gives_it_back_in_order(void **state)
{
    (void)state;
    assert_int_equal(offer(14), CHAT__VERDICT_HELD);
    assert_int_equal(offer(12), CHAT__VERDICT_HELD);
    assert_int_equal(offer(13), CHAT__VERDICT_HELD);
    assert_int_equal(offer(12), CHAT__VERDICT_HELD);
    assert_int_equal(timeline.held_count, 3);
    expect_none_held();
    assert_int_equal(offer(11), CHAT__VERDICT_APPLY);
    chat__timeline_advance(&timeline, NOW);
    expect_held(12);
    expect_held(13);
    expect_held(14);
    expect_none_held();
    assert_int_equal(timeline.held_bytes, 0);
    assert_false(chat__timeline_wants_page(&timeline, CHAT__NEVER - 1));
}

static void test_asks_when_a_gap_has_stood(void **state)
{
    (void)state;
    offer(12);
    assert_false(chat__timeline_wants_page(&timeline, NOW + 299));
    assert_true(chat__timeline_wants_page(&timeline, NOW + 300));
    assert_int_equal(chat__timeline_deadline(&timeline), NOW + 300);
}

static void test_asks_at_once_where_order_is_kept(void **state)
{
    (void)state;
    chat__timeline_offer(&timeline, 12, "x", 1, true, NOW);
    assert_true(chat__timeline_wants_page(&timeline, NOW));
}

static void test_asks_one_page_at_a_time_until_the_head(void **state)
{
    (void)state;
    chat__timeline_learn_head(&timeline, 500, NOW);
    assert_false(chat__timeline_wants_page(&timeline, NOW));
    assert_true(chat__timeline_wants_page(&timeline, NOW + 300));
    chat__timeline_page_asked(&timeline, 7, NOW + 300);
    assert_false(chat__timeline_wants_page(&timeline, NOW + 90000));
    while (timeline.last < 210)
        chat__timeline_advance(&timeline, NOW + 400);
    chat__timeline_page_done(&timeline, true, NOW + 400);
    assert_true(chat__timeline_wants_page(&timeline, NOW + 400));
    chat__timeline_page_asked(&timeline, 8, NOW + 400);
    while (timeline.last < 500)
        chat__timeline_advance(&timeline, NOW + 500);
    chat__timeline_page_done(&timeline, true, NOW + 500);
    assert_int_equal(chat__timeline_deadline(&timeline), CHAT__NEVER);
}

static void test_pages_that_bring_nothing_are_asked_ever_less(void **state)
{
    uint64_t now = NOW + 300;
    uint64_t before = 0;

    (void)state;
    chat__timeline_learn_head(&timeline, 11, NOW);
    for (int i = 0; i < 12; i++) {
        uint64_t wait;

        assert_true(chat__timeline_wants_page(&timeline, now));
        chat__timeline_page_asked(&timeline, 7, now);
        chat__timeline_page_done(&timeline, false, now);
        wait = chat__timeline_deadline(&timeline) - now;
        assert_true(wait > before || wait >= CHAT__BACKOFF_MAX_MS);
        assert_true(wait <= CHAT__BACKOFF_MAX_MS);
        before = wait;
        now += wait;
    }
    assert_int_equal(before, CHAT__BACKOFF_MAX_MS);
}

static void test_waits_as_long_as_the_server_says(void **state)
{
    (void)state;
    chat__timeline_learn_head(&timeline, 11, NOW);
    chat__timeline_page_asked(&timeline, 7, NOW + 300);
    chat__timeline_page_failed(&timeline, 9000, NOW + 300);
    assert_int_equal(chat__timeline_deadline(&timeline), NOW + 9300);
}

static void test_lets_go_of_what_is_too_many_but_knows_the_head(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < CHAT__HELD_ENTRIES_MAX; i++)
        offer(20 + i);
    assert_int_equal(timeline.held_count, CHAT__HELD_ENTRIES_MAX);
    offer(5000);
    assert_int_equal(timeline.held_count, 0);
    assert_int_equal(timeline.held_bytes, 0);
    assert_int_equal(timeline.head, 5000);
    assert_true(chat__timeline_wants_page(&timeline, NOW + 300));
}

static void test_lets_go_of_what_is_too_large(void **state)
{
    static char bytes[CHAT__OBJECT_BYTES_MAX];
    uint64_t seq = 20;

    (void)state;
    do {
        chat__timeline_offer(&timeline, seq++, bytes, sizeof(bytes), false,
                             NOW);
        assert_true(timeline.held_bytes <= CHAT__HELD_BYTES_MAX);
    } while (timeline.held_count > 0);
    assert_int_equal(timeline.head, seq - 1);
}

static void test_holds_everything_before_the_start(void **state)
{
    struct chat__timeline early;
    const char *bytes;
    size_t length;

    (void)state;
    chat__timeline_init(&early);
    for (uint64_t seq = 3; seq <= 7; seq++)
        assert_int_equal(chat__timeline_offer(&early, seq, "x", 1, true, NOW),
                         CHAT__VERDICT_HELD);
    assert_false(chat__timeline_next_held(&early, &bytes, &length));
    assert_false(chat__timeline_wants_page(&early, NOW));
    chat__timeline_start(&early, "e1", 5);
    assert_int_equal(early.held_count, 2);
    assert_int_equal(early.head, 7);
    assert_true(chat__timeline_next_held(&early, &bytes, &length));
    chat__timeline_release(&early);
}

static void test_another_epoch_forgets_what_was_held(void **state)
{
    (void)state;
    offer(12);
    chat__timeline_start(&timeline, "e2", 3);
    assert_int_equal(timeline.held_count, 0);
    assert_int_equal(timeline.last, 3);
    assert_int_equal(chat__timeline_deadline(&timeline), CHAT__NEVER);
    assert_int_equal(offer(4), CHAT__VERDICT_APPLY);
}

static void test_the_same_epoch_keeps_what_is_above(void **state)
{
    (void)state;
    offer(12);
    offer(13);
    offer(14);
    chat__timeline_start(&timeline, "e1", 12);
    expect_held(13);
    expect_held(14);
}

static void test_old_news_of_the_head_change_nothing(void **state)
{
    (void)state;
    chat__timeline_learn_head(&timeline, 4, NOW);
    assert_int_equal(timeline.last, 10);
    assert_int_equal(chat__timeline_deadline(&timeline), CHAT__NEVER);
}

#define TIMELINE_TEST(function)                                                \
    cmocka_unit_test_setup_teardown(function, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TIMELINE_TEST(test_applies_in_order_and_drops_what_it_had),
        TIMELINE_TEST(test_holds_what_comes_early_and_gives_it_back_in_order),
        TIMELINE_TEST(test_asks_when_a_gap_has_stood),
        TIMELINE_TEST(test_asks_at_once_where_order_is_kept),
        TIMELINE_TEST(test_asks_one_page_at_a_time_until_the_head),
        TIMELINE_TEST(test_pages_that_bring_nothing_are_asked_ever_less),
        TIMELINE_TEST(test_waits_as_long_as_the_server_says),
        TIMELINE_TEST(test_lets_go_of_what_is_too_many_but_knows_the_head),
        TIMELINE_TEST(test_lets_go_of_what_is_too_large),
        TIMELINE_TEST(test_holds_everything_before_the_start),
        TIMELINE_TEST(test_another_epoch_forgets_what_was_held),
        TIMELINE_TEST(test_the_same_epoch_keeps_what_is_above),
        TIMELINE_TEST(test_old_news_of_the_head_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
