/*
 * invite, kick, ban, role, topic: what the room's log, the user whom it is
 * about, and requests in the same batch make of it.
 */
#include "tests/core/world.h"

static void join(struct client *client)
{
    client_do(client, "{'action':'join','room':'den','key':'j'}");
}

static void say(struct client *client, int id, const char *action, int user,
                const char *more)
{
    client_say(client,
               "{'action':'%s','id':%d,'room':'den','key':'%s%d','user':'%d'"
               "%s}",
               action, id, action, id, user, more);
}

static void say_send(struct client *client, int id)
{
    client_say(client,
               "{'action':'send','id':%d,'room':'den','key':'s%d',"
               "'text':'x'}",
               id, id);
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

static void expect_nothing_done(struct client *client, int id)
{
    client_expect(client, "{'reply':%d,'ok':{'seq':0,'ts':0,'dup':null}}", id);
}

/* ann (user 1) owns the public `den`; bob (2) and eve (3) are in the world. */
struct scene {
    struct world *world;
    struct client *ann;
    struct client *bob;
    struct client *eve;
};

static struct scene set_up(bool private_room)
{
    struct scene scene = {.world = world_new()};

    scene.ann = client_hello(scene.world, "ann");
    scene.bob = client_hello(scene.world, "bob");
    scene.eve = client_hello(scene.world, "eve");
    client_do(scene.ann,
              "{'action':'join','room':'den','key':'j','create':true,"
              "'private':%s}",
              private_room ? "true" : "false");
    return scene;
}

static void tear_down(struct scene *scene)
{
    if (scene->ann != NULL)
        client_close(scene->ann);
    if (scene->bob != NULL)
        client_close(scene->bob);
    if (scene->eve != NULL)
        client_close(scene->eve);
    world_free(scene->world);
}

static void skip_all(struct scene *scene)
{
    client_skip(scene->ann);
    client_skip(scene->bob);
    client_skip(scene->eve);
}

/* Holds the room's append, with everything after it in one batch. */
static void hold(struct scene *scene)
{
    say_send(scene->ann, 99);
    assert_int_equal(fake_store_kind(scene->world->store, 0), FAKE_APPEND);
}

static void look_up_users(struct scene *scene, int count)
{
    for (int i = 0; i < count; i++)
        fake_store_complete_kind(scene->world->store, FAKE_FIND_USER);
}

/* ---- what the user is told ---- */

static void one_who_is_kicked_gets_that_entry_and_no_more(void **state)
{
    struct scene scene = set_up(false);
    struct client *other = client_hello(scene.world, "bob");

    (void)state;
    join(scene.bob);
    join(scene.eve);
    skip_all(&scene);
    client_skip(other);
    say(scene.ann, 1, "kick", 2, ",'reason':'too loud'");
    world_run(scene.world);
    say_send(scene.eve, 2);
    world_run(scene.world);
    client_expect(scene.ann,
                  "{'event':'kick','room':'den','seq':4,"
                  "'from':{'id':'1','name':'ann'},'key':'kick1',"
                  "'user':{'id':'2','name':'bob'},'reason':'too loud'}");
    expect_seq(scene.ann, 1, 4);
    for (int i = 0; i < 2; i++) {
        struct client *client = i == 0 ? scene.bob : other;

        client_expect(client, "{'event':'kick','seq':4}");
        client_expect(client,
                      "{'event':'membership','room':'den','epoch':'%s',"
                      "'head':4,'state':'removed','by':{'id':'1',"
                      "'name':'ann'}}",
                      fake_store_epoch(scene.world->store, "den"));
        client_expect_nothing(client);
    }
    client_expect(scene.eve, "{'event':'kick','seq':4}");
    say_send(scene.bob, 3);
    world_run(scene.world);
    expect_error(scene.bob, 3, "forbidden");
    client_close(other);
    tear_down(&scene);
}

static void one_who_is_banned_comes_back_only_when_it_is_lifted(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    say(scene.ann, 1, "ban", 2, ",'on':true,'reason':'spam'");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'ban','seq':3,'on':true,"
                             "'reason':'spam','user':{'id':'2'}}");
    client_expect(scene.bob, "{'event':'membership','state':'removed',"
                             "'by':{'id':'1'}}");
    client_say(scene.bob, "{'action':'join','id':2,'room':'den','key':'b'}");
    world_run(scene.world);
    expect_error(scene.bob, 2, "forbidden");
    say(scene.ann, 3, "ban", 2, ",'on':false");
    world_run(scene.world);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_NONE);
    client_expect_nothing(scene.bob);
    client_say(scene.bob, "{'action':'join','id':4,'room':'den','key':'b'}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':4,'ok':{'role':'member','members':2}}");
    tear_down(&scene);
}

