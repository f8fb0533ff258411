#include "server/core/connection.h"

#include "server/core/answer.h"
#include "server/core/meter.h"
#include "server/core/observe.h"
#include "server/core/presence.h"
#include "server/core/secret.h"
#include "server/core/session.h"
#include "server/core/subscription.h"
#include "server/core/user.h"

#include <stdlib.h>

/* ---- the lists ---- */

static void greet(struct chat__connection *connection)
{
    struct chat__core *core = connection->core;

    connection->greeting_ms = chat__monotonic_ms(core);
    connection->next = NULL;
    connection->previous = core->greeting_last;
    if (core->greeting_last == NULL)
        core->greeting_first = connection;
    else
        core->greeting_last->next = connection;
    core->greeting_last = connection;
}

static void unlink_connection(struct chat__connection *connection)
{
    struct chat__core *core = connection->core;

    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else if (connection->user != NULL)
        connection->user->connections = connection->next;
    else
        core->greeting_first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    else if (connection->user == NULL)
        core->greeting_last = connection->previous;
}

void chat__connection_set_ready(struct chat__connection *connection, bool ready)
{
    struct chat__core *core = connection->core;

    core->session_count += ready;
    core->session_count -= connection->ready;
    connection->ready = ready;
}

void chat__connection_sign_in(struct chat__connection *connection,
                              struct chat__user *user)
{
    unlink_connection(connection);
    connection->user = user;
    connection->previous = NULL;
    connection->next = user->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    user->connections = connection;
}

void chat__connection_sign_out(struct chat__connection *connection)
{
    struct chat__user *user = connection->user;

    unlink_connection(connection);
    connection->user = NULL;
    chat__connection_set_ready(connection, false);
    greet(connection);
    chat__presence_part(user);
    chat__user_release(user);
}

/* ---- coming and going ---- */

static bool find_front(struct chat__core *core,
                       const struct chat__front_operations *front,
                       uint8_t *index)
{
    for (uint8_t i = 0; i < CHAT__FRONTS_MAX; i++) {
        if (core->fronts[i] == NULL)
            core->fronts[i] = front;
        if (core->fronts[i] == front) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* NULL when memory is short. */
static struct chat__meter *address_meter(struct chat__core *core,
                                         const unsigned char *address)
{
    uint64_t id;

    return chat__name_id(core, address, CHAT__ADDRESS_BYTES, &id)
               ? chat__meter_acquire(core, CHAT__SCOPE_ADDRESS, id)
               : NULL;
}

/* What it needs of the core; false when memory is short. */
static bool enlist(struct chat__connection *connection,
                   const struct chat__front_operations *front,
                   const unsigned char *address)
{
    struct chat__core *core = connection->core;

    if (!find_front(core, front, &connection->front))
        return false;
    if (address != NULL) {
        connection->address = address_meter(core, address);
        if (connection->address == NULL)
            return false;
    }
    connection->number = ++core->connection_number;
    if (chat__table_insert(&core->connections, &connection->link,
                           chat__hash_integer(connection->number)))
        return true;
    chat__meter_release(connection->address);
    return false;
}

struct chat__connection *
chat__core_connect(struct chat__core *core,
                   const struct chat__front_operations *front, void *handle,
                   const struct chat__peer *peer)
{
    struct chat__connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL)
        return NULL;
    connection->core = core;
    connection->handle = handle;
    connection->since_ms = chat__monotonic_ms(core);
    if (!enlist(connection, front, peer->address)) {
        free(connection);
        return NULL;
    }
    connection->id = peer->id;
    connection->name = peer->name;
    connection->remote = chat__remote_new(peer->remote);
    greet(connection);
    chat__observe_opened(connection, peer->address);
    return connection;
}

void chat__core_keep_address(struct chat__connection *connection,
                             const unsigned char address[CHAT__ADDRESS_BYTES])
{
    if (connection->address != NULL)
        return;
    connection->address = address_meter(connection->core, address);
    memcpy(connection->kept_address, address, CHAT__ADDRESS_BYTES);
    connection->keeps_address = true;
}

static void unsubscribe_all(struct chat__connection *connection)
{
    while (connection->subscription_count > 0)
        chat__subscription_end(
            connection->subscriptions[connection->subscription_count - 1]);
    free(connection->subscriptions);
    connection->subscriptions = NULL;
    connection->subscription_capacity = 0;
}

/* The rule of operation.h. */
static void cut_off_operations(struct chat__connection *connection)
{
    for (struct chat__operation *operation = connection->operations;
         operation != NULL; operation = operation->next)
        operation->connection = NULL;
}

void chat__core_disconnect(struct chat__connection *connection,
                           unsigned int code, const char *reason)
{
    struct chat__core *core = connection->core;

    chat__observe_closed(connection, code, reason);
    cut_off_operations(connection);
    unsubscribe_all(connection);
    unlink_connection(connection);
    if (connection->user != NULL) {
        chat__session_gone(connection);
        chat__presence_part(connection->user);
        chat__user_release(connection->user);
    }
    chat__meter_release(connection->address);
    chat__remote_release(connection->remote);
    chat__table_remove(&core->connections, &connection->link);
    core->session_count -= connection->ready;
    free(connection);
}

/* ---- closing ---- */

/* Everything that its rooms hold reaches the connection before it closes. */
static void flush_rooms(struct chat__connection *connection)
{
    for (uint16_t i = 0; i < connection->subscription_count; i++)
        if (connection->subscriptions[i]->live_index != CHAT__NOT_LIVE)
            chat__room_flush(connection->subscriptions[i]->room);
}

void chat__connection_quiet(struct chat__connection *connection)
{
    flush_rooms(connection);
    unsubscribe_all(connection);
}

static void tell_close(struct chat__connection *connection,
                       enum chat__close_code code, const char *message)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_CLOSE, .code = code, .message = message};
    struct chat__buffer *scratch = &connection->core->scratch;

    chat__buffer_clear(scratch);
    chat__event_encode(&event, scratch);
    chat__buffer_append_byte(scratch, '\n');
    if (!scratch->failed)
        chat__tell_bytes(connection, scratch->data, scratch->length);
}

