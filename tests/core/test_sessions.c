/*
 * What ends a session or proves a right to one, while sign-ins are in flight:
 * in any order of events no token outlives its end.
 */
#include "tests/core/world.h"

#include <stdio.h>
#include <string.h>

#define HELLO "{'action':'hello','id':1,'version':1,"

static struct client *say_hello(struct world *world, const char *credential)
{
    struct client *client = client_open(world);

    client_say(client, HELLO "%s}", credential);
    return client;
}

/* The account ann, user 1, whose password is `password`. */
static struct client *registered(struct world *world, char *token, size_t size)
{
    struct client *ann = say_hello(
        world, "'register':{'user':'ann','password':'password'},'key':'k'");
    cJSON *json;

    world_run(world);
    json = cJSON_Parse(client_next(ann));
    snprintf(token, size, "'token':'%s'",
             cJSON_GetStringValue(cJSON_GetObjectItem(
                 cJSON_GetObjectItem(json, "ok"), "token")));
    cJSON_Delete(json);
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    return ann;
}

static size_t last_job(const struct world *world)
{
    return fake_store_waiting(world->store) - 1;
}

/* ---- logout while a hello is in flight ---- */

/* The store's reader saw the token, then the logout was committed. */
static void a_token_that_was_seen_before_its_end_is_none(void **state)
{
    struct world *world = world_new();
    char token[100];
    struct client *ann = registered(world, token, sizeof(token));
    struct client *late = say_hello(world, token);

    (void)state;
    fake_store_execute(world->store, last_job(world));
    client_say(ann, "{'action':'logout','id':2,'all':true}");
    fake_store_complete(world->store, last_job(world));
    assert_int_equal(ann->closed, 4500);
    client_close(ann);
    world_run(world);
    client_expect(late, "{'reply':1,'error':{'code':'unauthorized'}}");
    client_close(late);
    world_free(world);
}

/* The hello has its user by now, and waits for a room. */
static void a_hello_that_is_not_answered_yet_ends_with_its_token(void **state)
{
    struct world *world = world_new();
    char token[100];
    struct client *ann = registered(world, token, sizeof(token));
    struct client *late;

    (void)state;
    client_close(ann);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS);
    world_run(world);
    ann = say_hello(world, token);
    late = say_hello(world, token);
    fake_store_complete_kind(world->store, FAKE_SIGN_IN);
    fake_store_complete_kind(world->store, FAKE_SIGN_IN);
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    client_expect(ann, "{'reply':1,'ok':{}}");
    client_skip(late);
    /* A second hello reads what it missed: it is not answered at once. */
    client_say(late,
               HELLO "%s,'resume':[{'room':'lobby','epoch':'%s',"
                     "'seq':0}]}",
               token, fake_store_epoch(world->store, "lobby"));
    fake_store_complete_kind(world->store, FAKE_SIGN_IN);
    client_expect_nothing(late);
    client_say(ann, "{'action':'logout','id':2}");
    fake_store_complete_kind(world->store, FAKE_END_TOKENS);
    assert_int_equal(ann->closed, 4500);
    assert_int_equal(late->closed, 4500);
    client_expect(late, "{'event':'close','code':4500}");
    world_run(world);
    client_expect_nothing(late);
    client_close(ann);
    client_close(late);
    world_free(world);
}

static void a_token_that_goes_on_is_looked_at_again(void **state)
{
    struct world *world = world_new();
    char token[100];
    struct client *ann = registered(world, token, sizeof(token));
    struct client *laptop =
        say_hello(world, "'login':{'user':'ann','password':'password'}");
    struct client *late;

    (void)state;
    world_run(world);
    client_expect(laptop, "{'reply':1,'ok':{}}");
    late = say_hello(world, token);
    fake_store_execute(world->store, last_job(world));
    client_say(laptop, "{'action':'logout','id':2}");
    fake_store_complete(world->store, last_job(world));
    assert_int_equal(laptop->closed, 4500);
    world_run(world);
    client_expect(late, "{'reply':1,'ok':{}}");
    assert_int_equal(ann->closed, 0);
    client_close(ann);
    client_close(laptop);
    client_close(late);
    world_free(world);
}

/* ---- passwords ---- */

