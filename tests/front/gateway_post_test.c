/*
 * The outbox of @connections, with an API Gateway that a test answers for, and
 * a clock that it sets ahead.
 */
#include "server/front/gateway_post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CALLS_MAX 512

struct request {
    struct chat__gateway_call call;
    char id[32];
    bool open;
};

struct world {
    uv_loop_t loop;
    struct chat__metrics metrics;
    struct chat__gateway_client client;
    struct chat__outbox *outbox;
    struct request requests[CALLS_MAX]; /* in a ring */
    size_t count;                       /* that were made in all */
    char gone[64];                      /* "ID TOPIC" of the last */
};

static uint64_t ahead_ms;

uint64_t __real_uv_now(const uv_loop_t *loop);
uint64_t __wrap_uv_now(const uv_loop_t *loop);

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
    return __real_uv_now(loop) + ahead_ms;
}

/* ---- the world ---- */

static struct world *world_of(struct chat__gateway_client *client)
{
    return (struct world *)((char *)client - offsetof(struct world, client));
}

static void *take_call(struct chat__gateway_client *client,
                       const struct chat__gateway_call *call)
{
    struct world *world = world_of(client);
    struct request *request = &world->requests[world->count++ % CALLS_MAX];

    assert_false(request->open);
    request->call = *call;
    snprintf(request->id, sizeof request->id, "%s", call->id);
    request->open = true;
    return request;
}

static void cancel_call(struct chat__gateway_client *client, void *handle)
{
    struct request *request = handle;

    (void)client;
    request->open = false;
}

static bool no_chance(void *context, void *bytes, size_t length)
{
    (void)context;
    memset(bytes, 0, length);
    return true;
}

static void note_gone(void *context, const char *id, const char *topic)
{
    struct world *world = context;

    snprintf(world->gone, sizeof world->gone, "%s %s", id, topic);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    ahead_ms = 0;
    assert_int_equal(uv_loop_init(&world->loop), 0);
    world->client = (struct chat__gateway_client){take_call, cancel_call};
    world->outbox = chat__outbox_new(&(struct chat__outbox_options){
        .loop = &world->loop,
        .metrics = &world->metrics,
        .client = &world->client,
        .random = {.fill = no_chance},
        .gone = note_gone,
        .context = world,
    });
    assert_non_null(world->outbox);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    chat__outbox_stop(world->outbox);
    assert_true(chat__outbox_is_idle(world->outbox));
    uv_run(&world->loop, UV_RUN_DEFAULT);
    chat__outbox_free(world->outbox);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    assert_int_equal(world->metrics.values[CHAT__METRIC_GATEWAY_QUEUE_BYTES],
                     0);
    free(world);
    return 0;
}

/* An object of so many bytes, of one letter. */
static void post(struct world *world, const char *id, char letter,
                 size_t length, bool droppable)
{
    char *object = malloc(length);

    assert_non_null(object);
    memset(object, letter, length);
    object[length - 1] = '\n';
    chat__outbox_post(world->outbox, id, "room:lobby", object, length,
                      droppable);
    free(object);
}

static struct request *last(struct world *world)
{
    assert_true(world->count > 0);
    return &world->requests[(world->count - 1) % CALLS_MAX];
}

/* Timers that are due run: pauses are none here. */
static void answer(struct world *world, struct request *request,
                   unsigned int status)
{
    assert_true(request->open);
    request->open = false;
    request->call.done(request->call.context, status);
    uv_run(&world->loop, UV_RUN_NOWAIT);
    uv_run(&world->loop, UV_RUN_NOWAIT);
}

/* The close event, then DELETE. */
static void expect_close(struct world *world, const char *id,
                         const char *reason)
{
    char body[256] = "";

    assert_string_equal(last(world)->id, id);
    assert_string_equal(last(world)->call.method, "POST");
    assert_true(last(world)->call.length < sizeof body);
    memcpy(body, last(world)->call.body, last(world)->call.length);
    assert_non_null(strstr(body, "\"event\":\"close\""));
    assert_non_null(strstr(body, reason));
    answer(world, last(world), 200);
    assert_string_equal(last(world)->call.method, "DELETE");
    answer(world, last(world), 204);
    assert_false(last(world)->open);
}

/* ---- tests ---- */

