#include "tests/simulation/dynamodb.h"

#include "protocol/event.h"
#include "protocol/json.h"
#include "server/store/dynamodb_private.h"
#include "tests/dynamodb/model.h"
#include "tests/simulation/model.h"
#include "tests/simulation/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL_MS INT64_C(1795363200000)

/* So long a caller waits for an answer, and so late a request may land. */
#define TIMEOUT_MS 3000
#define LATE_MS    30000

enum fate {
    FATE_FINE,
    FATE_THROTTLED,
    FATE_BEFORE, /* nothing happens, and no answer comes */
    FATE_ERROR,  /* nothing happens, and the answer says so, or does not */
    FATE_AFTER,  /* it happens, and no answer comes */
    FATE_LATE    /* no answer comes, and then it happens */
};

/* Lives until it has landed and has been answered. */
struct request {
    struct server *server;
    struct chat__dynamodb_call *call;
    char operation[16];
    char *body;
    size_t length;
    enum fate fate;
    bool answered; /* or nobody waits for it any more */
    bool landed;
    unsigned int status;
    char *answer;
};

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

/* ---- faults ---- */

static enum fate draw_fate(struct simulation *simulation)
{
    const struct plan *plan = &simulation->plan;

    if (simulation_fault(simulation, plan->busy))
        return FATE_THROTTLED;
    if (simulation_fault(simulation, plan->fail_before))
        return simulation_chance(simulation, 500) ? FATE_BEFORE : FATE_ERROR;
    if (simulation_fault(simulation, plan->fail_after))
        return FATE_AFTER;
    if (plan->late_writes && simulation_fault(simulation, 20))
        return FATE_LATE;
    return FATE_FINE;
}

static int64_t draw_delay(struct simulation *simulation)
{
    int64_t delay =
        (int64_t)simulation_draw(simulation, simulation->plan.store_ms / 3 + 1);

    if (simulation->healed)
        return delay % 5;
    if (simulation->store_stalls_until > simulation->now)
        delay += simulation->store_stalls_until - simulation->now;
    return delay;
}

/* ---- the client ---- */

static void call(struct chat__dynamodb_client *client,
                 struct chat__dynamodb_call *call_)
{
    struct dynamodb *dynamodb = (struct dynamodb *)client;
    struct simulation *simulation = dynamodb->server->simulation;
    struct request *request = must(calloc(1, sizeof(*request)));

    request->server = dynamodb->server;
    request->call = call_;
    snprintf(request->operation, sizeof(request->operation), "%s",
             call_->operation);
    request->body = must(malloc(call_->length));
    memcpy(request->body, call_->body, call_->length);
    request->length = call_->length;
    request->fate = draw_fate(simulation);
    /* What the dead ask for nobody hears. */
    if (dynamodb->server->state == SERVER_DEAD)
        request->fate = FATE_BEFORE;
    simulation_after(simulation, call_->delay_ms + draw_delay(simulation),
                     EVENT_REQUEST, request, 0);
}

static int64_t monotonic_ms(struct chat__dynamodb_client *client)
{
    return ((struct dynamodb *)client)->server->simulation->now;
}

static bool fill(struct chat__dynamodb_client *client, void *bytes,
                 size_t length)
{
    struct simulation *simulation =
        ((struct dynamodb *)client)->server->simulation;
    unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++)
        at[i] = (unsigned char)simulation_draw(simulation, 256);
    return true;
}

