/* What two tasks tell each other of users. */
#include "tests/core/tasks.h"

#include <stdlib.h>

/* ann, by two connections: one at each task. */
struct pair {
    struct tasks *tasks;
    struct client *here;
    struct client *there;
    struct client *bob; /* at task 0; all are in the lobby */
};

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    pair->tasks = tasks_new();
    pair->bob = tasks_member(pair->tasks, 0, "bob");
    pair->here = tasks_member(pair->tasks, 0, "ann");
    pair->there = client_hello(tasks_at(pair->tasks, 1), "ann");
    tasks_run(pair->tasks);
    client_skip(pair->here);
    client_skip(pair->bob);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    client_close(pair->here);
    client_close(pair->there);
    client_close(pair->bob);
    tasks_free(pair->tasks);
    free(pair);
    return 0;
}

/* By a client at task 0, up to its end everywhere. */
static void say(struct pair *pair, struct client *client, const char *request)
{
    tasks_at(pair->tasks, 0);
    client_say(client, "%s", request);
    tasks_run(pair->tasks);
    tasks_advance(pair->tasks, 100);
    tasks_run(pair->tasks);
}

static void a_room_joined_elsewhere_is_live_here(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->here,
        "{'action':'join','room':'den','key':'j','create':true}");
    client_expect(pair->there, "{'event':'membership','room':'den',"
                               "'state':'joined','head':1}");
    say(pair, pair->here,
        "{'action':'send','room':'den','key':'s','text':'x'}");
    client_expect(pair->there, "{'event':'message','room':'den','seq':2}");
    client_expect_nothing(pair->there);
}

static void a_room_left_elsewhere_is_silent_here(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->here, "{'action':'leave','room':'lobby','key':'l'}");
    client_expect(pair->there, "{'event':'leave','room':'lobby','seq':3}");
    client_expect(pair->there,
                  "{'event':'membership','room':'lobby','state':'left'}");
    say(pair, pair->bob,
        "{'action':'send','room':'lobby','key':'s','text':'x'}");
    client_expect_nothing(pair->there);
}

static void an_invitation_elsewhere_is_told_here(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->bob,
        "{'action':'join','room':'den','key':'j','create':true,"
        "'private':true}");
    say(pair, pair->bob,
        "{'action':'invite','room':'den','key':'i','user':'2'}");
    client_expect(pair->there,
                  "{'event':'membership','room':'den','state':'invited',"
                  "'by':{'id':'1','name':'bob'}}");
    say(pair, pair->here, "{'action':'leave','room':'den','key':'l'}");
    client_expect(pair->there,
                  "{'event':'membership','room':'den','state':'left'}");
    client_expect_nothing(pair->there);
}

static void a_marker_moved_elsewhere_is_told_here(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->bob,
        "{'action':'send','room':'lobby','key':'s','text':'x'}");
    client_expect(pair->there, "{'event':'message','seq':3}");
    say(pair, pair->here, "{'action':'read','room':'lobby','seq':3}");
    client_expect(pair->there,
                  "{'event':'read','room':'lobby','read':3,'unread':0}");
    client_expect_nothing(pair->there);
}

static void a_session_ended_elsewhere_ends_here(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->here, "{'action':'logout','id':9,'all':true}");
    assert_int_equal(pair->there->closed, 4500);
}

static void other_sessions_go_on(void **state)
{
    struct pair *pair = *state;

    say(pair, pair->here, "{'action':'logout','id':9}");
    assert_int_equal(pair->here->closed, 4500);
    assert_int_equal(pair->there->closed, 0);
    client_expect_nothing(pair->there);
}

static void nobody(struct chat__completion *completion)
{
    (void)completion;
}

