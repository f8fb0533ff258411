#include "tests/simulation/dynamodb.h"

#include "protocol/event.h"
#include "protocol/json.h"
#include "server/store/dynamodb_private.h"
#include "tests/simulation/model.h"
#include "tests/simulation/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL_MS INT64_C(1795363200000)

/* A request is tried again, so that few faults would be no failure. */
#define FAULTS_MORE 4

struct posted {
    struct server *server;
    struct chat__completion *completion;
};

static void *must(void *pointer)
{
    if (pointer == NULL)
        abort();
    return pointer;
}

/* ---- the service ---- */

static uint64_t draw(void *context, uint64_t below)
{
    return simulation_draw(context, below);
}

static bool fault(void *context, unsigned int of_1000)
{
    return simulation_fault(context, of_1000);
}

static int64_t now_ms(void *context)
{
    return ((struct simulation *)context)->now;
}

static int64_t delay_ms(void *context)
{
    struct simulation *simulation = context;
    int64_t delay =
        (int64_t)simulation_draw(simulation, simulation->plan.store_ms / 3 + 1);

    if (simulation->healed)
        return delay % 5;
    if (simulation->store_stalls_until > simulation->now)
        delay += simulation->store_stalls_until - simulation->now;
    return delay;
}

static void after(void *context, int64_t in, bool respond, void *subject)
{
    simulation_after(context, in, respond ? EVENT_RESPONSE : EVENT_REQUEST,
                     subject, 0);
}

static void trace(void *context, const struct service_client *client,
                  const char *what, const char *body, size_t length)
{
    const struct server *server = client->owner;

    simulation_trace(context, what, server->number, 0, body, length);
}

static void answered(void *context, struct service_client *client)
{
    (void)context;
    server_touched(client->owner);
}

static struct service *new_service(struct simulation *simulation)
{
    const struct plan *plan = &simulation->plan;
    struct service *service = must(calloc(1, sizeof(*service)));

    *service = (struct service){
        .model = dynamodb_model_new("simulated-"),
        .context = simulation,
        .draw = draw,
        .fault = fault,
        .delay_ms = delay_ms,
        .now_ms = now_ms,
        .after = after,
        .trace = trace,
        .answered = answered,
        .throttled = plan->busy * FAULTS_MORE,
        .lost_before = plan->fail_before * FAULTS_MORE,
        .lost_after = plan->fail_after * FAULTS_MORE,
        .late = plan->late_writes ? 50 : 0,
        .late_after_death = plan->late_writes,
    };
    return service;
}

/* ---- a server's store ---- */

static void post(void *context, struct chat__completion *completion)
{
    struct dynamodb *dynamodb = context;
    struct posted *posted = must(malloc(sizeof(*posted)));
    struct server *server = dynamodb->client.owner;

    *posted = (struct posted){server, completion};
    simulation_after(server->simulation, 0, EVENT_POSTED, posted, 0);
}

void dynamodb_complete(void *subject)
{
    struct posted *posted = subject;
    struct server *server = posted->server;
    struct chat__completion *completion = posted->completion;

    free(posted);
    completion->run(completion);
    server_touched(server);
}

/* What it remembers is little, so that what is rare happens. */
struct chat__store *dynamodb_open(struct dynamodb *dynamodb,
                                  struct server *server)
{
    struct simulation *simulation = server->simulation;
    struct chat__dynamodb_options options = {
        .client = &dynamodb->client.base,
        .sink = {post, dynamodb},
        .table_prefix = "simulated-",
        .recent_max = 1 + simulation_draw(simulation, 20),
        .snapshot_chunks = 1 + (unsigned int)simulation_draw(simulation, 20),
    };

    service_client_init(&dynamodb->client, simulation->dynamodb, server);
    dynamodb->store = must(chat__dynamodb_open(&options));
    return dynamodb->store;
}

void dynamodb_crash(struct dynamodb *dynamodb)
{
    dynamodb->client.dead = true;
}

void dynamodb_close(struct dynamodb *dynamodb)
{
    if (dynamodb->store != NULL)
        dynamodb->store->operations->close(dynamodb->store);
    dynamodb->store = NULL;
}

/* ---- what the chunks say ---- */

static void nobody(struct chat__completion *completion)
{
    (void)completion;
}

static bool is_message(const struct chat__store_entry *entry)
{
    return strncmp(entry->bytes, "{\"event\":\"message\",", 19) == 0;
}