static void an_invitation_is_told_joined_declined_and_taken_back(void **state)
{
    struct scene scene = set_up(true);
    struct client *other = client_hello(scene.world, "bob");

    (void)state;
    say(scene.ann, 1, "invite", 2, "");
    world_run(scene.world);
    expect_seq(scene.ann, 1, 2);
    client_expect(scene.ann, "{'event':'invite','seq':2,'user':{'id':'2',"
                             "'name':'bob'}}");
    client_expect(scene.bob, "{'event':'membership','room':'den','head':2,"
                             "'state':'invited','by':{'id':'1',"
                             "'name':'ann'}}");
    client_expect(other, "{'event':'membership','state':'invited'}");
    client_expect_nothing(scene.bob);
    client_say(scene.bob, "{'action':'join','id':2,'room':'den','key':'j'}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':2,'ok':{'role':'member','members':2}}");
    client_expect(other, "{'event':'membership','state':'joined','head':3}");
    client_do(scene.bob, "{'action':'leave','room':'den','key':'l'}");
    client_skip(other);
    /* Declined: told to the other connection only. */
    say(scene.ann, 3, "invite", 2, "");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'membership','state':'invited'}");
    client_expect(other, "{'event':'membership','state':'invited'}");
    client_say(scene.bob, "{'action':'leave','id':4,'room':'den','key':'m'}");
    world_run(scene.world);
    expect_seq(scene.bob, 4, 6);
    client_expect(other, "{'event':'membership','state':'left','head':6}");
    client_expect_nothing(scene.bob);
    client_expect_nothing(other);
    /* Taken back. */
    say(scene.ann, 5, "invite", 2, "");
    say(scene.ann, 6, "kick", 2, "");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'membership','state':'invited'}");
    client_expect(scene.bob, "{'event':'membership','state':'removed',"
                             "'by':{'id':'1'},'head':8}");
    client_say(scene.bob, "{'action':'join','id':7,'room':'den','key':'n'}");
    world_run(scene.world);
    expect_error(scene.bob, 7, "not_found");
    client_close(other);
    tear_down(&scene);
}

static void roles_and_topics_are_entries(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    say(scene.ann, 1, "role", 2, ",'role':'moderator'");
    client_say(scene.ann, "{'action':'topic','id':2,'room':'den','key':'t',"
                          "'topic':'first'}");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'role','seq':3,'user':{'id':'2',"
                             "'name':'bob'},'role':'moderator'}");
    client_expect(scene.bob, "{'event':'topic','seq':4,'topic':'first'}");
    client_expect_nothing(scene.bob);
    client_say(scene.bob, "{'action':'join','id':3,'room':'den','key':'x'}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':3,'ok':{'role':'moderator',"
                             "'topic':'first'}}");
    client_do(scene.bob, "{'action':'topic','room':'den','key':'t',"
                         "'topic':''}");
    client_say(scene.bob, "{'action':'join','id':4,'room':'den','key':'x'}");
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':4,'ok':{'topic':null}}");
    client_do(scene.bob, "{'action':'topic','room':'den','key':'u',"
                         "'topic':'last'}");
    skip_all(&scene);
    client_close(scene.ann);
    client_close(scene.bob);
    client_close(scene.eve);
    world_restart(scene.world);
    scene.ann = client_hello(scene.world, "ann");
    scene.bob = scene.eve = NULL;
    client_say(scene.ann, "{'action':'join','id':5,'room':'den','key':'x'}");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':5,'ok':{'topic':'last',"
                             "'role':'owner','members':2}}");
    tear_down(&scene);
}

/* ---- in one batch ---- */

