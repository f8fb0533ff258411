/*
 * The library of this system sends what is framed already as it is. Where this
 * fails chatd works, but hands every message to the library to be framed: then
 * look at what changed in lws_write() with LWS_WRITE_RAW.
 */
#include "server/front/raw_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>

static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void raw_writes_hold(void **state)
{
    (void)state;
    assert_true(chat__raw_write_holds());
}

static void trying_leaves_nothing_open(void **state)
{
    size_t before = count_descriptors();

    (void)state;
    for (int i = 0; i < 10; i++)
        (void)chat__raw_write_holds();
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_writes_hold),
        cmocka_unit_test(trying_leaves_nothing_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
