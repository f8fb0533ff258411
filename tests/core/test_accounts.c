#include "tests/core/world.h"

#include <stdio.h>
#include <string.h>

#define HELLO  "{'action':'hello','id':1,'version':1,"
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static struct client *try_credential(struct world *world,
                                     const char *credential)
{
    struct client *client = client_open(world);

    client_say(client, HELLO "%s}", credential);
    world_run(world);
    return client;
}

static struct client *registered(struct world *world, const char *name)
{
    char credential[200];
    struct client *client;

    snprintf(credential, sizeof(credential),
             "'register':{'user':'%s','password':'password'},'key':'k'", name);
    client = try_credential(world, credential);
    client_expect(client, "{'reply':1,'ok':{'user':{'name':'%s'}}}", name);
    return client;
}

static struct client *logged_in(struct world *world, const char *name,
                                const char *password)
{
    char credential[200];

    snprintf(credential, sizeof(credential),
             "'login':{'user':'%s','password':'%s'}", name, password);
    return try_credential(world, credential);
}

static void expect_end(struct client *client, const char *answer)
{
    client_expect(client, "{'reply':1,%s}", answer);
    client_expect_nothing(client);
    client_close(client);
}

static void an_account_is_made_and_signed_in_to(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, HELLO "'register':{'user':'Ann','password':'password'},"
                          "'key':'k'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'user':{'id':'1','name':'Ann',"
                       "'guest':null}}}");
    expect_end(logged_in(world, "Ann", "password"),
               "'ok':{'user':{'id':'1','name':'Ann','guest':null}}");
    expect_end(logged_in(world, "ANN", "password"),
               "'ok':{'user':{'id':'1','name':'Ann'}}");
    client_close(ann);
    world_free(world);
}

static void a_wrong_name_is_refused_like_a_wrong_password(void **state)
{
    struct world *world = world_new();
    struct client *wrong, *nobody;

    (void)state;
    client_close(registered(world, "ann"));
    wrong = logged_in(world, "ann", "passwort");
    nobody = logged_in(world, "bob", "password");
    assert_string_equal(client_next(wrong), client_next(nobody));
    assert_int_equal(world->accounts.dummies, 1);
    assert_int_equal(wrong->closed, 0);
    client_close(wrong);
    client_close(nobody);
    expect_end(logged_in(world, "ann", "passwort"),
               "'error':{'code':'unauthorized','retry_ms':null}");
    world_free(world);
}

static void a_name_like_an_account_s_is_taken(void **state)
{
    struct world *world = world_new();
    struct client *guest = try_credential(world, "'guest':'bil1','key':'g'");

    (void)state;
    client_expect(guest, "{'reply':1,'ok':{}}");
    client_close(registered(world, "Bill"));
    expect_end(try_credential(
                   world, "'register':{'user':'bi1l','password':'other one'},"
                          "'key':'k2'"),
               "'error':{'code':'name_taken'}");
    expect_end(try_credential(world, "'guest':'bill','key':'g2'"),
               "'error':{'code':'name_taken'}");
    /* Who had it before keeps it. */
    expect_end(try_credential(world, "'guest':'bil1','key':'g'"),
               "'ok':{'user':{'id':'1'}}");
    client_close(guest);
    world_free(world);
}

static void a_register_is_repeated_by_its_key(void **state)
{
    struct world *world = world_new();
    const char *same = "'register':{'user':'ann','password':'password'},"
                       "'key':'k'";

    (void)state;
    client_close(registered(world, "ann"));
    expect_end(try_credential(world, same), "'ok':{'user':{'id':'1'}}");
    expect_end(try_credential(world,
                              "'register':{'user':'ann','password':'passwort'},"
                              "'key':'k'"),
               "'error':{'code':'name_taken'}");
    expect_end(try_credential(world,
                              "'register':{'user':'ann','password':'password'},"
                              "'key':'k2'"),
               "'error':{'code':'name_taken'}");
    world_advance(world, DAY_MS);
    expect_end(try_credential(world, same), "'error':{'code':'name_taken'}");
    world_free(world);
}

