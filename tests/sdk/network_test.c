#include "sdk/network.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define STEPS 1000

/* Nobody wakes it but the network itself: a step that is missed is awaited
 * for ever. */
struct stepper {
    struct chat__member member;
    unsigned int steps;
    sem_t done;
};

static bool is_done(struct chat__member *member)
{
    struct stepper *stepper = (struct stepper *)member;

    if (++stepper->steps == STEPS)
        sem_post(&stepper->done);
    return stepper->steps >= STEPS;
}

static void run_stepper(void (*step)(struct chat__member *, uint64_t),
                        void (*end)(struct chat__member *))
{
    struct stepper stepper = {.member = {.step = step, .end = end}};

    assert_int_equal(sem_init(&stepper.done, 0, 0), 0);
    assert_true(chat__network_join(&stepper.member));
    while (sem_wait(&stepper.done) != 0)
        continue;
    chat__network_leave(&stepper.member);
    sem_destroy(&stepper.done);
}

static void end(struct chat__member *member)
{
    (void)member;
}

static void step_at_once(struct chat__member *member, uint64_t now)
{
    member->due = is_done(member) ? UINT64_MAX : now;
}

static void test_a_time_that_has_come_already_is_not_slept_over(void **state)
{
    (void)state;
    run_stepper(step_at_once, end);
}

static void step_soon(struct chat__member *member, uint64_t now)
{
    (void)now;
    member->due = UINT64_MAX;
    if (!is_done(member))
        chat__network_step_soon(member);
}

static void test_a_step_may_ask_for_another(void **state)
{
    (void)state;
    run_stepper(step_soon, end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_time_that_has_come_already_is_not_slept_over),
        cmocka_unit_test(test_a_step_may_ask_for_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
