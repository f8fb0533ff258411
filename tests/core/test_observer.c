/* What observers are told: each request once, when it has ended, and of whom.
 */
#include "tests/core/world.h"

#include <stdio.h>
#include <string.h>

#define RECORDS_MAX 64

/* The records, and copies of the strings that live no longer. */
struct seen {
    struct chat__request_record record;
    char connection[CHAT__REQUEST_NAME_SIZE];
    char request[CHAT__REQUEST_NAME_SIZE];
    char room[32];
};

static struct seen seen[RECORDS_MAX];
static size_t seen_count;
static size_t opened, closed, signed_in;
static unsigned int closed_code;

static void on_request(void *context, const struct chat__request_record *record)
{
    struct seen *now = &seen[seen_count++];

    assert_ptr_equal(context, &opened);
    assert_true(seen_count <= RECORDS_MAX);
    now->record = *record;
    chat__caller_name(&record->caller, now->connection);
    chat__request_name(record, now->request);
    (void)snprintf(now->room, sizeof(now->room), "%s",
                   record->room == NULL ? "-" : record->room);
}

static void on_opened(void *context,
                      const struct chat__connection_record *record)
{
    (void)context;
    (void)record;
    opened++;
}

static void on_closed(void *context,
                      const struct chat__connection_record *record)
{
    (void)context;
    closed++;
    closed_code = record->code;
}

static void on_sign_in(void *context, const struct chat__sign_in_record *record)
{
    (void)context;
    assert_true(record->guest);
    assert_int_equal(record->credential, CHAT__CREDENTIAL_GUEST);
    assert_non_null(record->name);
    signed_in++;
}

static const struct chat__observer watchful = {
    .request_done = on_request,
    .connection_opened = on_opened,
    .connection_closed = on_closed,
    .signed_in = on_sign_in,
    .context = &opened,
};
static const struct chat__observer blind = {0};
static const struct chat__observer *const observers[] = {&blind, &watchful,
                                                         NULL};

static struct world *begin(void)
{
    const struct chat__core_options options = {.in_flight = 64,
                                               .observers = observers};
    struct world *world = world_new_with(&options);

    world_run(world);
    seen_count = opened = closed = signed_in = 0;
    closed_code = 0;
    return world;
}

/* The one record that came since the last call. */
static const struct seen *next(void)
{
    static size_t taken;

    if (seen_count <= 1)
        taken = 0;
    assert_int_equal(seen_count, taken + 1);
    return &seen[taken++];
}

static struct client *join_lobby(struct world *world)
{
    struct client *ann = client_hello(world, "ann");

    client_do(ann, "{'action':'join','room':'lobby','key':'j'}");
    seen_count = 0;
    return ann;
}

static void a_request_is_told_of_when_it_is_answered(void **state)
{
    struct world *world = begin();
    struct client *ann = join_lobby(world);
    const struct seen *told;

    (void)state;
    assert_int_equal(opened, 1);
    assert_int_equal(signed_in, 1);
    client_say(ann, "{'action':'send','id':7,'room':'lobby','key':'s',"
                    "'text':'x'}");
    assert_int_equal(seen_count, 0);
    world->monotonic_ms += 5;
    world_run(world);
    told = next();
    assert_string_equal(told->connection, "0000000000000001");
    assert_string_equal(told->request, "0000000000000001-7");
    assert_string_equal(told->room, "lobby");
    assert_int_equal(told->record.caller.user, 1);
    assert_true(told->record.has_action);
    assert_int_equal(told->record.action, CHAT__ACTION_SEND);
    assert_int_equal(told->record.result, CHAT__ERROR_NONE);
    assert_true(told->record.answered);
    assert_int_equal(told->record.seq, 2);
    assert_false(told->record.dup);
    assert_int_equal(told->record.ended_us - told->record.began_us, 5000);
    assert_int_equal(told->record.store_us, 5000);
    assert_int_equal(told->record.store_began_us, told->record.began_us);
    client_do(ann, "{'action':'send','id':8,'room':'lobby','key':'s',"
                   "'text':'x'}");
    told = next();
    assert_int_equal(told->record.seq, 2);
    assert_true(told->record.dup);
    client_close(ann);
    world_free(world);
}

static void a_refusal_is_told_of(void **state)
{
    struct world *world = begin();
    struct client *client = client_open(world);
    const struct seen *told;

    (void)state;
    client_say(client, "{");
    told = next();
    assert_false(told->record.has_action);
    assert_int_equal(told->record.result, CHAT__ERROR_BAD_REQUEST);
    assert_string_equal(told->request, "0000000000000001-n1");
    client_say(client, "{'action':'leave','id':3,'room':'den','key':'x'}");
    told = next();
    assert_int_equal(told->record.action, CHAT__ACTION_LEAVE);
    assert_int_equal(told->record.result, CHAT__ERROR_HELLO_REQUIRED);
    assert_int_equal(told->record.store_began_us, 0);
    client_close(client);
    assert_int_equal(closed, 1);
    assert_int_equal(closed_code, 0);
    world_free(world);
}

static void a_client_that_goes_leaves_its_record(void **state)
{
    struct world *world = begin();
    struct client *ann = join_lobby(world);
    const struct seen *told;

    (void)state;
    client_say(ann, "{'action':'send','id':7,'room':'lobby','key':'s',"
                    "'text':'x'}");
    client_close(ann);
    world_run(world);
    told = next();
    assert_false(told->record.answered);
    assert_int_equal(told->record.seq, 2);
    assert_string_equal(told->request, "0000000000000001-7");
    world_free(world);
}

static void a_front_may_name_a_connection_and_a_request(void **state)
{
    static const char rooms[] = "{\"action\":\"rooms\"}";
    const struct chat__remote_context proxy = {.request_id = "from-a-proxy"};
    const struct chat__remote_context gateway = {.request_id =
                                                     "from-a-gateway"};
    struct world *world = begin();
    struct client *ann = client_open_as(world, &proxy);
    const struct seen *told;

    (void)state;
    client_say(ann, "{'action':'hello','id':1,'version':1,'guest':'ann',"
                    "'key':'k'}");
    world_run(world);
    told = next();
    assert_string_equal(told->connection, "from-a-proxy");
    assert_string_equal(told->request, "from-a-proxy-1");
    chat__core_receive(ann->connection, rooms, strlen(rooms), &gateway);
    /* It outlives its connection. */
    client_close(ann);
    world_run(world);
    told = next();
    assert_string_equal(told->connection, "from-a-proxy");
    assert_string_equal(told->request, "from-a-gateway");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_told_of_when_it_is_answered),
        cmocka_unit_test(a_refusal_is_told_of),
        cmocka_unit_test(a_client_that_goes_leaves_its_record),
        cmocka_unit_test(a_front_may_name_a_connection_and_a_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
