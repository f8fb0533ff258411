#include "tests/store/harness.h"

#include <stdlib.h>
#include <string.h>

static enum chat__store_result try_token(struct harness *harness,
                                         unsigned char token, int64_t now)
{
    struct chat__store_sign_in request = sign_in_by(token, now);
    enum chat__store_result result = ask_sign_in(harness, &request);
    chat__store_sign_in_release(&request);
    return result;
}

static uint64_t commits(struct harness *harness)
{
    return chat__sqlite_statistics(harness->store).commits;
}

static void test_a_guest_is_the_same_by_key_and_by_token(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "key-of-ann", 1);
    uint64_t bob = sign_in_guest(harness, "key-of-bob", 2);
    assert_true(ann != 0 && bob != 0 && ann != bob);
    assert_int_equal(sign_in_guest(harness, "key-of-ann", 3), ann);

    const unsigned char tokens[] = {1, 3}; /* the old one stays valid */
    for (size_t i = 0; i < 2; i++) {
        struct chat__store_sign_in request = sign_in_by(tokens[i], NOW_MS);
        assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
        assert_int_equal(request.user, ann);
        assert_string_equal(request.name, "Ann");
        assert_true(request.guest);
        assert_int_equal(request.membership_count, 0);
        assert_int_equal(request.rooms_rev, 0);
        chat__store_sign_in_release(&request);
    }
    assert_int_equal(try_token(harness, 4, NOW_MS), CHAT__STORE_NOT_FOUND);
}

static void test_a_guest_keeps_the_first_name(void **state)
{
    struct harness *harness = *state;
    sign_in_guest(harness, "key-of-ann", 1);
    struct chat__store_sign_in request = sign_in_by(2, NOW_MS);
    sign_in_as(&request, "Another", "key-of-ann");
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_string_equal(request.name, "Ann");
    chat__store_sign_in_release(&request);
}

static void test_a_token_ends_unless_it_is_used(void **state)
{
    struct harness *harness = *state;
    sign_in_guest(harness, "ann", 1); /* until day 30 */
    sign_in_guest(harness, "bob", 2);
    assert_int_equal(try_token(harness, 1, NOW_MS + 29 * DAY_MS),
                     CHAT__STORE_OK); /* until day 59 now */
    assert_int_equal(try_token(harness, 2, NOW_MS + 30 * DAY_MS),
                     CHAT__STORE_NOT_FOUND);
    harness_close(harness);
    assert_true(harness_open(harness));
    assert_int_equal(try_token(harness, 1, NOW_MS + 58 * DAY_MS),
                     CHAT__STORE_OK);
    assert_int_equal(try_token(harness, 1, NOW_MS + 88 * DAY_MS),
                     CHAT__STORE_NOT_FOUND);
}

static void test_a_token_used_often_is_not_written_each_time(void **state)
{
    struct harness *harness = *state;
    sign_in_guest(harness, "ann", 1);
    uint64_t before = commits(harness);
    for (int minute = 0; minute <= 60; minute++)
        assert_int_equal(try_token(harness, 1, NOW_MS + minute * 60000),
                         CHAT__STORE_OK);
    assert_int_equal(commits(harness), before);
    assert_int_equal(try_token(harness, 1, NOW_MS + 61 * 60000),
                     CHAT__STORE_OK);
    assert_int_equal(commits(harness), before + 1);
}

static void test_ended_tokens_do_not_pile_up(void **state)
{
    struct harness *harness = *state;
    sign_in_guest(harness, "ann", 1);
    struct chat__store_sign_in request = sign_in_by(2, NOW_MS + 31 * DAY_MS);
    sign_in_as(&request, "Bob", "bob");
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    chat__store_sign_in_release(&request);
    /* Gone: not even a clock that was set back finds it. */
    assert_int_equal(try_token(harness, 1, NOW_MS), CHAT__STORE_NOT_FOUND);
    assert_int_equal(try_token(harness, 2, NOW_MS + 31 * DAY_MS),
                     CHAT__STORE_OK);
}

static void test_memberships_come_with_the_user(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    make_room(harness, "zoo", ann);
    make_room(harness, "alps", 99);
    make_room(harness, "lobby", 99);
    append_standing(harness, "alps", 1, ann, ann, CHAT__ROLE_MEMBER);
    append_standing(harness, "lobby", 1, ann, ann, CHAT__ROLE_MEMBER);
    append_standing(harness, "lobby", 2, ann, ann,
                    CHAT__ROLE_MODERATOR); /* a role is no change of the list */
    append_standing(harness, "lobby", 3, ann, ann, CHAT__ROLE_NONE);

    struct chat__store_sign_in request = sign_in_by(1, NOW_MS);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_int_equal(request.rooms_rev, 4);
    assert_int_equal(request.membership_count, 2);
    assert_string_equal(request.memberships[0].room, "alps");
    assert_int_equal(request.memberships[0].role, CHAT__ROLE_MEMBER);
    assert_int_equal(request.memberships[0].read, 2);
    assert_int_equal(request.memberships[0].read_n, 2);
    assert_string_equal(request.memberships[1].room, "zoo");
    assert_int_equal(request.memberships[1].role, CHAT__ROLE_OWNER);
    chat__store_sign_in_release(&request);
}

