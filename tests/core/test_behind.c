/* A task that does not know yet what was appended at another one. */
#include "tests/core/tasks.h"

#include <stdlib.h>
#include <string.h>

struct pair {
    struct tasks *tasks;
    struct client *ann; /* at task 0, owner of the den */
    struct client *bob; /* at task 1 */
};

static void say(struct pair *pair, size_t task, const char *request)
{
    tasks_at(pair->tasks, task);
    client_say(task == 0 ? pair->ann : pair->bob, "%s", request);
    tasks_run_stores(pair->tasks);
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    pair->tasks = tasks_new_with(
        &(struct chat__core_options){.in_flight = 64, .shared = true});
    pair->ann = tasks_member(pair->tasks, 0, "ann");
    pair->bob = tasks_member(pair->tasks, 1, "bob");
    say(pair, 0, "{'action':'join','room':'den','key':'make','create':true}");
    tasks_run(pair->tasks);
    client_skip(pair->ann);
    client_skip(pair->bob);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    client_close(pair->ann);
    client_close(pair->bob);
    tasks_free(pair->tasks);
    free(pair);
    return 0;
}

/* Nobody tells task 0 of it. */
static void bob_joins_the_den(struct pair *pair)
{
    say(pair, 1, "{'action':'join','room':'den','key':'in'}");
    tasks_lose(pair->tasks);
    client_skip(pair->bob);
}

static void one_who_joined_elsewhere_is_a_member(void **state)
{
    struct pair *pair = *state;

    bob_joins_the_den(pair);
    say(pair, 0,
        "{'action':'role','id':7,'room':'den','key':'up','user':'2',"
        "'role':'moderator'}");
    client_expect(pair->ann, "{'event':'join','seq':2}");
    client_expect(pair->ann, "{'reply':7,'ok':{'seq':3}}");
}

static void what_is_refused_in_truth_is_refused(void **state)
{
    struct pair *pair = *state;

    bob_joins_the_den(pair);
    say(pair, 0,
        "{'action':'role','id':7,'room':'den','key':'up','user':'1',"
        "'role':'member'}");
    client_expect(pair->ann, "{'event':'join','seq':2}");
    client_expect(pair->ann, "{'reply':7,'error':{}}");
}

static void history_has_what_was_answered_elsewhere(void **state)
{
    struct pair *pair = *state;

    bob_joins_the_den(pair);
    say(pair, 0, "{'action':'history','id':7,'room':'den','after':1}");
    client_expect(pair->ann, "{'event':'join','seq':2}");
    client_expect(pair->ann, "{'reply':7,'ok':{'head':2}}");
}

static void a_join_shows_the_room_as_it_is(void **state)
{
    struct pair *pair = *state;

    bob_joins_the_den(pair);
    say(pair, 0,
        "{'action':'topic','id':7,'room':'den','key':'t','topic':'stones'}");
    tasks_lose(pair->tasks);
    client_skip(pair->ann);
    say(pair, 1, "{'action':'join','id':8,'room':'den','key':'again'}");
    client_expect(pair->bob, "{'event':'topic','seq':3}");
    client_expect(pair->bob, "{'reply':8,'ok':{'head':3,'topic':'stones'}}");
}

static void who_is_banned_elsewhere_sees_the_ban_last(void **state)
{
    struct pair *pair = *state;

    bob_joins_the_den(pair);
    tasks_run(pair->tasks);
    say(pair, 0,
        "{'action':'ban','room':'den','key':'ban','user':'2','on':true}");
    say(pair, 0, "{'action':'send','room':'den','key':'k','text':'he is out'}");
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'ban','seq':3}");
    client_expect(pair->bob, "{'event':'membership','room':'den','head':3,"
                             "'state':'removed','by':{'name':'ann'}}");
    client_expect_nothing(pair->bob);
}

