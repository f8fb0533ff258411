/*
 * edit, delete, react: what they name is looked up in the store, and judged
 * where they come to the log. A delete wins.
 */
#include "tests/core/world.h"

#include <string.h>

#define THUMB "👍"

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

static void say_send(struct client *client, int id, const char *key)
{
    client_say(client,
               "{'action':'send','id':%d,'room':'lobby','key':'%s',"
               "'text':'hi'}",
               id, key);
}

static void say_edit(struct client *client, int id, const char *key, int ref,
                     const char *text)
{
    client_say(client,
               "{'action':'edit','id':%d,'room':'lobby','key':'%s','ref':%d,"
               "'text':'%s'}",
               id, key, ref, text);
}

static void say_delete(struct client *client, int id, const char *key, int ref)
{
    client_say(client,
               "{'action':'delete','id':%d,'room':'lobby','key':'%s',"
               "'ref':%d}",
               id, key, ref);
}

static void say_react(struct client *client, int id, const char *key, int ref,
                      const char *emoji, bool on)
{
    client_say(client,
               "{'action':'react','id':%d,'room':'lobby','key':'%s','ref':%d,"
               "'emoji':'%s','on':%s}",
               id, key, ref, emoji, on ? "true" : "false");
}

static void expect_error(struct client *client, int id, const char *code)
{
    client_expect(client, "{'reply':%d,'ok':null,'error':{'code':'%s'}}", id,
                  code);
}

static void expect_seq(struct client *client, int id, int seq)
{
    client_expect(client, "{'reply':%d,'ok':{'seq':%d,'dup':null}}", id, seq);
}

static void expect_dup(struct client *client, int id, int seq)
{
    client_expect(client, "{'reply':%d,'ok':{'seq':%d,'dup':true}}", id, seq);
}

/* ann and bob are members by 1 and 2, ann's message is 3. */
struct scene {
    struct world *world;
    struct client *ann;
    struct client *bob;
};

static struct scene set_up(void)
{
    struct scene scene = {.world = world_new()};

    scene.ann = member(scene.world, "ann");
    scene.bob = member(scene.world, "bob");
    say_send(scene.ann, 1, "s");
    world_run(scene.world);
    client_skip(scene.ann);
    client_skip(scene.bob);
    return scene;
}

static void tear_down(struct scene *scene)
{
    if (scene->ann != NULL)
        client_close(scene->ann);
    if (scene->bob != NULL)
        client_close(scene->bob);
    world_free(scene->world);
}

/* ---- the entries ---- */

static void everybody_gets_the_entries(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_react(scene.bob, 2, "r", 3, THUMB, true);
    world_run(scene.world);
    say_react(scene.bob, 3, "q", 3, THUMB, false);
    say_delete(scene.ann, 4, "d", 3);
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':2,'ok':{'seq':5}}");
    client_expect(scene.bob, "{'event':'edit','room':'lobby','seq':4,"
                             "'from':{'id':'1','name':'ann'},'key':'e',"
                             "'ref':3,'text':'ho','n':null}");
    client_expect(scene.bob,
                  "{'event':'react','seq':5,'from':{'id':'2'},'ref':3,"
                  "'emoji':'" THUMB "','on':true}");
    client_expect(scene.bob, "{'reply':3,'ok':{'seq':6}}");
    client_expect(scene.bob, "{'event':'react','seq':6,'on':false}");
    client_expect(scene.bob, "{'event':'delete','seq':7,'from':{'id':'1'},"
                             "'ref':3,'text':null}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void a_page_brings_what_became_of_its_messages(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_send(scene.bob, 1, "gone");
    world_run(scene.world);
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_react(scene.bob, 2, "r", 3, THUMB, true);
    say_delete(scene.bob, 3, "d", 4);
    world_run(scene.world);
    client_skip(scene.ann);
    client_say(scene.ann, "{'action':'history','id':5,'room':'lobby',"
                          "'before':5,'limit':3}");
    world_run(scene.world);
    client_expect(scene.ann,
                  "{'reply':5,'ok':{'entries':[{'seq':2},{'seq':3,"
                  "'text':'hi'},{'seq':4,'text':null,'deleted':true}],"
                  "'changes':[{'ref':3,'upto':7,'edit':5,'text':'ho',"
                  "'reactions':[{'emoji':'" THUMB "','users':['2']}]},"
                  "{'ref':4,'upto':7,'deleted':true,'text':null}]}}");
    client_say(scene.ann, "{'action':'join','id':6,'room':'lobby','key':'j',"
                          "'limit':1}");
    client_say(scene.ann, "{'action':'join','id':7,'room':'lobby','key':'j',"
                          "'limit':5}");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':6,'ok':{'entries':[{'seq':7}],"
                             "'changes':[]}}");
    client_expect(scene.ann, "{'reply':7,'ok':{'changes':[{'ref':3},"
                             "{'ref':4}]}}");
    tear_down(&scene);
}

