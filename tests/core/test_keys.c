/*
 * (room, user, key) names one entry for ever, also for requests that would
 * make none: who left may ask again, and a lost answer comes once more.
 */
#include "tests/core/world.h"

#include <string.h>

static void say_send(struct client *client, int id, const char *room,
                     const char *key, const char *text)
{
    client_say(client,
               "{'action':'send','id':%d,'room':'%s','key':'%s','text':'%s'}",
               id, room, key, text);
}

static void say_leave(struct client *client, int id, const char *room,
                      const char *key)
{
    client_say(client, "{'action':'leave','id':%d,'room':'%s','key':'%s'}", id,
               room, key);
}

static void say_join(struct client *client, int id, const char *room,
                     const char *key)
{
    client_say(client, "{'action':'join','id':%d,'room':'%s','key':'%s'}", id,
               room, key);
}

/* Joined by `j` at 1, sent `hi` by `s` at 2, left by `l` at 3, 10 s ago. */
static void come_and_go(struct client *client)
{
    say_join(client, 1, "lobby", "j");
    world_run(client->world);
    say_send(client, 1, "lobby", "s", "hi");
    world_run(client->world);
    say_leave(client, 1, "lobby", "l");
    world_run(client->world);
    client_skip(client);
    assert_int_equal(fake_store_head(client->world->store, "lobby"), 3);
    world_advance(client->world, 10000);
}

static void expect_send_repeated(struct client *client, int id)
{
    client_expect(client,
                  "{'reply':%d,'ok':{'seq':2,'ts':1795363200000,'dup':true}}",
                  id);
}

static void expect_leave_repeated(struct client *client, int id)
{
    client_expect(client,
                  "{'reply':%d,'ok':{'seq':3,'ts':1795363200000,'dup':true}}",
                  id);
}

static void expect_error(struct client *client, int id, const char *code)
{
    client_expect(client, "{'reply':%d,'ok':null,'error':{'code':'%s'}}", id,
                  code);
}

static void a_send_repeated_after_a_leave_gets_its_entry(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_send(ann, 2, "lobby", "s", "hi");
    say_send(ann, 3, "lobby", "s", "other");
    say_send(ann, 4, "lobby", "new", "hi");
    world_run(world);
    expect_send_repeated(ann, 2);
    client_expect(ann, "{'reply':3,'error':{'code':'key_conflict',"
                       "'retry_ms':null}}");
    expect_error(ann, 4, "forbidden");
    client_expect_nothing(ann);
    assert_int_equal(fake_store_head(world->store, "lobby"), 3);
    client_close(ann);
    world_free(world);
}

static void a_send_repeated_after_another_connection_left(void **state)
{
    struct world *world = world_new();
    struct client *one = client_hello(world, "ann");
    struct client *two = client_hello(world, "ann");

    (void)state;
    client_do(one, "{'action':'join','room':'lobby','key':'j'}");
    say_send(one, 1, "lobby", "s", "hi");
    fake_store_execute(world->store, 0); /* done, but the answer is lost */
    client_close(one);
    say_leave(two, 1, "lobby", "l");
    world_run(world);
    one = client_hello(world, "ann");
    say_send(one, 2, "lobby", "s", "hi");
    say_send(one, 3, "lobby", "s", "other");
    world_run(world);
    expect_send_repeated(one, 2);
    expect_error(one, 3, "key_conflict");
    client_close(one);
    client_close(two);
    world_free(world);
}