static void test_one_is_in_flight_and_the_rest_is_packed(void **state)
{
    struct world *world = *state;

    post(world, "a=", '0', 100, false);
    for (char letter = 'a'; letter <= 'g'; letter++)
        post(world, "a=", letter, 10 * 1024, false);
    assert_int_equal(world->count, 1);
    assert_int_equal(last(world)->call.length, 100);
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.length, 30 * 1024);
    assert_int_equal(last(world)->call.body[0], 'a');
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.body[0], 'd');
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.length, 10 * 1024);
    answer(world, last(world), 200);
    assert_int_equal(world->count, 4);
    assert_true(chat__outbox_is_idle(world->outbox));
}

static void test_so_many_connections_at_a_time(void **state)
{
    struct world *world = *state;

    for (int number = 0; number < CHAT__OUTBOX_CALLS_MAX + 2; number++) {
        char id[16];

        snprintf(id, sizeof id, "c%03d=", number);
        post(world, id, 'x', 100, false);
    }
    assert_int_equal(world->count, CHAT__OUTBOX_CALLS_MAX);
    answer(world, &world->requests[7], 200);
    assert_string_equal(last(world)->id, "c256=");
    answer(world, &world->requests[3], 503);
    assert_string_equal(last(world)->id, "c257=");
}

static void test_what_is_too_large_is_halved(void **state)
{
    struct world *world = *state;

    post(world, "a=", '0', 100, false);
    for (char letter = 'a'; letter <= 'd'; letter++)
        post(world, "a=", letter, 1000, false);
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.length, 4000);
    answer(world, last(world), 413);
    assert_int_equal(last(world)->call.length, 2000);
    answer(world, last(world), 413);
    assert_int_equal(last(world)->call.length, 1000);
    assert_int_equal(last(world)->call.body[0], 'a');
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.body[0], 'b');
    assert_int_equal(last(world)->call.length, 3000);
}

static void test_one_object_that_is_too_large_ends_it(void **state)
{
    struct world *world = *state;

    post(world, "a=", 'x', 20000, false);
    answer(world, last(world), 413);
    expect_close(world, "a=", "too large");
}

static void test_who_has_gone_is_told_of_once(void **state)
{
    struct world *world = *state;

    post(world, "a=", 'x', 100, false);
    post(world, "a=", 'y', 100, false);
    answer(world, last(world), 410);
    assert_string_equal(world->gone, "a= room:lobby");
    assert_int_equal(world->count, 1);
    assert_true(chat__outbox_is_idle(world->outbox));
}

static void test_what_is_refused_is_dropped(void **state)
{
    struct world *world = *state;

    post(world, "a=", 'x', 100, false);
    post(world, "a=", 'y', 100, false);
    answer(world, last(world), 403);
    assert_int_equal(last(world)->call.body[0], 'y');
}

static void test_what_failed_is_repeated_for_a_minute(void **state)
{
    static const unsigned int statuses[] = {0, 500, 429, 503};
    struct world *world = *state;

    post(world, "a=", 'x', 100, false);
    for (size_t i = 0; i < 4; i++) {
        answer(world, last(world), statuses[i]);
        assert_int_equal(world->count, i + 2);
        assert_int_equal(last(world)->call.body[0], 'x');
    }
    ahead_ms += CHAT__OUTBOX_PATIENCE_MS + 1;
    answer(world, last(world), 500);
    assert_int_equal(world->count, 5);
    assert_true(chat__outbox_is_idle(world->outbox));
}

static void test_who_does_not_read_is_cut_off(void **state)
{
    struct world *world = *state;
    struct request *slow;

    post(world, "slow=", 'x', 100, false);
    slow = last(world);
    answer(world, slow, 429);
    for (int i = 0; i < 10; i++) {
        slow = last(world);
        post(world, "fast=", 'y', 100, false);
        answer(world, last(world), 200);
        answer(world, slow, 429);
    }
    ahead_ms += CHAT__OUTBOX_PATIENCE_MS + 1;
    answer(world, last(world), 429);
    expect_close(world, "slow=", "too slowly");
}

static void test_an_account_that_is_throttled_cuts_off_nobody(void **state)
{
    struct world *world = *state;

    for (int number = 0; number < 100; number++) {
        char id[16];

        snprintf(id, sizeof id, "c%03d=", number);
        post(world, id, 'x', 100, false);
    }
    for (int number = 0; number < 100; number++)
        answer(world, &world->requests[number], 429);
    assert_int_equal(world->count, 200);
    ahead_ms += CHAT__OUTBOX_PATIENCE_MS + 1;
    for (int number = 100; number < 200; number++)
        answer(world, &world->requests[number], 429);
    assert_int_equal(world->count, 200);
    assert_true(chat__outbox_is_idle(world->outbox));
}