/* What the chunk leaves to its bytes: the text of an edit, which is owned. */
static void complete_entry(struct chat__store_entry *entry)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json = NULL;

    entry->message = is_message(entry);
    if (entry->fold == CHAT__FOLD_EDIT)
        json = must(chat__json_parse(entry->bytes, entry->length, &error));
    if (json != NULL && chat__event_parse(&event, json, &error))
        entry->text = must(strdup(event.text));
    chat__json_free(json);
}

/* The last seq that a user's item of a room is marked with. */
static uint64_t find_mark(const struct simulation *simulation, uint64_t user,
                          const char *room)
{
    size_t count;
    const cJSON *const *items =
        dynamodb_model_items(simulation->dynamodb->model, "users", &count);

    for (size_t i = 0; i < count; i++) {
        const char *name = chat__dynamodb_user_room_name(items[i]);

        if (name != NULL && strcmp(name, room) == 0 &&
            chat__dynamodb_get_number(items[i], "user") == user)
            return chat__dynamodb_get_number(items[i], "look");
    }
    return 0;
}

/*
 * Whoever is asked to a room is marked before the chunk that says so lands, so
 * that they hear of it whatever becomes of its writer.
 */
static void check_marks(struct simulation *simulation, const char *room,
                        const struct chat__store_entry *entry)
{
    for (size_t i = 0; i < entry->standing_count; i++) {
        const struct chat__store_standing *standing = &entry->standings[i];

        if (standing->role == CHAT__ROLE_INVITED &&
            standing->user != entry->user &&
            find_mark(simulation, standing->user, room) < entry->seq)
            model_violation(simulation,
                            "user %llu is asked to %s at %llu and not marked",
                            (unsigned long long)standing->user, room,
                            (unsigned long long)entry->seq);
    }
}

static void mirror(struct simulation *simulation, const cJSON *item)
{
    struct chat__dynamodb_chunk chunk;
    struct chat__store_append append = {.completion.run = nobody};
    struct chat__store *disk = fake_store_interface(simulation->disk);

    if (!chat__dynamodb_chunk_read(&chunk, cJSON_Duplicate(item, true)))
        model_violation(simulation, "a chunk that is none");
    append.room = chat__dynamodb_get_string(chunk.item, "room");
    append.create_epoch = chunk.epoch;
    append.create_private = chunk.private_room;
    append.entries = chunk.entries;
    append.count = chunk.count;
    for (size_t i = 0; i < chunk.count; i++) {
        complete_entry(&chunk.entries[i]);
        check_marks(simulation, append.room, &chunk.entries[i]);
    }
    disk->operations->append(disk, &append);
    fake_store_complete(simulation->disk, 0);
    if (append.result != CHAT__STORE_OK)
        model_violation(simulation, "a chunk of %s at %llu that is refused: %d",
                        append.room, (unsigned long long)chunk.key,
                        (int)append.result);
    if (simulation->dynamodb->current != NULL)
        server_appended(simulation->dynamodb->current->owner, &append);
    else
        model_appended(simulation, &append);
    for (size_t i = 0; i < chunk.count; i++)
        free((void *)chunk.entries[i].text);
    chat__store_append_release(&append);
    chat__dynamodb_chunk_release(&chunk);
}

static void watch(void *context, const char *table, const cJSON *item)
{
    if (strcmp(table, "messages") == 0)
        mirror(context, item);
}

/* ---- the beginning, others, the end ---- */

static void put(struct simulation *simulation, const char *table,
                const char *text)
{
    dynamodb_model_put(simulation->dynamodb->model, table,
                       must(cJSON_Parse(text)));
}

/* The guest of a program, as its key, its name and the order have it. */
static void put_guest(struct simulation *simulation, unsigned int number)
{
    char text[256];

    snprintf(text, sizeof(text),
             "{\"user\":{\"N\":\"%u\"},\"what\":{\"S\":\"profile\"},"
             "\"guest\":{\"N\":\"1\"},\"idle\":{\"S\":\"guest\"},"
             "\"generation\":{\"S\":\"0\"},\"name\":{\"S\":\"p%u\"},"
             "\"seen\":{\"N\":\"%lld\"}}",
             number + 1, number, (long long)WALL_MS);
    put(simulation, "users", text);
    snprintf(text, sizeof(text),
             "{\"user\":{\"N\":\"%u\"},\"name\":{\"S\":\"guest:g%u\"}}",
             number + 1, number);
    put(simulation, "names", text);
}