static void wrong_passwords_make_the_next_tries_wait(void **state)
{
    static const unsigned char address[CHAT__ADDRESS_BYTES] = {1};
    struct world *world = world_new();
    struct client *client;

    (void)state;
    client_close(registered(world, "ann"));
    client_close(registered(world, "bob"));
    for (int i = 0; i < 10; i++)
        expect_end(logged_in(world, "ann", "guessing"),
                   "'error':{'code':'unauthorized'}");
    expect_end(logged_in(world, "ann", "password"),
               "'error':{'code':'rate_limited','retry_ms':30000}");
    expect_end(logged_in(world, "bob", "password"), "'ok':{}");
    world_advance(world, 30000);
    expect_end(logged_in(world, "ann", "password"), "'ok':{}");
    /* The right one has forgiven the wrong ones. */
    expect_end(logged_in(world, "ann", "guessing"),
               "'error':{'code':'unauthorized'}");
    expect_end(logged_in(world, "ann", "password"), "'ok':{}");

    for (int i = 0; i < 10; i++) {
        client = client_open_from(world, address);
        client_do(client, HELLO "'login':{'user':'u%d','password':'guessing'}}",
                  i);
        client_close(client);
    }
    client = client_open_from(world, address);
    client_say(client, HELLO "'login':{'user':'bob','password':'password'}}");
    world_run(world);
    expect_end(client, "'error':{'code':'rate_limited','retry_ms':30000}");
    world_free(world);
}

static void too_many_hashes_at_a_time_are_put_off(void **state)
{
    struct world *world = world_new();
    struct client *clients[FAKE_JOBS_MAX];

    (void)state;
    client_close(registered(world, "ann"));
    for (int i = 0; i < FAKE_JOBS_MAX; i++) {
        clients[i] = client_open(world);
        client_say(clients[i],
                   HELLO "'login':{'user':'ann','password':'password'}}");
    }
    world_run(world);
    for (int i = 0; i < FAKE_JOBS_MAX - 1; i++)
        expect_end(clients[i], "'ok':{}");
    expect_end(clients[FAKE_JOBS_MAX - 1],
               "'error':{'code':'busy','retry_ms':500}");
    world->accounts.fails = true;
    expect_end(logged_in(world, "ann", "password"),
               "'error':{'code':'storage'}");
    world_free(world);
}

static void failures_of_the_store_are_temporary(void **state)
{
    struct world *world = world_new();

    (void)state;
    fake_store_fail_next(world->store, FAKE_FIND_ACCOUNT, CHAT__STORE_BUSY);
    expect_end(logged_in(world, "ann", "password"), "'error':{'code':'busy'}");
    fake_store_fail_next(world->store, FAKE_FIND_ACCOUNT, CHAT__STORE_FAILED);
    expect_end(try_credential(world,
                              "'register':{'user':'ann','password':'password'},"
                              "'key':'k'"),
               "'error':{'code':'storage'}");
    fake_store_fail_next(world->store, FAKE_SIGN_IN, CHAT__STORE_TAKEN);
    expect_end(try_credential(world,
                              "'register':{'user':'ann','password':'password'},"
                              "'key':'k'"),
               "'error':{'code':'name_taken'}");
    world_free(world);
}

static void a_client_that_goes_meanwhile_leaves_nothing_behind(void **state)
{
    (void)state;
    for (int steps = 0; steps < 4; steps++) {
        struct world *world = world_new();
        struct client *ann = client_open(world);

        client_say(ann, HELLO "'register':{'user':'ann','password':'password'},"
                              "'key':'k'}");
        for (int i = 0; i < steps; i++) {
            if (fake_store_waiting(world->store) > 0)
                fake_store_complete(world->store, 0);
            else
                fake_accounts_complete(&world->accounts);
        }
        client_close(ann);
        world_free(world);
    }
}

static void without_accounts_there_are_guests(void **state)
{
    struct world *world = world_new();

    (void)state;
    client_close(registered(world, "ann"));
    world->options.accounts = NULL;
    world_restart(world);
    expect_end(logged_in(world, "ann", "password"),
               "'error':{'code':'unauthorized'}");
    expect_end(try_credential(world, "'guest':'Bob','key':'g'"), "'ok':{}");
    world_free(world);
}