static void requests_of_one_user_keep_their_order(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_edit(scene.ann, 1, "e1", 3, "one");
    say_edit(scene.ann, 2, "e2", 3, "two");
    say_send(scene.ann, 3, "s3");
    say_send(scene.bob, 4, "s4");
    /* bob's does not wait for what ann's edits look up. */
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    expect_seq(scene.bob, 4, 4);
    /* The second look-up answers first. */
    assert_int_equal(fake_store_waiting(scene.world->store), 2);
    fake_store_complete(scene.world->store, 1);
    assert_int_equal(fake_store_waiting(scene.world->store), 1);
    world_run(scene.world);
    expect_seq(scene.ann, 1, 5);
    expect_seq(scene.ann, 2, 6);
    expect_seq(scene.ann, 3, 7);
    tear_down(&scene);
}

/* ---- deletes win ---- */

/* All looked before any of it was in the log. */
static void look_first(struct scene *scene, size_t count)
{
    assert_int_equal(fake_store_kind(scene->world->store, 0), FAKE_APPEND);
    for (size_t i = 0; i < count; i++)
        fake_store_complete_kind(scene->world->store, FAKE_FIND_MESSAGE);
    assert_int_equal(fake_store_waiting(scene->world->store), 1);
}

static void an_edit_before_a_delete_in_one_batch_is_there(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_send(scene.bob, 9, "busy");
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_delete(scene.ann, 2, "d", 3);
    look_first(&scene, 2);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    assert_int_equal(fake_store_append_count(scene.world->store), 2);
    world_run(scene.world);
    expect_seq(scene.ann, 1, 5);
    expect_seq(scene.ann, 2, 6);
    tear_down(&scene);
}

static void what_comes_behind_a_delete_in_its_batch_is_refused(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_send(scene.bob, 9, "busy");
    say_delete(scene.ann, 1, "d", 3);
    say_edit(scene.ann, 2, "e", 3, "ho");
    say_react(scene.bob, 3, "r", 3, THUMB, true);
    say_delete(scene.ann, 4, "again", 3);
    look_first(&scene, 4);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    assert_int_equal(fake_store_append_count(scene.world->store), 1);
    client_expect_nothing(scene.ann);
    world_run(scene.world);
    expect_seq(scene.bob, 9, 4);
    expect_seq(scene.ann, 1, 5);
    expect_error(scene.ann, 2, "not_found");
    expect_error(scene.ann, 4, "not_found");
    expect_error(scene.bob, 3, "not_found");
    assert_int_equal(fake_store_head(scene.world->store, "lobby"), 5);
    tear_down(&scene);
}

static void what_looked_before_a_delete_of_an_earlier_batch_too(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_delete(scene.ann, 1, "d", 3);
    fake_store_complete_kind(scene.world->store, FAKE_FIND_MESSAGE);
    say_edit(scene.ann, 2, "e", 3, "ho");
    say_react(scene.bob, 3, "r", 3, THUMB, true);
    look_first(&scene, 2);
    world_run(scene.world);
    expect_seq(scene.ann, 1, 4);
    expect_error(scene.ann, 2, "not_found");
    expect_error(scene.bob, 3, "not_found");
    tear_down(&scene);
}

