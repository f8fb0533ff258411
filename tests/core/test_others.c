/*
 * What other servers do on the same store: this one is told nothing of it.
 */
#include "tests/core/world.h"

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'join'}");
    return client;
}

static void append_elsewhere(struct world *world, const char *bytes)
{
    fake_store_append_message(world->store, "lobby", 99, bytes, WALL_MS);
}

static void a_ping_brings_what_another_server_appended(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    append_elsewhere(world, "{\"event\":\"message\",\"seq\":2}");
    client_say(ann, "{'action':'ping','id':1}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'heads':{'lobby':{'head':2}}}}");
    client_expect(ann, "{'event':'message','seq':2}");
    client_say(ann, "{'action':'history','id':2,'room':'lobby','after':1}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'entries':[{'seq':2}],'head':2}}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

/* The head that the ping finds may be that of one's own append in flight. */
static void a_ping_beside_an_append_repeats_nothing(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    client_say(ann, "{'action':'send','id':1,'room':'lobby','key':'k',"
                    "'text':'x'}");
    fake_store_execute(world->store, 0);
    client_say(ann, "{'action':'ping','id':2}");
    fake_store_complete_kind(world->store, FAKE_HEADS);
    client_expect(ann, "{'reply':2,'ok':{'heads':{'lobby':{'head':2}}}}");
    while (fake_store_waiting(world->store) > 1)
        fake_store_complete(world->store, 1);
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'seq':2}}");
    client_expect(ann, "{'event':'message','seq':2}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_brings_what_another_server_appended),
        cmocka_unit_test(a_ping_beside_an_append_repeats_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