static void who_is_banned_elsewhere_is_cut_off_here(void **state)
{
    struct pair *pair = *state;
    struct chat__store *store = fake_store_interface(pair->tasks->world->store);
    struct chat__store_set_banned ban = {
        .completion.run = nobody, .user = 2, .banned_ms = WALL_MS};

    store->operations->set_banned(store, &ban);
    fake_store_complete(pair->tasks->world->store, 0);
    tasks_say(
        pair->tasks, 1,
        &(struct chat__bus_notice){.kind = CHAT__BUS_SESSIONS, .user = 2});
    tasks_run(pair->tasks);
    assert_int_equal(pair->there->closed, 4503);
}

/* The change lands while the sign-in is on its way, that did not see it. */
static void a_sign_in_beside_a_change_is_followed(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;
    struct client *eve = client_hello(tasks_at(tasks, 0), "eve");
    struct client *late = client_open(tasks_at(tasks, 1));

    client_say(late, "{'action':'hello','id':1,'version':1,'guest':'eve',"
                     "'key':'key-of-eve'}");
    fake_store_execute(tasks->world->store, 0);
    tasks_at(tasks, 0);
    client_say(eve, "{'action':'join','room':'lobby','key':'j'}");
    fake_store_complete_kind(tasks->world->store, FAKE_APPEND);
    tasks_carry(tasks);
    tasks_run(tasks);
    client_expect(late, "{'reply':1,'ok':{'rooms':[]}}");
    client_expect(late, "{'event':'membership','room':'lobby',"
                        "'state':'joined'}");
    client_close(eve);
    client_close(late);
}

/* ---- wrong passwords ---- */

static struct client *log_in(struct tasks *tasks, size_t task,
                             const char *credential)
{
    struct client *client = client_open(tasks_at(tasks, task));

    client_say(client, "{'action':'hello','id':1,'version':1,%s}", credential);
    tasks_run(tasks);
    return client;
}

static void end(struct client *client, const char *reply)
{
    client_expect(client, "{'reply':1,%s}", reply);
    client_close(client);
}

static void wrong_passwords_count_everywhere(void **state)
{
    static const char wrong[] = "'login':{'user':'zoe','password':'guessing'}";
    static const char right[] = "'login':{'user':'zoe','password':'password'}";
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;

    end(log_in(tasks, 0,
               "'register':{'user':'zoe','password':'password'},'key':'k'"),
        "'ok':{}");
    for (size_t i = 0; i < 10; i++)
        end(log_in(tasks, i % 2, wrong), "'error':{'code':'unauthorized'}");
    for (size_t i = 0; i < 2; i++)
        end(log_in(tasks, i, right),
            "'error':{'code':'rate_limited','retry_ms':30000}");
    /* Lies do not lock an account. */
    for (size_t i = 0; i < 1000; i++)
        tasks_say(tasks, 1,
                  &(struct chat__bus_notice){.kind = CHAT__BUS_GUESS,
                                             .user = tasks->guessed});
    tasks_advance(tasks, 30000);
    end(log_in(tasks, 1, right), "'ok':{}");
}

/* ---- who is there ---- */

static void advance(struct pair *pair, int64_t ms)
{
    tasks_advance(pair->tasks, ms);
    tasks_run(pair->tasks);
}

static void who_is_elsewhere_is_shown_as_there(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;
    struct client *eve;

    advance(pair, 1000);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_skip(pair->there);
    eve = tasks_member(tasks, 0, "eve");
    client_skip(pair->there);
    advance(pair, 1);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_expect(pair->there, "{'event':'presence','room':'lobby',"
                               "'users':[{'id':'3','presence':'online'}]}");
    say(pair, eve, "{'action':'presence','state':'away'}");
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_expect(pair->there, "{'event':'presence',"
                               "'users':[{'id':'3','presence':'away'}]}");
    tasks_at(tasks, 1);
    client_say(pair->there, "{'action':'members','id':5,'room':'lobby'}");
    tasks_run(tasks);
    client_expect(
        pair->there,
        "{'reply':5,'ok':{'members':[{'id':'1','presence':'online'},"
        "{'id':'2','presence':'online'},{'id':'3','presence':'away'}]}}");
    client_close(eve);
    advance(pair, CHAT__PRESENCE_OFFLINE_MS);
    advance(pair, 1);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_expect(pair->there, "{'event':'presence',"
                               "'users':[{'id':'3','presence':'offline'}]}");
    client_expect_nothing(pair->there);
}