static void what_looked_before_a_conflict_looks_again(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_send(scene.bob, 9, "busy");
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_send(scene.ann, 2, "s2");
    look_first(&scene, 1);
    /* Another server was quicker. */
    fake_store_append_foreign(scene.world->store, "lobby", 99, "{\"seq\":4}",
                              WALL_MS);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    fake_store_complete_kind(scene.world->store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    fake_store_complete_kind(scene.world->store, FAKE_FIND_MESSAGE);
    world_run(scene.world);
    client_expect(scene.ann, "{'seq':4}");
    expect_seq(scene.ann, 1, 6);
    expect_seq(scene.ann, 2, 7);
    client_skip(scene.bob);
    assert_non_null(
        strstr(fake_store_bytes(scene.world->store, "lobby", 6), "\"ho\""));
    assert_non_null(
        strstr(fake_store_bytes(scene.world->store, "lobby", 7), "\"s2\""));
    tear_down(&scene);
}

/* More deletes than a room remembers, between a look and its judgement. */
static void what_is_not_remembered_is_looked_up_again(void **state)
{
    enum { COUNT = 1100 };
    struct chat__core_options options = {.in_flight = COUNT};
    struct world *world = world_new_with(&options);
    struct client *ann = member(world, "ann");
    struct client *bobs[3];

    (void)state;
    say_send(ann, 1, "s");
    world_run(world);
    for (int i = 0; i < 3; i++)
        bobs[i] = member(world, "bob");
    for (int i = 0; i < COUNT; i++)
        client_say(bobs[i / 400],
                   "{'action':'send','room':'lobby','key':'m%d','text':'x'}",
                   i);
    world_run(world);
    for (int i = 0; i < 3; i++)
        client_skip(bobs[i]);
    client_skip(ann);
    say_send(ann, 9, "busy");
    for (int i = 0; i < COUNT; i++)
        client_say(bobs[i / 400],
                   "{'action':'delete','room':'lobby','key':'d%d','ref':%d}", i,
                   4 + i);
    say_edit(ann, 1, "e", 2, "ho");
    say_react(ann, 2, "r", 4, THUMB, true);
    say_send(ann, 3, "last");
    for (int i = 0; i < COUNT + 2; i++)
        fake_store_complete_kind(world->store, FAKE_FIND_MESSAGE);
    for (int i = 0; i < 3; i++)
        fake_store_complete_kind(world->store, FAKE_APPEND);
    /* Two batches of deletes are in; who is about a message looks again. */
    assert_int_equal(fake_store_head(world->store, "lobby"),
                     3 + COUNT + 1 + 1024);
    assert_int_equal(fake_store_waiting(world->store), COUNT - 1024 + 2);
    client_skip(ann);
    while (fake_store_waiting(world->store) > 0)
        fake_store_complete(world->store, 0);
    expect_error(ann, 2, "not_found");
    expect_seq(ann, 1, 3 + COUNT + 1 + COUNT + 1);
    expect_seq(ann, 3, 3 + COUNT + 1 + COUNT + 2);
    client_close(ann);
    for (int i = 0; i < 3; i++)
        client_close(bobs[i]);
    world_free(world);
}

/* ---- keys ---- */

static void a_retry_gets_its_entry_whatever_came_since(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_react(scene.bob, 1, "r", 3, THUMB, true);
    world_run(scene.world);
    say_delete(scene.ann, 2, "d", 3);
    world_run(scene.world);
    client_skip(scene.ann);
    client_skip(scene.bob);
    say_edit(scene.ann, 3, "e", 3, "ho");
    say_edit(scene.ann, 4, "e", 3, "other");
    say_delete(scene.ann, 5, "d", 3);
    say_edit(scene.ann, 6, "d", 3, "ho");
    say_edit(scene.ann, 7, "new", 3, "ho");
    say_react(scene.bob, 8, "r", 3, THUMB, true);
    say_react(scene.bob, 9, "r", 3, THUMB, false);
    world_run(scene.world);
    expect_dup(scene.ann, 3, 4);
    expect_error(scene.ann, 4, "key_conflict");
    expect_dup(scene.ann, 5, 6);
    expect_error(scene.ann, 6, "key_conflict");
    expect_error(scene.ann, 7, "not_found");
    expect_dup(scene.bob, 8, 5);
    expect_error(scene.bob, 9, "key_conflict");
    assert_int_equal(fake_store_head(scene.world->store, "lobby"), 6);
    tear_down(&scene);
}

static void a_body_is_all_that_the_entry_is_made_from(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_react(scene.ann, 1, "r", 3, THUMB, true);
    world_run(scene.world);
    client_skip(scene.ann);
    say_edit(scene.ann, 2, "e", 3, "ho");
    say_edit(scene.ann, 3, "e", 3, "he");
    say_edit(scene.ann, 4, "e", 2, "ho");
    say_react(scene.ann, 5, "r", 3, THUMB, true);
    say_react(scene.ann, 6, "r", 3, "✅", true);
    say_react(scene.ann, 7, "r", 3, THUMB, false);
    world_run(scene.world);
    expect_dup(scene.ann, 2, 4);
    expect_error(scene.ann, 3, "key_conflict");
    expect_error(scene.ann, 4, "key_conflict");
    expect_dup(scene.ann, 5, 5);
    expect_error(scene.ann, 6, "key_conflict");
    expect_error(scene.ann, 7, "key_conflict");
    tear_down(&scene);
}

/* ---- limits ---- */

static void a_message_takes_fifty_kinds_of_reactions(void **state)
{
    struct scene scene = set_up();

    (void)state;
    for (int i = 0; i < 50; i++) {
        char emoji[5] = {(char)0xf0, (char)0x9f, (char)0x90, (char)(0x80 + i),
                         '\0'};
        char key[8] = {'r', (char)('A' + i / 10), (char)('0' + i % 10), '\0'};

        say_react(scene.ann, i + 1, key, 3, emoji, true);
        world_run(scene.world);
        expect_seq(scene.ann, i + 1, 4 + i);
        client_skip(scene.ann);
    }
    say_react(scene.bob, 60, "new", 3, THUMB, true);
    say_react(scene.bob, 61, "old", 3, "\xf0\x9f\x90\x80", true);
    say_react(scene.bob, 62, "off", 3, THUMB, false);
    client_skip(scene.bob);
    world_run(scene.world);
    expect_error(scene.bob, 60, "too_large");
    expect_seq(scene.bob, 61, 54);
    expect_seq(scene.bob, 62, 55);
    tear_down(&scene);
}

/* ---- the store fails, the client goes ---- */

static void a_failed_look_is_refused_and_can_be_repeated(void **state)
{
    struct scene scene = set_up();

    (void)state;
    fake_store_fail_next(scene.world->store, FAKE_FIND_MESSAGE,
                         CHAT__STORE_BUSY);
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_send(scene.ann, 2, "behind");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':1,'error':{'code':'busy',"
                             "'retry_ms':500}}");
    expect_seq(scene.ann, 2, 4);
    client_skip(scene.ann);
    fake_store_fail_next(scene.world->store, FAKE_FIND_MESSAGE,
                         CHAT__STORE_FAILED);
    say_edit(scene.ann, 3, "e", 3, "ho");
    world_run(scene.world);
    expect_error(scene.ann, 3, "storage");
    fake_store_fail_next(scene.world->store, FAKE_APPEND, CHAT__STORE_FAILED);
    say_edit(scene.ann, 4, "e", 3, "ho");
    world_run(scene.world);
    expect_error(scene.ann, 4, "storage");
    say_edit(scene.ann, 5, "e", 3, "ho");
    world_run(scene.world);
    expect_seq(scene.ann, 5, 5);
    tear_down(&scene);
}