/* The user's rooms are known to be fewer while the room is being read. */
static void the_ban_is_seen_whichever_is_read_first(void **state)
{
    struct pair *pair = *state;
    struct fake_store *store = pair->tasks->world->store;

    bob_joins_the_den(pair);
    tasks_run(pair->tasks);
    say(pair, 0,
        "{'action':'ban','room':'den','key':'ban','user':'2','on':true}");
    tasks_carry(pair->tasks);
    fake_store_complete_kind(store, FAKE_SIGN_IN);
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'ban','seq':3}");
    client_expect(pair->bob, "{'event':'membership','state':'removed'}");
    client_expect_nothing(pair->bob);
}

/* Held by a request that is still looked into. */
static void bob_finds_no_room_of_two(struct pair *pair)
{
    tasks_at(pair->tasks, 1);
    client_say(pair->bob, "{'action':'join','id':5,'room':'dm.1.2','key':'k'}");
    fake_store_complete_kind(pair->tasks->world->store, FAKE_OPEN_ROOM);
}

static void ann_makes_the_room_of_two(struct pair *pair)
{
    struct fake_store *store = pair->tasks->world->store;

    tasks_at(pair->tasks, 0);
    client_say(pair->ann, "{'action':'dm','user':'2','key':'dm'}");
    fake_store_complete_kind(store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(store, FAKE_FIND_USER);
    fake_store_complete_kind(store, FAKE_APPEND);
}

static void a_room_that_was_not_there_is_told_of(void **state)
{
    struct pair *pair = *state;
    struct fake_store *store = pair->tasks->world->store;

    bob_finds_no_room_of_two(pair);
    ann_makes_the_room_of_two(pair);
    tasks_carry(pair->tasks);
    fake_store_complete_kind(store, FAKE_SIGN_IN);
    fake_store_complete_kind(store, FAKE_OPEN_ROOM);
    client_expect(pair->bob, "{'event':'membership','room':'dm.1.2',"
                             "'state':'joined','head':1}");
}

static void a_room_that_was_not_there_is_read(void **state)
{
    struct pair *pair = *state;
    struct fake_store *store = pair->tasks->world->store;

    bob_finds_no_room_of_two(pair);
    ann_makes_the_room_of_two(pair);
    tasks_lose(pair->tasks);
    tasks_at(pair->tasks, 1);
    client_say(pair->bob,
               "{'action':'history','id':6,'room':'dm.1.2','before':9}");
    fake_store_complete_kind(store, FAKE_OPEN_ROOM);
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'reply':6,'ok':{'head':1}}");
}

/* Between the answer's making and its look for the key. */
static void who_joins_again_while_being_banned_stays_out(void **state)
{
    struct pair *pair = *state;
    struct fake_store *store = pair->tasks->world->store;

    bob_joins_the_den(pair);
    say(pair, 0, "{'action':'history','room':'den','before':9}");
    tasks_at(pair->tasks, 1);
    client_say(pair->bob, "{'action':'join','id':5,'room':'den','key':'k'}");
    fake_store_execute(store, 0);
    tasks_at(pair->tasks, 0);
    client_say(
        pair->ann,
        "{'action':'ban','room':'den','key':'ban','user':'2','on':true}");
    fake_store_complete_kind(store, FAKE_FIND_USER);
    fake_store_complete_kind(store, FAKE_APPEND);
    tasks_carry(pair->tasks);
    fake_store_complete_kind(store, FAKE_OPEN_ROOM);
    fake_store_complete_kind(store, FAKE_FIND_KEY);
    tasks_run(pair->tasks);
    say(pair, 0, "{'action':'send','room':'den','key':'k','text':'he is out'}");
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'ban','seq':3}");
    client_expect(pair->bob, "{'event':'membership','state':'removed'}");
    client_expect(pair->bob, "{'reply':5,'error':{'code':'forbidden'}}");
    client_expect_nothing(pair->bob);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_who_joined_elsewhere_is_a_member),
        TEST(what_is_refused_in_truth_is_refused),
        TEST(history_has_what_was_answered_elsewhere),
        TEST(a_join_shows_the_room_as_it_is),
        TEST(who_is_banned_elsewhere_sees_the_ban_last),
        TEST(the_ban_is_seen_whichever_is_read_first),
        TEST(a_room_that_was_not_there_is_told_of),
        TEST(a_room_that_was_not_there_is_read),
        TEST(who_joins_again_while_being_banned_stays_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
