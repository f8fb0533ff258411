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
    fake_store_append_foreign(world->store, "lobby", 99, bytes, WALL_MS);
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

/* Also one who reads the log just then and is not live in the room. */
static void who_left_elsewhere_is_told_nothing_more(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    append_elsewhere(world, "{\"event\":\"message\",\"seq\":3}");
    client_say(ann, "{'action':'ping','id':1}");
    fake_store_complete_kind(world->store, FAKE_HEADS);
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_leave_foreign(world->store, "lobby", 1, WALL_MS);
    client_say(bob, "{'action':'send','room':'lobby','key':'k','text':'x'}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_skip(ann);
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    world_run(world);
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect(ann, "{'event':'leave','seq':4}");
    client_expect(ann, "{'event':'membership','state':'left'}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void hello_knows_what_the_client_has_from_elsewhere(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_close(ann);
    append_elsewhere(world, "{\"event\":\"message\",\"seq\":3}");
    append_elsewhere(world, "{\"event\":\"message\",\"seq\":4}");
    ann = client_open(world);
    client_say(ann,
               "{'action':'hello','id':1,'version':1,'guest':'ann',"
               "'key':'key-of-ann','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':3}]}",
               fake_store_epoch(world->store, "lobby"));
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'room':'lobby','head':4,"
                       "'resumed':true}]}}");
    client_expect(ann, "{'event':'message','seq':4}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

/* A client may claim anything: the room is read anew once, not for ever. */
static void hello_with_more_than_there_is_ends(void **state)
{
    struct world *world = world_new();
    struct client *bob = member(world, "bob");
    struct client *ann = member(world, "ann");

    (void)state;
    client_close(ann);
    ann = client_open(world);
    client_say(ann,
               "{'action':'hello','id':1,'version':1,'guest':'ann',"
               "'key':'key-of-ann','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':99}]}",
               fake_store_epoch(world->store, "lobby"));
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'room':'lobby','head':2,"
                       "'resumed':false}]}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void hello_knows_the_rooms_that_were_joined_elsewhere(void **state)
{
    struct world *world = world_new();
    struct client *bob = member(world, "bob");
    struct client *ann = client_hello(world, "ann");
    struct client *other;

    (void)state;
    append_elsewhere(world, "{\"event\":\"join\",\"seq\":2}");
    fake_store_add_member(world->store, "lobby", 2, CHAT__ROLE_MEMBER);
    other = client_open(world);
    client_say(other, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                      "'key':'key-of-ann'}");
    world_run(world);
    client_expect(other, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                         "'head':2}]}}");
    client_say(other, "{'action':'send','id':2,'room':'lobby','key':'k',"
                      "'text':'x'}");
    world_run(world);
    client_expect(other, "{'reply':2,'ok':{'seq':3}}");
    client_expect(other, "{'event':'message','seq':3}");
    client_close(other);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

/* The head that hello names must not lie before the join that it tells of. */
static void hello_knows_a_room_that_was_left_and_joined_elsewhere(void **state)
{
    struct world *world = world_new();
    struct client *bob = member(world, "bob");
    struct client *ann = member(world, "ann");
    struct client *other;

    (void)state;
    append_elsewhere(world, "{\"event\":\"leave\",\"seq\":3}");
    fake_store_drop_member(world->store, "lobby", 2);
    append_elsewhere(world, "{\"event\":\"join\",\"seq\":4}");
    fake_store_add_member(world->store, "lobby", 2, CHAT__ROLE_MEMBER);
    other = client_open(world);
    client_say(other, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                      "'key':'key-of-ann'}");
    world_run(world);
    client_expect(other, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                         "'head':4,'read':4}]}}");
    client_expect_nothing(other);
    client_close(other);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void hello_knows_the_rooms_that_were_left_elsewhere(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *other;

    (void)state;
    append_elsewhere(world, "{\"event\":\"leave\",\"seq\":2}");
    fake_store_drop_member(world->store, "lobby", 1);
    client_skip(ann);
    other = client_open(world);
    client_say(other, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                      "'key':'key-of-ann'}");
    world_run(world);
    client_expect(other, "{'reply':1,'ok':{'rooms':[]}}");
    client_expect(ann, "{'event':'membership','room':'lobby','state':'left'}");
    client_expect_nothing(ann);
    client_close(other);
    client_close(ann);
    world_free(world);
}

/* The room is read later than the sign-in, and knows better. */
static void a_room_that_is_left_during_hello_tells_nothing(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_close(ann);
    client_close(bob);
    bob = client_hello(world, "bob");
    client_close(bob);
    world_advance(world, 200000);
    ann = client_open(world);
    client_say(ann,
               "{'action':'hello','id':1,'version':1,'guest':'ann',"
               "'key':'key-of-ann','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':1}]}",
               fake_store_epoch(world->store, "lobby"));
    fake_store_complete_kind(world->store, FAKE_SIGN_IN);
    append_elsewhere(world, "{\"event\":\"kick\",\"seq\":3}");
    fake_store_drop_member(world->store, "lobby", 1);
    append_elsewhere(world, "{\"event\":\"message\",\"seq\":4}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[]}}");
    bob = client_hello(world, "bob");
    client_do(bob, "{'action':'send','room':'lobby','key':'k','text':'x'}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

/* What was asked before a commit knows less than the core. */
static void a_sign_in_that_is_older_than_a_join_takes_nothing_away(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *other = client_open(world);

    (void)state;
    client_say(other, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                      "'key':'key-of-ann'}");
    fake_store_execute(world->store, 0);
    client_say(ann, "{'action':'join','id':1,'room':'lobby','key':'join'}");
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    world_run(world);
    client_expect(other, "{'reply':1,'ok':{'rooms':[{'room':'lobby'}]}}");
    client_expect(ann, "{'reply':1,'ok':{'head':1}}");
    client_close(other);
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_brings_what_another_server_appended),
        cmocka_unit_test(a_ping_beside_an_append_repeats_nothing),
        cmocka_unit_test(who_left_elsewhere_is_told_nothing_more),
        cmocka_unit_test(hello_knows_what_the_client_has_from_elsewhere),
        cmocka_unit_test(hello_with_more_than_there_is_ends),
        cmocka_unit_test(hello_knows_the_rooms_that_were_joined_elsewhere),
        cmocka_unit_test(hello_knows_the_rooms_that_were_left_elsewhere),
        cmocka_unit_test(hello_knows_a_room_that_was_left_and_joined_elsewhere),
        cmocka_unit_test(a_room_that_is_left_during_hello_tells_nothing),
        cmocka_unit_test(
            a_sign_in_that_is_older_than_a_join_takes_nothing_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
