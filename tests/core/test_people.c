/*
 * Mentions and how they are counted, read markers, lists of members, and what
 * hello says of invitations.
 */
#include "tests/core/world.h"

#include <string.h>

static struct client *member(struct world *world, const char *name)
{
    struct client *client = client_hello(world, name);

    client_do(client, "{'action':'join','room':'lobby','key':'j'}");
    return client;
}

/* ann and bob are members 1 and 2 of the lobby, eve (3) is not. */
struct scene {
    struct world *world;
    struct client *ann;
    struct client *bob;
    struct client *eve;
};

static struct scene set_up(void)
{
    struct scene scene = {.world = world_new()};

    scene.ann = member(scene.world, "ann");
    scene.bob = member(scene.world, "bob");
    scene.eve = client_hello(scene.world, "eve");
    client_skip(scene.ann);
    return scene;
}

static void tear_down(struct scene *scene)
{
    client_close(scene->ann);
    client_close(scene->bob);
    client_close(scene->eve);
    world_free(scene->world);
}

static void mention(struct client *client, const char *key, const char *whom)
{
    client_say(client,
               "{'action':'send','room':'lobby','key':'%s','text':'x',"
               "'mentions':[%s]}",
               key, whom);
}

static struct client *sign_in(struct world *world, const char *name)
{
    struct client *client = client_open(world);

    client_say(client,
               "{'action':'hello','id':1,'version':1,'guest':'%s',"
               "'key':'key-of-%s'}",
               name, name);
    world_run(world);
    return client;
}

/* ---- mentions ---- */

static void a_mention_counts_for_members(void **state)
{
    struct scene scene = set_up();
    struct client *other;

    (void)state;
    mention(scene.ann, "m", "'2','3','99'");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'message','seq':3,"
                             "'mentions':['2','3','99']}");
    other = sign_in(scene.world, "bob");
    client_expect(other, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                         "'unread':1,'mentions':1}]}}");
    client_do(scene.eve, "{'action':'join','room':'lobby','key':'j'}");
    client_close(scene.eve);
    scene.eve = sign_in(scene.world, "eve");
    client_expect(scene.eve, "{'reply':1,'ok':{'rooms':[{'mentions':0}]}}");
    client_close(other);
    tear_down(&scene);
}

/* Who is a member is judged where the message comes to the log. */
static void a_mention_in_the_batch_of_a_join_and_a_leave(void **state)
{
    struct scene scene = set_up();

    (void)state;
    mention(scene.ann, "m1", "'3'");
    client_say(scene.eve, "{'action':'join','room':'lobby','key':'j',"
                          "'limit':0}");
    mention(scene.ann, "m2", "'3','2'");
    client_say(scene.bob, "{'action':'leave','room':'lobby','key':'l'}");
    mention(scene.ann, "m3", "'2'");
    world_run(scene.world);
    client_close(scene.eve);
    scene.eve = sign_in(scene.world, "eve");
    client_expect(scene.eve, "{'reply':1,'ok':{'rooms':[{'mentions':1}]}}");
    client_close(scene.bob);
    client_say(scene.ann, "{'action':'read','id':5,'room':'lobby','seq':1}");
    scene.bob = sign_in(scene.world, "bob");
    client_expect(scene.bob, "{'reply':1,'ok':{'rooms':[]}}");
    tear_down(&scene);
}

static void reading_takes_mentions_away(void **state)
{
    struct scene scene = set_up();
    struct client *other = sign_in(scene.world, "bob");

    (void)state;
    client_skip(other);
    for (int i = 0; i < 3; i++) {
        char key[] = {'m', (char)('0' + i), '\0'};

        mention(scene.ann, key, "'2'");
    }
    world_run(scene.world);
    client_skip(scene.bob);
    client_skip(other);
    client_say(scene.bob, "{'action':'read','id':2,'room':'lobby','seq':4}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':2,'ok':{'seq':4,'unread':1,"
                             "'mentions':1}}");
    client_expect(other, "{'event':'read','room':'lobby','read':4,'unread':1,"
                         "'mentions':1}");
    client_expect_nothing(scene.bob);
    client_say(scene.bob, "{'action':'read','id':3,'room':'lobby','seq':9}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':3,'ok':{'seq':5,'unread':0,"
                             "'mentions':0}}");
    client_expect(other, "{'event':'read','mentions':0}");
    client_close(other);
    tear_down(&scene);
}

