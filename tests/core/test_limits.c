#include "tests/core/world.h"

#include <string.h>

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

static void no_hello_within_ten_seconds_closes(void **state)
{
    struct world *world = world_new();
    struct client *silent = client_open(world);
    struct client *ann = client_hello(world, "ann");
    struct client *slow = client_open(world);

    (void)state;
    client_say(slow, "{'action':'hello','id':1,'version':1,'guest':'s',"
                     "'key':'k'}");
    world_advance(world, 9999);
    assert_int_equal(silent->closed, 0);
    world_advance(world, 1);
    client_expect(silent, "{'event':'close','code':4502}");
    assert_int_equal(silent->closed, 4502);
    assert_int_equal(ann->closed, 0);
    /* Its hello has come; that the store takes its time is not its fault. */
    assert_int_equal(slow->closed, 0);
    world_run(world);
    client_expect(slow, "{'reply':1,'ok':{}}");
    client_close(silent);
    client_close(ann);
    client_close(slow);
    world_free(world);
}

static void tick_says_when_the_next_hello_is_due(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    assert_int_equal(chat__core_tick(world->core), 1000);
    world_advance(world, 9600);
    assert_int_equal(chat__core_tick(world->core), 400);
    client_close(ann);
    world_free(world);
}

static void ten_bad_requests_in_a_row_close(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    for (int i = 0; i < 9; i++)
        client_say(ann, "{'action':'fly','id':%d}", i);
    client_skip(ann);
    client_do(ann, "{'action':'ping'}");
    for (int i = 0; i < 9; i++)
        client_say(ann, "nonsense");
    assert_int_equal(ann->closed, 0);
    client_say(ann, "{'action':'fly','id':5}");
    client_expect(ann, "{'reply':5,'error':{'code':'bad_request'}}");
    client_expect(ann, "{'event':'close','code':4501}");
    assert_int_equal(ann->closed, 4501);
    client_say(ann, "{'action':'ping','id':6}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

static void ten_refused_tokens_close(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ann->closed, 0);
        client_do(ann, "{'action':'hello','version':1,'token':'t%d'}", i);
    }
    assert_int_equal(ann->closed, 4501);
    client_close(ann);
    world_free(world);
}

static void classes_of_requests_have_rates_of_their_own(void **state)
{
    struct chat__core_options options = {.in_flight = 1000,
                                         .settings.rate_limits = true};
    struct world *world = world_new_with(&options);
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    for (int i = 0; i < 128; i++)
        client_say(ann,
                   "{'action':'send','id':%d,'room':'lobby',"
                   "'key':'s%d','text':'x'}",
                   i, i);
    client_expect(ann, "{'reply':127,'error':{'code':'rate_limited',"
                       "'retry_ms':33}}");
    client_say(ann, "{'action':'ping','id':500}");
    world_run(world);
    client_skip(ann);
    world_advance(world, 33);
    client_say(ann, "{'action':'send','id':200,'room':'lobby','key':'z',"
                    "'text':'x'}");
    world_run(world);
    client_expect(ann, "{'reply':200,'ok':{}}");
    client_close(ann);
    world_free(world);
}

static void keyed_requests_in_flight_are_bounded_for_each_room(void **state)
{
    struct chat__core_options options = {.in_flight = 3};
    struct world *world = world_new_with(&options);
    struct client *ann = member(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'den','key':'j',"
                   "'create':true}");
    for (int i = 0; i < 4; i++)
        client_say(ann,
                   "{'action':'send','id':%d,'room':'lobby',"
                   "'key':'s%d','text':'x'}",
                   i, i);
    client_expect(ann, "{'reply':3,'error':{'code':'busy','retry_ms':500}}");
    client_say(ann, "{'action':'send','id':9,'room':'den','key':'s',"
                    "'text':'x'}");
    client_expect_nothing(ann);
    world_run(world);
    client_skip(ann);
    client_say(ann, "{'action':'send','id':4,'room':'lobby','key':'s3',"
                    "'text':'x'}");
    world_run(world);
    client_expect(ann, "{'reply':4,'ok':{'seq':5}}");
    client_close(ann);
    world_free(world);
}

