/* What two tasks tell each other of rooms. */
#include "server/core/watch.h"
#include "tests/core/tasks.h"

#include <stdlib.h>
#include <string.h>

struct pair {
    struct tasks *tasks;
    struct client *ann; /* at task 0 */
    struct client *bob; /* at task 1; both are in the lobby */
};

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    pair->tasks = tasks_new_with(
        &(struct chat__core_options){.in_flight = 64, .shared = true});
    pair->ann = tasks_member(pair->tasks, 0, "ann");
    pair->bob = tasks_member(pair->tasks, 1, "bob");
    /* All has been said of who is there. */
    for (unsigned int i = 0; i < 3; i++) {
        tasks_advance(pair->tasks, 1 + CHAT__PRESENCE_GATHER_MS);
        tasks_run(pair->tasks);
    }
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

/* ann's entry is durable, and bob's task was not told of it yet. */
static void send(struct pair *pair, const char *key, const char *more)
{
    tasks_at(pair->tasks, 0);
    client_say(pair->ann,
               "{'action':'send','room':'lobby','key':'%s','text':'%s'%s}", key,
               key, more);
    while (fake_store_waiting(pair->tasks->world->store) > 0)
        fake_store_complete(pair->tasks->world->store, 0);
    chat__core_flush(pair->tasks->cores[0]);
    client_skip(pair->ann);
}

static struct chat__bus_notice entries(const struct pair *pair, uint64_t first,
                                       uint64_t last)
{
    return (struct chat__bus_notice){
        .kind = CHAT__BUS_ENTRIES,
        .room = "lobby",
        .epoch = fake_store_epoch(pair->tasks->world->store, "lobby"),
        .first = first,
        .last = last};
}

static void entries_are_delivered_without_a_read(void **state)
{
    struct pair *pair = *state;

    send(pair, "one", "");
    send(pair, "two", "");
    tasks_carry(pair->tasks);
    assert_int_equal(fake_store_waiting(pair->tasks->world->store), 0);
    client_expect(pair->bob, "{'event':'message','seq':3,'n':1,'text':'one'}");
    client_expect(pair->bob, "{'event':'message','seq':4,'n':2,'text':'two'}");
    client_expect_nothing(pair->bob);
}

static void what_follows_is_appended_behind_them(void **state)
{
    struct pair *pair = *state;

    send(pair, "one", "");
    tasks_carry(pair->tasks);
    client_skip(pair->bob);
    tasks_at(pair->tasks, 1);
    client_say(pair->bob,
               "{'action':'send','id':7,'room':'lobby','key':'k','text':'x'}");
    assert_int_equal(fake_store_waiting(pair->tasks->world->store), 1);
    fake_store_complete(pair->tasks->world->store, 0);
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'reply':7,'ok':{'seq':4}}");
    client_expect(pair->bob, "{'event':'message','seq':4,'n':2}");
    client_expect(pair->ann, "{'event':'message','seq':4,'n':2}");
}

static void repeated_and_old_ones_are_passed_over(void **state)
{
    struct pair *pair = *state;
    struct chat__bus_notice notice;

    send(pair, "one", "");
    notice = pair->tasks->parcels[0].notice;
    notice.room = "lobby";
    notice.epoch = fake_store_epoch(pair->tasks->world->store, "lobby");
    notice.objects = strdup(pair->tasks->parcels[0].objects);
    tasks_carry(pair->tasks);
    tasks_say(pair->tasks, 1, &notice);
    assert_int_equal(fake_store_waiting(pair->tasks->world->store), 0);
    client_expect(pair->bob, "{'event':'message','seq':3}");
    client_expect_nothing(pair->bob);
    free((char *)notice.objects);
}

static void a_gap_is_read(void **state)
{
    struct pair *pair = *state;

    send(pair, "one", "");
    tasks_lose(pair->tasks);
    send(pair, "two", "");
    tasks_carry(pair->tasks);
    client_expect_nothing(pair->bob);
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'message','seq':3}");
    client_expect(pair->bob, "{'event':'message','seq':4}");
    client_expect_nothing(pair->bob);
}

/* An entry whose turn is not now: the one in flight is beaten, and told so. */
static void one_beside_an_append_is_read(void **state)
{
    struct pair *pair = *state;

    send(pair, "one", "");
    tasks_at(pair->tasks, 1);
    client_say(pair->bob,
               "{'action':'send','id':7,'room':'lobby','key':'k','text':'x'}");
    tasks_carry(pair->tasks);
    client_expect_nothing(pair->bob);
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'message','seq':3}");
    client_expect(pair->bob, "{'reply':7,'ok':{'seq':4}}");
    client_expect(pair->bob, "{'event':'message','seq':4}");
    client_expect_nothing(pair->bob);
}

