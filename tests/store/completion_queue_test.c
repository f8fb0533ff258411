#include "tests/store/harness.h"

#include <pthread.h>

#define POSTERS 4
#define POSTS   2000

struct posted {
    struct chat__completion completion;
    int poster;
    int number;
};

static struct posted posts[POSTERS][POSTS];
static int last_number[POSTERS];
static size_t run_count;
static size_t wakes; /* only read while nobody posts */

static void count_wake(void *context)
{
    __atomic_fetch_add((size_t *)context, 1, __ATOMIC_RELAXED);
}

static void check_order(struct chat__completion *completion)
{
    struct posted *posted = (struct posted *)completion;
    assert_int_equal(posted->number, last_number[posted->poster] + 1);
    last_number[posted->poster] = posted->number;
    run_count++;
}

static int reset(void **state)
{
    (void)state;
    wakes = 0;
    run_count = 0;
    for (int i = 0; i < POSTERS; i++)
        last_number[i] = 0;
    return 0;
}

static void post(struct chat__completion_queue *queue, struct posted *posted)
{
    struct chat__completion_sink sink = chat__completion_queue_sink(queue);
    sink.post(sink.context, &posted->completion);
}

static struct posted *prepare(int poster, int number)
{
    struct posted *posted = &posts[poster][number - 1];
    posted->completion.run = check_order;
    posted->poster = poster;
    posted->number = number;
    return posted;
}

static void test_runs_in_order_and_wakes_once(void **state)
{
    (void)state;
    struct chat__completion_queue queue;
    assert_true(chat__completion_queue_init(&queue, count_wake, &wakes));
    assert_int_equal(chat__completion_queue_run(&queue), 0);
    for (int i = 1; i <= 10; i++)
        post(&queue, prepare(0, i));
    assert_int_equal(wakes, 1);
    assert_int_equal(run_count, 0);
    assert_int_equal(chat__completion_queue_run(&queue), 10);
    assert_int_equal(run_count, 10);
    post(&queue, prepare(0, 11));
    assert_int_equal(wakes, 2);
    assert_int_equal(chat__completion_queue_run(&queue), 1);
    chat__completion_queue_release(&queue);
}

static struct chat__completion_queue *own_queue;

static void post_another(struct chat__completion *completion)
{
    check_order(completion);
    post(own_queue, prepare(0, 2));
}

static void test_what_a_run_posts_waits_for_the_next(void **state)
{
    (void)state;
    struct chat__completion_queue queue;
    assert_true(chat__completion_queue_init(&queue, count_wake, &wakes));
    own_queue = &queue;
    struct posted *first = prepare(0, 1);
    first->completion.run = post_another;
    post(&queue, first);
    assert_int_equal(chat__completion_queue_run(&queue), 1);
    assert_int_equal(wakes, 2);
    assert_int_equal(chat__completion_queue_run(&queue), 1);
    chat__completion_queue_release(&queue);
}

struct poster {
    struct chat__completion_queue *queue;
    int index;
};

static void *post_all(void *context)
{
    struct poster *poster = context;
    for (int i = 1; i <= POSTS; i++)
        post(poster->queue, prepare(poster->index, i));
    return NULL;
}

static void test_threads_post_while_another_runs(void **state)
{
    (void)state;
    struct chat__completion_queue queue;
    assert_true(chat__completion_queue_init(&queue, count_wake, &wakes));
    pthread_t threads[POSTERS];
    struct poster posters[POSTERS];
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){&queue, i};
        assert_int_equal(
            pthread_create(&threads[i], NULL, post_all, &posters[i]), 0);
    }
    size_t count = 0;
    while (count < POSTERS * POSTS)
        count += chat__completion_queue_run(&queue);
    for (int i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(run_count, POSTERS * POSTS);
    assert_int_equal(chat__completion_queue_run(&queue), 0);
    chat__completion_queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_runs_in_order_and_wakes_once, reset),
        cmocka_unit_test_setup(test_what_a_run_posts_waits_for_the_next, reset),
        cmocka_unit_test_setup(test_threads_post_while_another_runs, reset),
    };
    return cmocka_run_group_tests_name("completion queue", tests, NULL, NULL);
}