static void reads_in_flight_are_bounded(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    for (int i = 0; i < 33; i++)
        client_say(ann, "{'action':'rooms','id':%d}", i);
    client_expect(ann, "{'reply':32,'error':{'code':'busy'}}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

static void what_waits_in_a_room_is_bounded(void **state)
{
    struct chat__core_options options = {.in_flight = 1000};
    struct world *world = world_new_with(&options);
    struct client *clients[10];

    (void)state;
    for (int i = 0; i < 10; i++) {
        char name[] = {'u', (char)('0' + i), '\0'};

        clients[i] = member(world, name);
    }
    for (int i = 0; i < 10; i++) {
        client_skip(clients[i]);
        for (int key = 0; key < 450; key++)
            client_say(clients[i],
                       "{'action':'send','id':%d,'room':'lobby',"
                       "'key':'%d','text':'x'}",
                       key, key);
    }
    /* One is in flight, 4,096 wait. */
    client_expect_nothing(clients[8]);
    client_expect(clients[9], "{'reply':47,'error':{'code':'busy'}}");
    world_run(world);
    assert_int_equal(fake_store_head(world->store, "lobby"), 10 + 4097);
    for (int i = 0; i < 10; i++)
        client_close(clients[i]);
    world_free(world);
}

static void rooms_are_forgotten_when_nobody_is_there(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    assert_int_equal(chat__core_counts(world->core).rooms, 1);
    client_say(ann, "{'action':'join','room':'none','key':'n'}");
    world_run(world);
    assert_int_equal(chat__core_counts(world->core).rooms, 1);
    client_do(ann, "{'action':'leave','room':'lobby','key':'l'}");
    assert_int_equal(chat__core_counts(world->core).rooms, 0);
    client_close(ann);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS);
    assert_int_equal(chat__core_counts(world->core).users, 0);
    world_free(world);
}

static void a_drain_answers_what_is_in_flight_then_closes(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");
    struct client *silent = client_open(world);

    (void)state;
    client_skip(ann);
    client_say(ann, "{'action':'send','id':1,'room':'lobby','key':'s',"
                    "'text':'x'}");
    chat__core_drain(world->core);
    client_expect(bob, "{'event':'close','code':4001}");
    client_expect(silent, "{'event':'close','code':4001}");
    assert_int_equal(ann->closed, 0);
    client_say(ann, "{'action':'send','id':2,'room':'lobby','key':'t',"
                    "'text':'x'}");
    client_expect(ann, "{'reply':2,'error':{'code':'busy'}}");
    assert_false(chat__core_idle(world->core));
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'seq':3}}");
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect(ann, "{'event':'close','code':4001}");
    assert_int_equal(ann->closed, 4001);
    assert_true(chat__core_idle(world->core));
    client_close(ann);
    client_close(bob);
    client_close(silent);
    world_free(world);
}

/* A delete erases every edit at once: nobody decides how long that takes. */
static void a_message_has_a_thousand_edits(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    client_do(ann, "{'action':'send','room':'lobby','key':'m','text':'x'}");
    for (int i = 0; i < 1000; i++)
        client_do(ann,
                  "{'action':'edit','room':'lobby','key':'e%d','ref':2,"
                  "'text':'y'}",
                  i);
    assert_int_equal(fake_store_head(world->store, "lobby"), 1002);
    client_say(ann, "{'action':'edit','id':1,'room':'lobby','key':'e','ref':2,"
                    "'text':'z'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'too_large',"
                       "'retry_ms':null}}");
    /* One that was made is still known by its key. */
    client_say(ann, "{'action':'edit','id':2,'room':'lobby','key':'e7','ref':2,"
                    "'text':'y'}");
    client_say(ann, "{'action':'delete','id':3,'room':'lobby','key':'d',"
                    "'ref':2}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'seq':10,'dup':true}}");
    client_skip(ann);
    assert_int_equal(fake_store_head(world->store, "lobby"), 1003);
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_hello_within_ten_seconds_closes),
        cmocka_unit_test(tick_says_when_the_next_hello_is_due),
        cmocka_unit_test(ten_bad_requests_in_a_row_close),
        cmocka_unit_test(ten_refused_tokens_close),
        cmocka_unit_test(classes_of_requests_have_rates_of_their_own),
        cmocka_unit_test(keyed_requests_in_flight_are_bounded_for_each_room),
        cmocka_unit_test(reads_in_flight_are_bounded),
        cmocka_unit_test(what_waits_in_a_room_is_bounded),
        cmocka_unit_test(rooms_are_forgotten_when_nobody_is_there),
        cmocka_unit_test(a_drain_answers_what_is_in_flight_then_closes),
        cmocka_unit_test(a_message_has_a_thousand_edits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
