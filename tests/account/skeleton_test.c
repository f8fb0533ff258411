#include "server/account/skeleton.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int open_checker(void **state)
{
    *state = chat__skeletons_new();
    return *state == NULL ? -1 : 0;
}

static int close_checker(void **state)
{
    chat__skeletons_free(*state);
    return 0;
}

static bool alike(void *checker, const char *one, const char *other)
{
    char first[CHAT__SKELETON_SIZE], second[CHAT__SKELETON_SIZE];

    assert_true(chat__skeleton(checker, one, first));
    assert_true(chat__skeleton(checker, other, second));
    return strcmp(first, second) == 0;
}

static void test_names_that_look_alike_have_one_skeleton(void **state)
{
    assert_true(alike(*state, "admin", "admin"));
    assert_true(alike(*state, "admin", "ADMIN"));
    assert_true(alike(*state, "admin", "\u0430dmin")); /* Cyrillic a */
    assert_true(alike(*state, "admin", "adrnin"));
    assert_true(alike(*state, "paypal", "paypa1"));
    assert_true(alike(*state, "paypal", "PAYPA1"));
    assert_true(alike(*state, "zo\u00eb", "zoe\u0308"));
    assert_true(alike(*state, "\uff41dmin", "admin")); /* full width */
}

static void test_other_names_have_others(void **state)
{
    assert_false(alike(*state, "ann", "anna"));
    assert_false(alike(*state, "zoe", "zo\u00eb"));
    assert_false(alike(*state, "ann", "bob"));
}

static void test_the_longest_name_has_one(void **state)
{
    char name[129], skeleton[CHAT__SKELETON_SIZE];

    /* U+FDFA has the longest decomposition of all, to 18 characters. */
    for (size_t i = 0; i + 3 < sizeof(name); i += 3)
        memcpy(name + i, "\ufdfa", 4);
    (void)chat__skeleton(*state, name, skeleton);
    memset(name, 'm', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_true(chat__skeleton(*state, name, skeleton));
    assert_int_equal(strlen(skeleton), 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_look_alike_have_one_skeleton),
        cmocka_unit_test(test_other_names_have_others),
        cmocka_unit_test(test_the_longest_name_has_one),
    };

    return cmocka_run_group_tests(tests, open_checker, close_checker);
}
