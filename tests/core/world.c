#include "tests/core/world.h"

#include "server/core/append.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chat__frame {
    struct world *world;
    enum chat__delivery delivery;
    size_t length;
    char bytes[];
};

/* The world whose fronts run; the front's `frame` gets no handle. */
static struct world *current;

bool world_in_core;

/* ---- the front ---- */

static void record(struct client *client, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    bool in_core = world_in_core;

    world_in_core = false;
    assert_true(length > 0 && end[-1] == '\n');
    assert_int_equal(client->closed, 0);
    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

        client->objects =
            realloc(client->objects,
                    (client->object_count + 1) * sizeof(*client->objects));
        assert_non_null(client->objects);
        client->objects[client->object_count++] =
            strndup(bytes, (size_t)(stop - bytes));
        bytes = stop + 1;
    }
    world_in_core = in_core;
}

static void front_send(void *handle, const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    assert_int_equal(delivery, CHAT__DELIVERY_DURABLE);
    record(handle, objects, length);
}

static struct chat__frame *front_frame(const char *objects, size_t length,
                                       enum chat__delivery delivery)
{
    struct chat__frame *frame;

    if (current->frame_fails)
        return NULL;
    frame = malloc(sizeof(*frame) + length);
    if (frame == NULL)
        return NULL;
    frame->world = current;
    frame->delivery = delivery;
    frame->length = length;
    memcpy(frame->bytes, objects, length);
    current->frames++;
    current->framed++;
    return frame;
}

static void front_deliver(void *handle, struct chat__frame *frame)
{
    record(handle, frame->bytes, frame->length);
}

static void front_frame_release(struct chat__frame *frame)
{
    frame->world->frames--;
    free(frame);
}

static void front_close(void *handle, unsigned int code, const char *reason)
{
    struct client *client = handle;

    assert_int_equal(client->closed, 0);
    assert_non_null(reason);
    client->closed = code;
}

static const struct chat__front_operations front = {
    .send = front_send,
    .frame = front_frame,
    .deliver = front_deliver,
    .frame_release = front_frame_release,
    .close = front_close,
};

/* ---- the world ---- */

static int64_t wall_ms(void *context)
{
    return ((struct world *)context)->wall_ms;
}

static int64_t monotonic_us(void *context)
{
    return ((struct world *)context)->monotonic_ms * 1000;
}

static bool fill(void *context, void *bytes, size_t length)
{
    struct world *world = context;
    unsigned char *out = bytes;

    for (size_t i = 0; i < length; i++) {
        world->random = world->random * UINT64_C(6364136223846793005) + 1;
        out[i] = (unsigned char)(world->random >> 56);
    }
    return !world->random_fails;
}

static void discard_log(void *context, const char *event, const char *detail)
{
    (void)context;
    assert_non_null(event);
    assert_non_null(detail);
}

static void end_pass(void *context)
{
    chat__append_gathered(((struct world *)context)->core);
}

static void start_core(struct world *world)
{
    world->core = chat__core_new(&world->options);
    assert_non_null(world->core);
}

struct world *world_new_with(const struct chat__core_options *changes)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    current = world;
    world->store = fake_store_new();
    fake_store_mark_core(world->store, &world_in_core);
    fake_store_end_passes(world->store, end_pass, world);
    world->wall_ms = WALL_MS;
    world->monotonic_ms = 1000;
    world->options = *changes;
    fake_accounts_init(&world->accounts, &world_in_core);
    world->options.accounts = &world->accounts.interface;
    world->options.store = fake_store_interface(world->store);
    world->options.clock = (struct chat__clock){wall_ms, monotonic_us, world};
    world->options.random = (struct chat__random){fill, world};
    world->options.log = (struct chat__core_log){discard_log, world};
    world->options.metrics = &world->metrics;
    world->options.server_version = "1.2.3";
    world->options.server_task = "test";
    start_core(world);
    return world;
}

struct world *world_new(void)
{
    struct chat__core_options options = {.in_flight = 64};
    struct world *world = world_new_with(&options);

    world_run(world);
    return world;
}

static bool complete_one(struct world *world)
{
    if (fake_store_waiting(world->store) > 0)
        fake_store_complete(world->store, 0);
    else if (world->accounts.waiting > 0)
        fake_accounts_complete(&world->accounts);
    else
        return false;
    return true;
}

void world_run(struct world *world)
{
    while (complete_one(world))
        ;
    world_in_core = true;
    chat__core_flush(world->core);
    world_in_core = false;
    /* Delivering may begin to read a log, and that may deliver. */
    if (fake_store_waiting(world->store) > 0)
        world_run(world);
}

void world_advance(struct world *world, int64_t ms)
{
    world->wall_ms += ms;
    world->monotonic_ms += ms;
    chat__core_flush(world->core);
    assert_true(chat__core_tick(world->core) > 0);
}

