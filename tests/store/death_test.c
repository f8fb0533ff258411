/*
 * A task on DynamoDB dies between a chunk and its projections, and its client
 * never comes back: others hear of it all the same.
 */
#include "tests/store/author.h"
#include "tests/store/both.h"
#include "tests/store/tables.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t ann = 1;
static const uint64_t bob = 2;

static void nobody(struct chat__completion *completion)
{
    (void)completion;
}

/* The store that dies, and the append that it was about. */
struct death {
    struct chat__store *store;
    struct chat__store_entry entry;
    struct chat__store_append append;
};

/* Ann's entry by which bob gets a role, in a room that is there or not. */
static void die(struct harness *harness, struct death *death, const char *room,
                uint64_t seq, enum chat__role role)
{
    static const char bytes[] = "{\"event\":\"join\"}";

    *death = (struct death){.store = harness->store};
    death->entry = (struct chat__store_entry){
        .seq = seq,
        .ts = NOW_MS,
        .user = ann,
        .key = "a-key-of-ann",
        .bytes = bytes,
        .length = sizeof bytes - 1,
        .standings = {{bob, role}},
        .standing_count = 1,
    };
    death->append = (struct chat__store_append){
        .completion.run = nobody,
        .room = room,
        .create_epoch = seq == 1 ? EPOCH : NULL,
        .create_private = true,
        .entries = &death->entry,
        .count = 1,
    };
    tables_die_after(harness->tables, "messages");
    harness->store->operations->append(harness->store, &death->append);
    while (!tables_are_dead(harness->tables))
        assert_true(tables_step(harness->tables));
    assert_true(harness_open(harness));
}

static void bury(struct harness *harness, struct death *death)
{
    tables_revive(harness->tables);
    while (tables_step(harness->tables))
        continue;
    chat__completion_queue_run(&harness->queue);
    assert_int_equal(death->append.result, CHAT__STORE_OK);
    death->store->operations->close(death->store);
}

static int set_up(void **state)
{
    if (getenv("CHAT_DYNAMODB_ENDPOINT") != NULL)
        return -1;
    return harness_setup_tables(state);
}

static void test_who_is_invited_hears_of_it_by_signing_in(void **state)
{
    struct harness *harness = *state;
    struct author author;
    struct death death;
    struct chat__store_sign_in look;

    sign_in_users(harness, 2);
    author_begin(&author, harness, "den", ann);
    die(harness, &death, "den", 2, CHAT__ROLE_INVITED);
    look = sign_in_by((unsigned char)bob, NOW_MS);
    assert_int_equal(ask_sign_in(harness, &look), CHAT__STORE_OK);
    assert_int_equal(look.invite_count, 1);
    assert_string_equal(look.invites[0].room, "den");
    chat__store_sign_in_release(&look);
    bury(harness, &death);
}

static uint64_t revision(struct harness *harness, uint64_t user)
{
    struct chat__store_heads heads = {.user = user, .limit = 9};

    memset(heads.token_hash, (int)user, sizeof heads.token_hash);
    assert_int_equal(ask_heads(harness, &heads), CHAT__STORE_OK);
    chat__store_heads_release(&heads);
    return heads.rooms_rev;
}

/* A room that nobody else will ever open. */
static void test_the_other_of_a_dm_hears_of_it_by_a_ping(void **state)
{
    struct harness *harness = *state;
    struct death death;
    uint64_t before;

    sign_in_users(harness, 2);
    before = revision(harness, bob);
    die(harness, &death, "dm-1-2", 1, CHAT__ROLE_MEMBER);
    assert_true(revision(harness, bob) > before);
    bury(harness, &death);
}

#define DEATH(name_)                                                           \
    cmocka_unit_test_setup_teardown(name_, set_up, harness_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DEATH(test_who_is_invited_hears_of_it_by_signing_in),
        DEATH(test_the_other_of_a_dm_hears_of_it_by_a_ping),
    };
    return cmocka_run_group_tests_name("death", tests, NULL, NULL);
}