/* The store counted before the mention, and says so after it. */
static void a_mention_during_a_read_is_counted(void **state)
{
    struct scene scene = set_up();
    struct client *other = sign_in(scene.world, "bob");

    (void)state;
    client_skip(other);
    client_say(scene.bob, "{'action':'read','id':2,'room':'lobby','seq':2}");
    fake_store_execute(scene.world->store, 0);
    mention(scene.ann, "m", "'2'");
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':2,'ok':{'unread':1,'mentions':1}}");
    client_close(other);
    other = sign_in(scene.world, "bob");
    client_expect(other, "{'reply':1,'ok':{'rooms':[{'mentions':1}]}}");
    client_close(other);
    tear_down(&scene);
}

static void a_mention_is_part_of_the_body(void **state)
{
    struct scene scene = set_up();

    (void)state;
    mention(scene.ann, "m", "'2'");
    world_run(scene.world);
    client_skip(scene.ann);
    client_say(scene.ann, "{'action':'send','id':1,'room':'lobby','key':'m',"
                          "'text':'x','mentions':['2']}");
    client_say(scene.ann, "{'action':'send','id':2,'room':'lobby','key':'m',"
                          "'text':'x','mentions':['3']}");
    client_say(scene.ann, "{'action':'send','id':3,'room':'lobby','key':'m',"
                          "'text':'x'}");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':1,'ok':{'seq':3,'dup':true}}");
    client_expect(scene.ann, "{'reply':2,'error':{'code':'key_conflict'}}");
    client_expect(scene.ann, "{'reply':3,'error':{'code':'key_conflict'}}");
    tear_down(&scene);
}

/* ---- members ---- */

static void members_are_listed_with_role_and_presence(void **state)
{
    struct scene scene = set_up();

    (void)state;
    client_do(scene.ann, "{'action':'join','room':'den','key':'j',"
                         "'create':true}");
    client_do(scene.bob, "{'action':'join','room':'den','key':'j'}");
    client_do(scene.ann, "{'action':'invite','room':'den','key':'i',"
                         "'user':'3'}");
    client_say(scene.bob, "{'action':'members','id':2,'room':'den'}");
    world_run(scene.world);
    client_skip(scene.ann);
    client_expect(scene.bob, "{'event':'invite'}");
    client_expect(scene.bob,
                  "{'reply':2,'ok':{'members':[{'id':'1','name':'ann',"
                  "'role':'owner','presence':'online'},{'id':'2',"
                  "'role':'member','presence':'online'}],'more':null}}");
    client_say(scene.ann, "{'action':'members','id':3,'room':'den',"
                          "'after':'1'}");
    client_say(scene.ann, "{'action':'members','id':4,'room':'den',"
                          "'list':'invited'}");
    client_say(scene.ann, "{'action':'members','id':5,'room':'den',"
                          "'list':'banned'}");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':3,'ok':{'members':[{'id':'2'}]}}");
    client_expect(scene.ann, "{'reply':4,'ok':{'members':[{'id':'3',"
                             "'name':'eve','role':null}]}}");
    client_expect(scene.ann, "{'reply':5,'ok':{'members':[]}}");
    tear_down(&scene);
}

