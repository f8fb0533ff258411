#include "server/core/rate.h"

#include "tests/core/world.h"

#define HELLO "{'action':'hello','id':1,'version':1,"

static const unsigned char one[CHAT__ADDRESS_BYTES] = {1};
static const unsigned char other[CHAT__ADDRESS_BYTES] = {2};

static struct world *limited_world(void)
{
    struct chat__core_options options = {.in_flight = 1000,
                                         .settings.rate_limits = true};
    struct world *world = world_new_with(&options);

    world_run(world);
    return world;
}

static void a_bucket_gives_its_burst_then_one_an_interval(void **state)
{
    struct chat__buckets buckets = {0};
    const enum chat__rate_scope scope = CHAT__SCOPE_CONNECTION;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(
            chat__rate_wait(&buckets, scope, CHAT__RATE_HELLO, 100), 0);
        chat__rate_take(&buckets, scope, CHAT__RATE_HELLO, 100);
    }
    assert_int_equal(chat__rate_wait(&buckets, scope, CHAT__RATE_HELLO, 100),
                     2000);
    assert_int_equal(chat__rate_wait(&buckets, scope, CHAT__RATE_HELLO, 2099),
                     1);
    assert_int_equal(chat__rate_wait(&buckets, scope, CHAT__RATE_HELLO, 2100),
                     0);
    assert_false(chat__rate_is_full(&buckets, 10099));
    assert_true(chat__rate_is_full(&buckets, 10100));
}

static void type_often(struct client *client, int times)
{
    for (int i = 0; i < times; i++)
        client_say(client, "{'action':'typing','room':'lobby'}");
    world_run(client->world);
    client_skip(client);
}

static void expect_typing(struct client *client, const char *answer)
{
    client_say(client, "{'action':'typing','id':9,'room':'lobby'}");
    world_run(client->world);
    client_expect(client, "{'reply':9,%s}", answer);
    client_skip(client);
}

static void connections_of_a_user_share_a_budget(void **state)
{
    struct world *world = limited_world();
    struct client *ann = client_hello(world, "ann");
    struct client *laptop = client_hello(world, "ann");
    struct client *tablet = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'a'}");
    client_do(bob, "{'action':'join','room':'lobby','key':'b'}");
    type_often(ann, 20);
    type_often(laptop, 20);
    client_skip(tablet);
    client_skip(bob);
    expect_typing(tablet, "'error':{'code':'rate_limited','retry_ms':250}");
    expect_typing(bob, "'ok':{}");
    client_close(ann);
    client_close(laptop);
    client_close(tablet);
    client_close(bob);
    world_free(world);
}

static struct client *say_hello_from(struct world *world,
                                     const unsigned char *address)
{
    struct client *client = client_open_from(world, address);

    client_say(client, HELLO "'token':'stale'}");
    world_run(world);
    return client;
}

static void connections_of_an_address_share_a_budget(void **state)
{
    struct world *world = limited_world();
    struct client *client;

    (void)state;
    for (int i = 0; i < 2000; i++)
        client_close(say_hello_from(world, one));
    client = say_hello_from(world, one);
    client_expect(client, "{'reply':1,'error':{'code':'rate_limited',"
                          "'retry_ms':10}}");
    client_close(client);
    client = say_hello_from(world, other);
    client_expect(client, "{'reply':1,'error':{'code':'unauthorized'}}");
    client_close(client);
    world_free(world);
}

static void an_idle_address_is_forgotten_when_its_budget_is_whole(void **state)
{
    struct world *world = limited_world();
    struct client *client;

    (void)state;
    for (int i = 0; i < 2000; i++)
        client_close(say_hello_from(world, one));
    world_advance(world, 10 * 2000);
    for (int i = 0; i < 2000; i++)
        client_close(say_hello_from(world, one));
    client = say_hello_from(world, one);
    client_expect(client, "{'reply':1,'error':{'code':'rate_limited'}}");
    client_close(client);
    world_free(world);
}

static void register_often(struct world *world, const unsigned char *address,
                           int index, const char *answer)
{
    struct client *client = client_open_from(world, address);

    client_say(client,
               HELLO "'register':{'user':'user%d','password':'password'},"
                     "'key':'k'}",
               index);
    world_run(world);
    client_expect(client, "{'reply':1,%s}", answer);
    client_close(client);
}

static void an_address_makes_thirty_accounts_then_one_a_minute(void **state)
{
    struct world *world = limited_world();

    (void)state;
    for (int i = 0; i < 30; i++)
        register_often(world, one, 100 + i, "'ok':{}");
    register_often(world, one, 200,
                   "'error':{'code':'rate_limited','retry_ms':60000}");
    register_often(world, other, 200, "'ok':{}");
    world_advance(world, 60000);
    register_often(world, one, 300, "'ok':{}");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_its_burst_then_one_an_interval),
        cmocka_unit_test(connections_of_a_user_share_a_budget),
        cmocka_unit_test(connections_of_an_address_share_a_budget),
        cmocka_unit_test(an_idle_address_is_forgotten_when_its_budget_is_whole),
        cmocka_unit_test(an_address_makes_thirty_accounts_then_one_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