static void who_joins_is_read(void **state)
{
    struct pair *pair = *state;
    struct client *eve = tasks_member(pair->tasks, 0, "eve");

    client_expect(pair->bob, "{'event':'join','seq':3,'from':{'name':'eve'}}");
    send(pair, "one", "");
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'event':'message','seq':4}");
    client_expect_nothing(pair->bob);
    tasks_at(pair->tasks, 1);
    client_say(pair->bob, "{'action':'members','id':7,'room':'lobby'}");
    tasks_run(pair->tasks);
    client_expect(pair->bob, "{'reply':7,'ok':{'members':[{'name':'ann'},"
                             "{'name':'bob'},{'name':'eve'}]}}");
    client_close(eve);
}

/* The message was looked up before its delete came, and is edited after. */
static void a_delete_that_was_handed_over_wins(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;
    struct client *other = client_hello(tasks_at(tasks, 0), "bob");

    tasks_at(tasks, 1);
    client_say(pair->bob,
               "{'action':'send','room':'lobby','key':'k','text':'x'}");
    tasks_run(tasks);
    client_skip(pair->bob);
    tasks_at(tasks, 1);
    client_say(pair->bob, "{'action':'edit','id':7,'room':'lobby','key':'e',"
                          "'ref':3,'text':'y'}");
    fake_store_execute(tasks->world->store, 0); /* it is there */
    tasks_at(tasks, 0);
    client_say(other,
               "{'action':'delete','id':8,'room':'lobby','key':'d','ref':3}");
    while (fake_store_waiting(tasks->world->store) > 1)
        fake_store_complete(tasks->world->store, 1);
    tasks_carry(tasks);
    client_expect(pair->bob, "{'event':'delete','seq':4,'ref':3}");
    tasks_run(tasks);
    client_expect(pair->bob, "{'reply':7,'error':{'code':'not_found'}}");
    client_expect_nothing(pair->bob);
    client_close(other);
}

static size_t count_reads(struct tasks *tasks)
{
    size_t count = 0;

    while (fake_store_waiting(tasks->world->store) > 0) {
        count += fake_store_kind(tasks->world->store, 0) == FAKE_OPEN_ROOM;
        fake_store_complete(tasks->world->store, 0);
        chat__core_flush(tasks->cores[1]);
    }
    return count;
}

static void lies_cost_few_reads(void **state)
{
    struct pair *pair = *state;
    size_t reads = 0;

    for (uint64_t i = 0; i < 1000; i++) {
        struct chat__bus_notice notice = entries(pair, 3 + i, 4 + 2 * i);

        if (i % 2 == 0)
            notice.epoch = "another";
        tasks_say(pair->tasks, 1, &notice);
        reads += count_reads(pair->tasks);
        pair->tasks->world->monotonic_ms++;
    }
    assert_in_range(reads, 1, 3);
    client_expect_nothing(pair->bob);
    /* And a true one is not lost among them. */
    send(pair, "one", "");
    tasks_carry(pair->tasks);
    client_expect(pair->bob, "{'event':'message','seq':3}");
}

static void a_room_that_is_nobodys_here_is_not_read(void **state)
{
    struct pair *pair = *state;
    struct chat__bus_notice notice = entries(pair, 1, 5);

    notice.room = "nowhere";
    tasks_say(pair->tasks, 1, &notice);
    assert_int_equal(fake_store_waiting(pair->tasks->world->store), 0);
}

static void what_is_no_entry_is_read(void **state)
{
    static const char *const wrong[] = {
        "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":3,\"n\":1}",
        "\n\n",
        "[1]\n",
        "{}\n",
        "{\"event\":\"presence\"}\n",
        "{\"event\":\"message\",\"room\":\"other\",\"seq\":3,\"n\":1,\"ts\":1,"
        "\"from\":{\"id\":\"1\",\"name\":\"a\"},\"key\":\"k\",\"text\":\"x\"}"
        "\n",
        "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":9,\"n\":1,\"ts\":1,"
        "\"from\":{\"id\":\"1\",\"name\":\"a\"},\"key\":\"k\",\"text\":\"x\"}"
        "\n",
        "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":3,\"n\":7,\"ts\":1,"
        "\"from\":{\"id\":\"1\",\"name\":\"a\"},\"key\":\"k\",\"text\":\"x\"}"
        "\n",
    };
    struct pair *pair = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct chat__bus_notice notice = entries(pair, 3, 3);

        notice.objects = wrong[i];
        notice.length = strlen(wrong[i]);
        tasks_say(pair->tasks, 1, &notice);
        tasks_run(pair->tasks);
        client_expect_nothing(pair->bob);
        tasks_advance(pair->tasks, 2000);
    }
}

/* ---- without it ---- */

static size_t count_waiting(const struct tasks *tasks, enum fake_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < fake_store_waiting(tasks->world->store); i++)
        count += fake_store_kind(tasks->world->store, i) == kind;
    return count;
}