static void more_than_a_page_of_members(void **state)
{
    struct world *world = world_new();
    struct client *clients[101];

    (void)state;
    for (int i = 0; i < 101; i++) {
        char name[8] = {'u', (char)('A' + i / 10), (char)('0' + i % 10), '\0'};

        clients[i] = member(world, name);
    }
    client_skip(clients[0]);
    client_say(clients[0], "{'action':'members','id':2,'room':'lobby'}");
    client_say(clients[0], "{'action':'members','id':3,'room':'lobby',"
                           "'after':'100'}");
    fake_store_fail_next(world->store, FAKE_LIST_MEMBERS, CHAT__STORE_BUSY);
    fake_store_complete(world->store, 1);
    world_run(world);
    client_expect(clients[0], "{'reply':3,'error':{'code':'busy'}}");
    client_expect(clients[0], "{'reply':2,'ok':{'more':true}}");
    client_say(clients[0], "{'action':'members','id':4,'room':'lobby',"
                           "'after':'100'}");
    world_run(world);
    client_expect(clients[0], "{'reply':4,'ok':{'members':[{'id':'101'}],"
                              "'more':null}}");
    /* All go before it is answered. */
    client_say(clients[0], "{'action':'members','id':5,'room':'lobby'}");
    for (int i = 0; i < 101; i++)
        client_close(clients[i]);
    world_free(world);
}

/* ---- invitations in hello ---- */

static void make(struct client *client, const char *room)
{
    client_do(client, "{'action':'join','room':'%s','key':'j','create':true}",
              room);
}

static void invite(struct client *client, const char *room, const char *key)
{
    client_do(client, "{'action':'invite','room':'%s','key':'%s','user':'3'}",
              room, key);
}

/* From the store, and from memory while another connection is there. */
static void hello_lists_invitations_by_name(void **state)
{
    struct scene scene = set_up();
    struct client *other;

    (void)state;
    make(scene.ann, "b");
    make(scene.bob, "a");
    invite(scene.ann, "b", "i");
    invite(scene.bob, "a", "i");
    for (int i = 0; i < 2; i++) {
        other = sign_in(scene.world, "eve");
        client_expect(other, "{'reply':1,'ok':{'rooms':[],'invites':["
                             "{'room':'a','by':{'id':'2','name':'bob'}},"
                             "{'room':'b','by':{'id':'1'}}]}}");
        client_close(scene.eve);
        scene.eve = other;
        if (i == 0)
            continue;
        client_do(scene.eve, "{'action':'join','room':'a','key':'j'}");
        client_do(scene.ann, "{'action':'kick','room':'b','key':'k',"
                             "'user':'3'}");
        other = sign_in(scene.world, "eve");
        client_expect(other, "{'reply':1,'ok':{'rooms':[{'room':'a'}],"
                             "'invites':[]}}");
        client_close(other);
    }
    tear_down(&scene);
}

static void hello_lists_a_hundred_invitations(void **state)
{
    struct scene scene = set_up();
    struct client *other;

    (void)state;
    for (int i = 101; i >= 0; i--) {
        char room[] = {'r', (char)('0' + i / 100), (char)('0' + i / 10 % 10),
                       (char)('0' + i % 10), '\0'};

        make(scene.ann, room);
        invite(scene.ann, room, "i");
    }
    other = sign_in(scene.world, "eve");
    client_say(other, "{'action':'leave','id':2,'room':'r000','key':'l'}");
    world_run(scene.world);
    assert_non_null(strstr(client_next(other), "\"r099\""));
    client_expect(other, "{'reply':2,'ok':{}}");
    client_close(other);
    other = sign_in(scene.world, "eve");
    assert_null(strstr(client_next(other), "\"r000\""));
    client_close(other);
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mention_counts_for_members),
        cmocka_unit_test(a_mention_in_the_batch_of_a_join_and_a_leave),
        cmocka_unit_test(reading_takes_mentions_away),
        cmocka_unit_test(a_mention_during_a_read_is_counted),
        cmocka_unit_test(a_mention_is_part_of_the_body),
        cmocka_unit_test(members_are_listed_with_role_and_presence),
        cmocka_unit_test(more_than_a_page_of_members),
        cmocka_unit_test(hello_lists_invitations_by_name),
        cmocka_unit_test(hello_lists_a_hundred_invitations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