void chat__connection_close(struct chat__connection *connection,
                            enum chat__close_code code, const char *message)
{
    if (connection->closing)
        return;
    flush_rooms(connection);
    /* A flush that finds no memory may have closed it. */
    if (connection->closing)
        return;
    /* A relayed client only changes the task. */
    if (code != CHAT__CLOSE_DRAIN || !chat__connection_is_relayed(connection))
        tell_close(connection, code, message);
    connection->closing = true;
    unsubscribe_all(connection);
    chat__connection_front(connection)
        ->close(connection->handle, code, message);
}

/* As at a drain: another task may take it up, or this one anew. */
void chat__connection_hand_back(struct chat__connection *connection)
{
    chat__connection_close(connection, CHAT__CLOSE_DRAIN, "");
}

void chat__connection_give_up(struct chat__connection *connection)
{
    chat__connection_close(connection, CHAT__CLOSE_DRAIN,
                           "the server is short of memory; come back");
}

void chat__connection_strike(struct chat__connection *connection)
{
    /* Of a relayed client's row other tasks have what this one did not see. */
    if (!chat__connection_is_relayed(connection) &&
        ++connection->strikes >= CHAT__STRIKES_MAX)
        chat__connection_close(connection, CHAT__CLOSE_BAD_REQUESTS,
                               "ten bad requests in a row");
}

int64_t chat__connection_expire(struct chat__core *core, int64_t now_ms)
{
    struct chat__connection *connection = core->greeting_first;

    while (connection != NULL) {
        struct chat__connection *next = connection->next;
        int64_t due = connection->greeting_ms + CHAT__HELLO_TIMEOUT_MS;

        if (due > now_ms)
            return due;
        /* A relayed client may have said hello to another task. */
        if (!connection->hello && !chat__connection_is_relayed(connection))
            chat__connection_close(connection, CHAT__CLOSE_NO_HELLO,
                                   "no hello within 10 seconds");
        connection = next;
    }
    return INT64_MAX;
}

void chat__connection_drain(struct chat__connection *connection)
{
    if (connection->operations == NULL)
        chat__connection_close(connection, CHAT__CLOSE_DRAIN,
                               "the server drains; come back");
}
