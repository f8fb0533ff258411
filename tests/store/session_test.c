/* Accounts, their tokens, and guests that nobody has seen. */
#include "tests/store/author.h"
#include "tests/store/both.h"
#include "tests/store/tables.h"

#include <stdlib.h>
#include <string.h>

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

/* Registers an account; the skeleton is the name's. */
static enum chat__store_result sign_up(struct harness *harness,
                                       const char *name, const char *key,
                                       unsigned char token, uint64_t *user)
{
    struct chat__store_sign_in request = sign_in_by(token, NOW_MS);
    sign_in_as(&request, name, key);
    request.credential = CHAT__STORE_REGISTER;
    request.password_hash = HASH;
    enum chat__store_result result = ask_sign_in(harness, &request);
    *user = request.user;
    if (result == CHAT__STORE_OK) {
        assert_string_equal(request.name, name);
        assert_false(request.guest);
    }
    chat__store_sign_in_release(&request);
    return result;
}

static uint64_t register_ann(struct harness *harness)
{
    uint64_t ann;
    assert_int_equal(sign_up(harness, "Ann", "key-1", 1, &ann), CHAT__STORE_OK);
    return ann;
}

static enum chat__store_result sign_in_with(struct harness *harness,
                                            unsigned char token, int64_t now_ms)
{
    struct chat__store_sign_in request = sign_in_by(token, now_ms);
    enum chat__store_result result = ask_sign_in(harness, &request);
    chat__store_sign_in_release(&request);
    return result;
}

static enum chat__store_result sign_in_guest_as(struct harness *harness,
                                                const char *name,
                                                const char *key,
                                                unsigned char token)
{
    struct chat__store_sign_in request = sign_in_by(token, NOW_MS);
    sign_in_as(&request, name, key);
    enum chat__store_result result = ask_sign_in(harness, &request);
    chat__store_sign_in_release(&request);
    return result;
}

/* ---- accounts */

static void test_an_account_is_found_by_its_skeleton(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = register_ann(harness);
    struct chat__store_find_account account = {.skeleton = "Ann"};
    assert_int_equal(ask_find_account(harness, &account), CHAT__STORE_OK);
    assert_int_equal(account.user, ann);
    assert_string_equal(account.password_hash, HASH);
    assert_string_equal(account.register_key, "key-1");
    assert_true(account.registered_ms == NOW_MS);
    account = (struct chat__store_find_account){.skeleton = "Anm"};
    assert_int_equal(ask_find_account(harness, &account),
                     CHAT__STORE_NOT_FOUND);

    struct chat__store_find_user user = {.user = ann};
    assert_int_equal(ask_find_user(harness, &user), CHAT__STORE_OK);
    assert_string_equal(user.name, "Ann");
    assert_string_equal(user.skeleton, "Ann");
    assert_false(user.guest);
    assert_int_equal(sign_in_with(harness, 1, NOW_MS), CHAT__STORE_OK);
}

static void test_a_guest_is_no_account(void **state)
{
    struct harness *harness = *state;
    uint64_t guest = sign_in_guest(harness, "guest", 1);
    struct chat__store_find_user user = {.user = guest};
    assert_int_equal(ask_find_user(harness, &user), CHAT__STORE_OK);
    assert_string_equal(user.name, "Ann");
    assert_string_equal(user.skeleton, "");
    assert_true(user.guest);
    struct chat__store_find_account account = {.skeleton = "Ann"};
    assert_int_equal(ask_find_account(harness, &account),
                     CHAT__STORE_NOT_FOUND);
    const uint64_t nobody[] = {0, guest + 1, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        user = (struct chat__store_find_user){.user = nobody[i]};
        assert_int_equal(ask_find_user(harness, &user), CHAT__STORE_NOT_FOUND);
    }
}

static void test_the_name_of_an_account_is_taken(void **state)
{
    struct harness *harness = *state;
    uint64_t user;
    sign_in_guest(harness, "old guest", 2);
    uint64_t ann = register_ann(harness);
    assert_int_equal(sign_up(harness, "Ann", "key-1", 3, &user),
                     CHAT__STORE_TAKEN);
    assert_int_equal(sign_up(harness, "Ann", "key-2", 3, &user),
                     CHAT__STORE_TAKEN);
    assert_int_equal(sign_in_guest_as(harness, "Ann", "new guest", 3),
                     CHAT__STORE_TAKEN);
    assert_int_equal(sign_in_with(harness, 3, NOW_MS), CHAT__STORE_NOT_FOUND);
    assert_int_equal(sign_in_guest_as(harness, "Ann", "old guest", 4),
                     CHAT__STORE_OK);
    assert_int_equal(sign_up(harness, "Bob", "key-1", 3, &user),
                     CHAT__STORE_OK);
    assert_true(user > ann);
}

