#include "protocol/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_bytes(const struct chat__buffer *buffer, const char *string)
{
    assert_int_equal(buffer->length, strlen(string));
    assert_memory_equal(buffer->data, string, buffer->length);
}

static void appends_gather(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, 100);
    chat__buffer_append(&buffer, "ab\0", 2);
    chat__buffer_append_string(&buffer, "cd");
    chat__buffer_append_byte(&buffer, 'e');
    expect_bytes(&buffer, "abcde");
    assert_false(buffer.failed);
    chat__buffer_release(&buffer);
}

static void takes_no_memory_before_the_first_append(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, 100);
    chat__buffer_append(&buffer, NULL, 0);
    assert_null(buffer.data);
    assert_int_equal(buffer.length, 0);
    assert_false(buffer.failed);
    chat__buffer_release(&buffer);
}

static void grows_to_its_limit_and_no_further(void **state)
{
    const size_t limit = 1000;
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, limit);
    for (size_t i = 0; i < limit; i++)
        chat__buffer_append_byte(&buffer, (char)('a' + i % 26));
    assert_false(buffer.failed);
    assert_int_equal(buffer.capacity, limit);
    for (size_t i = 0; i < limit; i++)
        assert_int_equal(buffer.data[i], 'a' + i % 26);
    chat__buffer_append_byte(&buffer, 'x');
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, limit);
    chat__buffer_release(&buffer);
}

static void failure_stays_and_keeps_the_bytes(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, 4);
    chat__buffer_append_string(&buffer, "abc");
    chat__buffer_append_string(&buffer, "de");
    assert_true(buffer.failed);
    chat__buffer_append_byte(&buffer, 'd');
    expect_bytes(&buffer, "abc");
    assert_false(chat__buffer_reserve(&buffer, 0));
    chat__buffer_clear(&buffer);
    assert_false(buffer.failed);
    chat__buffer_append_string(&buffer, "wxyz");
    expect_bytes(&buffer, "wxyz");
    chat__buffer_release(&buffer);
}

static void sizes_that_overflow_are_refused(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, SIZE_MAX);
    chat__buffer_append_byte(&buffer, 'a');
    assert_false(chat__buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.failed);
    expect_bytes(&buffer, "a");
    chat__buffer_release(&buffer);
}

static void reserve_makes_room_at_once(void **state)
{
    struct chat__buffer buffer;
    char *data;

    (void)state;
    chat__buffer_init(&buffer, 5000);
    assert_true(chat__buffer_reserve(&buffer, 4000));
    data = buffer.data;
    for (int i = 0; i < 4000; i++)
        chat__buffer_append_byte(&buffer, 'x');
    assert_ptr_equal(buffer.data, data);
    chat__buffer_release(&buffer);
}

static void truncate_cuts_the_end(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, 100);
    chat__buffer_append_string(&buffer, "abcdef");
    chat__buffer_truncate(&buffer, 5);
    expect_bytes(&buffer, "abcde");
    chat__buffer_truncate(&buffer, 0);
    expect_bytes(&buffer, "");
    chat__buffer_release(&buffer);
}

static void release_gives_an_empty_buffer_of_the_same_limit(void **state)
{
    struct chat__buffer buffer;

    (void)state;
    chat__buffer_init(&buffer, 3);
    chat__buffer_append_string(&buffer, "abcd");
    chat__buffer_release(&buffer);
    assert_null(buffer.data);
    assert_false(buffer.failed);
    assert_int_equal(buffer.limit, 3);
    chat__buffer_release(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_gather),
        cmocka_unit_test(takes_no_memory_before_the_first_append),
        cmocka_unit_test(grows_to_its_limit_and_no_further),
        cmocka_unit_test(failure_stays_and_keeps_the_bytes),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(reserve_makes_room_at_once),
        cmocka_unit_test(truncate_cuts_the_end),
        cmocka_unit_test(release_gives_an_empty_buffer_of_the_same_limit),
    };

    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