/* ---- the end of sessions ---- */

static void token_of(const char *object, char *token, size_t size)
{
    cJSON *json = cJSON_Parse(object);
    const cJSON *member =
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "ok"), "token");

    assert_non_null(cJSON_GetStringValue(member));
    snprintf(token, size, "%s", cJSON_GetStringValue(member));
    cJSON_Delete(json);
}

static struct client *open_with_token(struct world *world, const char *token)
{
    char credential[200];

    snprintf(credential, sizeof(credential), "'token':'%s'", token);
    return try_credential(world, credential);
}

static void logout_ends_the_token_and_its_connections(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);
    struct client *same, *laptop;
    char token[100];

    (void)state;
    client_say(ann, HELLO "'register':{'user':'ann','password':'password'},"
                          "'key':'k'}");
    world_run(world);
    token_of(client_next(ann), token, sizeof(token));
    same = open_with_token(world, token);
    laptop = logged_in(world, "ann", "password");
    client_skip(same);
    client_skip(laptop);
    client_say(ann, "{'action':'logout','id':2}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{}}");
    client_expect(ann, "{'event':'close','code':4500,'retry_ms':null}");
    assert_int_equal(ann->closed, 4500);
    client_expect(same, "{'event':'close','code':4500}");
    client_expect_nothing(laptop);
    expect_end(open_with_token(world, token),
               "'error':{'code':'unauthorized'}");
    client_close(ann);
    client_close(same);
    client_close(laptop);
    world_free(world);
}

static void logout_of_all_ends_every_session(void **state)
{
    struct world *world = world_new();
    struct client *ann = registered(world, "ann");
    struct client *laptop = logged_in(world, "ann", "password");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(ann, "{'action':'logout','id':2,'all':true}");
    world_run(world);
    assert_int_equal(ann->closed, 4500);
    assert_int_equal(laptop->closed, 4500);
    assert_int_equal(bob->closed, 0);
    client_close(ann);
    client_close(laptop);
    client_close(bob);
    world_free(world);
}

static void a_new_password_ends_the_other_sessions(void **state)
{
    struct world *world = world_new();
    struct client *ann = registered(world, "ann");
    struct client *laptop = logged_in(world, "ann", "password");
    char token[100];

    (void)state;
    client_say(ann, "{'action':'password','id':2,'old':'passwort',"
                    "'new':'password2'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'unauthorized'}}");
    client_say(ann, "{'action':'password','id':3,'old':'password',"
                    "'new':'password2'}");
    world_run(world);
    token_of(client_next(ann), token, sizeof(token));
    assert_int_equal(ann->closed, 0);
    assert_int_equal(laptop->closed, 4500);
    expect_end(logged_in(world, "ann", "password"),
               "'error':{'code':'unauthorized'}");
    expect_end(logged_in(world, "ann", "password2"), "'ok':{}");
    expect_end(open_with_token(world, token), "'ok':{}");
    /* The connection goes on with the new token. */
    client_say(ann, "{'action':'ping','id':4}");
    world_run(world);
    client_expect(ann, "{'reply':4,'ok':{}}");
    client_close(ann);
    client_close(laptop);
    world_free(world);
}

static void guests_have_no_password(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_say(ann, "{'action':'password','id':2,'old':'password',"
                    "'new':'password2'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'forbidden'}}");
    client_close(ann);
    world_free(world);
}

/* As when another server of the same store ended it. */
static void a_ping_finds_that_the_token_has_ended(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    fake_store_fail_next(world->store, FAKE_HEADS, CHAT__STORE_NOT_FOUND);
    client_say(ann, "{'action':'ping','id':2}");
    world_run(world);
    client_expect(ann, "{'event':'close','code':4500}");
    assert_int_equal(ann->closed, 4500);
    client_close(ann);
    world_free(world);
}

static size_t count_kind(const struct world *world, enum fake_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < fake_store_waiting(world->store); i++)
        count += fake_store_kind(world->store, i) == kind;
    return count;
}