/* The programs have the ids up to here, and accounts those behind it. */
static void put_counter(struct simulation *simulation)
{
    char text[96];

    snprintf(text, sizeof(text),
             "{\"id\":{\"S\":\"users\"},\"next\":{\"N\":\"%u\"}}",
             PROGRAMS_MAX);
    put(simulation, "user-counter", text);
}

uint64_t dynamodb_account(const struct simulation *simulation)
{
    size_t count;
    const cJSON *const *items =
        dynamodb_model_items(simulation->dynamodb->model, "names", &count);

    for (size_t i = 0; i < count; i++)
        if (strncmp(chat__dynamodb_get_string(items[i], "name"),
                    "account:", strlen("account:")) == 0)
            return chat__dynamodb_get_number(items[i], "user");
    return 0;
}

void dynamodb_end(struct simulation *simulation)
{
    dynamodb_model_free(simulation->dynamodb->model);
    free(simulation->dynamodb);
}

void dynamodb_begin(struct simulation *simulation)
{
    simulation->dynamodb = new_service(simulation);
    for (unsigned int i = 0; i < PROGRAMS_MAX; i++)
        put_guest(simulation, i);
    put_counter(simulation);
    if (simulation_chance(simulation, 500))
        dynamodb_model_limit_pages(simulation->dynamodb->model,
                                   1 + simulation_draw(simulation, 4));
    dynamodb_model_watch(simulation->dynamodb->model, watch, simulation);
}

/* How many messages the room has: what its last entry counts. */
static uint64_t count_messages(const struct simulation *simulation,
                               const char *room)
{
    size_t count;
    const cJSON *const *items =
        dynamodb_model_items(simulation->dynamodb->model, "messages", &count);
    uint64_t last = 0;
    uint64_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const cJSON *entries = chat__dynamodb_get_list(items[i], "entries");
        const cJSON *entry =
            cJSON_GetArrayItem(entries, cJSON_GetArraySize(entries) - 1);

        if (strcmp(chat__dynamodb_get_string(items[i], "room"), room) != 0 ||
            chat__dynamodb_get_number(items[i], "last") <= last)
            continue;
        last = chat__dynamodb_get_number(items[i], "last");
        n = chat__dynamodb_get_number(chat__dynamodb_element_map(entry), "n");
    }
    return n;
}

void dynamodb_append_foreign(struct simulation *simulation, const char *room,
                             const char *bytes)
{
    char key[16];
    struct chat__dynamodb store = {0};
    struct chat__dynamodb_body body;
    struct chat__store_entry entry = {
        .seq = fake_store_head(simulation->disk, room) + 1,
        .n = count_messages(simulation, room),
        .ts = simulation->disk_ts,
        .user = 4711,
        .key = key,
        .bytes = bytes,
        .length = strlen(bytes),
    };
    struct chat__store_append append = {
        .room = room, .entries = &entry, .count = 1};
    cJSON *request;

    snprintf(key, sizeof(key), "f%u", simulation->foreign_count);
    chat__dynamodb_chunk_put(&body, &store, &append, "foreign");
    chat__dynamodb_body_end(&body);
    request = must(cJSON_ParseWithLength(body.buffer.data, body.buffer.length));
    dynamodb_model_put(
        simulation->dynamodb->model, "messages",
        cJSON_DetachItemFromObjectCaseSensitive(request, "Item"));
    cJSON_Delete(request);
    chat__dynamodb_body_release(&body);
}

static void check_chunk(struct simulation *simulation, const cJSON *item)
{
    struct chat__dynamodb_chunk chunk;
    const char *room = chat__dynamodb_get_string(item, "room");

    if (!chat__dynamodb_chunk_read(&chunk, cJSON_Duplicate(item, true)))
        model_violation(simulation, "a chunk that is none");
    for (size_t i = 0; i < chunk.count; i++) {
        const struct chat__store_entry *entry = &chunk.entries[i];
        const char *bytes =
            fake_store_bytes(simulation->disk, room, entry->seq);

        if (strcmp(bytes, entry->bytes) != 0)
            model_violation(simulation, "%s is kept as %s", bytes,
                            entry->bytes);
    }
    chat__dynamodb_chunk_release(&chunk);
}

void dynamodb_check_tables(struct simulation *simulation)
{
    size_t count;
    const cJSON *const *items =
        dynamodb_model_items(simulation->dynamodb->model, "messages", &count);

    for (size_t i = 0; i < count; i++)
        check_chunk(simulation, items[i]);
}
