/* What a task has missed of a room is read from the cache where it has it. */
#include "server/core/hint.h"
#include "server/core/tail.h"
#include "tests/core/fake_cache.h"
#include "tests/core/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTENERS 3

struct pair {
    struct tasks *tasks;
    struct fake_cache *cache;
    struct client *ann;             /* at task 0 */
    struct client *bobs[LISTENERS]; /* at task 1; all are in the lobby */
};

static void run(struct pair *pair)
{
    do
        tasks_run(pair->tasks);
    while (fake_cache_answer(pair->cache) > 0);
    chat__core_flush(pair->tasks->cores[1]);
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    pair->cache = fake_cache_new();
    pair->tasks = tasks_new_with(&(struct chat__core_options){
        .in_flight = 64, .cache = fake_cache_interface(pair->cache)});
    pair->ann = tasks_member(pair->tasks, 0, "ann");
    pair->bobs[0] = tasks_member(pair->tasks, 1, "bob");
    for (size_t i = 1; i < LISTENERS; i++)
        pair->bobs[i] = client_hello(tasks_at(pair->tasks, 1), "bob");
    for (unsigned int i = 0; i < 3; i++) {
        tasks_advance(pair->tasks, 1 + CHAT__PRESENCE_GATHER_MS);
        run(pair);
    }
    client_skip(pair->ann);
    for (size_t i = 0; i < LISTENERS; i++)
        client_skip(pair->bobs[i]);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    client_close(pair->ann);
    for (size_t i = 0; i < LISTENERS; i++)
        client_close(pair->bobs[i]);
    run(pair);
    tasks_free(pair->tasks);
    fake_cache_free(pair->cache);
    free(pair);
    return 0;
}

/* ann does it, and bob's task is not told. */
static void do_unheard(struct pair *pair, const char *request)
{
    tasks_at(pair->tasks, 0);
    client_say(pair->ann, "%s", request);
    while (fake_store_waiting(pair->tasks->world->store) > 0)
        fake_store_complete(pair->tasks->world->store, 0);
    chat__core_flush(pair->tasks->cores[0]);
    client_skip(pair->ann);
    tasks_lose(pair->tasks);
}

static void send_unheard(struct pair *pair, unsigned int number)
{
    char request[128];

    snprintf(request, sizeof(request),
             "{'action':'send','room':'lobby','key':'k%u','text':'text %u'}",
             number, number);
    do_unheard(pair, request);
}

/* bob's task finds out that the log has more than it knows. */
static void find_out(struct pair *pair)
{
    struct tasks *tasks = pair->tasks;

    tasks_say(tasks, 1,
              &(struct chat__bus_notice){
                  .kind = CHAT__BUS_ENTRIES,
                  .room = "lobby",
                  .epoch = fake_store_epoch(tasks->world->store, "lobby"),
                  .first = 1000,
                  .last = 1000});
    fake_store_complete_kind(tasks->world->store, FAKE_OPEN_ROOM);
}

static size_t count_reads(const struct pair *pair)
{
    struct fake_store *store = pair->tasks->world->store;
    size_t count = 0;

    for (size_t i = 0; i < fake_store_waiting(store); i++)
        count += fake_store_kind(store, i) == FAKE_READ_LOG;
    return count;
}

static uint64_t counted(const struct pair *pair, enum chat__tails result)
{
    return pair->tasks->world->metrics
        .values[(int)CHAT__METRIC_TAIL_READS + (int)result];
}

/* Text 1 is the room's third entry. */
static void expect_texts(struct pair *pair, unsigned int from, unsigned int to)
{
    for (size_t i = 0; i < LISTENERS; i++) {
        for (unsigned int number = from; number <= to; number++)
            client_expect(pair->bobs[i],
                          "{'event':'message','seq':%u,'text':'text %u'}",
                          number + 2, number);
        client_expect_nothing(pair->bobs[i]);
    }
}

/* What was missed is there, by one read of the store for all who listen. */
static void expect_read(struct pair *pair, unsigned int from, unsigned int to)
{
    assert_int_equal(count_reads(pair), 1);
    run(pair);
    expect_texts(pair, from, to);
}

static void what_was_missed_is_read_from_it(void **state)
{
    struct pair *pair = *state;

    uint64_t before = counted(pair, CHAT__TAILS_FOUND);

    for (unsigned int i = 1; i <= 3; i++)
        send_unheard(pair, i);
    find_out(pair);
    assert_int_equal(count_reads(pair), 0);
    assert_int_equal(fake_cache_answer(pair->cache), 3);
    assert_int_equal(count_reads(pair), 0);
    expect_texts(pair, 1, 3);
    assert_int_equal(counted(pair, CHAT__TAILS_FOUND), before + 1);
}

