/* What an operator does, in any order with what clients and the store do. */
#include "server/core/admin.h"
#include "server/core/admin_operator.h"
#include "tests/core/world.h"

#include <string.h>

#define JOIN "{'action':'join','room':'lobby','key':'j'}"

/* Done acts are counted: each is to be done once. */
struct act {
    struct chat__admin_act act; /* first */
    unsigned int done;
};

static void on_done(struct chat__admin_act *act)
{
    ((struct act *)act)->done++;
}

static struct act act_of(enum chat__admin_kind kind, const char *who,
                         const char *room)
{
    return (struct act){
        .act = {.kind = kind, .who = who, .room = room, .done = on_done}};
}

static void begin(struct world *world, struct act *act)
{
    bool in_core = world_in_core;

    world_in_core = true;
    chat__admin_begin(world->core, &act->act);
    world_in_core = in_core;
}

static void expect_done(const struct act *act)
{
    assert_int_equal(act->done, 1);
    if (act->act.error.code != CHAT__ERROR_NONE)
        fail_msg("%s", act->act.error.message);
}

static void expect_refused(const struct act *act, enum chat__error_code code)
{
    assert_int_equal(act->done, 1);
    assert_int_equal(act->act.error.code, code);
}

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, JOIN);
    return client;
}

/* ---- in a room ---- */