static void a_leave_repeated_gets_its_entry(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_leave(ann, 2, "lobby", "l");
    say_leave(ann, 3, "lobby", "s");
    say_leave(ann, 4, "lobby", "new");
    say_leave(ann, 5, "nowhere", "l");
    world_run(world);
    expect_leave_repeated(ann, 2);
    expect_error(ann, 3, "key_conflict");
    client_expect(ann, "{'reply':4,'ok':{'seq':0,'ts':0,'dup':null}}");
    client_expect(ann, "{'reply':5,'ok':{'seq':0,'ts':0,'dup':null}}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

static void keys_are_known_after_a_restart(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    client_close(ann);
    world_restart(world);
    ann = client_hello(world, "ann");
    say_send(ann, 2, "lobby", "s", "hi");
    say_leave(ann, 3, "lobby", "l");
    say_send(ann, 4, "lobby", "l", "hi");
    world_run(world);
    expect_send_repeated(ann, 2);
    expect_leave_repeated(ann, 3);
    expect_error(ann, 4, "key_conflict");
    client_close(ann);
    world_free(world);
}

static void a_key_belongs_to_its_user(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    come_and_go(ann);
    say_send(bob, 2, "lobby", "s", "hi");
    say_leave(bob, 3, "lobby", "l");
    world_run(world);
    expect_error(bob, 2, "forbidden");
    client_expect(bob, "{'reply':3,'ok':{'seq':0,'ts':0,'dup':null}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

/* Joining says how the room is now, so only a refusal asks for the key. */
static void a_join_with_a_used_key(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_join(ann, 2, "lobby", "j");
    say_join(ann, 3, "lobby", "s");
    world_run(world);
    expect_error(ann, 2, "forbidden");
    expect_error(ann, 3, "key_conflict");
    client_do(ann, "{'action':'join','room':'lobby','key':'again'}");
    say_join(ann, 4, "lobby", "j");
    say_join(ann, 5, "lobby", "s");
    world_run(world);
    client_expect(ann, "{'reply':4,'ok':{'room':'lobby','head':4}}");
    client_expect(ann, "{'reply':5,'ok':{'room':'lobby','head':4}}");
    assert_int_equal(fake_store_head(world->store, "lobby"), 4);
    client_close(ann);
    world_free(world);
}

static void a_refusal_of_a_member_asks_for_the_key_too(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_do(ann, "{'action':'send','room':'lobby','key':'s','text':'hi'}");
    client_say(ann, "{'action':'send','id':2,'room':'lobby','key':'s',"
                    "'text':'hi','reply_to':99}");
    client_say(ann, "{'action':'send','id':3,'room':'lobby','key':'new',"
                    "'text':'hi','reply_to':99}");
    world_run(world);
    expect_error(ann, 2, "key_conflict");
    expect_error(ann, 3, "not_found");
    client_close(ann);
    world_free(world);
}

/* ---- what hides ---- */

/* ann makes `den`, writes, leaves. */
static void come_and_go_in_private(struct client *ann)
{
    client_do(ann, "{'action':'join','room':'den','key':'j','create':true,"
                   "'private':true}");
    client_do(ann, "{'action':'send','room':'den','key':'s','text':'hi'}");
    client_do(ann, "{'action':'leave','room':'den','key':'l'}");
}

static void one_who_left_a_private_room_gets_the_own_entries(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go_in_private(ann);
    say_send(ann, 2, "den", "s", "hi");
    say_leave(ann, 3, "den", "l");
    say_join(ann, 4, "den", "new");
    client_say(ann, "{'action':'join','id':5,'room':'den','key':'j',"
                    "'create':true,'private':true}");
    say_send(ann, 6, "den", "new", "hi");
    world_run(world);
    expect_send_repeated(ann, 2);
    expect_leave_repeated(ann, 3);
    expect_error(ann, 4, "not_found");
    expect_error(ann, 5, "forbidden");
    expect_error(ann, 6, "not_found");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

static void a_private_room_and_none_answer_strangers_alike(void **state)
{
    static const char *const rooms[] = {"den", "none"};
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bobs[2];

    (void)state;
    come_and_go_in_private(ann);
    for (int i = 0; i < 2; i++) {
        bobs[i] = client_hello(world, "bob");
        say_send(bobs[i], 2, rooms[i], "s", "hi");
        say_leave(bobs[i], 3, rooms[i], "l");
        say_join(bobs[i], 4, rooms[i], "j");
        world_run(world);
    }
    for (int i = 0; i < 3; i++)
        assert_string_equal(client_next(bobs[0]), client_next(bobs[1]));
    client_close(ann);
    client_close(bobs[0]);
    client_close(bobs[1]);
    world_free(world);
}

/* ---- while the store looks ---- */

static void a_failed_look_is_tried_again(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    fake_store_fail_next(world->store, FAKE_FIND_KEY, CHAT__STORE_BUSY);
    say_send(ann, 2, "lobby", "s", "hi");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'busy','retry_ms':500}}");
    fake_store_fail_next(world->store, FAKE_FIND_KEY, CHAT__STORE_FAILED);
    say_leave(ann, 3, "lobby", "l");
    world_run(world);
    client_expect(ann,
                  "{'reply':3,'error':{'code':'storage','retry_ms':2000}}");
    say_send(ann, 4, "lobby", "s", "hi");
    say_leave(ann, 5, "lobby", "l");
    world_run(world);
    expect_send_repeated(ann, 4);
    expect_leave_repeated(ann, 5);
    client_close(ann);
    world_free(world);
}

static void what_comes_later_may_overtake(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_send(ann, 2, "lobby", "s", "hi");
    say_send(ann, 3, "lobby", "new", "hi");
    client_say(ann, "{'action':'join','id':4,'room':'lobby','key':'j2',"
                    "'limit':0}");
    say_send(ann, 5, "lobby", "next", "hi");
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_expect(ann, "{'reply':4,'ok':{'head':5}}");
    client_expect(ann, "{'reply':5,'ok':{'seq':5,'dup':null}}");
    world_run(world);
    expect_send_repeated(ann, 2);
    expect_error(ann, 3, "forbidden");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

/* The one that was refused may see what the same key makes meanwhile. */
static void a_key_that_is_used_during_its_look_makes_one_entry(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    say_send(ann, 2, "lobby", "s", "hi");
    say_join(ann, 3, "lobby", "j");
    say_send(ann, 4, "lobby", "s", "hi");
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(world->store, FAKE_APPEND);
    client_expect(ann, "{'reply':4,'ok':{'seq':2,'dup':null}}");
    fake_store_complete_kind(world->store, FAKE_FIND_KEY);
    expect_send_repeated(ann, 2);
    world_run(world);
    assert_int_equal(fake_store_head(world->store, "lobby"), 2);
    client_close(ann);
    world_free(world);
}

static void a_client_may_go_during_a_look(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    come_and_go_in_private(ann);
    say_send(ann, 2, "lobby", "s", "hi");
    say_send(ann, 3, "lobby", "s", "other");
    say_send(ann, 4, "lobby", "new", "hi");
    say_leave(ann, 5, "lobby", "l");
    say_leave(ann, 6, "lobby", "new");
    say_join(ann, 7, "den", "j");
    client_say(ann, "{'action':'join','id':8,'room':'den','key':'j',"
                    "'create':true,'private':true}");
    say_send(ann, 9, "nowhere", "s", "hi");
    for (int i = 0; i < 3; i++)
        fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(world->store, FAKE_FIND_KEY);
    expect_send_repeated(ann, 2);
    assert_int_equal(fake_store_waiting(world->store), 7);
    client_close(ann);
    assert_false(chat__core_idle(world->core));
    world_run(world);
    assert_int_equal(fake_store_head(world->store, "lobby"), 3);
    assert_int_equal(fake_store_head(world->store, "den"), 3);
    world_free(world);
}

static void a_drain_waits_for_the_look(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_send(ann, 2, "lobby", "s", "hi");
    chat__core_drain(world->core);
    assert_int_equal(ann->closed, 0);
    assert_false(chat__core_idle(world->core));
    world_run(world);
    expect_send_repeated(ann, 2);
    client_expect(ann, "{'event':'close','code':4001}");
    assert_true(chat__core_idle(world->core));
    client_close(ann);
    world_free(world);
}

static void what_is_looked_up_counts_as_unanswered(void **state)
{
    struct chat__core_options options = {.in_flight = 2};
    struct world *world = world_new_with(&options);
    struct client *ann = client_hello(world, "ann");

    (void)state;
    come_and_go(ann);
    say_send(ann, 2, "lobby", "s", "hi");
    say_leave(ann, 3, "lobby", "l");
    say_send(ann, 4, "lobby", "s", "hi");
    expect_error(ann, 4, "busy");
    world_run(world);
    expect_send_repeated(ann, 2);
    expect_leave_repeated(ann, 3);
    say_send(ann, 5, "lobby", "s", "hi");
    world_run(world);
    expect_send_repeated(ann, 5);
    client_close(ann);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_send_repeated_after_a_leave_gets_its_entry),
        cmocka_unit_test(a_send_repeated_after_another_connection_left),
        cmocka_unit_test(a_leave_repeated_gets_its_entry),
        cmocka_unit_test(keys_are_known_after_a_restart),
        cmocka_unit_test(a_key_belongs_to_its_user),
        cmocka_unit_test(a_join_with_a_used_key),
        cmocka_unit_test(a_refusal_of_a_member_asks_for_the_key_too),
        cmocka_unit_test(one_who_left_a_private_room_gets_the_own_entries),
        cmocka_unit_test(a_private_room_and_none_answer_strangers_alike),
        cmocka_unit_test(a_failed_look_is_tried_again),
        cmocka_unit_test(what_comes_later_may_overtake),
        cmocka_unit_test(a_key_that_is_used_during_its_look_makes_one_entry),
        cmocka_unit_test(a_client_may_go_during_a_look),
        cmocka_unit_test(a_drain_waits_for_the_look),
        cmocka_unit_test(what_is_looked_up_counts_as_unanswered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