static void a_batch_is_one_value(void **state)
{
    struct pair *pair = *state;

    tasks_at(pair->tasks, 0);
    for (unsigned int i = 1; i < 4; i++)
        client_say_more(pair->ann,
                        "{'action':'send','room':'lobby','key':'k%u',"
                        "'text':'text %u'}",
                        i, i);
    do_unheard(pair, "{'action':'send','room':'lobby','key':'k4',"
                     "'text':'text 4'}");
    find_out(pair);
    assert_in_range(fake_cache_answer(pair->cache), 1, 2);
    expect_texts(pair, 1, 4);
}

static void one_that_knows_nothing_is_done_without(void **state)
{
    struct pair *pair = *state;

    send_unheard(pair, 1);
    find_out(pair);
    fake_cache_answer_unknown(pair->cache);
    expect_read(pair, 1, 1);
    assert_int_equal(counted(pair, CHAT__TAILS_MISSING), 1);
}

/* One of three. */
static void one_that_has_a_gap_is_done_without(void **state)
{
    struct pair *pair = *state;

    for (unsigned int i = 1; i <= 3; i++)
        send_unheard(pair, i);
    fake_cache_put(pair->cache, "tail:lobby:4", NULL);
    find_out(pair);
    assert_int_equal(fake_cache_answer(pair->cache), 2);
    expect_read(pair, 1, 3);
}

static void one_that_is_slow_is_done_without(void **state)
{
    struct pair *pair = *state;

    send_unheard(pair, 1);
    send_unheard(pair, 2);
    find_out(pair);
    pair->tasks->world->monotonic_ms += CHAT__TAIL_READ_MS;
    assert_int_equal(fake_cache_answer(pair->cache), 1);
    expect_read(pair, 1, 2);
}

/* How a value differs from the right one. */
struct lie {
    const char *version;
    const char *epoch; /* NULL: the log's */
    int first;         /* added to the right one */
    int last;
    unsigned int lines;
};

static void put_lie(struct pair *pair, const struct lie *lie, int seq)
{
    static const char line[] = "{\"event\":\"message\",\"text\":\"a lie\"}\n";
    const char *epoch = fake_store_epoch(pair->tasks->world->store, "lobby");
    char key[32], value[1024];
    int length;

    snprintf(key, sizeof(key), "tail:lobby:%d", seq % CHAT__TAIL_PLACES);
    length = snprintf(value, sizeof(value), "%s %s %d %d\n", lie->version,
                      lie->epoch == NULL ? epoch : lie->epoch, seq + lie->first,
                      seq + lie->last);
    for (unsigned int i = 0; i < lie->lines; i++)
        length += snprintf(value + length, sizeof(value) - (size_t)length, "%s",
                           line);
    fake_cache_put(pair->cache, key, value);
}

static void what_is_of_elsewhere_is_not_believed(void **state)
{
    static const struct lie lies[] = {
        {"2", NULL, 0, 0, 1},      /* a later version */
        {"1", "another", 0, 0, 1}, /* another log */
        {"1", NULL, CHAT__TAIL_PLACES, CHAT__TAIL_PLACES, 1},
        {"1", NULL, 0, 1, 2},
        {"1", NULL, 1, 0, 1},
        {"1", NULL, -1, 0, 1}, /* fewer entries than it says */
        {"1", NULL, 0, 0, 0},
        {"1", NULL, 0, 0, 2}, /* more */
    };
    struct pair *pair = *state;
    unsigned int count = 0;

    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
        send_unheard(pair, ++count);
        put_lie(pair, &lies[i], (int)count + 2);
        find_out(pair);
        assert_int_equal(fake_cache_answer(pair->cache), 1);
        expect_read(pair, count, count);
        pair->tasks->world->monotonic_ms += CHAT__HINT_INTERVAL_MS;
    }
}

static void what_is_no_value_is_not_believed(void **state)
{
    static const char *const values[] = {"", "\n", "1", "1 e 3 3", "{}\n"};
    struct pair *pair = *state;
    unsigned int count = 0;

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        char key[32];

        send_unheard(pair, ++count);
        snprintf(key, sizeof(key), "tail:lobby:%u", count + 2);
        fake_cache_put(pair->cache, key, values[i]);
        find_out(pair);
        assert_int_equal(fake_cache_answer(pair->cache), 1);
        expect_read(pair, count, count);
        pair->tasks->world->monotonic_ms += CHAT__HINT_INTERVAL_MS;
    }
}

/* Nobody who comes after a delete gets the text. */
static void what_was_deleted_is_not_read_from_it(void **state)
{
    struct pair *pair = *state;

    send_unheard(pair, 1);
    do_unheard(pair, "{'action':'delete','room':'lobby','key':'d','ref':3}");
    send_unheard(pair, 2);
    find_out(pair);
    assert_in_range(fake_cache_answer(pair->cache), 1, 2);
    assert_int_equal(count_reads(pair), 1);
    run(pair);
    for (size_t i = 0; i < LISTENERS; i++) {
        client_expect(pair->bobs[i], "{'event':'message','deleted':true}");
        client_expect(pair->bobs[i], "{'event':'delete','ref':3}");
        client_expect(pair->bobs[i], "{'event':'message','text':'text 2'}");
        client_expect_nothing(pair->bobs[i]);
    }
}

