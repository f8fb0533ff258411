/*
 * From durable entries to listeners. Entries gather in their room's pending
 * buffer, which is framed once and handed to every listener at the end of the
 * loop pass.
 */
#include "server/core/room.h"

#include "server/core/connection.h"
#include "server/core/observe.h"
#include "server/core/subscription.h"
#include "server/core/user.h"

static void mark_dirty(struct chat__room *room)
{
    if (room->dirty)
        return;
    room->dirty = true;
    room->delivered_us = chat__monotonic_us(room->core);
    room->next_dirty = room->core->dirty;
    room->core->dirty = room;
    chat__room_hold(room);
}

void chat__room_push(struct chat__room *room, uint64_t seq, const char *bytes,
                     size_t length)
{
    struct chat__buffer *pending = &room->pending;

    if (room->live_count == 0)
        return;
    if (pending->length + length > pending->limit)
        chat__room_flush(room);
    if (pending->length == 0)
        room->pending_first = seq;
    if (!chat__buffer_reserve(pending, length)) {
        chat__room_flush(room);
        chat__buffer_clear(pending);
        chat__room_catch_up(room, seq);
        return;
    }
    chat__buffer_append(pending, bytes, length);
    room->pending_last = seq;
    mark_dirty(room);
}

/* Objects on their way to a room, framed once for each kind of front. */
struct delivery {
    const char *objects;
    size_t length;
    enum chat__delivery kind;
    uint64_t except;  /* a user who gets none of it, or 0 */
    uint64_t entries; /* among the objects */
    struct chat__frame *frames[CHAT__FRONTS_MAX];
    bool failed[CHAT__FRONTS_MAX];
};

static struct chat__frame *frame_for(struct delivery *delivery,
                                     const struct chat__connection *connection)
{
    uint8_t front = connection->front;

    if (delivery->frames[front] == NULL && !delivery->failed[front]) {
        delivery->frames[front] =
            chat__connection_front(connection)
                ->frame(delivery->objects, delivery->length, delivery->kind);
        delivery->failed[front] = delivery->frames[front] == NULL;
    }
    return delivery->frames[front];
}

/* Returns to how many connections. */
static uint64_t deliver(const struct chat__room *room,
                        struct delivery *delivery)
{
    uint64_t reached = 0;

    for (uint32_t i = 0; i < room->live_count; i++) {
        const struct chat__connection *connection = room->live[i]->connection;
        struct chat__frame *frame;

        if (connection->user->id == delivery->except)
            continue;
        frame = frame_for(delivery, connection);
        if (frame == NULL)
            continue;
        chat__connection_front(connection)->deliver(connection->handle, frame);
        reached++;
    }
    chat__metrics_add(room->core->options.metrics, CHAT__METRIC_DELIVERIES,
                      reached * delivery->entries);
    for (size_t i = 0; i < CHAT__FRONTS_MAX; i++)
        if (delivery->frames[i] != NULL)
            room->core->fronts[i]->frame_release(delivery->frames[i]);
    return reached;
}

/* Those whose front had no memory for the frame read the log instead. */
static void fall_back_failed(struct chat__room *room,
                             const struct delivery *delivery)
{
    uint32_t i = room->live_count;

    while (i > 0) {
        struct chat__subscription *subscription = room->live[--i];

        if (!delivery->failed[subscription->connection->front])
            continue;
        chat__subscription_fall_back(subscription, room->pending_first);
        /* Without memory it was closed, and others with it. */
        if (i > room->live_count)
            i = room->live_count;
    }
}

void chat__room_flush(struct chat__room *room)
{
    struct chat__buffer pending = room->pending;
    struct delivery delivery = {.objects = pending.data,
                                .length = pending.length,
                                .kind = CHAT__DELIVERY_DURABLE,
                                .entries = room->pending_last -
                                           room->pending_first + 1};
    int64_t began_us;
    uint64_t reached;

    if (pending.length == 0)
        return;
    began_us = chat__observe_now(room->core);
    /* Taken out first: who falls back may be closed, which flushes again. */
    chat__buffer_init(&room->pending, CHAT__ROOM_PENDING_BYTES_MAX);
    reached = deliver(room, &delivery);
    chat__observe_delivered(room, room->pending_first, room->pending_last,
                            reached, began_us);
    chat__metrics_observe_us(
        room->core->options.metrics, CHAT__METRIC_DELIVERY_SECONDS,
        chat__monotonic_us(room->core) - room->delivered_us);
    fall_back_failed(room, &delivery);
    chat__buffer_release(&pending);
}

void chat__room_broadcast(struct chat__room *room, uint64_t user,
                          const char *objects, size_t length)
{
    struct delivery delivery = {.objects = objects,
                                .length = length,
                                .kind = CHAT__DELIVERY_DROPPABLE,
                                .except = user};

    (void)deliver(room, &delivery);
}

void chat__rooms_flush(struct chat__core *core)
{
    while (core->dirty != NULL) {
        struct chat__room *room = core->dirty;

        core->dirty = room->next_dirty;
        room->dirty = false;
        chat__room_flush(room);
        chat__room_release(room);
    }
}
