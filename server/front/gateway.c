#include "server/front/gateway.h"
#include "server/front/gateway_address.h"

#include "server/ops/log.h"
#include "server/store/directory.h"
#include "server/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_INTERVAL_MS 1000

/* Close codes of docs/protocol.md and of RFC 6455 that are decided here. */
enum { CLOSE_DRAIN = 4001, CLOSE_NO_HELLO = 4502, CLOSE_TOO_LARGE = 1009 };

struct chat__seat {
    struct chat__table_link link; /* by its id */
    struct chat__gateway *gateway;
    struct chat__connection *connection;
    struct chat__exchange *waiting; /* for the session, in order */
    size_t waiting_count;
    struct chat__exchange *asked; /* the core has them */
    struct chat__look *look;      /* the directory is asked; NULL: it is not */
    bool adopting;                /* the core signs it in */
    bool closing;                 /* the core wants it closed */
    bool handed_back;             /* ... but the client stays: it may ask */
    int64_t used_ms;
    char id[];
};

/* A read of the directory, which outlives its seat. */
struct chat__look {
    struct chat__gateway *gateway;
    struct chat__seat *seat; /* NULL: it has gone */
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
};

/* Rows that go, for nobody to wait for. */
struct removal {
    struct chat__gateway *gateway;
    struct chat__directory_read read;
    struct chat__directory_write write;
    char topics[3][CHAT__TOPIC_SIZE];
};

struct chat__gateway {
    struct chat__gateway_options options;
    struct chat__relay relay;
    struct chat__core *core; /* NULL: detached */
    struct chat__outbox *outbox;
    struct chat__table seats;
    size_t outstanding; /* questions that the directory has */
    struct chat__gateway_secrets secrets;
    struct chat__greetings greetings;
    uv_timer_t sweep;
};

/* ---- seats ---- */

static struct chat__seat *seat_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct chat__seat, link);
}