/* A read follows so many links, and no chain is longer than the places. */
static void what_is_long_is_read_from_the_store(void **state)
{
    static const size_t links[] = {CHAT__TAIL_LINKS_MAX, CHAT__TAIL_PLACES + 1};
    struct pair *pair = *state;
    unsigned int count = 0;

    for (size_t i = 0; i < 2; i++) {
        unsigned int first = count + 1;

        for (size_t j = 0; j <= links[i]; j++)
            send_unheard(pair, ++count);
        find_out(pair);
        assert_int_equal(fake_cache_answer(pair->cache),
                         i == 0 ? CHAT__TAIL_LINKS_MAX : 0);
        expect_read(pair, first, count);
        pair->tasks->world->monotonic_ms += CHAT__HINT_INTERVAL_MS;
    }
}

static void who_is_gone_is_not_told(void **state)
{
    struct pair *pair = *state;

    send_unheard(pair, 1);
    find_out(pair);
    for (size_t i = 0; i < LISTENERS; i++)
        client_disconnect(pair->bobs[i]);
    assert_int_equal(fake_cache_answer(pair->cache), 1);
    for (size_t i = 0; i < LISTENERS; i++)
        client_expect_nothing(pair->bobs[i]);
}

static void one_of_them_goes_while_it_is_read(void **state)
{
    struct pair *pair = *state;

    send_unheard(pair, 1);
    find_out(pair);
    client_disconnect(pair->bobs[1]);
    fake_cache_answer_unknown(pair->cache);
    client_disconnect(pair->bobs[0]);
    assert_int_equal(count_reads(pair), 1);
    run(pair);
    client_expect(pair->bobs[2], "{'event':'message','seq':3}");
    client_expect_nothing(pair->bobs[2]);
}

static void who_resumes_reads_it(void **state)
{
    struct pair *pair = *state;
    struct tasks *tasks = pair->tasks;
    struct client *eve = tasks_member(tasks, 1, "eve");

    run(pair);
    client_close(eve);
    send_unheard(pair, 1);
    find_out(pair);
    run(pair);
    eve = client_open(tasks_at(tasks, 1));
    client_say(eve,
               "{'action':'hello','id':1,'version':1,'guest':'eve',"
               "'key':'key-of-eve','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':3}]}",
               fake_store_epoch(tasks->world->store, "lobby"));
    tasks_run(tasks);
    assert_int_equal(fake_cache_answer(pair->cache), 1);
    assert_int_equal(count_reads(pair), 0);
    client_expect(eve, "{'reply':1,'ok':{'rooms':[{'room':'lobby',"
                       "'resumed':true}]}}");
    client_expect(eve, "{'event':'message','seq':4,'text':'text 1'}");
    client_close(eve);
    for (size_t i = 0; i < LISTENERS; i++)
        client_skip(pair->bobs[i]);
}

static void what_is_too_long_for_it_is_not_left(void **state)
{
    struct pair *pair = *state;
    static char text[4000], request[4200];

    memset(text, 'x', sizeof(text) - 1);
    tasks_at(pair->tasks, 0);
    for (unsigned int i = 0; i < 9; i++)
        client_say_more(pair->ann,
                        "{'action':'send','room':'lobby','key':'k%u',"
                        "'text':'%s'}",
                        i, text);
    snprintf(request, sizeof(request),
             "{'action':'send','room':'lobby','key':'k','text':'%s'}", text);
    do_unheard(pair, request);
    assert_null(fake_cache_value(pair->cache, "tail:lobby:12"));
    find_out(pair);
    fake_cache_answer(pair->cache);
    assert_int_equal(count_reads(pair), 1);
    run(pair);
    for (size_t i = 0; i < LISTENERS; i++)
        client_skip(pair->bobs[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_missed_is_read_from_it),
        TEST(a_batch_is_one_value),
        TEST(one_that_knows_nothing_is_done_without),
        TEST(one_that_has_a_gap_is_done_without),
        TEST(one_that_is_slow_is_done_without),
        TEST(what_is_of_elsewhere_is_not_believed),
        TEST(what_is_no_value_is_not_believed),
        TEST(what_was_deleted_is_not_read_from_it),
        TEST(what_is_long_is_read_from_the_store),
        TEST(who_is_gone_is_not_told),
        TEST(one_of_them_goes_while_it_is_read),
        TEST(who_resumes_reads_it),
        TEST(what_is_too_long_for_it_is_not_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