static void without_it_heads_are_read_each_second(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;

    tasks->buses[0].down = tasks->buses[1].down = true;
    for (unsigned int i = 0; i < 3; i++) {
        send(pair, i == 0 ? "one" : i == 1 ? "two" : "three", "");
        client_expect_nothing(pair->bob);
        tasks_advance(tasks, CHAT__WATCH_MS);
        assert_int_equal(count_waiting(tasks, FAKE_ROOM_HEADS), 2);
        tasks_advance(tasks, CHAT__WATCH_MS / 2);
        assert_int_equal(count_waiting(tasks, FAKE_ROOM_HEADS), 2);
        tasks_run(tasks);
        client_expect(pair->bob, "{'event':'message','seq':%u}", 3 + i);
        tasks_advance(tasks, CHAT__WATCH_MS / 2);
        tasks_run(tasks);
    }
    client_expect_nothing(pair->bob);
}

static void when_it_is_back_heads_are_read_once(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;

    tasks->buses[1].down = true;
    tasks_advance(tasks, CHAT__WATCH_MS);
    tasks_run(tasks);
    send(pair, "one", "");
    tasks_lose(tasks);
    tasks->buses[1].down = false;
    tasks_advance(tasks, CHAT__WATCH_MS);
    assert_int_equal(count_waiting(tasks, FAKE_ROOM_HEADS), 1);
    tasks_run(tasks);
    client_expect(pair->bob, "{'event':'message','seq':3}");
    tasks_advance(tasks, CHAT__WATCH_MS);
    assert_int_equal(count_waiting(tasks, FAKE_ROOM_HEADS), 0);
}

/* It was away between two ticks. */
static void what_it_says_it_missed_is_read(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;

    send(pair, "one", "");
    tasks_lose(tasks);
    for (unsigned int i = 0; i < 1000; i++)
        tasks_say(tasks, 1,
                  &(struct chat__bus_notice){.kind = CHAT__BUS_MISSED});
    tasks_advance(tasks, CHAT__WATCH_MS);
    assert_int_equal(count_waiting(tasks, FAKE_ROOM_HEADS), 1);
    tasks_run(tasks);
    client_expect(pair->bob, "{'event':'message','seq':3}");
}

static void one_server_alone_reads_no_heads(void **state)
{
    struct world *world = world_new();
    struct client *ann = client_hello(world, "ann");

    (void)state;
    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    for (unsigned int i = 0; i < 5; i++)
        world_advance(world, CHAT__WATCH_MS);
    assert_int_equal(fake_store_waiting(world->store), 0);
    client_close(ann);
    world_free(world);
}

/* ---- typing ---- */

static void typing_is_shown(void **state)
{
    struct pair *pair = *state;

    tasks_at(pair->tasks, 0);
    client_say(pair->ann, "{'action':'typing','room':'lobby'}");
    tasks_carry(pair->tasks);
    client_expect(pair->bob, "{'event':'typing','room':'lobby',"
                             "'from':{'id':'1','name':'ann'}}");
    client_expect_nothing(pair->bob);
}

static void typing_of_nobody_or_too_much_is_not_shown(void **state)
{
    static const char object[] =
        "{\"event\":\"typing\",\"room\":\"lobby\",\"from\":{\"id\":\"1\","
        "\"name\":\"ann\"}}\n";
    struct pair *pair = *state;
    struct chat__bus_notice notice = {.kind = CHAT__BUS_TYPING,
                                      .room = "lobby",
                                      .user = 4711,
                                      .objects = object,
                                      .length = sizeof(object) - 1};

    tasks_say(pair->tasks, 1, &notice); /* a user who is no member */
    notice.user = 2;
    tasks_say(pair->tasks, 1, &notice); /* another than it says */
    client_expect_nothing(pair->bob);
    notice.user = 1;
    for (unsigned int i = 0; i < 1000; i++)
        tasks_say(pair->tasks, 1, &notice);
    assert_in_range(pair->bob->object_count - pair->bob->read, 1, 30);
    client_skip(pair->bob);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(entries_are_delivered_without_a_read),
        TEST(what_follows_is_appended_behind_them),
        TEST(repeated_and_old_ones_are_passed_over),
        TEST(a_gap_is_read),
        TEST(one_beside_an_append_is_read),
        TEST(who_joins_is_read),
        TEST(a_delete_that_was_handed_over_wins),
        TEST(lies_cost_few_reads),
        TEST(a_room_that_is_nobodys_here_is_not_read),
        TEST(what_is_no_entry_is_read),
        TEST(without_it_heads_are_read_each_second),
        TEST(when_it_is_back_heads_are_read_once),
        TEST(what_it_says_it_missed_is_read),
        cmocka_unit_test(one_server_alone_reads_no_heads),
        TEST(typing_is_shown),
        TEST(typing_of_nobody_or_too_much_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
