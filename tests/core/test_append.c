#include "tests/core/world.h"

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

static void say_send(struct client *client, int id, const char *key,
                     const char *text)
{
    client_say(client,
               "{'action':'send','id':%d,'room':'lobby','key':'%s',"
               "'text':'%s'}",
               id, key, text);
}

static void one_append_is_in_flight_and_the_next_batch_gathers(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    for (int i = 1; i <= 5; i++) {
        char key[] = {'k', (char)('0' + i), '\0'};

        say_send(ann, i, key, "x");
    }
    assert_int_equal(fake_store_waiting(world->store), 1);
    assert_int_equal(fake_store_append_count(world->store), 1);
    client_expect_nothing(ann);
    fake_store_complete(world->store, 0);
    client_expect(ann, "{'reply':1,'ok':{'seq':2,'dup':null}}");
    client_expect_nothing(ann);
    assert_int_equal(fake_store_append_count(world->store), 4);
    fake_store_complete(world->store, 0);
    for (int i = 2; i <= 5; i++)
        client_expect(ann, "{'reply':%d,'ok':{'seq':%d}}", i, i + 1);
    client_expect_nothing(ann);
    chat__core_flush(world->core);
    for (int i = 1; i <= 5; i++)
        client_expect(ann, "{'event':'message','seq':%d,'n':%d,'key':'k%d'}",
                      i + 1, i, i);
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

static void requests_of_one_pass_share_an_append(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    for (int i = 1; i <= 4; i++)
        client_say_more(ann,
                        "{'action':'send','id':%d,'room':'lobby',"
                        "'key':'k%d','text':'x'}",
                        i, i);
    assert_int_equal(fake_store_waiting(world->store), 0);
    assert_false(chat__core_idle(world->core));
    chat__core_flush(world->core);
    assert_int_equal(fake_store_waiting(world->store), 1);
    assert_int_equal(fake_store_append_count(world->store), 4);
    world_run(world);
    client_skip(ann);
    client_close(ann);
    world_free(world);
}

/* Four listeners, of a room of which eighty would wait for a second. */
#define LISTENERS 4
#define WAIT_MS   (1000 * LISTENERS / 80)

/* The room was silent for long enough. */
static struct world *load_set_up(struct client *clients[LISTENERS])
{
    struct chat__core_options options = {.in_flight = 64,
                                         .settings.gather_max_ms = 1000};
    struct world *world = world_new_with(&options);

    world_run(world);
    for (int i = 0; i < LISTENERS; i++) {
        char name[] = {'u', (char)('0' + i), '\0'};

        clients[i] = member(world, name);
        world_advance(world, WAIT_MS);
    }
    for (int i = 0; i < LISTENERS; i++)
        client_skip(clients[i]);
    return world;
}

static void load_tear_down(struct world *world,
                           struct client *clients[LISTENERS])
{
    world_advance(world, WAIT_MS);
    world_run(world);
    for (int i = 0; i < LISTENERS; i++)
        client_close(clients[i]);
    world_free(world);
}

static void who_waits_goes_on_when_waiting_ends(void **state)
{
    struct client *clients[LISTENERS];
    struct world *world = load_set_up(clients);
    struct chat__core_settings settings = world->options.settings;

    (void)state;
    say_send(clients[0], 1, "a", "x");
    world_run(world);
    say_send(clients[0], 2, "b", "x");
    assert_int_equal(chat__core_flush(world->core), WAIT_MS);
    settings.gather_max_ms = 0;
    chat__core_apply(world->core, &settings);
    assert_int_equal(chat__core_flush(world->core), INT64_MAX);
    assert_int_equal(fake_store_append_count(world->store), 1);
    load_tear_down(world, clients);
}

static void under_load_requests_wait_for_others(void **state)
{
    struct client *clients[LISTENERS];
    struct world *world = load_set_up(clients);
    size_t framed = world->framed;

    (void)state;
    say_send(clients[0], 1, "a", "x");
    assert_int_equal(fake_store_waiting(world->store), 1);
    world_run(world);
    assert_int_equal(world->framed, framed + 1);

    say_send(clients[0], 2, "b", "x");
    assert_int_equal(chat__core_flush(world->core), WAIT_MS);
    assert_false(chat__core_idle(world->core));
    world_advance(world, WAIT_MS - 1);
    say_send(clients[2], 1, "c", "x");
    assert_int_equal(chat__core_flush(world->core), 1);
    assert_int_equal(fake_store_waiting(world->store), 0);
    world_advance(world, 1);
    assert_int_equal(fake_store_append_count(world->store), 2);
    world_run(world);
    assert_int_equal(world->framed, framed + 2);
    client_expect(clients[1], "{'event':'message','key':'a'}");
    client_expect(clients[1], "{'event':'message','key':'b'}");
    client_expect(clients[1], "{'event':'message','key':'c'}");
    load_tear_down(world, clients);
}

static void what_gathers_during_an_append_waits_too(void **state)
{
    struct client *clients[LISTENERS];
    struct world *world = load_set_up(clients);

    (void)state;
    say_send(clients[0], 1, "a", "x");
    say_send(clients[0], 2, "b", "x");
    world_run(world);
    assert_int_equal(chat__core_flush(world->core), WAIT_MS);
    client_expect(clients[0], "{'reply':1}");
    client_expect(clients[0], "{'event':'message','key':'a'}");
    client_expect_nothing(clients[0]);
    load_tear_down(world, clients);
}

static void many_requests_wait_for_no_others(void **state)
{
    struct client *clients[LISTENERS];
    struct world *world = load_set_up(clients);

    (void)state;
    say_send(clients[0], 1, "a", "x");
    world_run(world);
    for (int i = 0; i < 16; i++)
        client_say_more(clients[0],
                        "{'action':'send','room':'lobby','key':'k%d',"
                        "'text':'x'}",
                        i);
    assert_true(chat__core_flush(world->core) == INT64_MAX);
    assert_int_equal(fake_store_append_count(world->store), 16);
    load_tear_down(world, clients);
}

static void a_drain_waits_for_no_others(void **state)
{
    struct client *clients[LISTENERS];
    struct world *world = load_set_up(clients);

    (void)state;
    say_send(clients[0], 1, "a", "x");
    world_run(world);
    client_skip(clients[0]);
    say_send(clients[0], 2, "b", "x");
    assert_int_equal(fake_store_waiting(world->store), 0);
    chat__core_drain(world->core);
    assert_int_equal(fake_store_append_count(world->store), 1);
    world_run(world);
    client_expect(clients[0], "{'reply':2,'ok':{}}");
    load_tear_down(world, clients);
}

static void a_repeated_key_gets_the_first_answer(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    say_send(ann, 1, "k", "hi");
    world_run(world);
    client_skip(ann);
    world_advance(world, 5000);
    say_send(ann, 2, "k", "hi");
    say_send(ann, 3, "k", "other");
    say_send(ann, 4, "new", "x");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'seq':2,'ts':1795363200000,"
                       "'dup':true}}");
    client_expect(ann, "{'reply':3,'error':{'code':'key_conflict',"
                       "'retry_ms':null}}");
    client_expect(ann, "{'reply':4,'ok':{'seq':3,'ts':1795363205000}}");
    client_expect(ann, "{'event':'message','seq':3,'key':'new'}");
    client_expect_nothing(ann);
    assert_int_equal(fake_store_head(world->store, "lobby"), 3);
    client_close(ann);
    world_free(world);
}

