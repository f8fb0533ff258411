#include "tests/core/world.h"

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

/* ann in the lobby, whose log has `head` entries: a join and messages. */
static struct client *talker(struct world *world, int head)
{
    struct client *ann = member(world, "ann");

    for (int i = 2; i <= head; i++)
        client_do(ann,
                  "{'action':'send','room':'lobby','key':'s%d','text':'x'}", i);
    return ann;
}

static void history_goes_before_after_and_around(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 9);

    (void)state;
    client_say(ann, "{'action':'history','id':1,'room':'lobby','before':5,"
                    "'limit':2}");
    client_say(ann, "{'action':'history','id':2,'room':'lobby','after':5,"
                    "'limit':2}");
    client_say(ann, "{'action':'history','id':3,'room':'lobby','around':5,"
                    "'limit':4}");
    client_say(ann, "{'action':'history','id':4,'room':'lobby','before':3}");
    client_say(ann, "{'action':'history','id':5,'room':'lobby','after':7}");
    client_say(ann, "{'action':'history','id':6,'room':'lobby','around':1,"
                    "'limit':5}");
    client_say(ann, "{'action':'history','id':7,'room':'lobby','around':9,"
                    "'limit':1}");
    client_say(ann, "{'action':'history','id':8,'room':'lobby',"
                    "'before':1000,'limit':1}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'entries':[{'seq':3},{'seq':4}],"
                       "'first':1,'head':9,'more':true}}");
    client_expect(ann, "{'reply':2,'ok':{'entries':[{'seq':6},{'seq':7}],"
                       "'more':true}}");
    client_expect(ann, "{'reply':3,'ok':{'entries':[{'seq':3},{'seq':4},"
                       "{'seq':5},{'seq':6}],'more':true}}");
    client_expect(ann, "{'reply':4,'ok':{'entries':[{'seq':1},{'seq':2}],"
                       "'more':null}}");
    client_expect(ann, "{'reply':5,'ok':{'entries':[{'seq':8},{'seq':9}],"
                       "'more':null}}");
    client_expect(ann, "{'reply':6,'ok':{'entries':[{'seq':1},{'seq':2},"
                       "{'seq':3}],'more':true}}");
    client_expect(ann, "{'reply':7,'ok':{'entries':[{'seq':9}],"
                       "'more':null}}");
    client_expect(ann, "{'reply':8,'ok':{'entries':[{'seq':9}],"
                       "'more':true}}");
    client_close(ann);
    world_free(world);
}

static void history_outside_the_log_is_empty_or_refused(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 2);

    (void)state;
    client_say(ann, "{'action':'history','id':1,'room':'lobby','before':0}");
    client_say(ann, "{'action':'history','id':2,'room':'lobby','after':99}");
    client_say(ann, "{'action':'history','id':3,'room':'lobby','around':3}");
    client_say(ann, "{'action':'history','id':4,'room':'lobby','around':1,"
                    "'epoch':'other'}");
    client_say(ann, "{'action':'history','id':5,'room':'none','around':1}");
    world_run(world);
    for (int id = 1; id <= 2; id++)
        client_expect(ann, "{'reply':%d,'ok':{'entries':[],'more':null}}", id);
    client_expect(ann, "{'reply':3,'error':{'code':'not_found'}}");
    client_expect(ann, "{'reply':4,'error':{'code':'epoch_changed'}}");
    client_expect(ann, "{'reply':5,'error':{'code':'not_found'}}");
    client_close(ann);
    world_free(world);
}