/* Whoever does not wait for the answer has guessed all the same. */
static void a_guess_counts_though_its_client_has_gone(void **state)
{
    static const unsigned char address[CHAT__ADDRESS_BYTES] = {1};
    struct world *world = world_new();
    char token[100];
    struct client *client = registered(world, token, sizeof(token));

    (void)state;
    client_close(client);
    for (int i = 0; i < 10; i++) {
        client = client_open_from(world, address);
        client_say(client,
                   HELLO "'login':{'user':'u%d','password':'guessing'}}", i);
        client_close(client);
        world_run(world);
    }
    client = client_open_from(world, address);
    client_say(client, HELLO "'login':{'user':'ann','password':'password'}}");
    world_run(world);
    client_expect(client, "{'reply':1,'error':{'code':'rate_limited',"
                          "'retry_ms':30000}}");
    client_close(client);
    world_free(world);
}

/* ann's is changed while another request has proved the old one. */
static void change_password(struct world *world, struct client *ann)
{
    client_say(ann, "{'action':'password','id':9,'old':'password',"
                    "'new':'password2'}");
    while (world->accounts.waiting == 0)
        fake_store_complete(world->store, last_job(world));
    fake_accounts_complete(&world->accounts);
    fake_accounts_complete(&world->accounts);
    fake_store_complete(world->store, last_job(world));
    client_expect(ann, "{'reply':9,'ok':{}}");
}

static void a_login_by_the_old_password_is_late(void **state)
{
    struct world *world = world_new();
    char token[100];
    struct client *ann = registered(world, token, sizeof(token));
    struct client *late =
        say_hello(world, "'login':{'user':'ann','password':'password'}");

    (void)state;
    fake_store_complete_kind(world->store, FAKE_FIND_ACCOUNT);
    fake_accounts_complete(&world->accounts);
    assert_int_equal(fake_store_kind(world->store, 0), FAKE_SIGN_IN);
    change_password(world, ann);
    world_run(world);
    client_expect(late, "{'reply':1,'error':{'code':'unauthorized'}}");
    client_close(late);
    client_close(ann);
    world_free(world);
}

static void a_change_of_the_old_password_is_late(void **state)
{
    struct world *world = world_new();
    char token[100];
    struct client *ann = registered(world, token, sizeof(token));
    struct client *late = say_hello(world, token);

    (void)state;
    world_run(world);
    client_say(late, "{'action':'password','id':2,'old':'password',"
                     "'new':'password3'}");
    fake_store_complete_kind(world->store, FAKE_FIND_ACCOUNT);
    fake_accounts_complete(&world->accounts);
    fake_accounts_complete(&world->accounts);
    assert_int_equal(fake_store_kind(world->store, 0), FAKE_END_TOKENS);
    change_password(world, ann);
    world_run(world);
    assert_int_equal(late->closed, 4500);
    assert_int_equal(ann->closed, 0);
    client_close(late);
    late = say_hello(world, "'login':{'user':'ann','password':'password2'}");
    world_run(world);
    client_expect(late, "{'reply':1,'ok':{}}");
    client_close(late);
    client_close(ann);
    world_free(world);
}

/* ---- register ---- */

/* The client was cut off and came again while the first one was hashed. */
static void a_register_is_repeated_while_it_is_under_way(void **state)
{
    static const char same[] =
        "'register':{'user':'ann','password':'password'},'key':'k'";
    struct world *world = world_new();
    struct client *cut = say_hello(world, same);
    struct client *again = say_hello(world, same);
    struct client *other = say_hello(
        world, "'register':{'user':'ann','password':'passwort'},'key':'k'");

    (void)state;
    for (int i = 0; i < 3; i++)
        fake_store_complete_kind(world->store, FAKE_FIND_ACCOUNT);
    client_close(cut);
    world_run(world);
    client_expect(again, "{'reply':1,'ok':{'user':{'id':'1','name':'ann'}}}");
    client_expect(other, "{'reply':1,'error':{'code':'name_taken'}}");
    client_close(again);
    client_close(other);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_that_was_seen_before_its_end_is_none),
        cmocka_unit_test(a_hello_that_is_not_answered_yet_ends_with_its_token),
        cmocka_unit_test(a_token_that_goes_on_is_looked_at_again),
        cmocka_unit_test(a_guess_counts_though_its_client_has_gone),
        cmocka_unit_test(a_login_by_the_old_password_is_late),
        cmocka_unit_test(a_change_of_the_old_password_is_late),
        cmocka_unit_test(a_register_is_repeated_while_it_is_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