static void test_a_user_gets_a_token(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = register_ann(harness);
    struct chat__store_sign_in request = sign_in_by(2, NOW_MS);
    request.credential = CHAT__STORE_USER;
    request.user = ann;
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_string_equal(request.name, "Ann");
    chat__store_sign_in_release(&request);
    assert_int_equal(sign_in_with(harness, 2, NOW_MS), CHAT__STORE_OK);
    request = sign_in_by(3, NOW_MS);
    request.credential = CHAT__STORE_USER;
    request.user = ann + 1;
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_NOT_FOUND);
    chat__store_sign_in_release(&request);
    assert_int_equal(sign_in_with(harness, 3, NOW_MS), CHAT__STORE_NOT_FOUND);
}

/* Whoever proved a password that was changed meanwhile gets nothing. */
static void test_a_proof_is_of_the_password_as_it_is(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = register_ann(harness);
    struct chat__store_end_tokens change = {
        .user = ann,
        .password_hash = "another",
        .proved_hash = "no more",
        .expires_ms = NOW_MS + 30 * DAY_MS,
    };
    assert_int_equal(ask_end_tokens(harness, &change), CHAT__STORE_NOT_FOUND);
    for (int changed = 0; changed < 2; changed++) {
        struct chat__store_sign_in request = sign_in_by(2, NOW_MS);
        request.credential = CHAT__STORE_USER;
        request.user = ann;
        request.proved_hash = HASH;
        assert_int_equal(ask_sign_in(harness, &request),
                         changed ? CHAT__STORE_NOT_FOUND : CHAT__STORE_OK);
        chat__store_sign_in_release(&request);
        assert_int_equal(sign_in_with(harness, 2, NOW_MS),
                         changed ? CHAT__STORE_NOT_FOUND : CHAT__STORE_OK);
        change.proved_hash = HASH;
        assert_int_equal(ask_end_tokens(harness, &change),
                         changed ? CHAT__STORE_NOT_FOUND : CHAT__STORE_OK);
    }
}

/* ---- the ends of tokens */

static enum chat__store_result end_token(struct harness *harness, uint64_t user,
                                         unsigned char token, bool all,
                                         const char *password_hash)
{
    struct chat__store_end_tokens request = {
        .user = user,
        .all = all,
        .password_hash = password_hash,
        .expires_ms = NOW_MS + 30 * DAY_MS,
    };
    memset(request.token_hash, token, sizeof request.token_hash);
    return ask_end_tokens(harness, &request);
}

/* Which of the tokens 1 to 4 are valid, as digits. */
static void expect_tokens(struct harness *harness, const char *expected)
{
    char text[8] = "";
    size_t length = 0;
    for (unsigned char token = 1; token <= 4; token++)
        if (sign_in_with(harness, token, NOW_MS) == CHAT__STORE_OK)
            text[length++] = (char)('0' + token);
    assert_string_equal(text, expected);
}

/* Ann has the tokens 1 and 2, a guest 3. */
static uint64_t begin_tokens(struct harness *harness)
{
    uint64_t ann = register_ann(harness);
    struct chat__store_sign_in request = sign_in_by(2, NOW_MS);
    request.credential = CHAT__STORE_USER;
    request.user = ann;
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    chat__store_sign_in_release(&request);
    assert_int_equal(sign_in_guest_as(harness, "Bob", "bob", 3),
                     CHAT__STORE_OK);
    return ann;
}

static void test_one_token_ends(void **state)
{
    uint64_t ann = begin_tokens(*state);
    assert_int_equal(end_token(*state, ann, 3, false, NULL),
                     CHAT__STORE_NOT_FOUND); /* another's */
    assert_int_equal(end_token(*state, ann, 1, false, NULL), CHAT__STORE_OK);
    expect_tokens(*state, "23");
    assert_int_equal(end_token(*state, ann, 1, false, NULL),
                     CHAT__STORE_NOT_FOUND);
}

static void test_all_tokens_of_a_user_end(void **state)
{
    uint64_t ann = begin_tokens(*state);
    assert_int_equal(end_token(*state, ann, 1, true, NULL), CHAT__STORE_OK);
    expect_tokens(*state, "3");
    assert_int_equal(end_token(*state, ann, 1, true, NULL),
                     CHAT__STORE_NOT_FOUND);
}