static void post(void *context, struct chat__completion *completion)
{
    struct dynamodb *dynamodb = context;
    struct posted *posted = must(malloc(sizeof(*posted)));

    *posted = (struct posted){dynamodb->server, completion};
    simulation_after(dynamodb->server->simulation, 0, EVENT_POSTED, posted, 0);
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

struct chat__store *dynamodb_open(struct dynamodb *dynamodb,
                                  struct server *server)
{
    struct chat__dynamodb_options options = {
        .client = &dynamodb->client,
        .sink = {post, dynamodb},
        .table_prefix = "simulated-",
        .recent_max = 1 + simulation_draw(server->simulation, 20),
        .snapshot_chunks =
            1 + (unsigned int)simulation_draw(server->simulation, 20),
    };

    dynamodb->client = (struct chat__dynamodb_client){
        .call = call, .monotonic_ms = monotonic_ms, .fill = fill};
    dynamodb->server = server;
    dynamodb->store = must(chat__dynamodb_open(&options));
    return dynamodb->store;
}

void dynamodb_close(struct dynamodb *dynamodb)
{
    if (dynamodb->store != NULL)
        dynamodb->store->operations->close(dynamodb->store);
    dynamodb->store = NULL;
}

/* ---- the service ---- */

static void end_if_done(struct request *request)
{
    if (!request->answered || !request->landed)
        return;
    free(request->body);
    free(request->answer);
    free(request);
}

static void carry_out(struct request *request)
{
    struct simulation *simulation = request->server->simulation;

    free(request->answer);
    simulation->appender = request->server;
    request->answer = dynamodb_model_execute(
        simulation->tables, request->operation, request->body, request->length,
        simulation_fault(simulation, 500), &request->status);
    simulation->appender = NULL;
}

static void refuse(struct request *request, unsigned int status,
                   const char *type)
{
    char text[128];

    snprintf(text, sizeof(text),
             "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\"}", type);
    request->status = status;
    request->answer = must(strdup(text));
}

static void answer_after(struct request *request, int64_t in)
{
    simulation_after(request->server->simulation, in, EVENT_RESPONSE, request,
                     0);
}

static void trace(const struct request *request, const char *what)
{
    simulation_trace(request->server->simulation, what, request->server->number,
                     request->fate, request->body, request->length);
}

/* It is on its way when its server dies: it may be lost, or come later. */
static void meet_death(struct request *request)
{
    struct simulation *simulation = request->server->simulation;

    if (request->server->state != SERVER_DEAD || request->fate == FATE_BEFORE)
        return;
    if (!simulation->plan.late_writes || simulation_chance(simulation, 300))
        request->fate = FATE_BEFORE;
    else if (!simulation->healed && simulation_chance(simulation, 500))
        request->fate = FATE_LATE;
}

void dynamodb_execute(void *subject)
{
    struct request *request = subject;
    struct simulation *simulation = request->server->simulation;

    if (request->answered) { /* it is late */
        trace(request, "late");
        carry_out(request);
        request->landed = true;
        end_if_done(request);
        return;
    }
    meet_death(request);
    trace(request, request->operation);
    request->landed = request->fate != FATE_LATE;
    if (request->fate == FATE_FINE || request->fate == FATE_AFTER)
        carry_out(request);
    if (request->fate == FATE_THROTTLED)
        refuse(request, 400, "ProvisionedThroughputExceededException");
    if (request->fate == FATE_ERROR)
        refuse(request, 500, "InternalServerError");
    if (request->fate == FATE_FINE || request->fate == FATE_THROTTLED ||
        request->fate == FATE_ERROR)
        answer_after(request, draw_delay(simulation));
    else
        answer_after(request,
                     (int64_t)simulation_draw(simulation, TIMEOUT_MS));
}

void dynamodb_respond(void *subject)
{
    struct request *request = subject;
    struct simulation *simulation = request->server->simulation;
    struct server *server = request->server;
    struct chat__dynamodb_response response = {0};

    if (request->fate == FATE_FINE || request->fate == FATE_THROTTLED ||
        request->fate == FATE_ERROR) {
        response.status = request->status;
        response.body = request->answer;
        response.length = strlen(request->answer);
    }
    trace(request, "answered");
    request->answered = true;
    if (!request->landed)
        simulation_after(simulation,
                         (int64_t)simulation_draw(simulation, LATE_MS),
                         EVENT_REQUEST, request, 0);
    request->call->answered(request->call, &response);
    end_if_done(request);
    server_touched(server);
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
    for (size_t i = 0; i < chunk.count; i++)
        complete_entry(&chunk.entries[i]);
    disk->operations->append(disk, &append);
    fake_store_complete(simulation->disk, 0);
    if (append.result != CHAT__STORE_OK)
        model_violation(simulation, "a chunk of %s at %llu that is refused: %d",
                        append.room, (unsigned long long)chunk.key,
                        (int)append.result);
    if (simulation->appender != NULL)
        server_appended(simulation->appender, &append);
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
    dynamodb_model_put(simulation->tables, table, must(cJSON_Parse(text)));
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

void dynamodb_begin(struct simulation *simulation)
{
    simulation->tables = dynamodb_model_new("simulated-");
    for (unsigned int i = 0; i < PROGRAMS_MAX; i++)
        put_guest(simulation, i);
    if (simulation_chance(simulation, 500))
        dynamodb_model_limit_pages(simulation->tables,
                                   1 + simulation_draw(simulation, 4));
    dynamodb_model_watch(simulation->tables, watch, simulation);
}

/* How many messages the room has: what its last entry counts. */
static uint64_t count_messages(const struct simulation *simulation,
                               const char *room)
{
    size_t count;
    const cJSON *const *items =
        dynamodb_model_items(simulation->tables, "messages", &count);
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
    request = must(
        cJSON_ParseWithLength(body.buffer.data, body.buffer.length));
    dynamodb_model_put(
        simulation->tables, "messages",
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
        dynamodb_model_items(simulation->tables, "messages", &count);

    for (size_t i = 0; i < count; i++)
        check_chunk(simulation, items[i]);
}
