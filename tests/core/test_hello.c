#include "tests/core/world.h"

#include <stdio.h>
#include <string.h>

static void signs_a_guest_in(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, "{'action':'hello','id':7,'version':1,'guest':'ann',"
                    "'key':'k','agent':'test/1'}");
    client_expect_nothing(ann);
    world_run(world);
    client_expect(ann, "{'reply':7,'ok':{'user':{'id':'1','name':'ann',"
                       "'guest':true},'ping_ms':25000,'rooms':[],'rooms_rev':0,"
                       "'now':1795363200000,'more':null,"
                       "'limits':{'frame_bytes':30720,'text_characters':4000,"
                       "'text_bytes':8192,'page_entries':200,'rooms':500,"
                       "'in_flight':64,'connection_ms':0},"
                       "'server':{'version':'1.2.3','task':'test'}}}");
    client_expect_nothing(ann);
    client_close(ann);
    world_free(world);
}

/* A string member of the `ok` in an object that came. */
static void ok_member(const char *object, const char *name, char *value,
                      size_t size)
{
    cJSON *json = cJSON_Parse(object);
    const cJSON *member =
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "ok"), name);

    assert_non_null(cJSON_GetStringValue(member));
    snprintf(value, size, "%s", cJSON_GetStringValue(member));
    cJSON_Delete(json);
}

static void a_token_brings_the_user_back(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);
    struct client *again = client_open(world);
    char token[100];

    (void)state;
    client_say(ann, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'k'}");
    world_run(world);
    ok_member(client_next(ann), "token", token, sizeof(token));
    assert_int_equal(strlen(token), 43);
    client_say(again, "{'action':'hello','id':2,'version':1,'token':'%s'}",
               token);
    world_run(world);
    client_expect(again, "{'reply':2,'ok':{'user':{'id':'1','name':'ann'},"
                         "'token':null}}");
    client_close(ann);
    client_close(again);
    world_free(world);
}

static void a_guest_key_brings_the_user_back_with_a_new_token(void **state)
{
    struct world *world = world_new();
    struct client *one = client_open(world);
    struct client *two = client_open(world);
    char tokens[2][100];

    (void)state;
    client_say(one, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'k'}");
    client_say(two, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'k'}");
    world_run(world);
    ok_member(client_next(one), "token", tokens[0], sizeof(tokens[0]));
    client_expect(two, "{'ok':{'user':{'id':'1'}}}");
    two->read = 0;
    ok_member(client_next(two), "token", tokens[1], sizeof(tokens[1]));
    assert_string_not_equal(tokens[0], tokens[1]);
    client_close(one);
    client_close(two);
    world_free(world);
}

static void a_refused_token_leaves_the_connection_open(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, "{'action':'hello','id':1,'version':1,'token':'nope'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'unauthorized',"
                       "'retry_ms':null}}");
    client_say(ann, "{'action':'hello','id':2,'version':1,'guest':'ann'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'unauthorized'}}");
    client_say(ann, "{'action':'hello','id':3,'version':1,'guest':'ann',"
                    "'key':'k'}");
    world_run(world);
    client_expect(ann, "{'reply':3,'ok':{}}");
    assert_int_equal(ann->closed, 0);
    client_close(ann);
    world_free(world);
}

static void another_version_is_refused_and_closed(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, "{'action':'hello','id':1,'version':2,'guest':'ann',"
                    "'key':'k'}");
    client_expect(ann, "{'reply':1,'error':{'code':'version'}}");
    client_expect(ann, "{'event':'close','code':4505}");
    assert_int_equal(ann->closed, 4505);
    client_close(ann);
    world_free(world);
}

static void nothing_else_is_taken_before_and_during_hello(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_open(world);

    (void)state;
    client_say(ann, "{'action':'ping','id':1}");
    client_expect(ann, "{'reply':1,'error':{'code':'hello_required'}}");
    client_say(ann, "{'action':'hello','id':2,'version':1,'guest':'ann',"
                    "'key':'k'}");
    client_say(ann, "{'action':'ping','id':3}");
    client_expect(ann, "{'reply':3,'error':{'code':'hello_required'}}");
    client_say(ann, "{'action':'hello','id':4,'version':1,'guest':'ann',"
                    "'key':'k'}");
    client_expect(ann, "{'reply':4,'error':{'code':'busy','retry_ms':500}}");
    world_run(world);
    client_expect(ann, "{'reply':2,'ok':{}}");
    client_say(ann, "{'action':'ping','id':5}");
    world_run(world);
    client_expect(ann, "{'reply':5,'ok':{}}");
    client_close(ann);
    world_free(world);
}