static void history_that_is_too_large_is_cut_away_from_the_seq(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 1);
    char text[4001];

    (void)state;
    for (int i = 0; i < 4000; i++)
        text[i] = 'x';
    text[4000] = '\0';
    for (int i = 0; i < 9; i++)
        client_do(ann,
                  "{'action':'send','room':'lobby','key':'b%d',"
                  "'text':'%s'}",
                  i, text);
    client_say(ann, "{'action':'history','id':1,'room':'lobby',"
                    "'before':11}");
    client_say(ann, "{'action':'history','id':2,'room':'lobby','after':1}");
    client_say(ann,
               "{'action':'join','id':3,'room':'lobby','key':'j',"
               "'since':{'epoch':'%s','seq':1}}",
               fake_store_epoch(world->store, "lobby"));
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'entries':[{'seq':6},{'seq':7},"
                       "{'seq':8},{'seq':9},{'seq':10}],'more':true}}");
    client_expect(ann, "{'reply':2,'ok':{'entries':[{'seq':2},{'seq':3},"
                       "{'seq':4},{'seq':5},{'seq':6}],'more':true}}");
    client_expect(ann, "{'reply':3,'ok':{'recovered':false,'entries':"
                       "[{'seq':6},{'seq':7},{'seq':8},{'seq':9},"
                       "{'seq':10}],'more':true}}");
    client_close(ann);
    world_free(world);
}

static void a_read_marker_moves_forward_only_and_is_told_elsewhere(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 6);
    struct client *two = client_hello(world, "ann");

    (void)state;
    client_say(ann, "{'action':'read','id':1,'room':'lobby','seq':4}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'seq':4,'unread':2}}");
    client_expect(two, "{'event':'read','room':'lobby','read':4,"
                       "'unread':2}");
    client_say(ann, "{'action':'read','id':2,'room':'lobby','seq':2}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'seq':4,'unread':2}}");
    client_expect_nothing(two);
    client_say(two, "{'action':'read','id':3,'room':'lobby','seq':999}");
    world_run(world);
    client_expect(two, "{'reply':3,'ok':{'seq':6,'unread':0}}");
    client_expect(ann, "{'event':'read','read':6,'unread':0}");
    client_close(two);
    two = client_hello(world, "ann");
    two->read = 0;
    client_expect(two, "{'ok':{'rooms':[{'read':6,'unread':0}]}}");
    fake_store_fail_next(world->store, FAKE_MARK_READ, CHAT__STORE_FAILED);
    client_say(two, "{'action':'read','id':4,'room':'lobby','seq':1}");
    world_run(world);
    client_expect(two, "{'reply':4,'error':{'code':'storage'}}");
    client_close(ann);
    client_close(two);
    world_free(world);
}

static void ping_tells_the_heads_that_moved(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 3);

    (void)state;
    world_advance(world, 1000);
    client_do(ann, "{'action':'join','room':'den','key':'j',"
                   "'create':true}");
    client_say(ann, "{'action':'ping','id':1}");
    client_say(ann, "{'action':'ping','id':2,'since':%lld}",
               (long long)WALL_MS + 1);
    client_say(ann, "{'action':'ping','id':3,'since':%lld}",
               (long long)WALL_MS + 1001);
    world_run(world);
    client_expect(ann,
                  "{'reply':1,'ok':{'now':%lld,'rooms_rev':2,'heads':"
                  "{'lobby':{'epoch':'%s','head':3},'den':{'head':1}},"
                  "'more':null}}",
                  (long long)WALL_MS + 1000,
                  fake_store_epoch(world->store, "lobby"));
    client_expect(ann, "{'reply':2,'ok':{'heads':{'lobby':null,"
                       "'den':{'head':1}}}}");
    client_expect(ann, "{'reply':3,'ok':{'heads':{'lobby':null,"
                       "'den':null}}}");
    client_close(ann);
    world_free(world);
}

static void ping_does_not_pass_over_an_append_in_flight(void **state)
{
    struct world *world = world_new();
    struct client *ann = talker(world, 1);

    (void)state;
    client_say(ann, "{'action':'send','room':'lobby','key':'s',"
                    "'text':'x'}");
    world_advance(world, 700);
    client_say(ann, "{'action':'ping','id':1}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'now':%lld}}", (long long)WALL_MS);
    client_close(ann);
    world_free(world);
}