static void a_key_twice_in_a_batch_makes_one_entry(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    say_send(bob, 1, "first", "x");
    say_send(ann, 2, "k", "hi");
    say_send(ann, 3, "k", "hi");
    say_send(bob, 4, "k", "hi"); /* another user's key is another key */
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'seq':4,'dup':null}}");
    client_expect(ann, "{'reply':3,'ok':{'seq':4,'dup':true}}");
    client_expect(bob, "{'reply':1,'ok':{'seq':3}}");
    client_expect(bob, "{'reply':4,'ok':{'seq':5,'dup':null}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_failed_append_is_answered_and_nothing_is_written(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    fake_store_fail_next(world->store, FAKE_APPEND, CHAT__STORE_FAILED);
    say_send(ann, 1, "k", "hi");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'storage',"
                       "'retry_ms':2000}}");
    fake_store_fail_next(world->store, FAKE_APPEND, CHAT__STORE_BUSY);
    say_send(ann, 2, "k", "hi");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'busy','retry_ms':500}}");
    client_expect_nothing(ann);
    say_send(ann, 3, "k", "hi");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{'seq':2,'dup':null}}");
    client_close(ann);
    world_free(world);
}

static void a_store_that_names_no_duplicate_ends_the_batch(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    fake_store_fail_next(world->store, FAKE_APPEND, CHAT__STORE_DUPLICATE);
    say_send(ann, 1, "k", "hi");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'storage'}}");
    client_close(ann);
    world_free(world);
}