/* bob is only at the other task, which falls silent. */
static void whom_nobody_speaks_of_is_offline(void **state)
{
    struct pair *pair = *state;

    for (unsigned int i = 0; i < 60; i++)
        advance(pair, 1000);
    client_skip(pair->there);
    pair->tasks->buses[0].down = true;
    for (unsigned int i = 0; i < 15; i++)
        advance(pair, 1000);
    client_expect_nothing(pair->there);
    for (unsigned int i = 0; i < 20; i++)
        advance(pair, 1000);
    client_expect(pair->there, "{'event':'presence',"
                               "'users':[{'id':'1','presence':'offline'}]}");
    client_expect_nothing(pair->there);
}

static void what_a_user_shows_is_one_at_both(void **state)
{
    struct pair *pair = *state;

    advance(pair, 1);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_skip(pair->there);
    say(pair, pair->here, "{'action':'presence','state':'away'}");
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_expect(pair->there, "{'event':'presence',"
                               "'users':[{'id':'2','presence':'away'}]}");
    client_expect_nothing(pair->there);
    /* One connection goes; the other is there. */
    tasks_at(pair->tasks, 0);
    client_skip(pair->bob);
    client_disconnect(pair->here);
    for (unsigned int i = 0; i < 30; i++)
        advance(pair, 1000);
    for (; pair->bob->read < pair->bob->object_count;)
        client_expect(pair->bob, "{'event':'presence',"
                                 "'users':[{'id':'2','presence':'away'}]}");
}

static void impossible_states_are_passed_over(void **state)
{
    struct pair *pair = *state;
    static const unsigned int states[] = {4, 5, 0x7f, 0x84, 0xff, 0x100};

    advance(pair, 1);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_skip(pair->there);
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
        for (uint64_t user = 0; user < 4; user++)
            tasks_say(pair->tasks, 1,
                      &(struct chat__bus_notice){.kind = CHAT__BUS_PRESENCE,
                                                 .user = user,
                                                 .state = states[i]});
    advance(pair, 1);
    advance(pair, CHAT__PRESENCE_GATHER_MS);
    client_expect_nothing(pair->there);
}

static void lies_cost_few_reads(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;
    size_t reads = 0;

    for (size_t i = 0; i < 1000; i++) {
        struct chat__bus_notice notice = {.kind = CHAT__BUS_USER,
                                          .user = i % 7};

        tasks_say(tasks, 1, &notice);
        notice.kind = CHAT__BUS_SESSIONS;
        tasks_say(tasks, 1, &notice);
        while (fake_store_waiting(tasks->world->store) > 0) {
            reads++;
            fake_store_complete(tasks->world->store, 0);
            chat__core_flush(tasks->cores[1]);
        }
        if (i % 10 == 0)
            tasks->world->monotonic_ms++;
    }
    /* Once in 100 ms, each time the user, whether banned, and a token. */
    assert_in_range(reads, 1, 6);
    client_expect_nothing(pair->there);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_room_joined_elsewhere_is_live_here),
        TEST(a_room_left_elsewhere_is_silent_here),
        TEST(an_invitation_elsewhere_is_told_here),
        TEST(a_marker_moved_elsewhere_is_told_here),
        TEST(a_session_ended_elsewhere_ends_here),
        TEST(other_sessions_go_on),
        TEST(who_is_banned_elsewhere_is_cut_off_here),
        TEST(a_sign_in_beside_a_change_is_followed),
        TEST(lies_cost_few_reads),
        TEST(wrong_passwords_count_everywhere),
        TEST(who_is_elsewhere_is_shown_as_there),
        TEST(whom_nobody_speaks_of_is_offline),
        TEST(what_a_user_shows_is_one_at_both),
        TEST(impossible_states_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