/* With nothing left in it. */
static void end_core(struct world *world)
{
    struct chat__core_counts counts;

    world_run(world);
    world_advance(world, CHAT__PRESENCE_OFFLINE_MS);
    world_advance(world, CHAT__PRESENCE_GATHER_MS);
    world_run(world);
    assert_true(chat__core_idle(world->core));
    counts = chat__core_counts(world->core);
    assert_int_equal(counts.connections, 0);
    assert_int_equal(counts.users, 0);
    assert_int_equal(counts.rooms, 0);
    assert_int_equal(world->frames, 0);
    chat__core_free(world->core);
}

void world_restart(struct world *world)
{
    end_core(world);
    start_core(world);
    world_run(world);
}

void world_free(struct world *world)
{
    end_core(world);
    fake_store_free(world->store);
    free(world);
}

/* ---- clients ---- */

static struct client *open_client(struct world *world, struct chat__peer peer)
{
    struct client *client = calloc(1, sizeof(*client));

    assert_non_null(client);
    client->world = world;
    peer.id = ++world->connections;
    client->connection = chat__core_connect(world->core, &front, client, &peer);
    assert_non_null(client->connection);
    return client;
}

struct client *client_open_from(struct world *world,
                                const unsigned char *address)
{
    return open_client(world, (struct chat__peer){.address = address});
}

struct client *client_open_as(struct world *world,
                              const struct chat__remote_context *remote)
{
    return open_client(world, (struct chat__peer){.remote = remote});
}

struct client *client_open(struct world *world)
{
    return open_client(world, (struct chat__peer){0});
}

struct client *client_hello(struct world *world, const char *name)
{
    struct client *client = client_open(world);

    client_say(client,
               "{'action':'hello','id':1,'version':1,'guest':'%s',"
               "'key':'key-of-%s'}",
               name, name);
    world_run(world);
    client_expect(client, "{'reply':1,'ok':{'user':{'name':'%s'}}}", name);
    client_skip(client);
    return client;
}

void client_disconnect(struct client *client)
{
    if (client->connection != NULL)
        chat__core_disconnect(client->connection, client->closed,
                              client->closed == 0 ? NULL : "test");
    client->connection = NULL;
}

void client_close(struct client *client)
{
    client_disconnect(client);
    for (size_t i = 0; i < client->object_count; i++)
        free(client->objects[i]);
    free(client->objects);
    free(client);
}

/* JSON in tests is written with ' for ". */
static char *format_string(const char *format, va_list arguments)
{
    char *string;

    assert_true(vasprintf(&string, format, arguments) >= 0);
    for (char *at = string; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    return string;
}

static void say(struct client *client, bool ends_pass, const char *format,
                va_list arguments)
{
    char *string = format_string(format, arguments);

    world_in_core = true;
    chat__core_receive(client->connection, string, strlen(string), NULL);
    if (ends_pass)
        end_pass(client->world);
    world_in_core = false;
    free(string);
}

void client_say(struct client *client, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(client, true, format, arguments);
    va_end(arguments);
}

void client_say_more(struct client *client, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(client, false, format, arguments);
    va_end(arguments);
}

void client_do(struct client *client, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(client, true, format, arguments);
    va_end(arguments);
    world_run(client->world);
    client_skip(client);
}

const char *client_next(struct client *client)
{
    if (client->read == client->object_count)
        fail_msg("the client got nothing more");
    return client->objects[client->read++];
}

bool json_contains(const cJSON *actual, const cJSON *expected)
{
    const cJSON *element;

    if (cJSON_IsArray(expected)) {
        if (!cJSON_IsArray(actual) ||
            cJSON_GetArraySize(actual) != cJSON_GetArraySize(expected))
            return false;
        for (int i = 0; i < cJSON_GetArraySize(expected); i++)
            if (!json_contains(cJSON_GetArrayItem(actual, i),
                               cJSON_GetArrayItem(expected, i)))
                return false;
        return true;
    }
    if (!cJSON_IsObject(expected))
        return cJSON_Compare(actual, expected, 1);
    cJSON_ArrayForEach(element, expected)
    {
        const cJSON *own =
            cJSON_GetObjectItemCaseSensitive(actual, element->string);

        /* null: must not be there */
        if (cJSON_IsNull(element) ? own != NULL : !json_contains(own, element))
            return false;
    }
    return true;
}

void client_expect(struct client *client, const char *format, ...)
{
    va_list arguments;
    char *string;
    const char *came = client_next(client);
    cJSON *actual = cJSON_Parse(came);
    cJSON *expected;

    va_start(arguments, format);
    string = format_string(format, arguments);
    va_end(arguments);
    expected = cJSON_Parse(string);
    assert_non_null(expected);
    if (!json_contains(actual, expected))
        fail_msg("expected %s\nbut came %s", string, came);
    cJSON_Delete(actual);
    cJSON_Delete(expected);
    free(string);
}

void client_expect_nothing(struct client *client)
{
    if (client->read < client->object_count)
        fail_msg("unexpected: %s", client->objects[client->read]);
}

void client_skip(struct client *client)
{
    client->read = client->object_count;
}