static void test_a_connection_has_so_much_waiting(void **state)
{
    struct world *world = *state;

    post(world, "a=", '0', 100, false);
    for (int i = 0; i < 7; i++)
        post(world, "a=", 'd', 10 * 1024, true);
    post(world, "a=", 'd', 10 * 1024, true);
    assert_int_equal(world->metrics.values[CHAT__METRIC_DROPPED], 1);
    for (int i = 0; i < 18; i++)
        post(world, "a=", 'x', 10 * 1024, false);
    assert_in_range(world->metrics.values[CHAT__METRIC_GATEWAY_QUEUE_BYTES],
                    200 * 1024, CHAT__OUTBOX_BYTES_MAX + 1024);
    post(world, "a=", 'x', 10 * 1024, false);
    answer(world, last(world), 200);
    expect_close(world, "a=", "too slowly");
}

static void test_who_has_little_waiting_is_not_slow(void **state)
{
    struct world *world = *state;

    post(world, "a=", '0', 100, false);
    post(world, "a=", 'x', CHAT__OUTBOX_BYTES_MAX + 1, false);
    assert_int_equal(world->metrics.values[CHAT__METRIC_RELAY_LOST], 1);
    post(world, "a=", 'y', 100, false);
    answer(world, last(world), 200);
    assert_int_equal(last(world)->call.body[0], 'y');
    answer(world, last(world), 200);
    assert_true(chat__outbox_is_idle(world->outbox));
}

static void test_all_have_so_much_waiting(void **state)
{
    struct world *world = *state;
    const uint64_t *bytes =
        &world->metrics.values[CHAT__METRIC_GATEWAY_QUEUE_BYTES];

    for (int number = 0; number < 327; number++) {
        char id[16];

        snprintf(id, sizeof id, "c%03d=", number);
        for (int i = 0; i < 20; i++)
            post(world, id, 'x', 10 * 1024, false);
    }
    post(world, "new=", 'x', 100 * 1024, false);
    assert_in_range(*bytes, CHAT__OUTBOX_POOL_BYTES_MAX - 100 * 1024,
                    CHAT__OUTBOX_POOL_BYTES_MAX);
    post(world, "newer=", 'x', 100 * 1024, false);
    assert_in_range(*bytes, 0, CHAT__OUTBOX_POOL_BYTES_MAX);
    assert_int_equal(world->metrics.values[CHAT__METRIC_RELAY_LOST], 1);
    post(world, "c100=", 'x', 50 * 1024, false);
    assert_int_equal(world->metrics.values[CHAT__METRIC_SLOW_READER_CLOSES], 1);
    assert_in_range(*bytes, 0, CHAT__OUTBOX_POOL_BYTES_MAX);
}

static void test_there_are_so_many_queues(void **state)
{
    struct world *world = *state;

    for (int number = 0; number <= CHAT__OUTBOX_QUEUES_MAX; number++) {
        char id[16];

        snprintf(id, sizeof id, "c%05d=", number);
        post(world, id, 'x', 10, false);
    }
    assert_int_equal(world->metrics.values[CHAT__METRIC_GATEWAY_QUEUE_BYTES],
                     10 * CHAT__OUTBOX_QUEUES_MAX);
    assert_int_equal(world->metrics.values[CHAT__METRIC_RELAY_LOST], 1);
}

#define OUTBOX_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(test_one_is_in_flight_and_the_rest_is_packed),
        OUTBOX_TEST(test_so_many_connections_at_a_time),
        OUTBOX_TEST(test_what_is_too_large_is_halved),
        OUTBOX_TEST(test_one_object_that_is_too_large_ends_it),
        OUTBOX_TEST(test_who_has_gone_is_told_of_once),
        OUTBOX_TEST(test_what_is_refused_is_dropped),
        OUTBOX_TEST(test_what_failed_is_repeated_for_a_minute),
        OUTBOX_TEST(test_who_does_not_read_is_cut_off),
        OUTBOX_TEST(test_an_account_that_is_throttled_cuts_off_nobody),
        OUTBOX_TEST(test_a_connection_has_so_much_waiting),
        OUTBOX_TEST(test_who_has_little_waiting_is_not_slow),
        OUTBOX_TEST(test_all_have_so_much_waiting),
        OUTBOX_TEST(test_there_are_so_many_queues),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
