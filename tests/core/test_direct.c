/*
 * dm: the room of two users, whoever of them asks, at once or again; and the
 * one who is brought into it without having asked.
 */
#include "tests/core/world.h"

static void say_dm(struct client *client, int id, int user)
{
    client_say(client, "{'action':'dm','id':%d,'user':'%d','key':'d%d'}", id,
               user, id);
}

static void expect_error(struct client *client, int id, const char *code)
{
    client_expect(client, "{'reply':%d,'ok':null,'error':{'code':'%s'}}", id,
                  code);
}

/* ann is user 1, bob is user 2. */
struct scene {
    struct world *world;
    struct client *ann;
    struct client *bob;
};

static struct scene set_up(void)
{
    struct scene scene = {.world = world_new()};

    scene.ann = client_hello(scene.world, "ann");
    scene.bob = client_hello(scene.world, "bob");
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

static void both_are_members_at_once(void **state)
{
    struct scene scene = set_up();
    struct client *other = client_hello(scene.world, "ann");

    (void)state;
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    client_expect(scene.ann,
                  "{'reply':1,'ok':{'room':'dm.1.2','members':2,"
                  "'role':'member','entries':[{'event':'join','seq':1,"
                  "'from':{'id':'1'},'with':{'id':'2','name':'bob'}}],"
                  "'changes':[],'head':1}}");
    client_expect_nothing(scene.ann);
    client_expect(other, "{'event':'membership','room':'dm.1.2','head':1,"
                         "'state':'joined'}");
    client_expect(scene.bob, "{'event':'membership','room':'dm.1.2',"
                             "'head':1,'state':'joined','by':null,"
                             "'read':1,'unread':0}");
    client_do(scene.bob, "{'action':'send','room':'dm.1.2','key':'s',"
                         "'text':'hi'}");
    client_expect(scene.ann, "{'event':'message','seq':2}");
    client_expect(other, "{'event':'message','seq':2}");
    client_close(other);
    tear_down(&scene);
}

static void again_it_makes_no_entry(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    client_skip(scene.ann);
    client_skip(scene.bob);
    say_dm(scene.ann, 1, 2);
    say_dm(scene.ann, 2, 2);
    client_say(scene.bob, "{'action':'dm','id':3,'user':'1','key':'d3',"
                          "'limit':0}");
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':1,'ok':{'head':1}}");
    client_expect(scene.ann, "{'reply':2,'ok':{'head':1}}");
    client_expect(scene.bob, "{'reply':3,'ok':{'room':'dm.1.2','head':1,"
                             "'entries':[]}}");
    assert_int_equal(fake_store_head(scene.world->store, "dm.1.2"), 1);
    tear_down(&scene);
}

static void from_both_sides_at_once_it_is_one_room(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_dm(scene.ann, 1, 2);
    say_dm(scene.bob, 2, 1);
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':1,'ok':{'head':1,'members':2}}");
    client_expect(scene.bob, "{'event':'membership','state':'joined'}");
    client_expect(scene.bob, "{'reply':2,'ok':{'head':1,'members':2}}");
    assert_int_equal(fake_store_head(scene.world->store, "dm.1.2"), 1);
    client_do(scene.ann, "{'action':'send','room':'dm.1.2','key':'s',"
                         "'text':'hi'}");
    client_expect(scene.bob, "{'event':'message','seq':2}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void one_who_left_is_brought_back(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    client_do(scene.bob, "{'action':'leave','room':'dm.1.2','key':'l'}");
    client_skip(scene.ann);
    client_say(scene.bob, "{'action':'join','id':2,'room':'dm.1.2',"
                          "'key':'j'}");
    world_run(scene.world);
    expect_error(scene.bob, 2, "not_found");
    say_dm(scene.ann, 3, 2);
    world_run(scene.world);
    client_expect(scene.ann, "{'event':'join','seq':3,'from':{'id':'1'},"
                             "'with':{'id':'2'}}");
    client_expect(scene.ann, "{'reply':3,'ok':{'head':3,'members':2}}");
    client_expect(scene.bob, "{'event':'membership','room':'dm.1.2',"
                             "'state':'joined','head':3}");
    /* And by the own dm. */
    client_do(scene.bob, "{'action':'leave','room':'dm.1.2','key':'m'}");
    say_dm(scene.bob, 4, 1);
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':4,'ok':{'head':5,'members':2}}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

static void a_repeated_dm_after_one_has_left(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    client_do(scene.ann, "{'action':'leave','room':'dm.1.2','key':'l'}");
    client_skip(scene.ann);
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    expect_error(scene.ann, 1, "forbidden");
    assert_int_equal(fake_store_head(scene.world->store, "dm.1.2"), 2);
    tear_down(&scene);
}

static void failures_of_the_store_leave_nothing(void **state)
{
    static const enum fake_kind kinds[] = {FAKE_OPEN_ROOM, FAKE_FIND_USER,
                                           FAKE_APPEND};
    struct scene scene = set_up();

    (void)state;
    for (int i = 0; i < 3; i++) {
        fake_store_fail_next(scene.world->store, kinds[i], CHAT__STORE_FAILED);
        say_dm(scene.ann, 1, 2);
        world_run(scene.world);
        expect_error(scene.ann, 1, "storage");
    }
    client_expect_nothing(scene.bob);
    fake_store_fail_next(scene.world->store, FAKE_READ_LOG, CHAT__STORE_BUSY);
    say_dm(scene.ann, 2, 2);
    world_run(scene.world);
    expect_error(scene.ann, 2, "busy");
    say_dm(scene.ann, 2, 2);
    world_run(scene.world);
    client_expect(scene.ann, "{'reply':2,'ok':{'head':1}}");
    tear_down(&scene);
}

static void clients_that_go_at_any_step(void **state)
{
    (void)state;
    for (int step = 0; step < 4; step++) {
        struct scene scene = set_up();

        say_dm(scene.ann, 1, 2);
        for (int i = 0; i < step; i++)
            fake_store_complete(scene.world->store, 0);
        client_close(scene.ann);
        client_close(scene.bob);
        scene.ann = scene.bob = NULL;
        world_run(scene.world);
        assert_int_equal(fake_store_head(scene.world->store, "dm.1.2"), 1);
        assert_true(fake_store_is_member(scene.world->store, "dm.1.2", 2));
        tear_down(&scene);
    }
}

static void
one_with_five_hundred_rooms_is_not_brought_into_another(void **state)
{
    struct scene scene = set_up();

    (void)state;
    for (int i = 0; i < 500; i++)
        client_do(scene.bob,
                  "{'action':'join','room':'r%d','key':'j','create':true,"
                  "'limit':0}",
                  i);
    say_dm(scene.ann, 1, 2);
    say_dm(scene.bob, 2, 1);
    world_run(scene.world);
    expect_error(scene.ann, 1, "too_large");
    expect_error(scene.bob, 2, "too_large");

    /* Also not while he is away. */
    client_close(scene.bob);
    scene.bob = NULL;
    world_advance(scene.world, CHAT__PRESENCE_OFFLINE_MS);
    world_run(scene.world);
    client_skip(scene.ann);
    say_dm(scene.ann, 3, 2);
    world_run(scene.world);
    expect_error(scene.ann, 3, "too_large");
    tear_down(&scene);
}

/* ---- while a sign-in is in flight ---- */

static void say_hello(struct client *client)
{
    client_say(client, "{'action':'hello','id':1,'version':1,'guest':'bob',"
                       "'key':'key-of-bob'}");
}

/* Everything but the first job, which stays done and untold. */
static void run_the_others(struct world *world)
{
    while (fake_store_waiting(world->store) > 1)
        fake_store_complete(world->store, 1);
    chat__core_flush(world->core);
}

/* Nobody here knows bob any more. */
static void forget_bob(struct scene *scene)
{
    client_close(scene->bob);
    scene->bob = NULL;
    world_run(scene->world);
    world_advance(scene->world, CHAT__PRESENCE_OFFLINE_MS);
    world_run(scene->world);
    assert_int_equal(chat__core_counts(scene->world->core).users, 1);
}

/* The store has told who bob is; before that is known here, `request`. */
static struct client *sign_in_across(struct scene *scene, const char *request)
{
    struct client *bob;

    forget_bob(scene);
    bob = client_open(scene->world);
    say_hello(bob);
    fake_store_execute(scene->world->store, 0);
    client_say(scene->ann, "%s", request);
    run_the_others(scene->world);
    client_expect_nothing(bob);
    world_run(scene->world);
    scene->bob = bob;
    return bob;
}

static void a_dm_during_a_sign_in_is_in_its_answer(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    bob = sign_in_across(&scene, "{'action':'dm','user':'2','key':'d'}");
    client_expect(bob, "{'reply':1,'ok':{'rooms':[{'room':'dm.1.2',"
                       "'head':1}]}}");
    client_do(scene.ann, "{'action':'send','room':'dm.1.2','key':'s',"
                         "'text':'x'}");
    client_expect(bob, "{'event':'message','seq':2}");
    client_expect_nothing(bob);
    tear_down(&scene);
}

/* ann owns `den`, bob is a member of it. */
static void make_den(struct scene *scene)
{
    client_do(scene->ann, "{'action':'join','room':'den','key':'j',"
                          "'create':true}");
    client_do(scene->bob, "{'action':'join','room':'den','key':'j'}");
}

static void a_kick_during_a_sign_in_is_in_its_answer(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    make_den(&scene);
    bob = sign_in_across(&scene, "{'action':'kick','room':'den','key':'k',"
                                 "'user':'2'}");
    client_expect(bob, "{'reply':1,'ok':{'rooms':[],'invites':[]}}");
    client_do(scene.ann, "{'action':'send','room':'den','key':'s',"
                         "'text':'x'}");
    client_expect_nothing(bob);
    tear_down(&scene);
}

static void a_ban_during_a_sign_in_is_in_its_answer(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    make_den(&scene);
    bob = sign_in_across(&scene, "{'action':'ban','room':'den','key':'k',"
                                 "'user':'2','on':true}");
    client_expect(bob, "{'reply':1,'ok':{'rooms':[]}}");
    tear_down(&scene);
}

static void an_invitation_during_a_sign_in_is_in_its_answer(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    client_do(scene.ann, "{'action':'join','room':'den','key':'j',"
                         "'create':true}");
    bob = sign_in_across(&scene, "{'action':'invite','room':'den','key':'k',"
                                 "'user':'2'}");
    client_expect(bob, "{'reply':1,'ok':{'rooms':[],'invites':[{'room':'den',"
                       "'by':{'id':'1','name':'ann'}}]}}");
    tear_down(&scene);
}

static void a_mention_during_a_sign_in_is_in_its_answer(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    make_den(&scene);
    bob = sign_in_across(&scene, "{'action':'send','room':'den','key':'k',"
                                 "'text':'x','mentions':['2']}");
    client_expect(bob, "{'reply':1,'ok':{'rooms':[{'room':'den','head':3,"
                       "'unread':1,'mentions':1}]}}");
    tear_down(&scene);
}

/* Also what comes between the sign-in and hello's answer. */
static void what_comes_while_rooms_load_is_in_the_answer(void **state)
{
    struct scene scene = set_up();

    (void)state;
    make_den(&scene);
    forget_bob(&scene);
    scene.bob = client_open(scene.world);
    client_say(scene.bob,
               "{'action':'hello','id':1,'version':1,'guest':'bob',"
               "'key':'key-of-bob','resume':[{'room':'den','epoch':'%s',"
               "'seq':1}]}",
               fake_store_epoch(scene.world->store, "den"));
    fake_store_complete_kind(scene.world->store, FAKE_SIGN_IN);
    assert_int_equal(fake_store_kind(scene.world->store, 0), FAKE_READ_LOG);
    client_say(scene.ann, "{'action':'kick','room':'den','key':'k',"
                          "'user':'2'}");
    client_say(scene.ann, "{'action':'dm','user':'2','key':'d'}");
    run_the_others(scene.world);
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':1,'ok':{'rooms':[{'room':'dm.1.2'}]}}");
    client_expect_nothing(scene.bob);
    tear_down(&scene);
}

/* The store did the dm before the sign-in, and told of it after. */
static void sign_in_before_the_dm_is_told(struct scene *scene)
{
    forget_bob(scene);
    scene->bob = client_open(scene->world);
    client_say(scene->ann, "{'action':'dm','user':'2','key':'x','limit':0}");
    while (fake_store_kind(scene->world->store, 0) != FAKE_APPEND)
        fake_store_complete(scene->world->store, 0);
    fake_store_execute(scene->world->store, 0);
    say_hello(scene->bob);
    fake_store_complete_kind(scene->world->store, FAKE_SIGN_IN);
}

static void leave_and_hear_no_more(struct scene *scene)
{
    client_do(scene->bob, "{'action':'leave','room':'dm.1.2','key':'z'}");
    client_do(scene->ann, "{'action':'send','room':'dm.1.2','key':'t',"
                          "'text':'x'}");
    client_expect_nothing(scene->bob);
}

static void a_sign_in_that_overtakes_the_making_of_its_room(void **state)
{
    struct scene scene = set_up();

    (void)state;
    sign_in_before_the_dm_is_told(&scene);
    client_expect(scene.bob, "{'reply':1,'ok':{'rooms':[]}}");
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'membership','room':'dm.1.2',"
                             "'state':'joined','head':1}");
    client_expect_nothing(scene.bob);
    leave_and_hear_no_more(&scene);
    tear_down(&scene);
}

static void a_sign_in_that_overtakes_a_commit(void **state)
{
    struct scene scene = set_up();

    (void)state;
    say_dm(scene.ann, 1, 2);
    world_run(scene.world);
    client_do(scene.bob, "{'action':'leave','room':'dm.1.2','key':'l'}");
    sign_in_before_the_dm_is_told(&scene);
    /* The room denies it, so it is read anew first. */
    client_expect_nothing(scene.bob);
    world_run(scene.world);
    client_expect(scene.bob, "{'reply':1,'ok':{'rooms':[{'room':'dm.1.2',"
                             "'head':3}]}}");
    client_expect_nothing(scene.bob);
    leave_and_hear_no_more(&scene);
    tear_down(&scene);
}

/* ... for another connection of a user who is here. */
static void a_sign_in_that_overtakes_leaves_no_connection_out(void **state)
{
    struct scene scene = set_up();
    struct client *other = client_open(scene.world);

    (void)state;
    client_say(scene.ann, "{'action':'dm','user':'2','key':'x','limit':0}");
    while (fake_store_kind(scene.world->store, 0) != FAKE_APPEND)
        fake_store_complete(scene.world->store, 0);
    fake_store_execute(scene.world->store, 0);
    say_hello(other);
    fake_store_complete_kind(scene.world->store, FAKE_SIGN_IN);
    world_run(scene.world);
    client_expect(scene.bob, "{'event':'membership','room':'dm.1.2',"
                             "'state':'joined','head':1}");
    client_skip(other);
    client_do(scene.ann, "{'action':'send','room':'dm.1.2','key':'s',"
                         "'text':'x'}");
    client_expect(scene.bob, "{'event':'message','seq':2}");
    client_expect(other, "{'event':'message','seq':2}");
    client_expect_nothing(scene.bob);
    client_expect_nothing(other);
    client_close(other);
    tear_down(&scene);
}

static void a_sign_in_that_never_settles_is_busy(void **state)
{
    struct scene scene = set_up();
    struct client *bob;

    (void)state;
    client_do(scene.ann, "{'action':'join','room':'den','key':'j',"
                         "'create':true}");
    forget_bob(&scene);
    bob = scene.bob = client_open(scene.world);
    say_hello(bob);
    for (int i = 0; i < 8; i++) {
        fake_store_execute(scene.world->store, 0);
        client_say(scene.ann,
                   "{'action':'ban','room':'den','key':'b%d','user':'2',"
                   "'on':%s}",
                   i, i % 2 == 0 ? "true" : "false");
        run_the_others(scene.world);
        client_expect_nothing(bob);
        fake_store_complete(scene.world->store, 0);
    }
    client_expect(bob, "{'reply':1,'error':{'code':'busy'}}");
    say_hello(bob);
    world_run(scene.world);
    client_expect(bob, "{'reply':1,'ok':{}}");
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_are_members_at_once),
        cmocka_unit_test(again_it_makes_no_entry),
        cmocka_unit_test(from_both_sides_at_once_it_is_one_room),
        cmocka_unit_test(one_who_left_is_brought_back),
        cmocka_unit_test(a_repeated_dm_after_one_has_left),
        cmocka_unit_test(failures_of_the_store_leave_nothing),
        cmocka_unit_test(clients_that_go_at_any_step),
        cmocka_unit_test(
            one_with_five_hundred_rooms_is_not_brought_into_another),
        cmocka_unit_test(a_dm_during_a_sign_in_is_in_its_answer),
        cmocka_unit_test(a_kick_during_a_sign_in_is_in_its_answer),
        cmocka_unit_test(a_ban_during_a_sign_in_is_in_its_answer),
        cmocka_unit_test(an_invitation_during_a_sign_in_is_in_its_answer),
        cmocka_unit_test(a_mention_during_a_sign_in_is_in_its_answer),
        cmocka_unit_test(what_comes_while_rooms_load_is_in_the_answer),
        cmocka_unit_test(a_sign_in_that_overtakes_the_making_of_its_room),
        cmocka_unit_test(a_sign_in_that_overtakes_a_commit),
        cmocka_unit_test(a_sign_in_that_overtakes_leaves_no_connection_out),
        cmocka_unit_test(a_sign_in_that_never_settles_is_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