static void test_a_new_password_ends_all_tokens_but_its_own(void **state)
{
    uint64_t ann = begin_tokens(*state);
    assert_int_equal(end_token(*state, ann, 4, false, "another"),
                     CHAT__STORE_OK);
    expect_tokens(*state, "34");
    struct chat__store_find_account account = {.skeleton = "Ann"};
    assert_int_equal(ask_find_account(*state, &account), CHAT__STORE_OK);
    assert_string_equal(account.password_hash, "another");

    /* Also when none is left; but a guest has none to change. */
    assert_int_equal(end_token(*state, ann, 4, true, NULL), CHAT__STORE_OK);
    assert_int_equal(end_token(*state, ann, 1, false, "third"), CHAT__STORE_OK);
    expect_tokens(*state, "13");
    assert_int_equal(end_token(*state, ann + 1, 2, false, "guest's"),
                     CHAT__STORE_NOT_FOUND);
    assert_int_equal(end_token(*state, 99, 2, false, "nobody's"),
                     CHAT__STORE_NOT_FOUND);
    expect_tokens(*state, "13");
}

static void test_heads_are_for_valid_tokens(void **state)
{
    uint64_t ann = begin_tokens(*state);
    struct chat__store_heads heads = {.user = ann, .limit = 1};
    for (unsigned char token = 1; token <= 4; token++) {
        memset(heads.token_hash, token, sizeof heads.token_hash);
        assert_int_equal(ask_heads(*state, &heads),
                         token <= 2 ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND);
        chat__store_heads_release(&heads);
    }
    assert_int_equal(end_token(*state, ann, 2, false, NULL), CHAT__STORE_OK);
    memset(heads.token_hash, 2, sizeof heads.token_hash);
    assert_int_equal(ask_heads(*state, &heads), CHAT__STORE_NOT_FOUND);
    chat__store_heads_release(&heads);
}

/* ---- sessions that go on */

static enum chat__store_result keep(struct harness *harness, uint64_t user,
                                    unsigned char token, int64_t now_ms)
{
    struct chat__store_keep_session request = {
        .user = user, .now_ms = now_ms, .expires_ms = now_ms + 30 * DAY_MS};
    memset(request.token_hash, token, sizeof request.token_hash);
    return ask_keep_session(harness, &request);
}

static void test_a_session_that_goes_on_keeps_its_token(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = begin_tokens(harness);
    assert_int_equal(keep(harness, ann, 1, NOW_MS + 29 * DAY_MS),
                     CHAT__STORE_OK);
    assert_int_equal(keep(harness, ann, 1, NOW_MS + 20 * DAY_MS),
                     CHAT__STORE_OK); /* never back */
    assert_int_equal(sign_in_with(harness, 1, NOW_MS + 58 * DAY_MS),
                     CHAT__STORE_OK);
    assert_int_equal(keep(harness, ann, 2, NOW_MS + 30 * DAY_MS),
                     CHAT__STORE_NOT_FOUND);
    assert_int_equal(keep(harness, ann, 3, NOW_MS), CHAT__STORE_NOT_FOUND);
    assert_int_equal(keep(harness, ann, 4, NOW_MS), CHAT__STORE_NOT_FOUND);
}

/* "user:name:room " of those who were last seen before. */
static void expect_idle(struct harness *harness, int64_t before_ms,
                        const char *expected)
{
    char text[128] = "";
    size_t length = 0;
    struct chat__store_idle_guests request = {.before_ms = before_ms,
                                              .limit = 9};
    assert_int_equal(ask_idle_guests(harness, &request), CHAT__STORE_OK);
    for (size_t i = 0; i < request.count; i++)
        length += (size_t)snprintf(
            text + length, sizeof text - length, "%d:%s:%s ",
            (int)request.memberships[i].user, request.memberships[i].name,
            request.memberships[i].room);
    assert_string_equal(text, expected);
    chat__store_idle_guests_release(&request);
}

static uint64_t rooms_of(struct harness *harness, uint64_t user)
{
    struct chat__store_find_user request = {.user = user};
    assert_int_equal(ask_find_user(harness, &request), CHAT__STORE_OK);
    return request.rooms;
}

static void test_guests_that_nobody_saw_are_found(void **state)
{
    struct harness *harness = *state;
    struct author author;
    uint64_t ann = begin_tokens(harness);
    uint64_t bob = ann + 1;
    author_begin(&author, harness, "lobby", ann);
    expect_idle(harness, NOW_MS + 1, ""); /* who is no member may stay */
    author_stand(&author, ann, bob, CHAT__ROLE_INVITED);
    expect_idle(harness, NOW_MS + 1, "");
    assert_int_equal(rooms_of(harness, bob), 0);
    author_stand(&author, bob, bob, CHAT__ROLE_MEMBER);
    expect_idle(harness, NOW_MS, "");
    expect_idle(harness, NOW_MS + 1, "2:Bob:lobby ");
    assert_int_equal(rooms_of(harness, bob), 1);

    assert_int_equal(keep(harness, bob, 3, NOW_MS + DAY_MS), CHAT__STORE_OK);
    expect_idle(harness, NOW_MS + DAY_MS, "");
    expect_idle(harness, NOW_MS + DAY_MS + 1, "2:Bob:lobby ");
    assert_int_equal(sign_in_with(harness, 3, NOW_MS + 2 * DAY_MS),
                     CHAT__STORE_OK);
    expect_idle(harness, NOW_MS + 2 * DAY_MS, "");
    assert_int_equal(sign_in_with(harness, 3, NOW_MS), CHAT__STORE_OK);
    expect_idle(harness, NOW_MS + 2 * DAY_MS, ""); /* a clock set back */
    author_stand(&author, bob, bob, CHAT__ROLE_NONE);
    expect_idle(harness, INT64_MAX, "");
}

