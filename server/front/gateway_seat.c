/* The seats of a gateway, and what the core does with their connections. */
#include "server/front/gateway_private.h"

#include <stdlib.h>
#include <string.h>

/* The close code of docs/protocol.md by which the core hands a seat back. */
#define CLOSE_DRAIN 4001

/* ---- seats ---- */

static struct chat__seat *seat_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct chat__seat, link);
}

struct chat__seat *chat__seat_find(const struct chat__gateway *gateway,
                                   const char *id)
{
    struct chat__table_link *link =
        chat__table_find(&gateway->seats, chat__hash_string(0, id));

    while (link != NULL && strcmp(seat_of(link)->id, id) != 0)
        link = chat__table_next(link);
    return link != NULL ? seat_of(link) : NULL;
}

static void count_seats(const struct chat__gateway *gateway)
{
    chat__metrics_set(gateway->options.metrics, CHAT__METRIC_GATEWAY_SEATS,
                      gateway->seats.count);
}

void chat__seat_drop(struct chat__seat *seat)
{
    struct chat__gateway *gateway = seat->gateway;

    chat__table_remove(&gateway->seats, &seat->link);
    chat__seat_look_no_more(seat);
    chat__core_disconnect(seat->connection, 0, NULL);
    chat__exchange_answer_all(&seat->waiting);
    chat__exchange_answer_all(&seat->asked);
    count_seats(gateway);
    free(seat);
}

static const struct chat__front_operations operations;

static bool connect_seat(struct chat__seat *seat,
                         const struct chat__exchange *exchange)
{
    struct chat__gateway *gateway = seat->gateway;
    const struct chat__random *random = &gateway->options.random;
    struct chat__peer peer = {.name = seat->id};

    if (exchange->has_address)
        peer.address = exchange->address;
    if (!random->fill(random->context, &peer.id, sizeof peer.id))
        return false;
    seat->connection =
        chat__core_connect(gateway->core, &operations, seat, &peer);
    return seat->connection != NULL;
}

struct chat__seat *chat__seat_make(struct chat__gateway *gateway,
                                   const struct chat__exchange *exchange)
{
    size_t size = strlen(exchange->id) + 1;
    struct chat__seat *seat = NULL;

    if (gateway->seats.count < CHAT__GATEWAY_SEATS_MAX)
        seat = calloc(1, sizeof *seat + size);
    if (seat == NULL)
        return NULL;
    memcpy(seat->id, exchange->id, size);
    seat->gateway = gateway;
    if (!chat__table_insert(&gateway->seats, &seat->link,
                            chat__hash_string(0, seat->id))) {
        free(seat);
        return NULL;
    }
    if (!connect_seat(seat, exchange)) {
        chat__table_remove(&gateway->seats, &seat->link);
        free(seat);
        return NULL;
    }
    count_seats(gateway);
    return seat;
}

/* ---- what the core does with a connection ---- */

static void front_send(void *handle, const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    const struct chat__seat *seat = handle;

    chat__outbox_post(seat->gateway->outbox, seat->id, NULL, objects, length,
                      delivery == CHAT__DELIVERY_DROPPABLE);
}

/* A late reply goes the way of events. */
static void front_reply(void *handle, void *ticket, const char *objects,
                        size_t length)
{
    struct chat__exchange *exchange = ticket;

    if (exchange->answered ||
        length > exchange->answer.limit - exchange->answer.length)
        front_send(handle, objects, length, CHAT__DELIVERY_DURABLE);
    else
        chat__buffer_append(&exchange->answer, objects, length);
}

static void front_done(void *handle, void *ticket)
{
    struct chat__seat *seat = handle;
    struct chat__exchange *exchange = ticket;

    /* Of an adoption: what waited for it has its session, or none. */
    if (ticket == seat) {
        chat__seat_adopted(seat);
        return;
    }
    chat__exchange_answer(exchange);
    chat__exchange_unlist(&seat->asked, exchange);
}

/*
 * Never about a room: relayed connections are in none. A NULL frame would be
 * taken for want of memory.
 */
static struct chat__frame *front_frame(const char *objects, size_t length,
                                       enum chat__delivery delivery)
{
    (void)objects;
    (void)length;
    (void)delivery;
    return NULL;
}

static void front_deliver(void *handle, struct chat__frame *frame)
{
    (void)handle;
    (void)frame;
}

static void front_release(struct chat__frame *frame)
{
    (void)frame;
}

void chat__seat_close(struct chat__seat *seat)
{
    seat->closing = true;
    chat__gateway_sweep_soon(seat->gateway);
}

/* A drain is of this task alone, or of this seat: its clients notice nothing.
 */
static void front_close(void *handle, unsigned int code, const char *reason)
{
    struct chat__seat *seat = handle;

    chat__seat_close(seat);
    seat->handed_back = code == CLOSE_DRAIN;
    if (seat->handed_back)
        return;
    chat__outbox_close(seat->gateway->outbox, seat->id, code, reason);
    chat__gateway_remove_rows(seat->gateway, seat->id, NULL);
}

static const struct chat__front_operations operations = {
    .send = front_send,
    .frame = front_frame,
    .deliver = front_deliver,
    .frame_release = front_release,
    .close = front_close,
    .reply = front_reply,
    .done = front_done,
    .in_flight = 1,
    .connection_ms = CHAT__GATEWAY_CONNECTION_MS,
};

/* ---- time ---- */

static void answer_overdue(struct chat__gateway *gateway,
                           struct chat__exchange *exchange, int64_t now)
{
    for (; exchange != NULL; exchange = exchange->next)
        if (exchange->due_ms <= now && !exchange->answered) {
            chat__gateway_count(gateway, CHAT__GATEWAY_LATE);
            chat__exchange_answer(exchange);
        }
}

static bool is_unused(const struct chat__seat *seat, int64_t now)
{
    return seat->closing ||
           (seat->asked == NULL && seat->waiting == NULL && !seat->adopting &&
            now - seat->used_ms >= CHAT__GATEWAY_SEAT_MS);
}

static void sweep(struct chat__gateway *gateway, struct chat__table_link *link)
{
    int64_t now = chat__gateway_now_ms(gateway);

    while (link != NULL) {
        struct chat__seat *seat = seat_of(link);

        link = link->next;
        answer_overdue(gateway, seat->waiting, now);
        answer_overdue(gateway, seat->asked, now);
        if (is_unused(seat, now))
            chat__seat_drop(seat);
    }
}

void chat__seats_sweep(struct chat__gateway *gateway)
{
    struct chat__table_link *first;
    uint64_t cursor = 0;

    do {
        cursor = chat__table_scan(&gateway->seats, cursor, &first);
        sweep(gateway, first);
    } while (cursor != 0);
}

void chat__seats_drop(struct chat__gateway *gateway)
{
    struct chat__table_link *first;
    uint64_t cursor = 0;

    do {
        cursor = chat__table_scan(&gateway->seats, cursor, &first);
        while (first != NULL) {
            struct chat__seat *seat = seat_of(first);

            first = first->next;
            chat__seat_drop(seat);
        }
    } while (cursor != 0);
}
