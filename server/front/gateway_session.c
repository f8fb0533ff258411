/* A seat's session, which the directory knows: found before it is asked. */
#include "server/front/gateway_private.h"

#include <stdlib.h>

/* A read of the directory, which outlives its seat. */
struct chat__look {
    struct chat__gateway *gateway;
    struct chat__seat *seat; /* NULL: it has gone */
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
};

void chat__seat_look_no_more(struct chat__seat *seat)
{
    if (seat->look != NULL)
        seat->look->seat = NULL;
    seat->look = NULL;
}

static void count_session(const struct chat__gateway *gateway,
                          enum chat__gateway_session what)
{
    chat__metrics_count_as(gateway->options.metrics,
                           CHAT__METRIC_GATEWAY_SESSIONS, (int)what);
}

/* With a reference that the seat's list takes over. */
static void ask_core(struct chat__seat *seat, struct chat__exchange *exchange)
{
    chat__exchange_list(&seat->asked, exchange);
    chat__core_ask(seat->connection, exchange->body.data, exchange->body.length,
                   exchange->has_remote ? &exchange->remote : NULL, exchange);
}

void chat__seat_run_waiting(struct chat__seat *seat)
{
    while (seat->waiting != NULL && !seat->closing) {
        struct chat__exchange *exchange = seat->waiting;

        seat->waiting = exchange->next;
        seat->waiting_count--;
        ask_core(seat, exchange);
    }
}

void chat__seat_adopted(struct chat__seat *seat)
{
    seat->adopting = false;
    count_session(seat->gateway, chat__core_has_session(seat->connection)
                                     ? CHAT__GATEWAY_SESSION_FOUND
                                     : CHAT__GATEWAY_SESSION_ENDED);
    chat__seat_run_waiting(seat);
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
    chat__seat_run_waiting(seat);
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
        gateway->core == NULL ? NULL : chat__seat_find(gateway, exchange->id);

    exchange->due_ms = chat__gateway_now_ms(gateway) + CHAT__GATEWAY_ANSWER_MS;
    if (seat != NULL && seat->handed_back) {
        chat__seat_drop(seat);
        seat = NULL;
    }
    if (seat == NULL && gateway->core != NULL)
        seat = chat__seat_make(gateway, exchange);
    if (seat == NULL || seat->closing ||
        seat->waiting_count == CHAT__GATEWAY_WAITING_MAX) {
        chat__exchange_refuse(exchange);
        return;
    }
    seat->used_ms = chat__gateway_now_ms(gateway);
    if (chat__core_has_session(seat->connection) && seat->waiting == NULL) {
        exchange->references++;
        ask_core(seat, exchange);
        return;
    }
    exchange->references++;
    chat__exchange_list(&seat->waiting, exchange);
    seat->waiting_count++;
    if (seat->look == NULL && !seat->adopting && !look_for_session(seat))
        chat__seat_run_waiting(seat);
}
