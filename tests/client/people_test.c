/* Who is known in a room, who is meant by a text, invitations, emoji names. */
#include "client/model/emoji.h"
#include "client/model/invites.h"
#include "client/model/people.h"
#include "client/model/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct chat__people people;

    memset(&people, 0, sizeof(people));
    *state = &people;
    return 0;
}

static int tear_down(void **state)
{
    chat__people_release(*state);
    return 0;
}

static void put(struct chat__people *people, const char *id, const char *name,
                enum chat__rank rank)
{
    assert_true(chat__people_put(people, id, name, rank));
}

/* All names in order, members before a bar. */
static const char *names(const struct chat__people *people)
{
    static char text[512];
    size_t length = 0, i;

    text[0] = '\0';
    for (i = 0; i < people->count; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                   "%s%s ", i == people->members ? "| " : "",
                                   chat__safe_string(&people->data[i].name));
    }
    return text;
}

/* The ids that a text mentions. */
static const char *mentioned(const struct chat__people *people,
                             const char *text)
{
    static char found[256];
    const char *ids[CHAT__MENTIONS_MAX];
    size_t count = chat__people_mentioned(people, text, ids);
    size_t length = 0, i;

    found[0] = '\0';
    for (i = 0; i < count; i++) {
        length += (size_t)snprintf(found + length, sizeof(found) - length,
                                   "%s ", ids[i]);
    }
    return found;
}

static void test_members_are_sorted_by_role_and_name(void **state)
{
    struct chat__people *people = *state;

    put(people, "1", "zoe", CHAT__RANK_OWNER);
    put(people, "2", "bob", CHAT__RANK_MEMBER);
    put(people, "3", "Ann", CHAT__RANK_MEMBER);
    put(people, "4", "mod", CHAT__RANK_MODERATOR);
    put(people, "5", "gone", CHAT__RANK_NONE);
    assert_string_equal(names(people), "zoe mod Ann bob | gone ");
    put(people, "2", "bob", CHAT__RANK_OWNER);
    assert_string_equal(names(people), "bob zoe mod Ann | gone ");
    put(people, "2", "robert", CHAT__RANK_NONE); /* the role stays */
    assert_string_equal(names(people), "robert zoe mod Ann | gone ");
    chat__people_leave(people, "1");
    chat__people_leave(people, "99");
    assert_string_equal(names(people), "robert mod Ann | gone zoe ");
    chat__people_forget_members(people);
    assert_int_equal(people->members, 0);
    assert_int_equal(people->count, 5);
}

static void test_presence_lasts_over_a_change_of_role(void **state)
{
    struct chat__people *people = *state;

    put(people, "1", "ann", CHAT__RANK_MEMBER);
    chat__people_set_presence(people, "1", CHAT__PRESENCE_AWAY);
    chat__people_set_presence(people, "2", CHAT__PRESENCE_AWAY);
    put(people, "1", "ann", CHAT__RANK_OWNER);
    assert_int_equal(chat__people_find(people, "1")->presence,
                     CHAT__PRESENCE_AWAY);
    chat__people_leave(people, "1");
    assert_int_equal(chat__people_find(people, "1")->presence,
                     CHAT__PRESENCE_OFFLINE);
}

static void test_people_are_bounded_and_shown_safely(void **state)
{
    struct chat__people *people = *state;
    char id[16];
    int i;

    for (i = 0; i < CHAT__PEOPLE_MAX; i++) {
        snprintf(id, sizeof(id), "%d", i);
        put(people, id, "\x1b[2J", CHAT__RANK_MEMBER);
    }
    assert_false(chat__people_put(people, "x", "x", CHAT__RANK_MEMBER));
    assert_false(chat__people_put(people, "123456789012345678901234567890", "x",
                                  CHAT__RANK_MEMBER));
    assert_string_equal(chat__safe_string(&people->data[0].name), "␛[2J");
}

static void test_a_name_says_who_is_meant(void **state)
{
    struct chat__people *people = *state;
    const struct chat__person *person = NULL;
    size_t length;

    put(people, "1", "ann", CHAT__RANK_MEMBER);
    put(people, "2", "ann smith", CHAT__RANK_MEMBER);
    put(people, "17", "bob", CHAT__RANK_MEMBER);
    put(people, "18", "Bob", CHAT__RANK_NONE);
    assert_int_equal(chat__people_match(people, "ann go", &length, &person), 1);
    assert_string_equal(person->id, "1");
    assert_int_equal(length, 3);
    assert_int_equal(chat__people_match(people, "ANN Smith", &length, &person),
                     1);
    assert_string_equal(person->id, "2");
    assert_int_equal(chat__people_match(people, "bob", &length, &person), 2);
    assert_true(chat__people_is_ambiguous(people, person));
    assert_int_equal(chat__people_match(people, "bob#18 x", &length, &person),
                     1);
    assert_string_equal(person->id, "18");
    assert_int_equal(length, 6);
    assert_int_equal(chat__people_match(people, "#17", &length, &person), 1);
    assert_string_equal(person->id, "17");
    assert_int_equal(chat__people_match(people, "#170", &length, &person), 0);
    assert_int_equal(chat__people_match(people, "anna", &length, &person), 0);
    assert_int_equal(chat__people_match(people, "", &length, &person), 0);
}