static void an_act_waits_for_the_append_in_flight(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct act act = act_of(CHAT__ADMIN_KICK, "bob", "lobby");

    (void)state;
    client_skip(ann);
    client_say(bob, "{'action':'send','room':'lobby','key':'1','text':'a'}");
    begin(world, &act);
    client_say(bob, "{'action':'send','id':7,'room':'lobby','key':'2',"
                    "'text':'b'}");
    world_run(world);
    expect_done(&act);
    assert_true(act.act.changed);
    client_expect(ann, "{'event':'message','text':'a'}");
    client_expect(ann, "{'event':'message','text':'b'}");
    client_expect(ann, "{'event':'kick','from':{'name':'operator'},"
                       "'user':{'id':'2','name':'bob'}}");
    client_do(bob, "{'action':'send','room':'lobby','key':'3','text':'c'}");
    client_expect_nothing(ann);
    assert_int_equal(fake_store_role(world->store, "lobby", 2),
                     CHAT__ROLE_NONE);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void two_acts_at_once_make_one_account(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct act kick = act_of(CHAT__ADMIN_KICK, "ann", "lobby");
    struct act ban = act_of(CHAT__ADMIN_BAN, "bob", "lobby");

    (void)state;
    begin(world, &kick);
    begin(world, &ban);
    world_run(world);
    expect_done(&kick);
    expect_done(&ban);
    client_skip(ann);
    client_do(ann, JOIN);
    assert_int_equal(fake_store_role(world->store, "lobby", 2),
                     CHAT__ROLE_BANNED);
    /* ann, bob and the operator: the next user is the fourth. */
    client_close(member(world, "eve"));
    assert_true(fake_store_is_member(world->store, "lobby", 4));
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void ignore(struct chat__completion *completion)
{
    (void)completion;
}

/* A server of an older version may have given the name away. */
static void who_had_the_name_before_keeps_it(void **state)
{
    struct world *world = world_new();
    struct chat__store *store = fake_store_interface(world->store);
    struct chat__store_sign_in taken = {
        .completion.run = ignore,
        .credential = CHAT__STORE_REGISTER,
        .display_name = "operator",
        .skeleton = "operator",
        .key = "theirs",
        .password_hash = "hash:theirs",
        .expires_ms = 1,
    };
    struct client *ann = member(world, "ann");
    struct act act = act_of(CHAT__ADMIN_KICK, "ann", "lobby");

    (void)state;
    store->operations->sign_in(store, &taken);
    world_run(world);
    assert_int_equal(taken.result, CHAT__STORE_OK);
    chat__store_sign_in_release(&taken);
    client_skip(ann);
    begin(world, &act);
    world_run(world);
    expect_done(&act);
    client_expect(ann, "{'event':'kick','from':{'name':'operator 2'}}");
    client_close(ann);
    world_free(world);
}

static void a_room_that_is_not_there_stays_away(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct act act = act_of(CHAT__ADMIN_KICK, "ann", "nowhere");

    (void)state;
    begin(world, &act);
    world_run(world);
    expect_refused(&act, CHAT__ERROR_NOT_FOUND);
    assert_int_equal(act.act.match_count, 1);
    client_close(ann);
    world_free(world);
}

static void a_room_of_two_has_no_operator(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct act act = act_of(CHAT__ADMIN_KICK, "bob", "dm.1.2");

    (void)state;
    client_do(ann, "{'action':'dm','user':'2','key':'d'}");
    begin(world, &act);
    world_run(world);
    expect_refused(&act, CHAT__ERROR_FORBIDDEN);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

/* ---- a ban from the server ---- */

/* The store's reader saw the credential before the ban was committed. */
static void expect_late_sign_in_refused(int64_t away_ms)
{
    struct world *world = world_new();
    struct act act = act_of(CHAT__ADMIN_BAN, "1", NULL);
    struct client *late;

    client_close(member(world, "ann"));
    world_run(world);
    world_advance(world, away_ms);
    late = client_open(world);
    client_say(late, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                     "'key':'key-of-ann'}");
    fake_store_execute(world->store, fake_store_waiting(world->store) - 1);
    begin(world, &act);
    fake_store_complete_kind(world->store, FAKE_FIND_USER);
    fake_store_complete_kind(world->store, FAKE_SET_BANNED);
    expect_done(&act);
    world_run(world);
    client_expect(late, "{'reply':1,'error':{'code':'unauthorized'}}");
    assert_int_equal(late->closed, 4503);
    client_close(late);
    world_free(world);
}

/* Of a user who is still in memory, and of one who is not. */
static void a_ban_reaches_a_sign_in_in_flight(void **state)
{
    (void)state;
    expect_late_sign_in_refused(0);
    expect_late_sign_in_refused(CHAT__PRESENCE_OFFLINE_MS + 1000);
}

static void a_ban_closes_all_connections(void **state)
{
    struct world *world = world_new();
    struct client *first = member(world, "ann");
    struct client *second = client_hello(world, "ann");
    struct act act = act_of(CHAT__ADMIN_BAN, "ann", NULL);
    struct act lift = act_of(CHAT__ADMIN_UNBAN, "1", NULL);

    (void)state;
    begin(world, &act);
    world_run(world);
    expect_done(&act);
    assert_int_equal(act.act.connections, 2);
    assert_int_equal(first->closed, 4503);
    assert_int_equal(second->closed, 4503);
    assert_true(fake_store_is_member(world->store, "lobby", 1));
    client_close(first);
    client_close(second);
    begin(world, &lift);
    world_run(world);
    expect_done(&lift);
    assert_true(lift.act.changed);
    client_close(client_hello(world, "ann"));
    world_free(world);
}

/* ---- what fails ---- */

static void expect_failure(enum chat__admin_kind kind, const char *room,
                           enum fake_kind fails)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct act act = act_of(kind, "1", room);

    fake_store_fail_next(world->store, fails, CHAT__STORE_FAILED);
    begin(world, &act);
    world_run(world);
    expect_refused(&act, CHAT__ERROR_STORAGE);
    assert_int_equal(ann->closed, 0);
    assert_true(fake_store_is_member(world->store, "lobby", 1));
    client_close(ann);
    world_free(world);
}

static void a_store_that_fails_is_told_once(void **state)
{
    (void)state;
    expect_failure(CHAT__ADMIN_KICK, NULL, FAKE_FIND_USER);
    expect_failure(CHAT__ADMIN_BAN, NULL, FAKE_SET_BANNED);
    expect_failure(CHAT__ADMIN_END_TOKENS, NULL, FAKE_END_TOKENS);
    expect_failure(CHAT__ADMIN_KICK, "lobby", FAKE_FIND_ACCOUNT);
    expect_failure(CHAT__ADMIN_KICK, "lobby", FAKE_SIGN_IN);
    expect_failure(CHAT__ADMIN_KICK, "lobby", FAKE_APPEND);
}

static void a_server_that_drains_takes_no_acts(void **state)
{
    struct world *world = world_new();
    struct act act = act_of(CHAT__ADMIN_BAN, "ann", NULL);

    (void)state;
    chat__core_drain(world->core);
    begin(world, &act);
    expect_refused(&act, CHAT__ERROR_BUSY);
    world_free(world);
}

/* ---- lists ---- */

static void count_connection(void *context,
                             const struct chat__admin_connection *row)
{
    size_t *count = context;

    (*count)++;
    assert_int_equal(row->user == 0, row->name == NULL);
}

static void count_user(void *context, const struct chat__admin_user *row)
{
    size_t *count = context;

    (*count)++;
    assert_string_equal(row->name, "ann");
    assert_int_equal(row->connections, 2);
    assert_int_equal(row->rooms, 1);
}

static void lists_have_who_is_here(void **state)
{
    struct world *world = world_new();
    struct client *clients[] = {member(world, "ann"),
                                client_hello(world, "ann"), client_open(world)};
    struct client *gone = member(world, "bob");
    size_t connections = 0;
    size_t users = 0;
    uint64_t cursor = 0;

    (void)state;
    client_close(gone);
    do
        cursor = chat__admin_connections(world->core, cursor, count_connection,
                                         &connections);
    while (cursor != 0);
    do
        cursor = chat__admin_users(world->core, cursor, count_user, &users);
    while (cursor != 0);
    assert_int_equal(connections, 3);
    assert_int_equal(users, 1);
    assert_int_equal(chat__core_counts(world->core).sessions, 2);
    assert_int_equal(chat__admin_room(world->core, "lobby").listeners, 2);
    assert_int_equal(chat__admin_room(world->core, "nowhere").listeners, 0);
    for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
        client_close(clients[i]);
    assert_int_equal(chat__core_counts(world->core).sessions, 0);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_waits_for_the_append_in_flight),
        cmocka_unit_test(two_acts_at_once_make_one_account),
        cmocka_unit_test(who_had_the_name_before_keeps_it),
        cmocka_unit_test(a_room_that_is_not_there_stays_away),
        cmocka_unit_test(a_room_of_two_has_no_operator),
        cmocka_unit_test(a_ban_reaches_a_sign_in_in_flight),
        cmocka_unit_test(a_ban_closes_all_connections),
        cmocka_unit_test(a_store_that_fails_is_told_once),
        cmocka_unit_test(a_server_that_drains_takes_no_acts),
        cmocka_unit_test(lists_have_who_is_here),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