static void ping_goes_on_behind_a_page_of_heads(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    for (int i = 0; i < 120; i++)
        client_do(ann,
                  "{'action':'join','room':'r%03d','key':'j',"
                  "'create':true}",
                  i);
    client_say(ann, "{'action':'ping','id':1}");
    client_say(ann, "{'action':'ping','id':2,'after':'r099'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'more':true,'after':'r099',"
                       "'heads':{'r000':{},'r099':{},'r100':null}}}");
    client_expect(ann, "{'reply':2,'ok':{'more':null,'after':null,"
                       "'heads':{'r099':null,'r100':{},'r119':{}}}}");
    client_close(ann);
    world_free(world);
}

static void typing_is_told_to_others_once_in_three_seconds(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *two = client_hello(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    world_advance(world, CHAT__PRESENCE_GATHER_MS);
    client_skip(ann);
    client_skip(two);
    client_skip(bob);
    client_say(ann, "{'action':'typing','id':1,'room':'lobby'}");
    client_say(two, "{'action':'typing','id':2,'room':'lobby'}");
    client_expect(ann, "{'reply':1,'ok':{}}");
    client_expect(two, "{'reply':2,'ok':{}}");
    client_expect(bob, "{'event':'typing','room':'lobby',"
                       "'from':{'id':'1','name':'ann'}}");
    world_advance(world, 2999);
    client_say(ann, "{'action':'typing','room':'lobby'}");
    client_expect_nothing(bob);
    world_advance(world, 1);
    client_say(ann, "{'action':'typing','room':'lobby'}");
    client_expect(bob, "{'event':'typing'}");
    client_expect_nothing(ann);
    client_expect_nothing(two);
    client_close(ann);
    client_close(two);
    client_close(bob);
    world_free(world);
}

static void rooms_lists_what_is_public(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'open','key':'j',"
                   "'create':true}");
    client_do(ann, "{'action':'join','room':'shut','key':'j',"
                   "'create':true,'private':true}");
    client_say(ann, "{'action':'rooms','id':1}");
    client_say(ann, "{'action':'rooms','id':2,'prefix':'o'}");
    client_say(ann, "{'action':'rooms','id':3,'after':'lobby'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                       "'members':1},{'room':'open'}],'more':null}}");
    client_expect(ann, "{'reply':2,'ok':{'rooms':[{'room':'open'}]}}");
    client_expect(ann, "{'reply':3,'ok':{'rooms':[{'room':'open'}]}}");
    fake_store_fail_next(world->store, FAKE_LIST_ROOMS, CHAT__STORE_BUSY);
    client_say(ann, "{'action':'rooms','id':4}");
    world_run(world);
    client_expect(ann, "{'reply':4,'error':{'code':'busy'}}");
    client_close(ann);
    world_free(world);
}

static void without_an_id_there_is_no_reply(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, "{'action':'hello','version':1,'guest':'a','key':'k'}");
    client_say(ann, "{'action':'nonsense'}");
    world_run(world);
    client_say(ann, "{'action':'ping'}");
    client_say(ann, "{'action':'send','room':'lobby','key':'s',"
                    "'text':'x'}");
    world_run(world);
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_goes_before_after_and_around),
        cmocka_unit_test(history_outside_the_log_is_empty_or_refused),
        cmocka_unit_test(history_that_is_too_large_is_cut_away_from_the_seq),
        cmocka_unit_test(
            a_read_marker_moves_forward_only_and_is_told_elsewhere),
        cmocka_unit_test(ping_tells_the_heads_that_moved),
        cmocka_unit_test(ping_does_not_pass_over_an_append_in_flight),
        cmocka_unit_test(ping_goes_on_behind_a_page_of_heads),
        cmocka_unit_test(typing_is_told_to_others_once_in_three_seconds),
        cmocka_unit_test(rooms_lists_what_is_public),
        cmocka_unit_test(without_an_id_there_is_no_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
