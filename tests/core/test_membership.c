#include "tests/core/world.h"

static void joining_brings_the_page_then_live_entries(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(ann, "{'action':'join','id':2,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'room':'lobby','members':1,"
                       "'recovered':false,'entries':[{'event':'join','seq':1,"
                       "'from':{'id':'1','name':'ann'},'key':'j',"
                       "'ts':1795363200000}],'first':1,'head':1,"
                       "'more':null}}");
    client_expect_nothing(ann);
    client_do(bob, "{'action':'join','id':2,'room':'lobby','key':'j'}");
    client_expect(ann, "{'event':'join','seq':2,'from':{'id':'2'}}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void joining_twice_makes_no_entry(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_say(ann, "{'action':'join','id':3,'room':'lobby','key':'j',"
                    "'limit':0}");
    client_say(ann, "{'action':'join','id':4,'room':'lobby','key':'other'}");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{'entries':[],'head':1,"
                       "'more':true}}");
    client_expect(ann, "{'reply':4,'ok':{'head':1}}");
    client_expect_nothing(ann);
    assert_int_equal(fake_store_head(world->store, "lobby"), 1);
    client_close(ann);
    world_free(world);
}

static void since_recovers_what_is_no_more_than_a_page_behind(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    const char *epoch = fake_store_epoch(world->store, "lobby");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    for (int i = 0; i < 5; i++)
        client_do(ann,
                  "{'action':'send','room':'lobby','key':'s%d',"
                  "'text':'x'}",
                  i);
    client_say(ann,
               "{'action':'join','id':3,'room':'lobby','key':'j',"
               "'since':{'epoch':'%s','seq':3},'limit':3}",
               epoch);
    client_say(ann,
               "{'action':'join','id':4,'room':'lobby','key':'j',"
               "'since':{'epoch':'%s','seq':3},'limit':2}",
               epoch);
    client_say(ann, "{'action':'join','id':5,'room':'lobby','key':'j',"
                    "'since':{'epoch':'other','seq':5},'limit':2}");
    client_say(ann,
               "{'action':'join','id':6,'room':'lobby','key':'j',"
               "'since':{'epoch':'%s','seq':6},'limit':2}",
               epoch);
    world_run(world);
    /* The last one needs no read and is answered first. */
    client_expect(ann, "{'reply':6,'ok':{'recovered':true,'entries':[],"
                       "'head':6,'more':true}}");
    client_expect(ann, "{'reply':3,'ok':{'recovered':true,'entries':"
                       "[{'seq':4},{'seq':5},{'seq':6}],'more':true}}");
    client_expect(ann, "{'reply':4,'ok':{'recovered':false,'entries':"
                       "[{'seq':5},{'seq':6}],'more':true}}");
    client_expect(ann, "{'reply':5,'ok':{'recovered':false,'entries':"
                       "[{'seq':5},{'seq':6}],'more':true}}");
    client_close(ann);
    world_free(world);
}

static void who_creates_a_room_owns_it(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(ann, "{'action':'join','id':2,'room':'den','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'not_found'}}");
    client_say(ann, "{'action':'join','id':3,'room':'den','key':'j',"
                    "'create':true}");
    /* Meets the room that the request before it makes. */
    client_say(bob, "{'action':'join','id':3,'room':'den','key':'j',"
                    "'create':true}");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{'role':'owner','head':2}}");
    client_expect(bob, "{'reply':3,'ok':{'role':'member','head':2}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_private_room_hides(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'den','key':'j','create':true,"
                   "'private':true}");
    client_say(bob, "{'action':'join','id':1,'room':'den','key':'j'}");
    client_say(bob, "{'action':'join','id':2,'room':'den','key':'j',"
                    "'create':true}");
    client_say(bob, "{'action':'send','id':3,'room':'den','key':'s',"
                    "'text':'x'}");
    client_say(bob, "{'action':'history','id':4,'room':'den','before':9}");
    client_say(bob, "{'action':'read','id':5,'room':'den','seq':1}");
    client_say(bob, "{'action':'typing','id':6,'room':'den'}");
    client_say(bob, "{'action':'leave','id':7,'room':'den','key':'l'}");
    client_say(bob, "{'action':'leave','id':8,'room':'none','key':'l'}");
    world_run(world);
    for (int id = 4; id <= 6; id++)
        client_expect(bob, "{'reply':%d,'error':{'code':'not_found'}}", id);
    /* The keyed ones, whose keys are looked up. */
    client_expect(bob, "{'reply':1,'error':{'code':'not_found'}}");
    client_expect(bob, "{'reply':2,'error':{'code':'name_taken'}}");
    client_expect(bob, "{'reply':3,'error':{'code':'not_found'}}");
    for (int id = 7; id <= 8; id++)
        client_expect(bob, "{'reply':%d,'ok':{'seq':0,'ts':0}}", id);
    client_expect_nothing(bob);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_public_room_refuses_those_outside(void **state)
{
    struct world *world = world_new();
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'send','id':3,'room':'lobby','key':'s',"
                    "'text':'x'}");
    client_say(bob, "{'action':'history','id':4,'room':'lobby','before':9}");
    client_say(bob, "{'action':'read','id':5,'room':'lobby','seq':1}");
    client_say(bob, "{'action':'typing','id':6,'room':'lobby'}");
    world_run(world);
    for (int id = 4; id <= 6; id++)
        client_expect(bob, "{'reply':%d,'error':{'code':'forbidden'}}", id);
    client_expect(bob, "{'reply':3,'error':{'code':'forbidden'}}");
    client_close(bob);
    world_free(world);
}

