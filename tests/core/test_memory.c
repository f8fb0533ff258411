/*
 * Memory runs out: one scene is played again and again, and each time another
 * allocation of the core fails. Whatever then is refused or closed, nothing
 * may leak, no client may be told something wrong, and the core goes on.
 */
#include "tests/core/world.h"

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

static size_t allocations; /* of the core, in this scene */
static size_t failing;     /* which of them fails; 0: none */
static bool persistent;    /* ... and all behind it */

static bool fails(void)
{
    if (!world_in_core)
        return false;
    allocations++;
    return failing > 0 &&
           (persistent ? allocations >= failing : allocations == failing);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    return fails() ? NULL : __real_realloc(pointer, size);
}

static void hello(struct client *client, const char *name)
{
    client_say(client,
               "{'action':'hello','id':1,'version':1,'guest':'%s',"
               "'key':'k%s','resume':[{'room':'lobby','epoch':'%s',"
               "'seq':1}]}",
               name, name, fake_store_epoch(client->world->store, "lobby"));
    world_run(client->world);
}

/* Entries come without a hole or a repetition. */
static void check_entries(const struct client *client)
{
    double last = 0;

    for (size_t i = 0; i < client->object_count; i++) {
        cJSON *object = cJSON_Parse(client->objects[i]);
        const cJSON *seq = cJSON_GetObjectItem(object, "seq");
        const cJSON *room = cJSON_GetObjectItem(object, "room");

        assert_non_null(object);
        if (seq != NULL && strcmp(cJSON_GetStringValue(room), "lobby") == 0) {
            assert_true(last == 0 || cJSON_GetNumberValue(seq) == last + 1);
            last = cJSON_GetNumberValue(seq);
        }
        cJSON_Delete(object);
    }
}

/* The seq of bob's entry with this key in the lobby; 0: none. */
static double logged(const struct fake_store *store, const char *key)
{
    double found = 0;

    for (uint64_t seq = fake_store_head(store, "lobby"); seq > 0; seq--) {
        cJSON *entry = cJSON_Parse(fake_store_bytes(store, "lobby", seq));
        const char *name = cJSON_GetStringValue(
            cJSON_GetObjectItem(cJSON_GetObjectItem(entry, "from"), "name"));

        if (strcmp(name, "bob") == 0 &&
            strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(entry, "key")),
                   key) == 0)
            found = (double)seq;
        cJSON_Delete(entry);
    }
    return found;
}

/* A request whose key has made an entry gets that, or is to be repeated. */
static void check_repeated(const cJSON *reply, double seq)
{
    const cJSON *ok = cJSON_GetObjectItem(reply, "ok");
    const cJSON *error = cJSON_GetObjectItem(reply, "error");

    if (seq > 0 && ok != NULL)
        assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(ok, "seq")) ==
                    seq);
    else if (seq > 0)
        assert_non_null(cJSON_GetObjectItem(error, "retry_ms"));
}

static void check_repetitions(const struct client *client)
{
    for (size_t i = 0; i < client->object_count; i++) {
        cJSON *object = cJSON_Parse(client->objects[i]);
        const cJSON *reply = cJSON_GetObjectItem(object, "reply");
        double id = reply == NULL ? 0 : cJSON_GetNumberValue(reply);

        if (id == 11)
            check_repeated(object, logged(client->world->store, "s2"));
        else if (id == 12)
            check_repeated(object, logged(client->world->store, "l"));
        cJSON_Delete(object);
    }
}

/* ann is user 1 and owns `den`, if all went well; bob is user 2. */
static void moderate(struct client *const *clients)
{
    static const char *const requests[] = {
        "'action':'invite','room':'den','user':'2'",
        "'action':'topic','room':'den','topic':'x'",
        "'action':'kick','room':'den','user':'2'",
        "'action':'dm','user':'2'",
        "'action':'send','room':'dm.1.2','text':'x','mentions':['2']",
        "'action':'ban','room':'den','user':'2','on':true",
        "'action':'edit','room':'lobby','ref':3,'text':'y'",
        "'action':'react','room':'lobby','ref':3,'emoji':'👍','on':true",
        "'action':'delete','room':'lobby','ref':3",
        "'action':'role','room':'den','user':'1','role':'member'",
    };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        client_say(clients[0], "{'id':%d,'key':'m%d',%s}", 20 + (int)i, (int)i,
                   requests[i]);
    world_run(clients[0]->world);
    client_say(clients[0], "{'action':'members','id':13,'room':'den'}");
    hello(clients[2], "bob");
    world_run(clients[0]->world);
}

static void play(void)
{
    struct world *world = world_new();
    struct client *clients[3];

    allocations = 0;
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open(world);
        hello(clients[i], i == 2 ? "bob" : "ann");
        client_say(clients[i], "{'action':'join','id':2,'room':'lobby',"
                               "'key':'j'}");
        world_run(world);
    }
    for (int i = 0; i < 12; i++)
        client_say(clients[i % 3],
                   "{'action':'send','id':3,'room':'lobby',"
                   "'key':'s%d','text':'hello'}",
                   i);
    client_say(clients[0], "{'action':'join','id':4,'room':'den','key':'j',"
                           "'create':true}");
    world_run(world);
    client_say(clients[1], "{'action':'history','id':5,'room':'lobby',"
                           "'before':9}");
    client_say(clients[1], "{'action':'read','id':6,'room':'lobby','seq':2}");
    client_say(clients[1], "{'action':'typing','id':7,'room':'lobby'}");
    client_say(clients[1], "{'action':'ping','id':8}");
    client_say(clients[1], "{'action':'rooms','id':9}");
    world_run(world);
    client_say(clients[2], "{'action':'leave','id':10,'room':'lobby',"
                           "'key':'l'}");
    hello(clients[0], "ann");
    world_run(world);
    client_say(clients[2], "{'action':'send','id':11,'room':'lobby',"
                           "'key':'s2','text':'hello'}");
    client_say(clients[2], "{'action':'leave','id':12,'room':'lobby',"
                           "'key':'l'}");
    world_run(world);
    moderate(clients);
    failing = 0;
    check_repetitions(clients[2]);
    for (int i = 0; i < 3; i++) {
        assert_true(clients[i]->closed == 0 || clients[i]->closed == 4001);
        if (i == 1)
            check_entries(clients[i]);
        client_close(clients[i]);
    }
    world_free(world);
}

static void fail_each(void)
{
    size_t count;

    failing = 0;
    play();
    count = allocations;
    assert_in_range(count, 100, 2000);
    for (size_t i = 1; i <= count; i++) {
        failing = i;
        play();
    }
}

static void one_allocation_fails(void **state)
{
    (void)state;
    persistent = false;
    fail_each();
}

static void memory_stays_short(void **state)
{
    (void)state;
    persistent = true;
    fail_each();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_fails),
        cmocka_unit_test(memory_stays_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
