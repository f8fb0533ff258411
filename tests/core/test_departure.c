/*
 * A client goes at every point while the store works for it. What the tests
 * look for is found by AddressSanitizer, and by world_free, which wants that
 * nothing is left.
 */
#include "tests/core/world.h"

#include <stdio.h>

/* What ann asks for after hello; bob is in the lobby and stays. */
static const char *const requests[] = {
    "{'action':'join','id':2,'room':'lobby','key':'j'}",
    "{'action':'join','id':3,'room':'new','key':'j','create':true}",
    "{'action':'send','id':4,'room':'den','key':'s','text':'x'}",
    "{'action':'history','id':5,'room':'den','before':9}",
    "{'action':'read','id':6,'room':'den','seq':2}",
    "{'action':'rooms','id':7}",
    "{'action':'ping','id':8}",
    "{'action':'send','id':9,'room':'lobby','key':'s','text':'x'}",
    "{'action':'leave','id':10,'room':'den','key':'l'}",
    "{'action':'typing','id':11,'room':'lobby'}",
    "{'action':'send','id':12,'room':'den','key':'a','text':'x'}",
    "{'action':'leave','id':13,'room':'den','key':'l'}",
    "{'action':'join','id':14,'room':'none','key':'n'}",
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

/* ann was in `den`, which has three entries and is not in memory. */
static struct client *prepare(struct world *world)
{
    struct client *bob = client_hello(world, "bob");
    struct client *ann = client_hello(world, "ann");

    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_do(ann, "{'action':'join','room':'den','key':'j',"
                   "'create':true}");
    client_do(ann, "{'action':'send','room':'den','key':'a','text':'x'}");
    client_do(ann, "{'action':'send','room':'den','key':'b','text':'x'}");
    client_close(ann);
    return bob;
}

/* Everything is said at once; ann goes after `steps` completions. */
static bool goes_after(size_t steps, bool newest_first)
{
    struct world *world = world_new();
    struct client *bob = prepare(world);
    struct client *ann = client_open(world);
    bool all = true;

    client_say(ann,
               "{'action':'hello','id':1,'version':1,'guest':'ann',"
               "'key':'key-of-ann','resume':[{'room':'den','epoch':'%s',"
               "'seq':1}]}",
               fake_store_epoch(world->store, "den"));
    for (size_t i = 0, done = 0; done < steps; done++) {
        size_t waiting = fake_store_waiting(world->store);

        if (waiting == 0) {
            all = false;
            break;
        }
        fake_store_complete(world->store, newest_first ? waiting - 1 : 0);
        if (done % 2 == 0)
            chat__core_flush(world->core);
        /* From the hello's reply on: everything else. */
        for (; ann->object_count > 0 && i < REQUESTS; i++)
            client_say(ann, "%s", requests[i]);
    }
    client_close(ann);
    world_run(world);
    client_close(bob);
    world_free(world);
    return all;
}

static void a_client_may_go_at_any_point(void **state)
{
    size_t steps = 0;

    (void)state;
    while (goes_after(steps, false))
        steps++;
    assert_in_range(steps, 15, 100);
    steps = 0;
    while (goes_after(steps, true))
        steps++;
    assert_in_range(steps, 15, 100);
}

static void what_was_asked_is_done_without_the_client(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_say(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_say(ann, "{'action':'send','room':'lobby','key':'s',"
                    "'text':'bye'}");
    client_close(ann);
    world_run(world);
    client_expect(bob, "{'event':'join','seq':2}");
    client_expect(bob, "{'event':'message','seq':3,'text':'bye'}");
    ann = client_hello(world, "ann");
    ann->read = 0;
    client_expect(ann, "{'ok':{'rooms':[{'room':'lobby','head':3}]}}");
    client_close(ann);
    client_close(bob);
    world_free(world);
}

static void a_listener_may_go_between_commit_and_flush(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");
    struct client *bob = client_hello(world, "bob");

    (void)state;
    client_do(bob, "{'action':'join','room':'lobby','key':'j'}");
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    client_skip(bob);
    client_say(ann, "{'action':'send','room':'lobby','key':'s',"
                    "'text':'x'}");
    fake_store_complete(world->store, 0);
    client_close(ann);
    chat__core_flush(world->core);
    client_expect(bob, "{'event':'message','seq':3}");
    client_say(bob, "{'action':'send','room':'lobby','key':'s',"
                    "'text':'x'}");
    fake_store_complete(world->store, 0);
    client_close(bob);
    chat__core_flush(world->core);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_may_go_at_any_point),
        cmocka_unit_test(what_was_asked_is_done_without_the_client),
        cmocka_unit_test(a_listener_may_go_between_commit_and_flush),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