static struct chat__seat *find(const struct chat__gateway *gateway,
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

static void drop_seat(struct chat__seat *seat)
{
    struct chat__gateway *gateway = seat->gateway;

    chat__table_remove(&gateway->seats, &seat->link);
    if (seat->look != NULL)
        seat->look->seat = NULL;
    chat__core_disconnect(seat->connection, 0, NULL);
    chat__exchange_answer_all(&seat->waiting);
    chat__exchange_answer_all(&seat->asked);
    count_seats(gateway);
    free(seat);
}

static int64_t now_ms(const struct chat__gateway *gateway)
{
    return (int64_t)uv_now(gateway->options.loop);
}

static const struct chat__front_operations operations;

static void on_sweep(uv_timer_t *timer);

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

/* NULL: there are too many, or memory is short. */
static struct chat__seat *make(struct chat__gateway *gateway,
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

static void count_session(const struct chat__gateway *gateway,
                          enum chat__gateway_session what)
{
    chat__metrics_count_as(gateway->options.metrics,
                           CHAT__METRIC_GATEWAY_SESSIONS, (int)what);
}

static void run_waiting(struct chat__seat *seat);

static void front_done(void *handle, void *ticket)
{
    struct chat__seat *seat = handle;
    struct chat__exchange *exchange = ticket;

    /* Of an adoption: what waited for it has its session, or none. */
    if (ticket == seat) {
        seat->adopting = false;
        count_session(seat->gateway, chat__core_has_session(seat->connection)
                                         ? CHAT__GATEWAY_SESSION_FOUND
                                         : CHAT__GATEWAY_SESSION_ENDED);
        run_waiting(seat);
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

static void remove_rows(struct chat__gateway *gateway, const char *id,
                        const char *topic);

/* The seat goes with the next sweep, since the core still uses it. A drain is
 * of this task alone, or of this seat: its clients notice nothing. */
static void front_close(void *handle, unsigned int code, const char *reason)
{
    struct chat__seat *seat = handle;

    seat->closing = true;
    uv_timer_start(&seat->gateway->sweep, on_sweep, 0, SWEEP_INTERVAL_MS);
    seat->handed_back = code == CLOSE_DRAIN;
    if (seat->handed_back)
        return;
    chat__outbox_close(seat->gateway->outbox, seat->id, code, reason);
    remove_rows(seat->gateway, seat->id, NULL);
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

/* ---- sessions of elsewhere ---- */

/* With a reference that the seat's list takes over. */
static void ask_core(struct chat__seat *seat, struct chat__exchange *exchange)
{
    chat__exchange_list(&seat->asked, exchange);
    chat__core_ask(seat->connection, exchange->body.data, exchange->body.length,
                   exchange->has_remote ? &exchange->remote : NULL, exchange);
}

static void run_waiting(struct chat__seat *seat)
{
    while (seat->waiting != NULL && !seat->closing) {
        struct chat__exchange *exchange = seat->waiting;

        seat->waiting = exchange->next;
        seat->waiting_count--;
        ask_core(seat, exchange);
    }
}

/* What the directory has of it, which may be its address alone. */
static void take_row(struct chat__seat *seat,
                     const struct chat__directory_read *read)
{
    const struct chat__directory_row *session = chat__directory_session(read);

    if (read->count > 0 && read->rows[0].has_address)
        chat__core_keep_address(seat->connection, read->rows[0].address);
    if (session != NULL && !chat__core_has_session(seat->connection)) {
        seat->adopting = true;
        chat__core_adopt(seat->connection, session->token_hash, seat);
        return;
    }
    count_session(seat->gateway, read->result == CHAT__STORE_OK
                                     ? CHAT__GATEWAY_SESSION_NONE
                                     : CHAT__GATEWAY_SESSION_FAILED);
    run_waiting(seat);
}

static void looked(struct chat__completion *completion)
{
    struct chat__look *look =
        CHAT__CONTAINER(completion, struct chat__look, read.completion);
    struct chat__seat *seat = look->seat;

    look->gateway->outstanding--;
    if (seat != NULL) {
        seat->look = NULL;
        take_row(seat, &look->read);
    }
    chat__directory_read_release(&look->read);
    free(look);
}

static bool look_for_session(struct chat__seat *seat)
{
    struct chat__gateway *gateway = seat->gateway;
    struct chat__directory *directory = gateway->options.directory;
    struct chat__look *look = calloc(1, sizeof *look);

    if (look == NULL)
        return false;
    look->gateway = gateway;
    look->seat = seat;
    chat__topic_of_connection(look->topic, seat->id);
    look->read = (struct chat__directory_read){
        .completion.run = looked,
        .topic = look->topic,
        .now_ms = chat__core_wall_ms(gateway->core),
    };
    seat->look = look;
    gateway->outstanding++;
    directory->operations->read(directory, &look->read);
    return true;
}

void chat__gateway_message(struct chat__gateway *gateway,
                           struct chat__exchange *exchange)
{
    struct chat__seat *seat =
        gateway->core == NULL ? NULL : find(gateway, exchange->id);

    exchange->due_ms = now_ms(gateway) + CHAT__GATEWAY_ANSWER_MS;
    if (seat != NULL && seat->handed_back) {
        drop_seat(seat);
        seat = NULL;
    }
    if (seat == NULL && gateway->core != NULL)
        seat = make(gateway, exchange);
    if (seat == NULL || seat->closing ||
        seat->waiting_count == CHAT__GATEWAY_WAITING_MAX) {
        chat__exchange_refuse(exchange);
        return;
    }
    seat->used_ms = now_ms(gateway);
    if (chat__core_has_session(seat->connection) && seat->waiting == NULL) {
        exchange->references++;
        ask_core(seat, exchange);
        return;
    }
    exchange->references++;
    chat__exchange_list(&seat->waiting, exchange);
    seat->waiting_count++;
    if (seat->look == NULL && !seat->adopting && !look_for_session(seat))
        run_waiting(seat);
}

void chat__gateway_keep_address(struct chat__gateway *gateway,
                                struct chat__exchange *exchange)
{
    if (gateway->core == NULL)
        chat__exchange_answer(exchange);
    else
        chat__gateway_address_keep(gateway->options.directory,
                                   &gateway->outstanding,
                                   chat__core_wall_ms(gateway->core), exchange);
}

/* ---- the end of a connection ---- */

static void removed(struct chat__completion *completion)
{
    struct removal *removal =
        CHAT__CONTAINER(completion, struct removal, write.completion);

    removal->gateway->outstanding--;
    free(removal);
}

/* The session says whose it was; without one there is nothing to remove. */
static void session_read(struct chat__completion *completion)
{
    struct removal *removal =
        CHAT__CONTAINER(completion, struct removal, read.completion);
    struct chat__directory *directory = removal->gateway->options.directory;
    struct chat__directory_write *write = &removal->write;
    const struct chat__directory_row *session =
        chat__directory_session(&removal->read);

    if (session != NULL)
        chat__topic_of_user(removal->topics[write->count++], session->user);
    chat__directory_read_release(&removal->read);
    write->completion.run = removed;
    write->remove = true;
    write->topics = removal->topics;
    directory->operations->write(directory, write);
}

/* Its rows in rooms go when a POST finds that it has gone, or by themselves. */
static void remove_rows(struct chat__gateway *gateway, const char *id,
                        const char *topic)
{
    struct chat__directory *directory = gateway->options.directory;
    struct removal *removal =
        gateway->core == NULL ? NULL : calloc(1, sizeof *removal);

    if (removal == NULL)
        return;
    removal->gateway = gateway;
    snprintf(removal->write.row.id, sizeof removal->write.row.id, "%s", id);
    chat__topic_of_connection(removal->topics[removal->write.count++], id);
    if (topic != NULL && topic[0] != '\0')
        snprintf(removal->topics[removal->write.count++], CHAT__TOPIC_SIZE,
                 "%s", topic);
    removal->read = (struct chat__directory_read){
        .completion.run = session_read,
        .topic = removal->topics[0],
        .now_ms = chat__core_wall_ms(gateway->core),
    };
    gateway->outstanding++;
    directory->operations->read(directory, &removal->read);
}

void chat__gateway_disconnect(struct chat__gateway *gateway, const char *id)
{
    struct chat__seat *seat = find(gateway, id);

    if (seat != NULL)
        drop_seat(seat);
    chat__greetings_forget(&gateway->greetings, id);
    chat__outbox_forget(gateway->outbox, id);
    remove_rows(gateway, id, NULL);
}

void chat__gateway_connect(struct chat__gateway *gateway, const char *id)
{
    if (gateway->core != NULL)
        chat__greetings_add(&gateway->greetings, id, now_ms(gateway));
}

static void on_silent(void *context, const char *id)
{
    struct chat__gateway *gateway = context;

    chat__outbox_close(gateway->outbox, id, CLOSE_NO_HELLO,
                       "no hello within 10 seconds");
}

static void on_gone(void *context, const char *id, const char *topic)
{
    struct chat__gateway *gateway = context;
    struct chat__seat *seat = find(gateway, id);

    if (seat != NULL && !seat->closing) {
        seat->closing = true;
        uv_timer_start(&gateway->sweep, on_sweep, 0, SWEEP_INTERVAL_MS);
    }
    remove_rows(gateway, id, topic);
}

void chat__gateway_refuse_size(struct chat__gateway *gateway, const char *id)
{
    chat__outbox_close(gateway->outbox, id, CLOSE_TOO_LARGE,
                       "a message is too large");
    remove_rows(gateway, id, NULL);
}

/* ---- the relay ---- */

static void relay_post(void *context, const char *id, const char *topic,
                       const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    const struct chat__gateway *gateway = context;

    chat__outbox_post(gateway->outbox, id, topic, objects, length,
                      delivery == CHAT__DELIVERY_DROPPABLE);
}

static void relay_close(void *context, const char *id, unsigned int code,
                        const char *reason)
{
    struct chat__gateway *gateway = context;

    chat__outbox_close(gateway->outbox, id, code, reason);
    remove_rows(gateway, id, NULL);
}

const struct chat__relay *chat__gateway_relay(struct chat__gateway *gateway)
{
    return &gateway->relay;
}

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

static void sweep_seats(struct chat__gateway *gateway,
                        struct chat__table_link *link)
{
    int64_t now = now_ms(gateway);

    while (link != NULL) {
        struct chat__seat *seat = seat_of(link);

        link = link->next;
        answer_overdue(gateway, seat->waiting, now);
        answer_overdue(gateway, seat->asked, now);
        if (is_unused(seat, now))
            drop_seat(seat);
    }
}

static void on_sweep(uv_timer_t *timer)
{
    struct chat__gateway *gateway = timer->data;
    struct chat__table_link *first;
    uint64_t cursor = 0;

    do {
        cursor = chat__table_scan(&gateway->seats, cursor, &first);
        sweep_seats(gateway, first);
    } while (cursor != 0);
    chat__greetings_expire(&gateway->greetings, now_ms(gateway),
                           chat__core_wall_ms(gateway->core));
}

/* ---- life ---- */

bool chat__gateway_is_secret(const struct chat__gateway *gateway,
                             const char *secret)
{
    return chat__gateway_secrets_have(&gateway->secrets, secret);
}

void chat__gateway_count(struct chat__gateway *gateway,
                         enum chat__gateway_request what)
{
    chat__metrics_count_as(gateway->options.metrics,
                           CHAT__METRIC_GATEWAY_REQUESTS, (int)what);
}

static bool open_outbox(struct chat__gateway *gateway)
{
    gateway->outbox = chat__outbox_new(&(struct chat__outbox_options){
        .loop = gateway->options.loop,
        .metrics = gateway->options.metrics,
        .client = gateway->options.client,
        .random = gateway->options.random,
        .gone = on_gone,
        .context = gateway,
    });
    return gateway->outbox != NULL;
}

struct chat__gateway *
chat__gateway_new(const struct chat__gateway_options *options, char *message,
                  size_t message_size)
{
    struct chat__gateway *gateway = calloc(1, sizeof *gateway);

    snprintf(message, message_size, "out of memory");
    if (gateway == NULL)
        return NULL;
    gateway->options = *options;
    gateway->relay = (struct chat__relay){
        .directory = options->directory,
        .post = relay_post,
        .close = relay_close,
        .context = gateway,
    };
    gateway->greetings.options = (struct chat__greetings_options){
        .directory = options->directory,
        .outstanding = &gateway->outstanding,
        .silent = on_silent,
        .context = gateway,
    };
    if (!chat__gateway_secrets_read(&gateway->secrets, options->secrets)) {
        snprintf(message, message_size,
                 "the gateway secret must be one or two, with a comma between, "
                 "of 1 to 256 characters each");
        free(gateway);
        return NULL;
    }
    gateway->options.secrets = NULL;
    if (!open_outbox(gateway)) {
        free(gateway);
        return NULL;
    }
    return gateway;
}

void chat__gateway_attach(struct chat__gateway *gateway,
                          struct chat__core *core)
{
    gateway->core = core;
    uv_timer_init(gateway->options.loop, &gateway->sweep);
    gateway->sweep.data = gateway;
    uv_timer_start(&gateway->sweep, on_sweep, SWEEP_INTERVAL_MS,
                   SWEEP_INTERVAL_MS);
}

bool chat__gateway_is_idle(const struct chat__gateway *gateway)
{
    return chat__outbox_is_idle(gateway->outbox) && gateway->outstanding == 0;
}

bool chat__gateway_is_asking(const struct chat__gateway *gateway)
{
    return gateway != NULL && gateway->outstanding > 0;
}

static void drop_seats(struct chat__gateway *gateway)
{
    struct chat__table_link *first;
    uint64_t cursor = 0;

    do {
        cursor = chat__table_scan(&gateway->seats, cursor, &first);
        while (first != NULL) {
            struct chat__seat *seat = seat_of(first);

            first = first->next;
            drop_seat(seat);
        }
    } while (cursor != 0);
}

void chat__gateway_detach(struct chat__gateway *gateway)
{
    if (gateway == NULL)
        return;
    drop_seats(gateway);
    chat__greetings_release(&gateway->greetings);
    if (gateway->core != NULL)
        uv_close((uv_handle_t *)&gateway->sweep, NULL);
    gateway->core = NULL;
}

void chat__gateway_stop(struct chat__gateway *gateway)
{
    if (gateway != NULL)
        chat__outbox_stop(gateway->outbox);
}

void chat__gateway_free(struct chat__gateway *gateway)
{
    if (gateway == NULL)
        return;
    chat__outbox_free(gateway->outbox);
    chat__table_release(&gateway->seats);
    free(gateway);
}
