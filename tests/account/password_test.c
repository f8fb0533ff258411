#include "server/account/password.h"
#include "server/completion_queue.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define PATIENCE_SECONDS 60

struct bench {
    struct chat__completion_queue queue;
    struct chat__passwords *passwords;
    sem_t posted; /* the queue may have something */
};

static size_t done;

static void count(struct chat__completion *completion)
{
    (void)completion;
    done++;
}

static void wake(void *context)
{
    sem_post(context);
}

static int open_bench(void **state)
{
    static struct bench bench;
    struct chat__completion_sink sink;

    sem_init(&bench.posted, 0, 0);
    chat__completion_queue_init(&bench.queue, wake, &bench.posted);
    sink = chat__completion_queue_sink(&bench.queue);
    bench.passwords = chat__passwords_new(&sink);
    done = 0;
    *state = &bench;
    return bench.passwords == NULL ? -1 : 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;

    chat__passwords_free(bench->passwords);
    chat__completion_queue_release(&bench->queue);
    sem_destroy(&bench->posted);
    return 0;
}

static void await(struct bench *bench, size_t jobs)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_SECONDS;
    while (done < jobs) {
        assert_int_equal(sem_timedwait(&bench->posted, &limit), 0);
        chat__completion_queue_run(&bench->queue);
    }
}

static void submit(struct bench *bench, struct chat__password_job *job)
{
    job->completion.run = count;
    chat__password_submit(bench->passwords, job);
}

static enum chat__password_result run(struct bench *bench,
                                      struct chat__password_job *job)
{
    done = 0;
    submit(bench, job);
    await(bench, 1);
    return job->result;
}

static void test_a_hash_knows_its_password(void **state)
{
    struct chat__password_job make = {.password = "correct horse",
                                      .make = true};
    struct chat__password_job right = {.password = "correct horse",
                                       .against = make.hash};
    struct chat__password_job wrong = {.password = "correct house",
                                       .against = make.hash};

    assert_int_equal(run(*state, &make), CHAT__PASSWORD_RIGHT);
    assert_non_null(strstr(make.hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_int_equal(run(*state, &right), CHAT__PASSWORD_RIGHT);
    assert_int_equal(run(*state, &wrong), CHAT__PASSWORD_WRONG);
}

static void test_equal_passwords_have_different_hashes(void **state)
{
    struct chat__password_job one = {.password = "password", .make = true};
    struct chat__password_job other = {.password = "password", .make = true};

    assert_int_equal(run(*state, &one), CHAT__PASSWORD_RIGHT);
    assert_int_equal(run(*state, &other), CHAT__PASSWORD_RIGHT);
    assert_string_not_equal(one.hash, other.hash);
}

static void test_nobody_has_no_password(void **state)
{
    struct chat__password_job job = {.password = ""};

    assert_int_equal(run(*state, &job), CHAT__PASSWORD_WRONG);
}

static void test_what_is_no_hash_fails(void **state)
{
    struct chat__password_job job = {.password = "password",
                                     .against = "$argon2id$nonsense"};

    assert_int_equal(run(*state, &job), CHAT__PASSWORD_FAILED);
}

/* Many more than there is place for, lest quick threads make some. */
static void test_what_waits_is_bounded(void **state)
{
    enum { JOBS = 4 * CHAT__PASSWORD_WAITING_MAX };
    struct bench *bench = *state;
    static struct chat__password_job jobs[JOBS];
    size_t busy = 0;

    done = 0;
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].password = "password";
        submit(bench, &jobs[i]);
    }
    await(bench, JOBS);
    for (size_t i = 0; i < JOBS; i++)
        busy += jobs[i].result == CHAT__PASSWORD_BUSY;
    assert_in_range(busy, 1, JOBS - CHAT__PASSWORD_WAITING_MAX);
}

static void test_the_end_finishes_what_waits(void **state)
{
    struct bench *bench = *state;
    struct chat__password_job jobs[4] = {{.password = "password"},
                                         {.password = "password"},
                                         {.password = "password"},
                                         {.password = "password"}};

    done = 0;
    for (size_t i = 0; i < 4; i++)
        submit(bench, &jobs[i]);
    chat__passwords_free(bench->passwords);
    bench->passwords = NULL;
    chat__completion_queue_run(&bench->queue);
    assert_int_equal(done, 4);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_hash_knows_its_password),
        TEST(test_equal_passwords_have_different_hashes),
        TEST(test_nobody_has_no_password),
        TEST(test_what_is_no_hash_fails),
        TEST(test_what_waits_is_bounded),
        TEST(test_the_end_finishes_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