static void a_repeated_hello_is_answered_for_the_same_user_only(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_skip(ann);
    client_say(ann, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'user':{'id':'1'},'rooms':"
                       "[{'room':'lobby','head':2,'resumed':false}]}}");
    client_say(ann, "{'action':'hello','id':2,'version':1,'guest':'bob',"
                    "'key':'key-of-bob'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'bad_request'}}");
    /* Still ann, still live, once. */
    client_do(bob, "{'action':'send','room':'lobby','key':'s','text':'hi'}");
    client_expect(ann, "{'event':'message','seq':3}");
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_store_that_fails_is_told_and_hello_can_be_repeated(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_close(ann);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS);
    ann = client_open(world);
    fake_store_fail_next(world->store, FAKE_SIGN_IN, CHAT__STORE_BUSY);
    client_say(ann, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'error':{'code':'busy','retry_ms':500}}");
    fake_store_fail_next(world->store, FAKE_OPEN_ROOM, CHAT__STORE_FAILED);
    client_say(ann, "{'action':'hello','id':2,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    world_run(world);
    client_expect(ann, "{'reply':2,'error':{'code':'storage'}}");
    client_say(ann, "{'action':'ping','id':3}");
    client_expect(ann, "{'reply':3,'error':{'code':'hello_required'}}");
    client_say(ann, "{'action':'hello','id':4,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    world_run(world);
    client_expect(ann, "{'reply':4,'ok':{'rooms':[{'room':'lobby'}]}}");
    world->random_fails = true;
    client_say(ann, "{'action':'hello','id':5,'version':1,'guest':'ann',"
                    "'key':'key-of-ann'}");
    world_run(world);
    client_expect(ann, "{'reply':5,'error':{'code':'busy'}}");
    client_close(ann);
    world_free(world);
}

/* ---- resume ---- */

/* ann and bob are in the lobby; ann has gone at `last`, then bob sent. */
static struct client *missed(struct world *world, int count)
{
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_close(ann);
    for (int i = 0; i < count; i++)
        client_say(bob,
                   "{'action':'send','room':'lobby','key':'s%d',"
                   "'text':'%d'}",
                   i, i);
    world_run(world);
    assert_int_equal(fake_store_head(world->store, "lobby"), count + 2);
    return bob;
}

static void say_resume(struct client *client, const char *epoch, uint64_t seq)
{
    client_say(client,
               "{'action':'hello','id':1,'version':1,'guest':'ann',"
               "'key':'key-of-ann','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':%llu},{'room':'other','epoch':'e','seq':1}]}",
               epoch, (unsigned long long)seq);
}

static void what_was_missed_follows_the_reply(void **state)
{
    struct world *world = world_new();
    struct client *bob = missed(world, 20);
    struct client *ann = client_open(world);

    (void)state;
    say_resume(ann, fake_store_epoch(world->store, "lobby"), 2);
    /* Sent while the hello is worked on: part of what follows, once. */
    client_say(bob, "{'action':'send','room':'lobby','key':'x','text':'x'}");
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                       "'resumed':true,'read':1,'unread':21}]}}");
    for (uint64_t seq = 3; seq <= 23; seq++)
        assert_string_equal(client_next(ann),
                            fake_store_bytes(world->store, "lobby", seq));
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void what_is_appended_while_the_missed_is_read_follows_too(void **state)
{
    struct world *world = world_new();
    struct client *bob = missed(world, 5);
    struct client *ann = client_open(world);

    (void)state;
    say_resume(ann, fake_store_epoch(world->store, "lobby"), 3);
    fake_store_complete_kind(world->store, FAKE_SIGN_IN);
    client_say(bob, "{'action':'send','room':'lobby','key':'x','text':'x'}");
    /* Both the read of what was missed and the append are under way. */
    fake_store_complete_kind(world->store, FAKE_APPEND);
    chat__core_flush(world->core);
    client_expect_nothing(ann);
    fake_store_complete_kind(world->store, FAKE_READ_LOG);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'head':8,"
                       "'resumed':true}]}}");
    world_run(world);
    for (uint64_t seq = 4; seq <= 8; seq++)
        assert_string_equal(client_next(ann),
                            fake_store_bytes(world->store, "lobby", seq));
    client_expect_nothing(ann);
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void expect_not_resumed(struct world *world, struct client *bob,
                               const char *epoch, uint64_t seq, int head)
{
    struct client *ann = client_open(world);

    say_resume(ann, epoch, seq);
    world_run(world);
    client_expect(ann,
                  "{'reply':1,'ok':{'rooms':[{'room':'lobby','head':%d,"
                  "'resumed':false}]}}",
                  head);
    client_expect_nothing(ann);
    client_do(bob, "{'action':'send','room':'lobby','key':'k%d','text':'x'}",
              head);
    client_expect(ann, "{'event':'message','seq':%d}", head + 1);
    client_expect_nothing(ann);
    client_close(ann);
}

static void another_epoch_or_a_head_beyond_is_not_resumed(void **state)
{
    struct world *world = world_new();
    struct client *bob = missed(world, 1);

    (void)state;
    expect_not_resumed(world, bob, "another", 2, 3);
    expect_not_resumed(world, bob, fake_store_epoch(world->store, "lobby"), 9,
                       4);
    client_close(bob);
    world_free(world);
}

static void no_more_than_a_thousand_entries_are_resumed(void **state)
{
    struct world *world = world_new();
    struct client *bob = missed(world, 1);
    struct client *ann = client_open(world);
    const char *epoch = fake_store_epoch(world->store, "lobby");

    (void)state;
    for (int i = 0; i < 998; i++)
        client_do(bob,
                  "{'action':'send','room':'lobby','key':'m%d',"
                  "'text':'x'}",
                  i);
    say_resume(ann, epoch, 1); /* 1,000 behind */
    world_run(world);
    client_expect(ann, "{'reply':1,'ok':{'rooms':[{'head':1001,"
                       "'resumed':true}]}}");
    assert_int_equal(ann->object_count, 1001);
    client_close(ann);
    expect_not_resumed(world, bob, epoch, 0, 1001);
    client_close(bob);
    world_free(world);
}

static void no_more_than_four_megabytes_are_resumed(void **state)
{
    struct world *world = world_new();
    struct client *bob = missed(world, 1);
    const char *epoch = fake_store_epoch(world->store, "lobby");
    char text[8001];

    (void)state;
    /* 4,000 characters of two bytes. */
    for (size_t i = 0; i < 8000; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[8000] = '\0';
    for (int i = 0; i < 530; i++)
        client_do(bob,
                  "{'action':'send','room':'lobby','key':'m%d',"
                  "'text':'%s'}",
                  i, text);
    expect_not_resumed(world, bob, epoch, 2, 533);
    client_close(bob);
    world_free(world);
}

static void rooms_that_the_reply_cannot_hold_follow(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *again;
    cJSON *reply;
    int told;

    (void)state;
    for (int i = 0; i < 400; i++)
        client_do(ann,
                  "{'action':'join','room':'a-room-with-a-rather-long-name"
                  "-%d','key':'j','create':true}",
                  i);
    again = client_hello(world, "ann");
    reply = cJSON_Parse(again->objects[0]);
    told = cJSON_GetArraySize(
        cJSON_GetObjectItem(cJSON_GetObjectItem(reply, "ok"), "rooms"));
    assert_in_range(told, 100, 399);
    assert_true(cJSON_IsTrue(
        cJSON_GetObjectItem(cJSON_GetObjectItem(reply, "ok"), "more")));
    cJSON_Delete(reply);
    assert_int_equal(again->object_count, 1 + 400 - (size_t)told);
    again->read = 1;
    while (again->read < again->object_count)
        client_expect(again, "{'event':'membership','state':'joined',"
                             "'head':1,'read':1,'unread':0}");
    client_close(ann);
    client_close(again);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_a_guest_in),
        cmocka_unit_test(a_token_brings_the_user_back),
        cmocka_unit_test(a_guest_key_brings_the_user_back_with_a_new_token),
        cmocka_unit_test(a_refused_token_leaves_the_connection_open),
        cmocka_unit_test(another_version_is_refused_and_closed),
        cmocka_unit_test(nothing_else_is_taken_before_and_during_hello),
        cmocka_unit_test(a_repeated_hello_is_answered_for_the_same_user_only),
        cmocka_unit_test(a_store_that_fails_is_told_and_hello_can_be_repeated),
        cmocka_unit_test(what_was_missed_follows_the_reply),
        cmocka_unit_test(what_is_appended_while_the_missed_is_read_follows_too),
        cmocka_unit_test(another_epoch_or_a_head_beyond_is_not_resumed),
        cmocka_unit_test(no_more_than_a_thousand_entries_are_resumed),
        cmocka_unit_test(no_more_than_four_megabytes_are_resumed),
        cmocka_unit_test(rooms_that_the_reply_cannot_hold_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