/* ---- read markers */

static void expect_marker(struct harness *harness, uint64_t seq, uint64_t read,
                          uint64_t read_n)
{
    struct chat__store_mark_read mark = {
        .room = "lobby", .user = 1, .seq = seq};
    assert_int_equal(ask_mark_read(harness, &mark), CHAT__STORE_OK);
    assert_int_equal(mark.read, read);
    assert_int_equal(mark.read_n, read_n);
}

static void test_a_marker_moves_forward_only_and_to_the_head(void **state)
{
    struct harness *harness = *state;
    assert_int_equal(sign_in_guest(harness, "ann", 1), 1);
    struct asked_append batch;
    batch_fill(&batch, "lobby", 0, 10, 1);
    batch.request.create_epoch = EPOCH;
    batch_standing(&batch, 0, 1, CHAT__ROLE_OWNER);
    for (size_t i = 0; i < 10; i++) { /* every second is a message */
        batch.entries[i].n = (i + 1) / 2;
        batch.entries[i].message = i % 2 == 1;
    }
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);

    expect_marker(harness, 0, 1, 0); /* where the membership began */
    expect_marker(harness, 4, 4, 2);
    expect_marker(harness, 3, 4, 2);
    expect_marker(harness, 7, 7, 3);
    expect_marker(harness, UINT64_MAX, 10, 5);

    struct chat__store_sign_in request = sign_in_by(1, NOW_MS);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_int_equal(request.memberships[0].read, 10);
    assert_int_equal(request.memberships[0].read_n, 5);
    chat__store_sign_in_release(&request);
}

static void test_only_members_have_markers(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    struct chat__store_mark_read mark = {.room = "lobby", .user = 2, .seq = 1};
    assert_int_equal(ask_mark_read(harness, &mark), CHAT__STORE_NOT_FOUND);
    mark.user = 1;
    mark.room = "nowhere";
    assert_int_equal(ask_mark_read(harness, &mark), CHAT__STORE_NOT_FOUND);
}

/* ---- a crowd */

#define CROWD 10000

static size_t crowd_answers;

static void crowd_done(struct chat__completion *completion)
{
    (void)completion;
    crowd_answers++;
}

/* Starts 10,000 sign-ins and waits for them; all must be OK. */
static void sign_in_crowd(struct harness *harness, bool guests, int64_t now)
{
    struct chat__store_sign_in *crowd = calloc(CROWD, sizeof *crowd);
    char(*keys)[16] = calloc(CROWD, sizeof *keys);
    assert_true(crowd != NULL && keys != NULL);
    crowd_answers = 0;
    for (size_t i = 0; i < CROWD; i++) {
        snprintf(keys[i], sizeof keys[i], "guest-%zu", i);
        crowd[i] = sign_in_by(0, now);
        memcpy(crowd[i].token_hash, &i, sizeof i);
        if (guests)
            sign_in_as(&crowd[i], "Guest", keys[i]);
        crowd[i].completion.run = crowd_done;
        harness->store->operations->sign_in(harness->store, &crowd[i]);
    }
    while (crowd_answers < CROWD)
        harness_step(harness);
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(crowd[i].result, CHAT__STORE_OK);
        chat__store_sign_in_release(&crowd[i]);
    }
    free(keys);
    free(crowd);
}

static void test_a_crowd_signs_in_with_few_commits(void **state)
{
    struct harness *harness = *state;
    uint64_t before = commits(harness);
    sign_in_crowd(harness, true, NOW_MS);
    assert_true(commits(harness) - before < CROWD / 4);
    before = commits(harness);
    sign_in_crowd(harness, false, NOW_MS);
    assert_int_equal(commits(harness), before);
    sign_in_crowd(harness, false, NOW_MS + DAY_MS); /* each end slides */
    assert_true(commits(harness) > before);
}

int main(void)
{
#define TEST(name_)                                                            \
    cmocka_unit_test_setup_teardown(name_, harness_setup, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_guest_is_the_same_by_key_and_by_token),
        TEST(test_a_guest_keeps_the_first_name),
        TEST(test_a_token_ends_unless_it_is_used),
        TEST(test_a_token_used_often_is_not_written_each_time),
        TEST(test_ended_tokens_do_not_pile_up),
        TEST(test_memberships_come_with_the_user),
        TEST(test_a_marker_moves_forward_only_and_to_the_head),
        TEST(test_only_members_have_markers),
        TEST(test_a_crowd_signs_in_with_few_commits),
    };
    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
