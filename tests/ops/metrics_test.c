/*
 * Counting, and the text that comes of it.
 */
#include "server/ops/metrics_emf.h"
#include "server/ops/metrics_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct chat__metrics metrics;
static struct chat__buffer text;

static int set_up(void **state)
{
    (void)state;
    metrics = (struct chat__metrics){.version = "1.2.3"};
    chat__buffer_init(&text, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chat__buffer_release(&text);
    return 0;
}

static void print(void)
{
    chat__buffer_clear(&text);
    chat__metrics_print(&metrics, &text);
    chat__buffer_append_byte(&text, '\0');
    assert_false(text.failed);
}

/* A whole line. */
static void expect(const char *line)
{
    const char *at = strstr(text.data, line);

    if (at == NULL || (at != text.data && at[-1] != '\n') ||
        at[strlen(line)] != '\n')
        fail_msg("there is no line %s", line);
}

static void an_observation_is_in_the_buckets_that_end_above_it(void **state)
{
    (void)state;
    chat__metrics_observe_us(&metrics, CHAT__METRIC_APPEND_SECONDS, 0);
    chat__metrics_observe_us(&metrics, CHAT__METRIC_APPEND_SECONDS, 100);
    chat__metrics_observe_us(&metrics, CHAT__METRIC_APPEND_SECONDS, 101);
    chat__metrics_observe_us(&metrics, CHAT__METRIC_APPEND_SECONDS, 20000000);
    print();
    expect("# TYPE chatd_append_seconds histogram");
    expect("chatd_append_seconds_bucket{le=\"0.00005\"} 1");
    expect("chatd_append_seconds_bucket{le=\"0.0001\"} 2");
    expect("chatd_append_seconds_bucket{le=\"0.00025\"} 3");
    expect("chatd_append_seconds_bucket{le=\"10\"} 3");
    expect("chatd_append_seconds_bucket{le=\"+Inf\"} 4");
    expect("chatd_append_seconds_sum 20.000201");
    expect("chatd_append_seconds_count 4");
}

/* A clock that is asked twice may have been set back between. */
static void no_time_is_below_zero(void **state)
{
    (void)state;
    chat__metrics_observe_us(&metrics, CHAT__METRIC_ACK_SECONDS, -5);
    print();
    expect("chatd_ack_seconds_bucket{le=\"0.00005\"} 1");
    expect("chatd_ack_seconds_sum 0");
}

static void numbers_have_bounds_of_their_own(void **state)
{
    (void)state;
    chat__metrics_observe(&metrics, CHAT__METRIC_RESUME_ENTRIES, 0);
    chat__metrics_observe(&metrics, CHAT__METRIC_RESUME_ENTRIES, 7);
    chat__metrics_observe(&metrics, CHAT__METRIC_RESUME_ENTRIES, 5001);
    print();
    expect("chatd_resume_entries_bucket{le=\"0\"} 1");
    expect("chatd_resume_entries_bucket{le=\"5\"} 1");
    expect("chatd_resume_entries_bucket{le=\"10\"} 2");
    expect("chatd_resume_entries_bucket{le=\"5000\"} 2");
    expect("chatd_resume_entries_bucket{le=\"+Inf\"} 3");
    expect("chatd_resume_entries_sum 5008");
}

static void a_label_has_a_line_for_each_of_its_values(void **state)
{
    (void)state;
    chat__metrics_count_as(&metrics, CHAT__METRIC_REQUESTS, CHAT__ACTION_HELLO);
    chat__metrics_count_as(&metrics, CHAT__METRIC_REQUESTS, CHAT__ACTION_PING);
    chat__metrics_count_as(&metrics, CHAT__METRIC_REQUESTS, CHAT__ACTION_PING);
    chat__metrics_count_as(&metrics, CHAT__METRIC_REPLIES, CHAT__ERROR_NONE);
    print();
    expect("# TYPE chatd_requests_total counter");
    expect("chatd_requests_total{action=\"hello\"} 1");
    expect("chatd_requests_total{action=\"send\"} 0");
    expect("chatd_requests_total{action=\"ping\"} 2");
    expect("chatd_replies_total{result=\"ok\"} 1");
    expect("chatd_replies_total{result=\"version\"} 0");
    assert_null(strstr(text.data, "unknown"));
}

static void large_numbers_keep_all_their_digits(void **state)
{
    (void)state;
    chat__metrics_add(&metrics, CHAT__METRIC_BYTES_SENT, UINT64_MAX);
    chat__metrics_set(&metrics, CHAT__METRIC_PROCESS_START, 1795363200120000);
    print();
    expect("chatd_sent_bytes_total 18446744073709551615");
    expect("process_start_time_seconds 1795363200.12");
}

static void the_build_is_named(void **state)
{
    (void)state;
    print();
    expect("chatd_build_info{version=\"1.2.3\",color=\"\"} 1");
    metrics.color = "blue";
    print();
    expect("chatd_build_info{version=\"1.2.3\",color=\"blue\"} 1");
}

/* Each number belongs to one metric, and the last to the last. */
static void the_places_of_metrics_follow_each_other(void **state)
{
    int next = 0;

    (void)state;
    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];

        assert_int_equal(row->first, next);
        next += row->kind == CHAT__METRIC_HISTOGRAM
                    ? CHAT__BUCKET_BOUNDS + 2
                    : (int)chat__metric_labels[row->label].count;
    }
    assert_int_equal(next, CHAT__METRIC_SLOTS);
}

