/* A change of presence is posted by one task to a client that API Gateway
 * holds, whichever tasks its user is at. */
#include "server/core/elsewhere.h"
#include "server/core/presence.h"
#include "tests/core/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWED_MAX 16

/* The rows of each room have one connection: of bob, who is a member. */
struct fake_relay {
    struct chat__directory directory;
    struct chat__relay relay;
    uint64_t user;
    struct chat__completion *owed[OWED_MAX];
    size_t owed_count;
    unsigned int posts; /* of presence */
};

struct fixture {
    struct fake_relay relay;
    struct tasks *tasks;
    struct client *ann;
    struct client *bob; /* both at task 0 */
};

static void owe(struct chat__directory *base,
                struct chat__completion *completion)
{
    struct fake_relay *fake = (struct fake_relay *)base;

    assert_true(fake->owed_count < OWED_MAX);
    fake->owed[fake->owed_count++] = completion;
}

static void read_rows(struct chat__directory *base,
                      struct chat__directory_read *read)
{
    read->result = CHAT__STORE_OK;
    read->rows = calloc(1, sizeof(*read->rows));
    assert_non_null(read->rows);
    snprintf(read->rows->id, sizeof(read->rows->id), "gateway");
    read->rows->user = ((struct fake_relay *)base)->user;
    read->count = 1;
    owe(base, &read->completion);
}

static void write_rows(struct chat__directory *base,
                       struct chat__directory_write *write)
{
    write->result = CHAT__STORE_OK;
    owe(base, &write->completion);
}

static void post(void *context, const char *id, const char *topic,
                 const char *objects, size_t length,
                 enum chat__delivery delivery)
{
    struct fake_relay *fake = context;

    (void)id;
    (void)topic;
    (void)delivery;
    if (memmem(objects, length, "\"presence\",", 11) != NULL)
        fake->posts++;
}

static void answer(struct fake_relay *fake)
{
    while (fake->owed_count > 0) {
        struct chat__completion *completion = fake->owed[--fake->owed_count];

        completion->run(completion);
    }
}

static void run(struct fixture *fixture)
{
    do {
        answer(&fixture->relay);
        tasks_run(fixture->tasks);
    } while (fixture->relay.owed_count > 0);
}

/* Long enough for what has changed to be told. */
static void settle(struct fixture *fixture)
{
    for (unsigned int i = 0; i < 4; i++) {
        tasks_advance(fixture->tasks, CHAT__PRESENCE_GATHER_MS);
        run(fixture);
    }
}

static int setup(void **state)
{
    static const struct chat__directory_operations operations = {
        .write = write_rows, .read = read_rows};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct fake_relay *relay = &fixture->relay;

    relay->directory.operations = &operations;
    relay->relay = (struct chat__relay){
        .directory = &relay->directory, .post = post, .context = relay};
    relay->user = 2;
    fixture->tasks = tasks_new_with(
        &(struct chat__core_options){.in_flight = 64, .relay = &relay->relay});
    fixture->ann = tasks_member(fixture->tasks, 0, "ann");
    run(fixture);
    fixture->bob = tasks_member(fixture->tasks, 0, "bob");
    settle(fixture);
    relay->posts = 0;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    client_close(fixture->ann);
    client_close(fixture->bob);
    tasks_run(fixture->tasks);
    tasks_advance(fixture->tasks, CHAT__PRESENCE_OFFLINE_MS);
    settle(fixture);
    tasks_free(fixture->tasks);
    free(fixture);
    return 0;
}

static void what_is_set_is_posted_once(void **state)
{
    struct fixture *fixture = *state;
    struct client *other = client_hello(tasks_at(fixture->tasks, 1), "ann");

    settle(fixture);
    fixture->relay.posts = 0;
    tasks_at(fixture->tasks, 0);
    client_say(fixture->ann, "{'action':'presence','id':5,'state':'away'}");
    settle(fixture);
    assert_int_equal(fixture->relay.posts, 1);
    client_close(other);
}

static void who_comes_to_another_task_is_shown_already(void **state)
{
    struct fixture *fixture = *state;
    struct client *other;

    for (int64_t ms = 0; ms < CHAT__ELSEWHERE_REPEAT_MS; ms += 1000)
        settle(fixture);
    fixture->relay.posts = 0;
    other = client_hello(tasks_at(fixture->tasks, 1), "ann");
    settle(fixture);
    assert_int_equal(fixture->relay.posts, 0);
    client_close(other);
}

static void who_comes_anew_is_posted_once(void **state)
{
    struct fixture *fixture = *state;
    struct client *eve = tasks_member(fixture->tasks, 1, "eve");

    settle(fixture);
    assert_int_equal(fixture->relay.posts, 1);
    client_close(eve);
    tasks_advance(fixture->tasks, CHAT__PRESENCE_OFFLINE_MS);
    settle(fixture);
    assert_int_equal(fixture->relay.posts, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_set_is_posted_once),
        TEST(who_comes_to_another_task_is_shown_already),
        TEST(who_comes_anew_is_posted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