static void after_ones_own_leave_nothing_more_is_sent(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_skip(ann);
    /* One batch: the leave stands between two messages of the other. */
    client_say(ann, "{'action':'send','room':'lobby','key':'1','text':'1'}");
    client_say(ann, "{'action':'send','room':'lobby','key':'2','text':'2'}");
    client_say(bob, "{'action':'leave','id':5,'room':'lobby','key':'l'}");
    client_say(ann, "{'action':'send','room':'lobby','key':'3','text':'3'}");
    client_skip(bob);
    world_run(world);
    client_expect(bob, "{'event':'message','seq':3}");
    client_expect(bob, "{'event':'message','seq':4}");
    client_expect(bob, "{'event':'leave','seq':5,'from':{'id':'2'}}");
    client_expect(bob, "{'reply':5,'ok':{'seq':5,'dup':null}}");
    client_expect_nothing(bob);
    client_skip(ann);
    client_do(ann, "{'action':'send','room':'lobby','key':'4','text':'4'}");
    client_expect_nothing(bob);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void the_users_other_connections_follow(void **state)
{
    struct world *world = world_new();
    struct client *one = client_hello(world, "ann");
    struct client *two = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_do(bob, "{'action':'send','room':'lobby','key':'s','text':'x'}");
    client_say(one, "{'action':'join','id':2,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(one, "{'reply':2,'ok':{'head':3}}");
    client_expect_nothing(one);
    client_expect(two,
                  "{'event':'membership','room':'lobby','epoch':'%s',"
                  "'head':3,'state':'joined','read':3,'unread':0}",
                  fake_store_epoch(world->store, "lobby"));
    client_expect_nothing(two);
    client_do(bob, "{'action':'send','room':'lobby','key':'t','text':'x'}");
    client_expect(one, "{'event':'message','seq':4}");
    client_expect(two, "{'event':'message','seq':4}");
    client_say(two, "{'action':'leave','id':3,'room':'lobby','key':'l'}");
    world_run(world);
    client_expect(two, "{'event':'leave','seq':5}");
    client_expect(two, "{'reply':3,'ok':{'seq':5}}");
    client_expect(one, "{'event':'leave','seq':5}");
    client_expect(one, "{'event':'membership','room':'lobby','head':5,"
                       "'state':'left'}");
    client_expect_nothing(one);
    client_expect_nothing(two);
    client_close(one);
    client_close(two);
    client_close(bob);
    world_free(world);
}

static void a_join_made_and_undone_while_hello_runs_is_seen(void **state)
{
    struct world *world = world_new();
    struct client *one = client_hello(world, "ann");
    struct client *two = client_open(world);

    (void)state;
    client_do(one, "{'action':'join','room':'lobby','key':'j'}");
    client_say(two, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    fake_store_execute(world->store, 0);
    client_say(one, "{'action':'leave','room':'lobby','key':'l'}");
    client_say(one, "{'action':'join','room':'den','key':'j',"
                    "'create':true}");
    while (fake_store_waiting(world->store) > 1)
        fake_store_complete(world->store, 1);
    chat__core_flush(world->core);
    client_expect_nothing(two);
    world_run(world);
    client_expect(two, "{'reply':1,'ok':{'rooms':[{'room':'den'}]}}");
    client_expect_nothing(two);
    client_close(one);
    client_close(two);
    world_free(world);
}

static void an_old_answer_to_a_sign_in_does_not_undo_a_leave(void **state)
{
    struct world *world = world_new();
    struct client *one = client_hello(world, "ann");
    struct client *two = client_open(world);

    (void)state;
    client_do(one, "{'action':'join','room':'lobby','key':'j'}");
    client_say(one, "{'action':'leave','room':'lobby','key':'l'}");
    client_say(two, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    /* The store reads the list, then the leave is done, then all forget. */
    fake_store_execute(world->store, 1);
    fake_store_complete(world->store, 0);
    client_close(one);
    chat__core_flush(world->core);
    world_run(world);
    client_expect(two, "{'reply':1,'ok':{'rooms':[]}}");
    client_close(two);
    world_free(world);
}

static void five_hundred_rooms_are_enough(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    for (int i = 0; i < 499; i++)
        client_do(ann,
                  "{'action':'join','room':'r%d','key':'j',"
                  "'create':true,'limit':0}",
                  i);
    /* At once: only one of them fits. */
    client_say(ann, "{'action':'join','id':1,'room':'x','key':'j',"
                    "'create':true,'limit':0}");
    client_say(ann, "{'action':'join','id':2,'room':'y','key':'j',"
                    "'create':true,'limit':0}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'room':'x'}}");
    client_expect(ann, "{'reply':2,'error':{'code':'too_large'}}");
    client_say(ann, "{'action':'join','id':3,'room':'r7','key':'k',"
                    "'limit':0}");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{'room':'r7'}}");
    client_do(ann, "{'action':'leave','room':'x','key':'l'}");
    client_say(ann, "{'action':'join','id':4,'room':'y','key':'j',"
                    "'create':true,'limit':0}");
    world_run(world);
    client_expect(ann, "{'reply':4,'ok':{'room':'y'}}");
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining_brings_the_page_then_live_entries),
        cmocka_unit_test(joining_twice_makes_no_entry),
        cmocka_unit_test(since_recovers_what_is_no_more_than_a_page_behind),
        cmocka_unit_test(who_creates_a_room_owns_it),
        cmocka_unit_test(a_private_room_hides),
        cmocka_unit_test(a_public_room_refuses_those_outside),
        cmocka_unit_test(after_ones_own_leave_nothing_more_is_sent),
        cmocka_unit_test(the_users_other_connections_follow),
        cmocka_unit_test(a_join_made_and_undone_while_hello_runs_is_seen),
        cmocka_unit_test(an_old_answer_to_a_sign_in_does_not_undo_a_leave),
        cmocka_unit_test(five_hundred_rooms_are_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
