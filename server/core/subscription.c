#include "server/core/subscription.h"

#include "server/core/answer.h"
#include "server/core/catch_up.h"
#include "server/core/parting.h"
#include "server/core/user.h"

#include <stdlib.h>

#define LIVE_FIRST          8
#define SUBSCRIPTIONS_FIRST 2

static void proceed(struct chat__subscription *subscription);

/* ---- the two arrays ---- */

struct chat__subscription *
chat__subscription_find(const struct chat__connection *connection,
                        const struct chat__room *room)
{
    for (uint16_t i = 0; i < connection->subscription_count; i++)
        if (connection->subscriptions[i]->room == room)
            return connection->subscriptions[i];
    return NULL;
}

static bool add_to_connection(struct chat__subscription *subscription)
{
    struct chat__connection *connection = subscription->connection;
    uint16_t capacity = connection->subscription_capacity;
    struct chat__subscription **larger;

    if (connection->subscription_count == capacity) {
        if (capacity > UINT16_MAX / 2)
            return false;
        capacity =
            (uint16_t)(capacity == 0 ? SUBSCRIPTIONS_FIRST : capacity * 2);
        larger = realloc(connection->subscriptions, capacity * sizeof(*larger));
        if (larger == NULL)
            return false;
        connection->subscriptions = larger;
        connection->subscription_capacity = capacity;
    }
    subscription->index = connection->subscription_count++;
    connection->subscriptions[subscription->index] = subscription;
    return true;
}

static void remove_from_connection(struct chat__subscription *subscription)
{
    struct chat__connection *connection = subscription->connection;
    uint16_t last = (uint16_t)(connection->subscription_count - 1);
    struct chat__subscription *moved = connection->subscriptions[last];

    connection->subscriptions[subscription->index] = moved;
    moved->index = subscription->index;
    connection->subscription_count = last;
}

static bool add_to_live(struct chat__subscription *subscription)
{
    struct chat__room *room = subscription->room;
    uint32_t capacity = room->live_capacity;
    struct chat__subscription **larger;

    if (room->live_count == capacity) {
        capacity = capacity == 0 ? LIVE_FIRST : capacity * 2;
        larger = realloc(room->live, capacity * sizeof(*larger));
        if (larger == NULL)
            return false;
        room->live = larger;
        room->live_capacity = capacity;
    }
    subscription->live_index = room->live_count++;
    room->live[subscription->live_index] = subscription;
    return true;
}

static void remove_from_live(struct chat__subscription *subscription)
{
    struct chat__room *room = subscription->room;
    struct chat__subscription *moved;

    if (subscription->live_index == CHAT__NOT_LIVE)
        return;
    moved = room->live[--room->live_count];
    room->live[subscription->live_index] = moved;
    moved->live_index = subscription->live_index;
    subscription->live_index = CHAT__NOT_LIVE;
}

/* ---- life ---- */

void chat__subscribe(struct chat__connection *connection,
                     struct chat__room *room, uint64_t next, bool held)
{
    struct chat__subscription *subscription =
        chat__subscription_find(connection, room);

    if (connection->closing || chat__connection_is_relayed(connection))
        return;
    if (subscription != NULL)
        chat__subscription_end(subscription);
    subscription = calloc(1, sizeof(*subscription));
    if (subscription == NULL) {
        chat__connection_give_up(connection);
        return;
    }
    subscription->connection = connection;
    subscription->room = room;
    subscription->next = next;
    subscription->until = UINT64_MAX;
    subscription->live_index = CHAT__NOT_LIVE;
    subscription->held = held;
    if (!add_to_connection(subscription)) {
        free(subscription);
        chat__connection_give_up(connection);
        return;
    }
    chat__room_hold(room);
    if (!held)
        proceed(subscription);
}

void chat__subscription_go(struct chat__subscription *subscription,
                           uint64_t next)
{
    subscription->held = false;
    subscription->next = next;
    proceed(subscription);
}

void chat__subscription_end(struct chat__subscription *subscription)
{
    struct chat__room *room = subscription->room;

    if (subscription->catch_up != NULL)
        chat__catch_up_leave(subscription);
    remove_from_live(subscription);
    remove_from_connection(subscription);
    chat__user_release(subscription->ended_by);
    free(subscription);
    chat__room_release(room);
}

/* Everything up to `until` has been sent. */
static void end_complete(struct chat__subscription *subscription)
{
    struct chat__connection *connection = subscription->connection;
    struct chat__room *room = subscription->room;
    struct chat__user *by = subscription->ended_by;
    uint64_t until = subscription->until;
    bool tell = subscription->tell_end;

    chat__room_hold(room);
    subscription->ended_by = NULL;
    chat__subscription_end(subscription);
    if (tell)
        chat__membership_tell_end(connection, room, until, by);
    chat__user_release(by);
    chat__room_release(room);
}