static void what_is_sent_behind_a_kick_is_refused(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    hold(&scene);
    say_send(scene.bob, 1);
    say(scene.ann, 2, "kick", 2, "");
    look_up_users(&scene, 1);
    say_send(scene.bob, 3);
    client_say(scene.bob, "{'action':'history','id':4,'room':'den',"
                          "'before':9}");
    world_run(scene.world);
    /* The page came back before the kick was in the log. */
    client_expect(scene.bob, "{'reply':4,'ok':{}}");
    client_expect(scene.bob, "{'event':'message','seq':3}");
    client_expect(scene.bob, "{'event':'message','seq':4}");
    client_expect(scene.bob, "{'event':'kick','seq':5}");
    client_expect(scene.bob, "{'event':'membership','state':'removed'}");
    expect_seq(scene.bob, 1, 4);
    expect_error(scene.bob, 3, "forbidden");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void two_owners_demote_each_other(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    say(scene.ann, 1, "role", 2, ",'role':'owner'");
    world_run(scene.world);
    skip_all(&scene);
    hold(&scene);
    say(scene.ann, 2, "role", 2, ",'role':'member'");
    say(scene.bob, 3, "role", 1, ",'role':'member'");
    look_up_users(&scene, 2);
    world_run(scene.world);
    client_skip(scene.ann);
    assert_int_equal(fake_store_role(scene.world->store, "den", 1),
                     CHAT__ROLE_OWNER);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_MEMBER);
    expect_error(scene.bob, 3, "forbidden");
    client_expect(scene.bob, "{'event':'message','seq':4}");
    client_expect(scene.bob, "{'event':'role','seq':5}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void the_last_owner_stays_one(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    say(scene.ann, 1, "role", 1, ",'role':'member'");
    world_run(scene.world);
    client_expect(scene.ann, "{'event':'join'}");
    expect_error(scene.ann, 1, "bad_request");
    say(scene.ann, 2, "role", 2, ",'role':'owner'");
    world_run(scene.world);
    skip_all(&scene);
    /* Both at once: one of them stays. */
    hold(&scene);
    say(scene.ann, 3, "role", 1, ",'role':'member'");
    say(scene.bob, 4, "role", 2, ",'role':'moderator'");
    look_up_users(&scene, 2);
    world_run(scene.world);
    expect_error(scene.bob, 4, "bad_request");
    client_expect(scene.bob, "{'event':'message'}");
    client_expect(scene.bob, "{'event':'role'}");
    client_expect_nothing(scene.bob);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_OWNER);
    tear_down(&scene);
}

static void a_ban_and_a_join_at_once(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    hold(&scene);
    say(scene.ann, 1, "ban", 2, ",'on':true");
    look_up_users(&scene, 1);
    client_say(scene.bob, "{'action':'join','id':2,'room':'den','key':'j'}");
    client_say(scene.eve, "{'action':'join','id':3,'room':'den','key':'j'}");
    say(scene.ann, 4, "ban", 3, ",'on':true");
    look_up_users(&scene, 1);
    world_run(scene.world);
    expect_error(scene.bob, 2, "forbidden");
    client_expect_nothing(scene.bob);
    /* The join was first; its page came too late. */
    client_expect(scene.eve, "{'event':'membership','state':'removed',"
                             "'by':{'name':'ann'}}");
    expect_error(scene.eve, 3, "forbidden");
    client_expect_nothing(scene.eve);
    assert_int_equal(fake_store_role(scene.world->store, "den", 3),
                     CHAT__ROLE_BANNED);
    tear_down(&scene);
}

static void invite_join_and_kick_in_one_batch(void **state)
{
    struct scene scene = set_up(true);

    (void)state;
    hold(&scene);
    say(scene.ann, 1, "invite", 2, "");
    look_up_users(&scene, 1);
    client_say(scene.bob, "{'action':'join','id':2,'room':'den','key':'j',"
                          "'limit':0}");
    say(scene.ann, 3, "invite", 2, "");
    look_up_users(&scene, 1);
    say(scene.ann, 4, "kick", 2, "");
    look_up_users(&scene, 1);
    client_say(scene.bob, "{'action':'join','id':5,'room':'den','key':'k'}");
    world_run(scene.world);
    client_skip(scene.ann);
    client_expect(scene.bob, "{'event':'membership','state':'invited'}");
    client_skip(scene.bob);
    assert_int_equal(fake_store_head(scene.world->store, "den"), 5);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_NONE);
    tear_down(&scene);
}

