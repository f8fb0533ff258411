#include "tests/core/world.h"

#include <string.h>

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

static void say_send(struct client *client, int key)
{
    client_say(client,
               "{'action':'send','room':'lobby','key':'s%d',"
               "'text':'\\u00e9 \\\\ \\n %d'}",
               key, key);
}

/* The client's next objects are the log's entries, to the byte. */
static void expect_log(struct client *client, uint64_t from, uint64_t to)
{
    for (uint64_t seq = from; seq <= to; seq++)
        assert_string_equal(
            client_next(client),
            fake_store_bytes(client->world->store, "lobby", seq));
    client_expect_nothing(client);
}

static void a_flush_frames_once_for_all(void **state)
{
    struct world *world = world_new();
    struct client *clients[5];
    size_t framed;

    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[] = {'u', (char)('0' + i), '\0'};

        clients[i] = member(world, name);
    }
    for (int i = 0; i < 5; i++)
        client_skip(clients[i]);
    framed = world->framed;
    say_send(clients[0], 1);
    say_send(clients[0], 2);
    say_send(clients[0], 3);
    world_run(world);
    assert_int_equal(world->framed, framed + 1);
    for (int i = 0; i < 5; i++) {
        expect_log(clients[i], 6, 8);
        client_close(clients[i]);
    }
    world_free(world);
}

static void nothing_is_delivered_before_it_is_durable(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    say_send(ann, 1);
    fake_store_execute(world->store, 0);
    chat__core_flush(world->core);
    client_expect_nothing(ann);
    world_run(world);
    expect_log(ann, 2, 2);
    client_close(ann);
    world_free(world);
}

