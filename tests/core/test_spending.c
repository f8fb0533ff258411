/* What is had at one task counts at the other as well. */
#include "server/core/spending.h"
#include "tests/core/tasks.h"

#include <stdlib.h>
#include <string.h>

#define EACH 3 /* connections of one user at a task */

/* Typing, of a user: so many at once, then one in so many milliseconds. */
#define BURST       40
#define INTERVAL_MS 250

struct pair {
    struct tasks *tasks;
    struct client *clients[2][EACH]; /* all of one user, in the lobby */
};

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    pair->tasks = tasks_new_with(&(struct chat__core_options){
        .in_flight = 64, .settings.rate_limits = true});
    client_close(tasks_member(pair->tasks, 0, "ann"));
    for (size_t task = 0; task < 2; task++)
        for (size_t i = 0; i < EACH; i++) {
            pair->clients[task][i] =
                client_hello(tasks_at(pair->tasks, task), "ann");
            tasks_run(pair->tasks);
        }
    tasks_advance(pair->tasks, 60000);
    tasks_run(pair->tasks);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    for (size_t task = 0; task < 2; task++)
        for (size_t i = 0; i < EACH; i++)
            client_close(pair->clients[task][i]);
    tasks_free(pair->tasks);
    free(pair);
    return 0;
}

/* Whether it was let pass. */
static bool try_once(struct pair *pair, size_t task, size_t i)
{
    struct client *client = pair->clients[task][i];
    bool passed;

    tasks_at(pair->tasks, task);
    client_skip(client);
    client_say(client, "{'action':'typing','id':1,'room':'lobby'}");
    passed = strstr(client_next(client), "\"ok\"") != NULL;
    client_skip(client);
    return passed;
}

/* As often as a task lets it; how often that was. */
static unsigned int try_all(struct pair *pair, size_t task)
{
    unsigned int passed = 0;

    for (size_t i = 0; i < EACH; i++)
        while (try_once(pair, task, i))
            passed++;
    return passed;
}

static void second(struct pair *pair)
{
    for (unsigned int i = 0; i < 10; i++) {
        tasks_advance(pair->tasks, CHAT__SPENDING_MS / 10);
        tasks_carry(pair->tasks);
    }
}

static void one_who_spreads_has_the_rate_of_one(void **state)
{
    struct pair *pair = *state;
    unsigned int passed = try_all(pair, 0) + try_all(pair, 1);

    /* Nobody waited to know. */
    assert_int_equal(passed, 2 * BURST);
    passed = 0;
    for (unsigned int i = 0; i < 60; i++) {
        second(pair);
        passed += try_all(pair, 0) + try_all(pair, 1);
    }
    assert_in_range(passed, 60 * 1000 / INTERVAL_MS / 2,
                    60 * 1000 / INTERVAL_MS);
}

static void without_a_bus_each_counts_for_itself(void **state)
{
    struct pair *pair = *state;
    unsigned int passed = 0;

    pair->tasks->buses[0].down = pair->tasks->buses[1].down = true;
    assert_int_equal(try_all(pair, 0) + try_all(pair, 1), 2 * BURST);
    for (unsigned int i = 0; i < 60; i++) {
        second(pair);
        passed += try_all(pair, 0) + try_all(pair, 1);
    }
    assert_in_range(passed, 2 * 59 * 1000 / INTERVAL_MS,
                    2 * 60 * 1000 / INTERVAL_MS);
}

static void who_is_far_from_the_rate_is_not_told_of(void **state)
{
    struct pair *pair = *state;

    client_say(pair->clients[0][0], "{'action':'ping','id':1}");
    tasks_run(pair->tasks);
    second(pair);
    for (size_t i = 0; i < pair->tasks->parcel_count; i++)
        assert_int_not_equal(pair->tasks->parcels[i].notice.kind,
                             CHAT__BUS_SPENDING);
}

static unsigned int state_of(enum chat__rate_scope scope,
                             enum chat__rate_class class)
{
    return (unsigned int)scope << 4 | (unsigned int)class;
}