/* A refusal that leans on a ban of the same batch waits until it is there. */
static void what_a_failed_ban_would_have_refused_is_done(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.eve);
    skip_all(&scene);
    hold(&scene);
    say(scene.ann, 1, "ban", 2, ",'on':true");
    say(scene.eve, 2, "invite", 2, "");
    look_up_users(&scene, 2);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    assert_int_equal(fake_store_waiting(scene.world->store), 1);
    assert_int_equal(fake_store_append_count(scene.world->store), 1);
    fake_store_fail_next(scene.world->store, FAKE_APPEND, CHAT__STORE_FAILED);
    world_run(scene.world);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_INVITED);
    client_expect(scene.bob, "{'event':'membership','state':'invited',"
                             "'by':{'name':'eve'}}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

/* ---- keys ---- */

static void repeated_requests_get_their_entries(void **state)
{
    static const char *const requests[] = {
        "'action':'invite','user':'3'",
        "'action':'role','user':'2','role':'moderator'",
        "'action':'topic','topic':'x'",
        "'action':'kick','user':'2','reason':'r'",
        "'action':'ban','user':'2','on':true",
        "'action':'ban','user':'2','on':false",
    };
    static const char *const others[] = {
        "'action':'invite','user':'2'",
        "'action':'role','user':'2','role':'owner'",
        "'action':'topic','topic':'y'",
        "'action':'kick','user':'2'",
        "'action':'ban','user':'2','on':true,'reason':'s'",
        "'action':'kick','user':'2'",
    };
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    for (int i = 0; i < 6; i++) {
        client_do(scene.ann, "{'id':%d,'room':'den','key':'k%d',%s}", i, i,
                  requests[i]);
        assert_int_equal(fake_store_head(scene.world->store, "den"), 3 + i);
    }
    /* Also when ann may not do it any more. */
    client_do(scene.ann, "{'action':'leave','room':'den','key':'l'}");
    for (int i = 0; i < 6; i++) {
        client_say(scene.ann, "{'id':%d,'room':'den','key':'k%d',%s}", i, i,
                   requests[i]);
        world_run(scene.world);
        client_expect(scene.ann, "{'reply':%d,'ok':{'seq':%d,'dup':true}}", i,
                      3 + i);
        client_say(scene.ann, "{'id':%d,'room':'den','key':'k%d',%s}", i, i,
                   others[i]);
        world_run(scene.world);
        expect_error(scene.ann, i, "key_conflict");
    }
    assert_int_equal(fake_store_head(scene.world->store, "den"), 9);
    tear_down(&scene);
}

static void what_is_so_already_makes_no_entry(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    say(scene.ann, 1, "invite", 2, "");
    say(scene.ann, 2, "role", 2, ",'role':'member'");
    say(scene.ann, 3, "kick", 3, "");
    say(scene.ann, 4, "ban", 3, ",'on':false");
    world_run(scene.world);
    for (int id = 1; id <= 4; id++)
        expect_nothing_done(scene.ann, id);
    assert_int_equal(fake_store_head(scene.world->store, "den"), 2);
    tear_down(&scene);
}

/* ---- the store fails, the client goes ---- */

static void a_failed_look_is_refused_and_can_be_repeated(void **state)
{
    static const enum chat__store_result results[] = {CHAT__STORE_BUSY,
                                                      CHAT__STORE_FAILED};
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    for (int i = 0; i < 2; i++) {
        fake_store_fail_next(scene.world->store, FAKE_FIND_USER, results[i]);
        say(scene.ann, 1, "kick", 2, "");
        world_run(scene.world);
        expect_error(scene.ann, 1, i == 0 ? "busy" : "storage");
        fake_store_fail_next(scene.world->store, FAKE_APPEND, results[i]);
        say(scene.ann, 1, "kick", 2, "");
        world_run(scene.world);
        expect_error(scene.ann, 1, i == 0 ? "busy" : "storage");
    }
    client_expect_nothing(scene.bob);
    say(scene.ann, 1, "kick", 2, "");
    world_run(scene.world);
    client_expect(scene.ann, "{'event':'kick','seq':3}");
    expect_seq(scene.ann, 1, 3);
    tear_down(&scene);
}

static void a_conflict_is_judged_anew(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    fake_store_leave_foreign(scene.world->store, "den", 2, WALL_MS);
    say(scene.ann, 1, "kick", 2, "");
    say(scene.ann, 2, "ban", 2, ",'on':true");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'leave','seq':3}");
    client_expect(scene.bob, "{'event':'membership','state':'left'}");
    client_expect(scene.ann, "{'event':'leave','seq':3}");
    client_skip(scene.ann);
    client_expect_nothing(scene.bob);
    assert_int_equal(fake_store_head(scene.world->store, "den"), 4);
    assert_int_equal(fake_store_role(scene.world->store, "den", 2),
                     CHAT__ROLE_BANNED);
    tear_down(&scene);
}