static void test_idle_guests_come_no_more_than_asked_for(void **state)
{
    struct harness *harness = *state;
    struct author author;
    begin_tokens(harness);
    for (int i = 0; i < 4; i++) {
        static const char *const rooms[] = {"a", "b", "c", "d"};
        author_begin(&author, harness, rooms[i], 2);
    }
    for (size_t limit = 0; limit <= 5; limit++) {
        struct chat__store_idle_guests request = {.before_ms = INT64_MAX,
                                                  .limit = limit};
        assert_int_equal(ask_idle_guests(harness, &request), CHAT__STORE_OK);
        assert_int_equal(request.count, limit < 4 ? limit : 4);
        chat__store_idle_guests_release(&request);
    }
}

static void test_a_user_is_read_without_a_trace(void **state)
{
    struct harness *harness = *state;
    struct author author;
    uint64_t guest = begin_tokens(harness) + 1;
    author_begin(&author, harness, "lobby", guest);
    struct chat__store_sign_in request = sign_in_by(9, NOW_MS + 2 * DAY_MS);
    request.credential = CHAT__STORE_USER;
    request.user = guest;
    request.expires_ms = 0;
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_int_equal(request.membership_count, 1);
    chat__store_sign_in_release(&request);
    assert_int_equal(sign_in_with(harness, 9, NOW_MS), CHAT__STORE_NOT_FOUND);
    struct chat__store_idle_guests guests = {.before_ms = NOW_MS + DAY_MS,
                                             .limit = 9};
    assert_int_equal(ask_idle_guests(harness, &guests), CHAT__STORE_OK);
    assert_int_equal(guests.count, 1);
    chat__store_idle_guests_release(&guests);
}

/* Of the tables: no write that comes again, late, undoes another. */
static void test_late_writes_change_nothing(void **state)
{
    struct harness *harness = *state;
    uint64_t ann = begin_tokens(harness);
    struct chat__store_find_account account = {.skeleton = "Ann"};
    struct chat__store_set_banned ban = {.user = ann + 1, .banned_ms = NOW_MS};

    if (getenv("CHAT_DYNAMODB_ENDPOINT") != NULL)
        return;
    assert_int_equal(ask_set_banned(harness, &ban), CHAT__STORE_OK);
    ban.banned_ms = 0;
    assert_int_equal(ask_set_banned(harness, &ban), CHAT__STORE_OK);
    assert_int_equal(end_token(harness, ann, 1, true, NULL), CHAT__STORE_OK);
    assert_int_equal(end_token(harness, ann, 1, false, "a"), CHAT__STORE_OK);
    assert_int_equal(end_token(harness, ann, 4, false, "b"), CHAT__STORE_OK);
    tables_repeat(harness->tables);
    expect_tokens(harness, "34");
    assert_int_equal(end_token(harness, ann, 4, false, NULL), CHAT__STORE_OK);
    tables_repeat(harness->tables);
    expect_tokens(harness, "3");
    assert_int_equal(ask_find_account(harness, &account), CHAT__STORE_OK);
    assert_string_equal(account.password_hash, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALL(test_an_account_is_found_by_its_skeleton),
        ALL(test_a_guest_is_no_account),
        ALL(test_the_name_of_an_account_is_taken),
        ALL(test_a_user_gets_a_token),
        ALL(test_a_proof_is_of_the_password_as_it_is),
        ALL(test_one_token_ends),
        BOTH(test_all_tokens_of_a_user_end),
        ALL(test_a_new_password_ends_all_tokens_but_its_own),
        ALL(test_heads_are_for_valid_tokens),
        ALL(test_a_session_that_goes_on_keeps_its_token),
        BOTH(test_guests_that_nobody_saw_are_found),
        ALL(test_idle_guests_come_no_more_than_asked_for),
        ALL(test_a_user_is_read_without_a_trace),
        cmocka_unit_test_setup_teardown(test_late_writes_change_nothing,
                                        harness_setup_tables, harness_teardown),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