/* ---- for CloudWatch ---- */

static struct chat__metrics_emf emf;

static void print_emf(void)
{
    chat__buffer_clear(&text);
    chat__metrics_emf_print(&emf, &metrics, 1795363200120, &text);
    chat__buffer_append_byte(&text, '\0');
    assert_false(text.failed);
}

static void expect_part(const char *part)
{
    if (strstr(text.data, part) == NULL)
        fail_msg("%s is not in %s", part, text.data);
}

/* 100 us to 250 us have 90, 250 us to 500 us have 10. */
static void percentiles_are_between_the_bounds(void **state)
{
    (void)state;
    emf = (struct chat__metrics_emf){0};
    for (int i = 0; i < 90; i++)
        chat__metrics_observe_us(&metrics, CHAT__METRIC_ACK_SECONDS, 200);
    for (int i = 0; i < 10; i++)
        chat__metrics_observe_us(&metrics, CHAT__METRIC_ACK_SECONDS, 300);
    print_emf();
    expect_part("\"chatd_ack_seconds_p50\":0.000183,");
    expect_part("\"chatd_ack_seconds_p99\":0.000475,");
    expect_part("\"chatd_ack_seconds_count\":100,");
}

static void what_is_above_all_bounds_counts_as_the_last(void **state)
{
    (void)state;
    emf = (struct chat__metrics_emf){0};
    chat__metrics_observe_us(&metrics, CHAT__METRIC_ACK_SECONDS, 60000000);
    print_emf();
    expect_part("\"chatd_ack_seconds_p50\":10,");
}

static void a_line_tells_what_came_since_the_one_before(void **state)
{
    (void)state;
    emf = (struct chat__metrics_emf){0};
    chat__metrics_add(&metrics, CHAT__METRIC_DELIVERIES, 7);
    chat__metrics_set(&metrics, CHAT__METRIC_SESSIONS, 3);
    chat__metrics_observe_us(&metrics, CHAT__METRIC_ACK_SECONDS, 200);
    print_emf();
    expect_part("\"chatd_deliveries_total\":7,");
    chat__metrics_add(&metrics, CHAT__METRIC_DELIVERIES, 2);
    print_emf();
    expect_part("\"chatd_deliveries_total\":2,");
    expect_part("\"chatd_sessions\":3,");
    assert_null(strstr(text.data, "chatd_ack_seconds"));
}

/* All histograms have three, once they have seen something. */
static void a_line_has_no_more_than_is_taken(void **state)
{
    size_t count = 0;

    (void)state;
    emf = (struct chat__metrics_emf){0};
    for (int i = 0; i < CHAT__METRIC_SLOTS; i++)
        metrics.values[i] = UINT64_MAX / 128;
    metrics.color = "a-color-of-thirty-two-characters";
    print_emf();
    for (const char *at = text.data; (at = strstr(at, "\"Name\":")) != NULL;
         at++)
        count++;
    assert_in_range(count, 50, CHAT__EMF_METRICS_MAX);
    assert_true(text.length < CHAT__EMF_LINE_BYTES_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(an_observation_is_in_the_buckets_that_end_above_it),
        CASE(no_time_is_below_zero),
        CASE(numbers_have_bounds_of_their_own),
        CASE(a_label_has_a_line_for_each_of_its_values),
        CASE(large_numbers_keep_all_their_digits),
        CASE(the_build_is_named),
        CASE(the_places_of_metrics_follow_each_other),
        CASE(percentiles_are_between_the_bounds),
        CASE(what_is_above_all_bounds_counts_as_the_last),
        CASE(a_line_tells_what_came_since_the_one_before),
        CASE(a_line_has_no_more_than_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