static void a_conflict_reads_the_room_anew_and_goes_on(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    fake_store_append_foreign(world->store, "lobby", 99,
                              "{\"event\":\"message\",\"seq\":3}",
                              WALL_MS + 10);
    say_send(ann, 1, "k", "hi");
    world_run(world);
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect(ann, "{'reply':1,'ok':{'seq':4,'ts':%lld}}",
                  (long long)WALL_MS + 10);
    client_expect(bob, "{'event':'message','seq':3}");
    client_expect(bob, "{'event':'message','seq':4,'n':2}");
    client_expect_nothing(bob);
    client_expect(ann, "{'event':'message','seq':4}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_conflict_shows_who_is_no_member_any_more(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    fake_store_leave_foreign(world->store, "lobby", 1, WALL_MS);
    say_send(bob, 1, "k", "hi");
    say_send(ann, 2, "k", "hi");
    world_run(world);
    client_expect(ann, "{'event':'leave','seq':3}");
    client_expect(ann, "{'event':'membership','state':'left','head':3}");
    client_expect(ann, "{'reply':2,'error':{'code':'forbidden'}}");
    client_expect_nothing(ann);
    client_expect(bob, "{'event':'leave','seq':3}");
    client_expect(bob, "{'reply':1,'ok':{'seq':4}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_room_that_another_server_made_is_joined(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_say(ann, "{'action':'join','id':1,'room':'den','key':'j',"
                    "'create':true}");
    client_say(bob, "{'action':'join','id':2,'room':'hole','key':'j',"
                    "'create':true}");
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(world->store, FAKE_OPEN_ROOM);
    fake_store_make_room(world->store, "den", false);
    fake_store_make_room(world->store, "hole", true);
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'epoch':'elsewhere','head':1}}");
    client_expect(bob, "{'reply':2,'error':{'code':'name_taken'}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void one_who_joined_on_another_server_is_subscribed(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    fake_store_append_foreign(world->store, "lobby", 1, "{\"seq\":2}", WALL_MS);
    fake_store_add_member(world->store, "lobby", 1, CHAT__ROLE_MEMBER);
    client_say(ann, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'head':2}}");
    client_do(bob, "{'action':'send','room':'lobby','key':'s','text':'x'}");
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void the_lobby_is_found_or_tried_again(void **state)
{
    struct chat__core_options options = {.in_flight = 64};
    struct world *world = world_new_with(&options);
    struct client *ann;

    (void)state;
    fake_store_fail_next(world->store, FAKE_APPEND, CHAT__STORE_BUSY);
    world_run(world);
    ann = client_hello(world, "ann");
    client_say(ann, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'not_found'}}");
    world_advance(world, 1000);
    client_say(ann, "{'action':'join','id':2,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{'head':1,'members':1}}");
    client_close(ann);
    world_free(world);

    world = world_new_with(&options);
    fake_store_make_room(world->store, "lobby", false);
    ann = client_hello(world, "ann");
    client_say(ann, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'epoch':'elsewhere','head':1}}");
    client_close(ann);
    world_free(world);
}