static void test_mentions_are_found_in_texts(void **state)
{
    struct chat__people *people = *state;

    put(people, "1", "ann", CHAT__RANK_MEMBER);
    put(people, "2", "ann smith", CHAT__RANK_MEMBER);
    put(people, "17", "bob", CHAT__RANK_MEMBER);
    put(people, "18", "bob", CHAT__RANK_MEMBER);
    assert_string_equal(mentioned(people, "hi @ann, hi @Ann!"), "1 ");
    assert_string_equal(mentioned(people, "(@ann smith)"), "2 ");
    assert_string_equal(mentioned(people, "@bob"), "17 18 ");
    assert_string_equal(mentioned(people, "@bob#18 and @ann"), "18 1 ");
    assert_string_equal(mentioned(people, "ann @nobody x@ann @ @"), "");
}

static void test_no_more_are_mentioned_than_may_be(void **state)
{
    struct chat__people *people = *state;
    char id[16];
    const char *ids[CHAT__MENTIONS_MAX];
    int i;

    for (i = 0; i < 2 * CHAT__MENTIONS_MAX; i++) {
        snprintf(id, sizeof(id), "%d", i);
        put(people, id, "bob", CHAT__RANK_MEMBER);
    }
    assert_int_equal(chat__people_mentioned(people, "@bob", ids),
                     CHAT__MENTIONS_MAX);
}

static void test_invitations_are_kept_by_room(void **state)
{
    struct chat__invites invites = {.count = 0};
    char room[16];
    int i;

    (void)state;
    assert_true(chat__invites_add(&invites, "garden", "bob\x07"));
    assert_non_null(chat__invites_find(&invites, NULL));
    assert_true(chat__invites_add(&invites, "attic", "ann"));
    assert_null(chat__invites_find(&invites, NULL));
    assert_true(chat__invites_add(&invites, "garden", "eve\x07"));
    assert_int_equal(invites.count, 2);
    assert_string_equal(chat__safe_string(&invites.list[1].by), "eve␇");
    assert_true(chat__invites_remove(&invites, "attic"));
    assert_false(chat__invites_remove(&invites, "attic"));
    assert_null(chat__invites_find(&invites, "attic"));
    for (i = 0; i < 2 * CHAT__INVITES_MAX; i++) {
        snprintf(room, sizeof(room), "r%d", i);
        chat__invites_add(&invites, room, "ann");
    }
    assert_int_equal(invites.count, CHAT__INVITES_MAX);
    chat__invites_release(&invites);
}

static void test_emoji_are_found_by_name(void **state)
{
    size_t i;

    (void)state;
    assert_string_equal(chat__emoji_find("tada"), "🎉");
    assert_string_equal(chat__emoji_find(":tada:"), "🎉");
    assert_string_equal(chat__emoji_find(":tad"), "🎉");
    assert_string_equal(chat__emoji_find("+1"), "👍");
    assert_string_equal(chat__emoji_find("🦀"), "🦀");
    assert_string_equal(chat__emoji_find("👩‍👩‍👧"),
                        "👩‍👩‍👧");
    assert_null(chat__emoji_find("no such"));
    assert_null(chat__emoji_find("x"));
    assert_null(chat__emoji_find(""));
    assert_null(chat__emoji_find(":"));
    assert_null(chat__emoji_find("🦀🦀"));
    for (i = 0; i < chat__emoji_count(); i++) {
        const char *emoji = chat__emoji_at(i)->emoji;
        assert_int_equal(chat__cluster_length(emoji, strlen(emoji)),
                         strlen(emoji));
        assert_true(strlen(emoji) < CHAT__EMOJI_BYTES);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_members_are_sorted_by_role_and_name),
        TEST(test_presence_lasts_over_a_change_of_role),
        TEST(test_people_are_bounded_and_shown_safely),
        TEST(test_a_name_says_who_is_meant),
        TEST(test_mentions_are_found_in_texts),
        TEST(test_no_more_are_mentioned_than_may_be),
        cmocka_unit_test(test_invitations_are_kept_by_room),
        cmocka_unit_test(test_emoji_are_found_by_name),
    };

    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