/* The room's state is lost while an edit looks: it is read anew. */
static void a_room_that_failed_to_load_is_loaded_for_who_looked(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_send(scene.bob, 1, "busy");
    say_edit(scene.ann, 2, "e", 3, "ho");
    fake_store_append_foreign(scene.world->store, "lobby", 99, "{\"seq\":4}",
                              WALL_MS);
    fake_store_fail_next(scene.world->store, FAKE_OPEN_ROOM,
                         CHAT__STORE_FAILED);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    fake_store_complete_kind(scene.world->store, FAKE_OPEN_ROOM);
    expect_error(scene.bob, 1, "storage");
    world_run(scene.world);
    client_expect(scene.ann, "{'seq':4}");
    expect_seq(scene.ann, 2, 5);
    tear_down(&scene);
}

static void a_client_that_goes_is_obeyed(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_edit(scene.ann, 1, "e", 3, "ho");
    say_delete(scene.ann, 2, "d", 99);
    client_close(scene.ann);
    scene.ann = NULL;
    world_run(scene.world);
    assert_int_equal(fake_store_head(scene.world->store, "lobby"), 4);
    client_expect(scene.bob, "{'event':'edit','seq':4}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_the_entries),
        cmocka_unit_test(a_page_brings_what_became_of_its_messages),
        cmocka_unit_test(requests_of_one_user_keep_their_order),
        cmocka_unit_test(an_edit_before_a_delete_in_one_batch_is_there),
        cmocka_unit_test(what_comes_behind_a_delete_in_its_batch_is_refused),
        cmocka_unit_test(what_looked_before_a_delete_of_an_earlier_batch_too),
        cmocka_unit_test(what_looked_before_a_conflict_looks_again),
        cmocka_unit_test(what_is_not_remembered_is_looked_up_again),
        cmocka_unit_test(a_retry_gets_its_entry_whatever_came_since),
        cmocka_unit_test(a_body_is_all_that_the_entry_is_made_from),
        cmocka_unit_test(a_message_takes_fifty_kinds_of_reactions),
        cmocka_unit_test(a_failed_look_is_refused_and_can_be_repeated),
        cmocka_unit_test(a_room_that_failed_to_load_is_loaded_for_who_looked),
        cmocka_unit_test(a_client_that_goes_is_obeyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