static void the_store_hears_of_a_session_each_hour(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    world_advance(world, 3600 * 1000 - 1);
    client_say(ann, "{'action':'ping'}");
    assert_int_equal(count_kind(world, FAKE_KEEP_SESSION), 0);
    world_run(world);
    world_advance(world, 1);
    client_say(ann, "{'action':'ping'}");
    client_say(ann, "{'action':'ping'}");
    assert_int_equal(count_kind(world, FAKE_KEEP_SESSION), 1);
    client_close(ann);
    world_free(world);
}

/* ---- guests who are gone ---- */

static struct world *world_with_expiry(void)
{
    struct chat__core_options options = {.in_flight = 64,
                                         .settings.guest_idle_ms = DAY_MS};
    struct world *world = world_new_with(&options);

    world_run(world);
    return world;
}

static void tick(struct world *world, int64_t ms)
{
    world_advance(world, ms);
    world_run(world);
}

static void a_guest_who_is_gone_leaves_the_rooms(void **state)
{
    struct world *world = world_with_expiry();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = registered(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'a'}");
    client_do(ann, "{'action':'join','room':'den','key':'b','create':true}");
    client_do(bob, "{'action':'join','room':'lobby','key':'c'}");
    client_close(ann);
    tick(world, DAY_MS);
    tick(world, CHAT__PRESENCE_GATHER_MS);
    client_skip(bob);
    assert_true(fake_store_is_member(world->store, "lobby", 1));
    tick(world, 60000);
    client_expect(bob, "{'event':'leave','room':'lobby','seq':3,"
                       "'from':{'id':'1','name':'ann'}}");
    assert_false(fake_store_is_member(world->store, "lobby", 1));
    assert_false(fake_store_is_member(world->store, "den", 1));
    client_close(bob);
    world_free(world);
}

static void who_is_here_or_has_an_account_stays(void **state)
{
    struct world *world = world_with_expiry();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = registered(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'a'}");
    client_do(bob, "{'action':'join','room':'lobby','key':'b'}");
    client_close(bob);
    tick(world, 2 * DAY_MS);
    tick(world, 60000);
    assert_true(fake_store_is_member(world->store, "lobby", 1));
    assert_true(fake_store_is_member(world->store, "lobby", 2));
    client_close(ann);
    world_free(world);
}

static void an_expiry_survives_failures_of_the_store(void **state)
{
    static const enum fake_kind kinds[] = {FAKE_IDLE_GUESTS, FAKE_SIGN_IN,
                                           FAKE_OPEN_ROOM, FAKE_APPEND};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct world *world = world_with_expiry();
        struct client *ann = client_hello(world, "ann");

        client_do(ann, "{'action':'join','room':'lobby','key':'a'}");
        client_close(ann);
        tick(world, 16000);
        fake_store_fail_next(world->store, kinds[i], CHAT__STORE_FAILED);
        tick(world, DAY_MS);
        tick(world, 60000);
        tick(world, 60000);
        assert_false(fake_store_is_member(world->store, "lobby", 1));
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_made_and_signed_in_to),
        cmocka_unit_test(a_wrong_name_is_refused_like_a_wrong_password),
        cmocka_unit_test(a_name_like_an_account_s_is_taken),
        cmocka_unit_test(a_register_is_repeated_by_its_key),
        cmocka_unit_test(wrong_passwords_make_the_next_tries_wait),
        cmocka_unit_test(too_many_hashes_at_a_time_are_put_off),
        cmocka_unit_test(failures_of_the_store_are_temporary),
        cmocka_unit_test(a_client_that_goes_meanwhile_leaves_nothing_behind),
        cmocka_unit_test(without_accounts_there_are_guests),
        cmocka_unit_test(logout_ends_the_token_and_its_connections),
        cmocka_unit_test(logout_of_all_ends_every_session),
        cmocka_unit_test(a_new_password_ends_the_other_sessions),
        cmocka_unit_test(guests_have_no_password),
        cmocka_unit_test(a_ping_finds_that_the_token_has_ended),
        cmocka_unit_test(the_store_hears_of_a_session_each_hour),
        cmocka_unit_test(a_guest_who_is_gone_leaves_the_rooms),
        cmocka_unit_test(who_is_here_or_has_an_account_stays),
        cmocka_unit_test(an_expiry_survives_failures_of_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
