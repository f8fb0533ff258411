/* What an operator asks of a store: all rooms and users, bans of the server. */
#include "tests/store/both.h"

#include <string.h>

static enum chat__store_result sign_in_with(struct harness *harness,
                                            unsigned char token)
{
    struct chat__store_sign_in request = sign_in_by(token, NOW_MS + 1);
    enum chat__store_result result = ask_sign_in(harness, &request);
    chat__store_sign_in_release(&request);
    return result;
}

static enum chat__store_result ban(struct harness *harness, uint64_t user,
                                   int64_t banned_ms)
{
    struct chat__store_set_banned request = {.user = user,
                                             .banned_ms = banned_ms};
    return ask_set_banned(harness, &request);
}

/* ---- bans */

static void test_who_is_banned_cannot_sign_in(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    sign_in_guest(harness, "bob", 2);
    assert_int_equal(ban(harness, ann, NOW_MS), CHAT__STORE_OK);
    assert_int_equal(sign_in_with(harness, 1), CHAT__STORE_BANNED);
    assert_int_equal(sign_in_with(harness, 2), CHAT__STORE_OK);
    struct chat__store_sign_in request = sign_in_by(3, NOW_MS);
    sign_in_as(&request, "Ann", "ann");
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_BANNED);
    chat__store_sign_in_release(&request);
    assert_int_equal(sign_in_with(harness, 3), CHAT__STORE_NOT_FOUND);
}

static void test_a_ban_ends(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    assert_int_equal(ban(harness, ann, NOW_MS), CHAT__STORE_OK);
    assert_int_equal(ban(harness, ann, 0), CHAT__STORE_OK);
    assert_int_equal(sign_in_with(harness, 1), CHAT__STORE_OK);
    assert_int_equal(ban(harness, ann + 1, NOW_MS), CHAT__STORE_NOT_FOUND);
}

/* An expiry reads so, and an operator's tool. */
static void test_who_is_banned_can_be_read(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    ban(harness, ann, NOW_MS);
    struct chat__store_sign_in request = {.credential = CHAT__STORE_USER,
                                          .user = ann};
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_string_equal(request.name, "Ann");
    chat__store_sign_in_release(&request);
    struct chat__store_find_user find = {.user = ann};
    assert_int_equal(ask_find_user(harness, &find), CHAT__STORE_OK);
    assert_true(find.banned_ms == NOW_MS);
}

/* So a session that another server has is found to be over. */
static void test_heads_are_not_for_the_banned(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    struct chat__store_heads heads = {.user = ann, .limit = 1};
    struct chat__store_sign_in by = sign_in_by(1, NOW_MS);
    memcpy(heads.token_hash, by.token_hash, sizeof heads.token_hash);
    assert_int_equal(ask_heads(harness, &heads), CHAT__STORE_OK);
    chat__store_heads_release(&heads);
    ban(harness, ann, NOW_MS);
    assert_int_equal(ask_heads(harness, &heads), CHAT__STORE_NOT_FOUND);
    chat__store_heads_release(&heads);
}

static void test_a_ban_outlives_the_server(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = sign_in_guest(harness, "ann", 1);
    ban(harness, ann, NOW_MS);
    harness_close(harness);
    assert_true(harness_open(harness));
    assert_int_equal(sign_in_with(harness, 1), CHAT__STORE_BANNED);
}

/* ---- lists */

static void test_all_users_are_listed_by_id(void **state)
{
    struct harness *harness = *state;
    uint64_t first = sign_in_guest(harness, "1", 1);
    sign_in_guest(harness, "2", 2);
    ban(harness, sign_in_guest(harness, "3", 3), NOW_MS);
    struct chat__store_list_users list = {.limit = 2};
    assert_int_equal(ask_list_users(harness, &list), CHAT__STORE_OK);
    assert_int_equal(list.count, 2);
    assert_true(list.more);
    assert_int_equal(list.rows[0].user, first);
    assert_string_equal(list.rows[0].name, "Ann");
    assert_true(list.rows[0].guest);
    assert_true(list.rows[0].seen_ms == NOW_MS);
    assert_int_equal(list.rows[0].banned_ms, 0);
    list.after = list.rows[1].user;
    chat__store_list_users_release(&list);
    assert_int_equal(ask_list_users(harness, &list), CHAT__STORE_OK);
    assert_int_equal(list.count, 1);
    assert_false(list.more);
    assert_true(list.rows[0].banned_ms == NOW_MS);
    chat__store_list_users_release(&list);
}

static void test_all_rooms_are_listed_with_their_logs(void **state)
{
    struct harness *harness = *state;
    struct asked_append batch;
    batch_fill(&batch, "open", 0, 2, 1);
    batch.request.create_epoch = "e";
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    batch_fill(&batch, "closed", 0, 3, 1);
    batch.request.create_epoch = "e";
    batch.request.create_private = true;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    struct chat__store_list_rooms list = {.all = true, .limit = 9};
    assert_int_equal(ask_list_rooms(harness, &list), CHAT__STORE_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].room, "closed");
    assert_true(list.rows[0].private_room);
    assert_int_equal(list.rows[0].head, 3);
    assert_int_equal(list.rows[0].n, batch.entries[2].n);
    assert_true(list.rows[0].last_ts == batch.entries[2].ts);
    assert_false(list.rows[1].private_room);
    chat__store_list_rooms_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALL(test_who_is_banned_cannot_sign_in),
        ALL(test_a_ban_ends),
        ALL(test_who_is_banned_can_be_read),
        ALL(test_heads_are_not_for_the_banned),
        cmocka_unit_test_setup_teardown(test_a_ban_outlives_the_server,
                                        harness_setup, harness_teardown),
        ALL(test_all_users_are_listed_by_id),
        ALL(test_all_rooms_are_listed_with_their_logs),
    };
    return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