static void
a_join_under_a_live_stream_has_no_gap_and_no_repetition(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    say_send(ann, 1);
    client_say(bob, "{'action':'join','id':9,'room':'lobby','key':'j'}");
    say_send(ann, 2);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    /* The page is being read up to 4; more comes meanwhile. */
    say_send(ann, 3);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    chat__core_flush(world->core);
    client_expect_nothing(bob);
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    client_expect(bob, "{'reply':9,'ok':{'head':4,'entries':[{'seq':1},"
                       "{'seq':2},{'event':'join','seq':3},{'seq':4}]}}");
    /* It reads 5 from the log while 6 is appended. */
    say_send(ann, 4);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    chat__core_flush(world->core);
    client_expect_nothing(bob);
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    say_send(ann, 5);
    world_run(world);
    expect_log(bob, 5, 7);
    client_skip(ann);
    say_send(ann, 6);
    world_run(world);
    expect_log(bob, 8, 8);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void pending_entries_do_not_reach_who_read_them_already(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'join','id':9,'room':'lobby','key':'j',"
                    "'limit':0}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    /* Live before the flush that has bob's own join. */
    client_expect(bob, "{'reply':9,'ok':{'head':2,'entries':[]}}");
    chat__core_flush(world->core);
    client_expect_nothing(bob);
    expect_log(ann, 2, 2);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_leave_before_the_page_is_not_undone_by_it(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_say(bob, "{'action':'leave','id':2,'room':'lobby','key':'l'}");
    say_send(ann, 1);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_expect(bob, "{'reply':2,'ok':{'seq':3}}");
    world_run(world);
    client_expect(bob, "{'event':'membership','state':'left','head':3}");
    client_expect(bob, "{'reply':1,'error':{'code':'forbidden'}}");
    say_send(ann, 2);
    world_run(world);
    client_expect_nothing(bob);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_rejoin_while_the_first_page_is_read_is_live_once(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_say(bob, "{'action':'leave','id':2,'room':'lobby','key':'l'}");
    client_say(bob, "{'action':'join','id':3,'room':'lobby','key':'k'}");
    fake_store_complete_kind(world->store, FAKE_APPEND); /* the leave */
    fake_store_complete_kind(world->store, FAKE_APPEND); /* the other join */
    client_expect(bob, "{'reply':2,'ok':{'seq':3}}");
    /* The first join's page must not let the second one's entries go. */
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    client_expect(bob, "{'reply':1,'ok':{'head':2}}");
    world_run(world);
    client_expect(bob, "{'reply':3,'ok':{'head':4}}");
    client_expect_nothing(bob);
    say_send(ann, 1);
    world_run(world);
    expect_log(bob, 5, 5);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_catch_up_that_the_store_refuses_is_tried_again(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    say_send(ann, 1);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    client_expect(bob, "{'reply':1,'ok':{'head':2}}");
    fake_store_fail_next(world->store, FAKE_READ_LOG, CHAT__STORE_BUSY);
    world_run(world);
    client_expect_nothing(bob);
    say_send(ann, 2);
    world_run(world);
    client_expect_nothing(bob);
    world_advance(world, 250);
    world_run(world);
    expect_log(bob, 3, 4);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void who_leaves_while_a_catch_up_is_stalled_costs_nothing(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(bob, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    fake_store_complete_kind(world->store, FAKE_APPEND);
    say_send(ann, 1);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    fake_store_fail_next(world->store, FAKE_READ_LOG, CHAT__STORE_FAILED);
    world_run(world);
    client_close(bob);
    world_advance(world, 250);
    assert_int_equal(fake_store_waiting(world->store), 0);
    client_close(ann);
    world_free(world);
}

static void a_page_that_fails_is_answered_and_entries_follow_live(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    fake_store_fail_next(world->store, FAKE_READ_LOG, CHAT__STORE_BUSY);
    client_say(bob, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(bob, "{'reply':1,'error':{'code':'busy'}}");
    client_say(bob, "{'action':'join','id':2,'room':'lobby','key':'j'}");
    say_send(ann, 1);
    world_run(world);
    client_expect(bob, "{'reply':2,'ok':{'head':2,'entries':[{'seq':1},"
                       "{'seq':2}]}}");
    expect_log(bob, 3, 3);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_front_without_memory_makes_listeners_read_the_log(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    world->frame_fails = true;
    say_send(ann, 1);
    say_send(ann, 2);
    world_run(world);
    world->frame_fails = false;
    say_send(ann, 3);
    world_run(world);
    expect_log(ann, 3, 5);
    expect_log(bob, 3, 5);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void more_pending_than_its_limit_is_delivered_at_once(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    char text[4001];

    (void)state;
    memset(text, '\\', 4000);
    text[4000] = '\0';
    for (int i = 0; i < 200; i++) {
        client_say(ann,
                   "{'action':'send','room':'lobby','key':'b%d',"
                   "'text':'%s'}",
                   i, text);
        while (fake_store_waiting(world->store) > 0)
            fake_store_complete(world->store, 0);
    }
    assert_in_range(ann->object_count - ann->read, 0, 199);
    world_run(world);
    expect_log(ann, 2, fake_store_head(world->store, "lobby"));
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_frames_once_for_all),
        cmocka_unit_test(nothing_is_delivered_before_it_is_durable),
        cmocka_unit_test(
            a_join_under_a_live_stream_has_no_gap_and_no_repetition),
        cmocka_unit_test(pending_entries_do_not_reach_who_read_them_already),
        cmocka_unit_test(a_leave_before_the_page_is_not_undone_by_it),
        cmocka_unit_test(a_rejoin_while_the_first_page_is_read_is_live_once),
        cmocka_unit_test(a_catch_up_that_the_store_refuses_is_tried_again),
        cmocka_unit_test(who_leaves_while_a_catch_up_is_stalled_costs_nothing),
        cmocka_unit_test(a_page_that_fails_is_answered_and_entries_follow_live),
        cmocka_unit_test(a_front_without_memory_makes_listeners_read_the_log),
        cmocka_unit_test(more_pending_than_its_limit_is_delivered_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