/* Both go at any of the steps; it is done all the same. */
static void clients_that_go_at_any_step(void **state)
{
    (void)state;
    for (int step = 0; step < 4; step++) {
        struct scene scene = set_up(false);

        join(scene.bob);
        say(scene.ann, 1, "kick", 2, "");
        for (int i = 0; i < step && fake_store_waiting(scene.world->store) > 0;
             i++)
            fake_store_complete(scene.world->store, 0);
        client_close(scene.ann);
        client_close(scene.bob);
        scene.ann = scene.bob = NULL;
        world_run(scene.world);
        assert_int_equal(fake_store_head(scene.world->store, "den"), 3);
        assert_false(fake_store_is_member(scene.world->store, "den", 2));
        tear_down(&scene);
    }
}

/* Kicked while the room's entries are still on their way to bob. */
static void a_kick_during_a_catch_up_comes_last(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    scene.world->frame_fails = true;
    say_send(scene.ann, 1);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    chat__core_flush(scene.world->core);
    scene.world->frame_fails = false;
    assert_int_equal(fake_store_kind(scene.world->store, 0), FAKE_READ_LOG);
    say(scene.ann, 2, "kick", 2, "");
    fake_store_complete_kind(scene.world->store, FAKE_FIND_USER);
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    client_close(scene.ann);
    scene.ann = NULL;
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'message','seq':3}");
    client_expect(scene.bob, "{'event':'kick','seq':4}");
    client_expect(scene.bob, "{'event':'membership','state':'removed',"
                             "'by':{'name':'ann'}}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void a_page_asked_for_before_a_kick_is_not_sent_after_it(void **state)
{
    struct scene scene = set_up(false);

    (void)state;
    join(scene.bob);
    skip_all(&scene);
    say(scene.ann, 1, "kick", 2, "");
    fake_store_complete_kind(scene.world->store, FAKE_FIND_USER);
    client_say(scene.bob, "{'action':'history','id':2,'room':'den',"
                          "'before':9}");
    client_say(scene.bob, "{'action':'members','id':3,'room':'den'}");
    fake_store_complete_kind(scene.world->store, FAKE_APPEND);
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'kick'}");
    client_expect(scene.bob, "{'event':'membership','state':'removed'}");
    expect_error(scene.bob, 2, "forbidden");
    expect_error(scene.bob, 3, "forbidden");
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_who_is_kicked_gets_that_entry_and_no_more),
        cmocka_unit_test(one_who_is_banned_comes_back_only_when_it_is_lifted),
        cmocka_unit_test(an_invitation_is_told_joined_declined_and_taken_back),
        cmocka_unit_test(roles_and_topics_are_entries),
        cmocka_unit_test(what_is_sent_behind_a_kick_is_refused),
        cmocka_unit_test(two_owners_demote_each_other),
        cmocka_unit_test(the_last_owner_stays_one),
        cmocka_unit_test(a_ban_and_a_join_at_once),
        cmocka_unit_test(invite_join_and_kick_in_one_batch),
        cmocka_unit_test(what_a_failed_ban_would_have_refused_is_done),
        cmocka_unit_test(repeated_requests_get_their_entries),
        cmocka_unit_test(what_is_so_already_makes_no_entry),
        cmocka_unit_test(a_failed_look_is_refused_and_can_be_repeated),
        cmocka_unit_test(a_conflict_is_judged_anew),
        cmocka_unit_test(clients_that_go_at_any_step),
        cmocka_unit_test(a_kick_during_a_catch_up_comes_last),
        cmocka_unit_test(a_page_asked_for_before_a_kick_is_not_sent_after_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
