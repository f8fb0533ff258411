#include "client/model/completion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct chat__candidates names = {
    .texts = {"bob", "Änne", "ann", "andy"}, .count = 4};

struct fixture {
    struct chat__input_line input;
    struct chat__completion completion;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    chat__input_release(&fixture->input);
    chat__completion_release(&fixture->completion);
    return 0;
}

static void type(struct fixture *fixture, const char *text)
{
    chat__input_insert(&fixture->input, text, strlen(text));
}

static void assert_tab(struct fixture *fixture,
                       const struct chat__candidates *candidates,
                       const char *expected)
{
    chat__completion_next(&fixture->completion, &fixture->input, candidates);
    assert_string_equal(chat__input_text(&fixture->input), expected);
}

static void test_the_first_in_order_is_taken(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "an");
    assert_tab(fixture, &names, "ann: ");
}

static void test_tab_again_offers_the_next(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "hi an");
    assert_tab(fixture, &names, "hi ann ");
    assert_tab(fixture, &names, "hi andy ");
    assert_tab(fixture, &names, "hi an");
    assert_tab(fixture, &names, "hi ann ");
}

static void test_case_does_not_matter(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "hi äN");
    assert_tab(fixture, &names, "hi Änne ");
}

static void test_nothing_to_offer_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "hi zoe");
    assert_false(
        chat__completion_next(&fixture->completion, &fixture->input, &names));
    assert_string_equal(chat__input_text(&fixture->input), "hi zoe");
}

static void test_the_only_one_is_final(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "hi b");
    assert_tab(fixture, &names, "hi bob ");
    assert_tab(fixture, &names, "hi bob bob ");
}

static void test_typing_ends_a_completion(void **state)
{
    struct fixture *fixture = *state;

    type(fixture, "hi an");
    assert_tab(fixture, &names, "hi ann ");
    type(fixture, "b");
    assert_tab(fixture, &names, "hi ann bob ");
}

static void test_the_place_says_what_is_completed(void **state)
{
    static const struct {
        const char *text;
        enum chat__completion_kind kind;
    } cases[] = {
        {"", CHAT__COMPLETE_NAME},
        {"an", CHAT__COMPLETE_NAME},
        {"hi @an", CHAT__COMPLETE_MENTION},
        {"hi :sm", CHAT__COMPLETE_EMOJI},
        {"hi :", CHAT__COMPLETE_NAME},
        {"/jo", CHAT__COMPLETE_COMMAND},
        {"/join lo", CHAT__COMPLETE_ROOM},
        {"/help jo", CHAT__COMPLETE_HELP},
        {"/accept g", CHAT__COMPLETE_INVITE},
        {"/kick a", CHAT__COMPLETE_PERSON},
        {"/kick ann for", CHAT__COMPLETE_NOTHING},
        {"/role ann mo", CHAT__COMPLETE_ROLE},
        {"/reply @a", CHAT__COMPLETE_MENTION},
        {"/react sm", CHAT__COMPLETE_EMOJI},
        {"/away x", CHAT__COMPLETE_NOTHING},
        {"/nonsense x", CHAT__COMPLETE_NOTHING},
        {"//jo", CHAT__COMPLETE_NAME},
        {"a /jo", CHAT__COMPLETE_NAME},
    };
    struct fixture *fixture = *state;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        type(fixture, cases[i].text);
        assert_int_equal(
            chat__completion_kind(&fixture->completion, &fixture->input),
            cases[i].kind);
        chat__input_edit(&fixture->input, CHAT__EDIT_CLEAR);
    }
}

static void test_too_many_candidates_are_ignored(void **state)
{
    struct chat__candidates candidates = {.count = 0};
    int i;

    (void)state;
    for (i = 0; i < CHAT__COMPLETION_MAX + 5; i++) {
        chat__candidates_add(&candidates, "x", NULL);
    }
    assert_int_equal(candidates.count, CHAT__COMPLETION_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_in_order_is_taken),
        TEST(test_tab_again_offers_the_next),
        TEST(test_case_does_not_matter),
        TEST(test_nothing_to_offer_changes_nothing),
        TEST(test_the_only_one_is_final),
        TEST(test_typing_ends_a_completion),
        TEST(test_the_place_says_what_is_completed),
        TEST(test_too_many_candidates_are_ignored),
    };

    return cmocka_run_group_tests_name("completion", tests, NULL, NULL);
}
