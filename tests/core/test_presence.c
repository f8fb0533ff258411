#include "tests/core/world.h"

#include <stdio.h>

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'join-%s'}", name);
    return client;
}

/* Lets what has gathered be told, and looks away from it. */
static void settle(struct world *world)
{
    world_advance(world, CHAT__PRESENCE_GATHER_MS);
    world_run(world);
}

static void a_change_is_told_after_a_second(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    settle(world);
    client_skip(ann);
    client_say(bob, "{'action':'presence','id':5,'state':'away'}");
    client_say(bob, "{'action':'presence','id':6,'state':'dnd'}");
    world_run(world);
    client_expect_nothing(ann);
    world_advance(world, CHAT__PRESENCE_GATHER_MS - 1);
    client_expect_nothing(ann);
    world_advance(world, 1);
    client_expect(ann, "{'event':'presence','room':'lobby',"
                       "'users':[{'id':'2','presence':'dnd'}]}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void who_joins_is_shown_as_there(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    settle(world);
    client_skip(ann);
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_skip(ann);
    settle(world);
    client_expect(ann, "{'event':'presence','room':'lobby',"
                       "'users':[{'id':'2','presence':'online'}]}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void coming_is_told_with_all_who_came(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct client *cid = member(world, "cid");

    (void)state;
    client_close(bob);
    client_close(cid);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS);
    settle(world);
    client_skip(ann);
    bob = client_hello(world, "bob");
    cid = client_hello(world, "cid");
    settle(world);
    client_expect(ann, "{'event':'presence','users':["
                       "{'id':'2','presence':'online'},"
                       "{'id':'3','presence':'online'}]}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    client_close(cid);
    world_free(world);
}

static void going_is_told_after_a_while(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    settle(world);
    client_skip(ann);
    client_close(bob);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS - 1);
    settle(world);
    settle(world);
    client_expect(ann, "{'event':'presence','users':["
                       "{'id':'2','presence':'offline'}]}");
    client_close(ann);
    world_free(world);
}

static void who_comes_back_soon_was_never_away(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_do(bob, "{'action':'presence','state':'dnd'}");
    settle(world);
    client_skip(ann);
    for (int i = 0; i < 3; i++) {
        client_close(bob);
        world_advance(world, CHAT__PRESENCE_OFFLINE_MS - 1);
        bob = client_hello(world, "bob");
    }
    settle(world);
    world_advance(world, 2 * CHAT__PRESENCE_OFFLINE_MS);
    settle(world);
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_second_connection_keeps_one_there(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct client *laptop = client_hello(world, "bob");

    (void)state;
    settle(world);
    client_skip(ann);
    client_close(bob);
    world_advance(world, 2 * CHAT__PRESENCE_OFFLINE_MS);
    settle(world);
    client_expect_nothing(ann);
    client_close(laptop);
    client_close(ann);
    world_free(world);
}

static void large_rooms_hear_nothing(void **state)
{
    enum { MEMBERS = CHAT__PRESENCE_ROOM_MAX + 1 };
    struct world *world = world_new();
    struct client *clients[MEMBERS];
    char name[16];

    (void)state;
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        clients[i] = member(world, name);
    }
    settle(world);
    client_skip(clients[0]);
    client_do(clients[1], "{'action':'presence','state':'away'}");
    settle(world);
    client_expect_nothing(clients[0]);
    client_do(clients[2], "{'action':'leave','room':'lobby','key':'l'}");
    client_skip(clients[0]);
    client_do(clients[1], "{'action':'presence','state':'dnd'}");
    settle(world);
    client_expect(clients[0], "{'event':'presence'}");
    for (int i = 0; i < MEMBERS; i++)
        client_close(clients[i]);
    world_free(world);
}

static void a_drain_is_announced_to_all_who_have_a_session(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *stranger = client_open(world);

    (void)state;
    chat__core_announce_drain(world->core, "shutdown", 30000);
    client_expect(ann, "{'event':'drain','reason':'shutdown',"
                       "'reconnect_in_ms':0,'spread_ms':30000}");
    client_expect_nothing(stranger);
    client_say(ann, "{'action':'send','id':3,'room':'lobby','key':'s',"
                    "'text':'still served'}");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{'seq':2}}");
    client_close(ann);
    client_close(stranger);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_after_a_second),
        cmocka_unit_test(who_joins_is_shown_as_there),
        cmocka_unit_test(coming_is_told_with_all_who_came),
        cmocka_unit_test(going_is_told_after_a_while),
        cmocka_unit_test(who_comes_back_soon_was_never_away),
        cmocka_unit_test(a_second_connection_keeps_one_there),
        cmocka_unit_test(large_rooms_hear_nothing),
        cmocka_unit_test(a_drain_is_announced_to_all_who_have_a_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