void chat__subscription_drop(struct chat__subscription *subscription)
{
    subscription->tell_end =
        subscription->until != UINT64_MAX || subscription->parting > 0;
    end_complete(subscription);
}

void chat__subscription_finish(struct chat__subscription *subscription,
                               uint64_t until, bool tell, struct chat__user *by)
{
    struct chat__connection *connection = subscription->connection;
    struct chat__room *room = subscription->room;

    subscription->until = until;
    subscription->tell_end = tell;
    chat__user_release(subscription->ended_by);
    subscription->ended_by = by;
    if (by != NULL)
        chat__user_hold(by);
    if (subscription->live_index == CHAT__NOT_LIVE)
        return;
    chat__room_flush(room);
    /* A flush without memory falls back to the log, or closes. */
    subscription = chat__subscription_find(connection, room);
    if (subscription != NULL && subscription->live_index != CHAT__NOT_LIVE)
        end_complete(subscription);
}

void chat__subscription_fall_back(struct chat__subscription *subscription,
                                  uint64_t next)
{
    remove_from_live(subscription);
    subscription->next = next;
    proceed(subscription);
}

void chat__subscription_part(struct chat__subscription *subscription,
                             uint64_t from)
{
    /* One that is to end knows its entry. */
    if (subscription->until != UINT64_MAX)
        return;
    subscription->parting = from;
    if (subscription->live_index != CHAT__NOT_LIVE)
        chat__subscription_fall_back(subscription, from);
}

/* ---- catching up ---- */

/* The first `count` of what was read. */
static void send_piece(struct chat__subscription *subscription,
                       const struct chat__store_read_log *read, size_t count)
{
    struct chat__connection *connection = subscription->connection;
    struct chat__buffer *scratch = &connection->core->scratch;
    size_t sent = 0;

    while (sent < count && !connection->closing) {
        chat__buffer_clear(scratch);
        do {
            chat__buffer_append(scratch, read->entries[sent].bytes,
                                read->entries[sent].length);
            chat__buffer_append_byte(scratch, '\n');
            sent++;
        } while (sent < count && scratch->length + read->entries[sent].length <
                                     CHAT__FRAME_BYTES_MAX);
        if (scratch->failed) {
            chat__connection_give_up(connection);
            return;
        }
        chat__tell_bytes(connection, scratch->data, scratch->length);
    }
    chat__metrics_add(connection->core->options.metrics, CHAT__METRIC_CAUGHT_UP,
                      sent);
}

/* Sends up to the entry that ended the membership, if it is among these. */
static bool send_last(struct chat__subscription *subscription,
                      const struct chat__store_read_log *read)
{
    struct chat__connection *connection = subscription->connection;
    struct chat__parting parting;

    if (!chat__parting_find(&parting, read, subscription->parting,
                            connection->user->id))
        return false;
    send_piece(subscription, read, parting.index + 1);
    chat__parting_tell(&parting, connection, subscription->room);
    chat__parting_release(&parting);
    chat__subscription_end(subscription);
    return true;
}

void chat__subscription_take(struct chat__subscription *subscription,
                             const struct chat__store_read_log *read)
{
    struct chat__connection *connection = subscription->connection;
    const struct chat__room *room = subscription->room;

    if (read->count == 0) {
        /* The log is not what it was: let the client start anew. */
        chat__connection_give_up(connection);
        return;
    }
    if (subscription->parting > 0 && send_last(subscription, read))
        return;
    subscription->next = read->entries[read->count - 1].seq + 1;
    send_piece(subscription, read, read->count);
    /* Without memory that has closed the connection. */
    if (chat__subscription_find(connection, room) == subscription)
        proceed(subscription);
}

static void go_live(struct chat__subscription *subscription)
{
    struct chat__connection *connection = subscription->connection;
    struct chat__room *room = subscription->room;

    chat__room_hold(room);
    /* What is pending has been read from the log already. */
    chat__room_flush(room);
    /* A flush without memory closes connections, maybe this one. */
    if (chat__subscription_find(connection, room) == subscription &&
        !add_to_live(subscription))
        chat__connection_give_up(connection);
    chat__room_release(room);
}

/* Reads on, goes live, or ends. */
static void proceed(struct chat__subscription *subscription)
{
    uint64_t head = subscription->room->head;
    uint64_t to = head < subscription->until ? head : subscription->until;

    if (subscription->parting > 0 && subscription->next > head)
        chat__subscription_drop(subscription);
    else if (subscription->next > subscription->until)
        end_complete(subscription);
    else if (subscription->next > head)
        go_live(subscription);
    else if (!chat__catch_up_read(subscription, to))
        chat__connection_give_up(subscription->connection);
}
