#include "protocol/limits.h"
#include "sdk/backoff.h"
#include "tests/sdk/session_harness.h"

static void test_each_attempt_may_wait_twice_as_long(void **state)
{
    static const uint64_t ceilings[] = {500,  1000,  2000,  4000,
                                        8000, 16000, 30000, 30000};
    struct chat__backoff backoff = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
        assert_int_equal(chat__backoff_ceiling(&backoff), ceilings[i]);
        chat__backoff_next(&backoff, 0);
    }
}

static void test_waits_span_the_whole_range(void **state)
{
    struct chat__backoff backoff = {0};

    (void)state;
    assert_int_equal(chat__backoff_next(&backoff, 0), 0);
    assert_int_equal(chat__backoff_next(&backoff, 1000), 1000);
    assert_int_equal(chat__backoff_next(&backoff, 2001), 0);
    assert_true(chat__backoff_next(&backoff, UINT64_MAX) <= 4000);
}

static void test_never_waits_longer_than_the_maximum(void **state)
{
    struct chat__backoff backoff = {0};

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(chat__backoff_next(&backoff, i * 7919) <=
                    CHAT__BACKOFF_MAX_MS);
}

static void test_reset_begins_anew(void **state)
{
    struct chat__backoff backoff = {0};

    (void)state;
    for (int i = 0; i < 5; i++)
        chat__backoff_next(&backoff, 1);
    chat__backoff_reset(&backoff);
    assert_int_equal(chat__backoff_ceiling(&backoff), CHAT__BACKOFF_BASE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_attempt_may_wait_twice_as_long),
        cmocka_unit_test(test_waits_span_the_whole_range),
        cmocka_unit_test(test_never_waits_longer_than_the_maximum),
        cmocka_unit_test(test_reset_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