static void say(struct pair *pair, uint64_t id, unsigned int state,
                uint64_t count)
{
    tasks_say(pair->tasks, 1,
              &(struct chat__bus_notice){.kind = CHAT__BUS_SPENDING,
                                         .user = id,
                                         .state = state,
                                         .last = count});
}

/* What a notice does that comes again and again. */
static void nobody_is_held_up_for_long(void **state)
{
    struct pair *pair = *state;
    unsigned int typing = state_of(CHAT__SCOPE_USER, CHAT__RATE_EPHEMERAL);

    for (unsigned int i = 0; i < 1000; i++)
        say(pair, 1, typing, i % 2 == 0 ? UINT64_MAX : 7);
    assert_false(try_once(pair, 1, 0));
    assert_true(try_once(pair, 0, 0));
    tasks_advance(pair->tasks, CHAT__RATE_OWED_MS - 1);
    assert_false(try_once(pair, 1, 0));
    tasks_advance(pair->tasks, 1);
    assert_true(try_once(pair, 1, 0));
    assert_false(try_once(pair, 1, 0));
}

static void what_nobody_counts_is_passed_over(void **state)
{
    struct pair *pair = *state;

    for (unsigned int wrong = 0; wrong < 256; wrong++)
        if (wrong != state_of(CHAT__SCOPE_USER, CHAT__RATE_EPHEMERAL))
            say(pair, 1, wrong, UINT64_MAX);
    say(pair, 4711, state_of(CHAT__SCOPE_USER, CHAT__RATE_EPHEMERAL), 99);
    assert_true(try_once(pair, 1, 0));
}

/* ---- addresses ---- */

#define HELLOS 20

static bool may_greet(struct pair *pair, const unsigned char *address)
{
    struct client *client = client_open_from(tasks_at(pair->tasks, 1), address);
    bool passed;

    client_say(client, "{'action':'hello','id':1,'version':1,'guest':'eve',"
                       "'key':'key-of-eve'}");
    tasks_run(pair->tasks);
    passed = strstr(client_next(client), "\"ok\"") != NULL;
    client_close(client);
    return passed;
}

static struct chat__bus_notice told(const struct pair *pair)
{
    struct chat__bus_notice found = {0};

    for (size_t i = 0; i < pair->tasks->parcel_count; i++)
        if (pair->tasks->parcels[i].notice.kind == CHAT__BUS_SPENDING)
            found = pair->tasks->parcels[i].notice;
    return found;
}

/* Guests are free to make, so an address is counted whoever comes from it. */
static void an_address_has_one_rate(void **state)
{
    static const unsigned char address[CHAT__ADDRESS_BYTES] = {7};
    static const unsigned char another[CHAT__ADDRESS_BYTES] = {8};
    struct pair *pair = *state;
    struct chat__bus_notice notice;

    for (unsigned int i = 0; i < HELLOS; i++) {
        struct client *client =
            client_open_from(tasks_at(pair->tasks, 0), address);

        client_say(client, "{'action':'hello','version':1,'token':'none'}");
        client_close(client);
    }
    tasks_run(pair->tasks);
    tasks_advance(pair->tasks, CHAT__SPENDING_MS);
    notice = told(pair);
    assert_int_equal(notice.state,
                     state_of(CHAT__SCOPE_ADDRESS, CHAT__RATE_HELLO));
    assert_int_equal(notice.last, HELLOS);
    assert_true(may_greet(pair, address));
    say(pair, notice.user, notice.state, 1000000);
    assert_false(may_greet(pair, address));
    assert_true(may_greet(pair, another));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_who_spreads_has_the_rate_of_one),
        TEST(without_a_bus_each_counts_for_itself),
        TEST(who_is_far_from_the_rate_is_not_told_of),
        TEST(nobody_is_held_up_for_long),
        TEST(what_nobody_counts_is_passed_over),
        TEST(an_address_has_one_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