static void checks_see_the_earlier_entries_of_their_batch(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    say_send(bob, 1, "hold", "x"); /* so that the rest is one batch */
    say_send(ann, 2, "before", "x");
    client_say(ann, "{'action':'leave','id':3,'room':'lobby','key':'l'}");
    say_send(ann, 4, "after", "x");
    client_say(ann, "{'action':'leave','id':5,'room':'lobby','key':'l2'}");
    client_say(bob, "{'action':'send','id':6,'room':'lobby','key':'r',"
                    "'text':'x','reply_to':5}");
    client_say(bob, "{'action':'send','id':7,'room':'lobby','key':'q',"
                    "'text':'x','reply_to':99}");
    fake_store_complete(world->store, 0);
    assert_int_equal(fake_store_append_count(world->store), 3);
    client_expect(bob, "{'reply':1,'ok':{'seq':3}}");
    fake_store_complete_kind(world->store, FAKE_FIND_KEY);
    client_expect(bob, "{'reply':7,'error':{'code':'not_found'}}");
    client_expect_nothing(ann); /* no refusal before the leave is durable */
    world_run(world);
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect(ann, "{'event':'message','seq':4}");
    client_expect(ann, "{'event':'leave','seq':5}");
    client_expect(ann, "{'reply':2,'ok':{'seq':4}}");
    client_expect(ann, "{'reply':3,'ok':{'seq':5}}");
    client_expect(ann, "{'reply':4,'error':{'code':'forbidden'}}");
    client_expect(ann, "{'reply':5,'ok':{'seq':0,'ts':0}}");
    client_expect_nothing(ann);
    for (int seq = 3; seq <= 5; seq++)
        client_expect(bob, "{'seq':%d}", seq);
    client_expect(bob, "{'reply':6,'ok':{'seq':6}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_failed_leave_does_not_refuse_what_came_behind_it(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");
    struct client *bob = member(world, "bob");

    (void)state;
    client_skip(ann);
    say_send(bob, 1, "hold", "x");
    client_say(ann, "{'action':'leave','id':3,'room':'lobby','key':'l'}");
    say_send(ann, 4, "after", "x");
    fake_store_complete(world->store, 0);
    fake_store_fail_next(world->store, FAKE_APPEND, CHAT__STORE_BUSY);
    world_run(world);
    client_expect(ann, "{'reply':3,'error':{'code':'busy'}}");
    client_expect(ann, "{'reply':4,'ok':{'seq':4}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_join_that_was_undone_since_is_not_answered_as_done(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    client_do(ann, "{'action':'leave','room':'lobby','key':'l'}");
    client_say(ann, "{'action':'join','id':1,'room':'lobby','key':'j'}");
    client_say(ann, "{'action':'leave','id':2,'room':'lobby','key':'l'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'forbidden'}}");
    client_expect(ann, "{'reply':2,'ok':{'seq':2,'dup':true}}");
    assert_int_equal(fake_store_head(world->store, "lobby"), 2);
    client_close(ann);
    world_free(world);
}

static void ts_never_falls(void **state)
{
    struct world *world = world_new();
    struct client *ann = member(world, "ann");

    (void)state;
    world->wall_ms -= 60000;
    say_send(ann, 1, "k", "x");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'ts':%lld}}", (long long)WALL_MS);
    client_close(ann);
    world_free(world);
}

static void batches_are_cut_at_their_limit(void **state)
{
    struct world *world = world_new();
    struct client *clients[10];

    (void)state;
    for (int i = 0; i < 10; i++) {
        char name[] = {'u', (char)('0' + i), '\0'};

        clients[i] = member(world, name);
    }
    for (int i = 0; i < 10; i++)
        for (int key = 0; key < 60; key++)
            client_say(clients[i],
                       "{'action':'send','room':'lobby','key':'%d',"
                       "'text':'x'}",
                       key);
    fake_store_complete(world->store, 0);
    assert_int_equal(fake_store_append_count(world->store), 512);
    fake_store_complete(world->store, 0);
    assert_int_equal(fake_store_append_count(world->store), 87);
    world_run(world);
    assert_int_equal(fake_store_head(world->store, "lobby"), 610);
    for (int i = 0; i < 10; i++)
        client_close(clients[i]);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_append_is_in_flight_and_the_next_batch_gathers),
        cmocka_unit_test(requests_of_one_pass_share_an_append),
        cmocka_unit_test(under_load_requests_wait_for_others),
        cmocka_unit_test(who_waits_goes_on_when_waiting_ends),
        cmocka_unit_test(what_gathers_during_an_append_waits_too),
        cmocka_unit_test(many_requests_wait_for_no_others),
        cmocka_unit_test(a_drain_waits_for_no_others),
        cmocka_unit_test(a_repeated_key_gets_the_first_answer),
        cmocka_unit_test(a_key_twice_in_a_batch_makes_one_entry),
        cmocka_unit_test(a_failed_append_is_answered_and_nothing_is_written),
        cmocka_unit_test(a_store_that_names_no_duplicate_ends_the_batch),
        cmocka_unit_test(a_conflict_reads_the_room_anew_and_goes_on),
        cmocka_unit_test(a_conflict_shows_who_is_no_member_any_more),
        cmocka_unit_test(a_room_that_another_server_made_is_joined),
        cmocka_unit_test(one_who_joined_on_another_server_is_subscribed),
        cmocka_unit_test(the_lobby_is_found_or_tried_again),
        cmocka_unit_test(checks_see_the_earlier_entries_of_their_batch),
        cmocka_unit_test(a_failed_leave_does_not_refuse_what_came_behind_it),
        cmocka_unit_test(a_join_that_was_undone_since_is_not_answered_as_done),
        cmocka_unit_test(ts_never_falls),
        cmocka_unit_test(batches_are_cut_at_their_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
