#include "protocol/text.h"
#include "sdk/key.h"
#include "tests/sdk/session_harness.h"

#include <string.h>

static void test_has_the_time_first_and_then_every_random_bit(void **state)
{
    static const uint8_t zeros[CHAT__KEY_RANDOM_BYTES];
    static const uint8_t ones[CHAT__KEY_RANDOM_BYTES] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t last[CHAT__KEY_RANDOM_BYTES] = {0, 0, 0, 0, 0,
                                                         0, 0, 0, 0, 33};
    char key[CHAT__KEY_LENGTH + 1];

    (void)state;
    chat__key_format(key, 0, zeros);
    assert_string_equal(key, "00000000000000000000000000");
    chat__key_format(key, UINT64_C(1469918176385), ones);
    assert_string_equal(key, "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
    chat__key_format(key, 0, last);
    assert_string_equal(key, "00000000000000000000000011");
}

static void test_sorts_by_time(void **state)
{
    static const uint8_t zeros[CHAT__KEY_RANDOM_BYTES];
    static const uint8_t ones[CHAT__KEY_RANDOM_BYTES] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    char early[CHAT__KEY_LENGTH + 1];
    char late[CHAT__KEY_LENGTH + 1];

    (void)state;
    for (uint64_t time = 1; time < UINT64_C(1) << 47; time *= 3) {
        chat__key_format(early, time, ones);
        chat__key_format(late, time + 1, zeros);
        assert_true(strcmp(early, late) < 0);
    }
}

static void test_new_keys_are_good_and_differ(void **state)
{
    char first[CHAT__KEY_LENGTH + 1];
    char second[CHAT__KEY_LENGTH + 1];

    (void)state;
    assert_true(chat__key_new(first));
    assert_true(chat__key_new(second));
    assert_null(chat__text_check_key(first));
    assert_int_equal(strlen(first), CHAT__KEY_LENGTH);
    assert_string_not_equal(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_has_the_time_first_and_then_every_random_bit),
        cmocka_unit_test(test_sorts_by_time),
        cmocka_unit_test(test_new_keys_are_good_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
