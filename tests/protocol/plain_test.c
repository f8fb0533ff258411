/* Eight bytes at a time are judged as one at a time. */
#include "protocol/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH_MAX 26

typedef size_t run(const void *bytes, size_t length);

static size_t plain_run_by_one(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t count = 0;

    while (count < length && at[count] >= 0x20 && at[count] != '"' &&
           at[count] != '\\')
        count++;
    return count;
}

static size_t ascii_run_by_one(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t count = 0;

    while (count < length && at[count] < 0x80)
        count++;
    return count;
}

/* Each pair of neighbours, of which one could spoil the other's verdict. */
static void expect_same(run *fast, run *slow, int byte, int next)
{
    for (size_t length = 1; length <= LENGTH_MAX; length++) {
        unsigned char *bytes = malloc(length);

        assert_non_null(bytes);
        for (size_t at = 0; at < length; at++) {
            memset(bytes, 'x', length);
            bytes[at] = (unsigned char)byte;
            if (at + 1 < length)
                bytes[at + 1] = (unsigned char)next;
            if (fast(bytes, length) != slow(bytes, length))
                fail_msg("%02x %02x at %zu of %zu", byte, next, at, length);
        }
        free(bytes);
    }
}

static void expect_same_for_all(run *fast, run *slow)
{
    static const int next[] = {'x',  0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b,
                               0x5c, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff};

    for (int byte = 0; byte < 256; byte++)
        for (size_t i = 0; i < sizeof(next) / sizeof(*next); i++)
            expect_same(fast, slow, byte, next[i]);
    assert_int_equal(fast(NULL, 0), 0);
}

static void plain_runs_end_where_they_should(void **state)
{
    (void)state;
    expect_same_for_all(chat__plain_run, plain_run_by_one);
}

static void ascii_runs_end_where_they_should(void **state)
{
    (void)state;
    expect_same_for_all(chat__ascii_run, ascii_run_by_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_runs_end_where_they_should),
        cmocka_unit_test(ascii_runs_end_where_they_should),
    };

    return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
