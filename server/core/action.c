#include "server/core/action.h"

#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/meter.h"
#include "server/core/permission.h"
#include "server/core/room.h"
#include "server/core/spending.h"
#include "server/core/user.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)CHAT__RATES_COUNT == CHAT__RATE_COUNT,
               "each class has a word");

/* The longest name of a room of two. */
#define DM_NAME_SIZE sizeof("dm.18446744073709551615.18446744073709551615")

static const char *string_at(const struct chat__request *request, size_t offset)
{
    const char *string;

    memcpy(&string, (const char *)request + offset, sizeof(string));
    return string;
}

static uint64_t number_at(const struct chat__request *request, size_t offset)
{
    uint64_t number = 0;

    if (offset != 0)
        memcpy(&number, (const char *)request + offset, sizeof(number));
    return number;
}

const char *chat__action_key(const struct chat__operation *operation)
{
    return string_at(&operation->request, operation->row->key_at);
}

uint64_t chat__action_user(const struct chat__operation *operation)
{
    return number_at(&operation->request, operation->row->user_at);
}

uint64_t chat__action_ref(const struct chat__operation *operation)
{
    return number_at(&operation->request, operation->row->ref_at);
}

void chat__action_committed(struct chat__operation *operation,
                            const struct chat__committed *entry)
{
    struct chat__reply reply = {
        .body.entry = {.seq = entry->seq, .ts = entry->ts, .dup = entry->dup}};

    chat__operation_succeed(operation, &reply, false);
}

void chat__action_unchanged(struct chat__operation *operation)
{
    struct chat__reply reply = {0};

    chat__operation_succeed(operation, &reply, false);
}

/* The room that a request is about: named, or the one of two. */
static const char *room_of(const struct chat__connection *connection,
                           const struct chat__request *request,
                           char dm[DM_NAME_SIZE])
{
    const struct chat__action_row *row = &chat__actions[request->action];
    uint64_t one;
    uint64_t two;

    if (row->room_at != 0)
        return string_at(request, row->room_at);
    if (request->action != CHAT__ACTION_DM)
        return NULL;
    one = request->body.dm.user;
    two = connection->user->id;
    (void)snprintf(dm, DM_NAME_SIZE, "dm.%" PRIu64 ".%" PRIu64,
                   one < two ? one : two, one < two ? two : one);
    return dm;
}

/* ---- may it run? ---- */

static bool check_state(const struct chat__connection *connection,
                        const struct chat__action_row *row,
                        struct chat__error *error)
{
    if (connection->core->draining) {
        chat__error_answer(error, CHAT__ERROR_BUSY,
                           "the server drains; come back");
        return false;
    }
    if (row->session && (!connection->ready || connection->hello)) {
        chat__error_answer(error, CHAT__ERROR_HELLO_REQUIRED,
                           "say hello first, then repeat this");
        return false;
    }
    return true;
}

static bool check_rate(struct chat__connection *connection,
                       const struct chat__action_row *row,
                       struct chat__error *error)
{
    struct chat__buckets *buckets[CHAT__SCOPE_COUNT] = {
        [CHAT__SCOPE_CONNECTION] = &connection->buckets,
        [CHAT__SCOPE_USER] =
            connection->user == NULL ? NULL : &connection->user->buckets,
        [CHAT__SCOPE_ADDRESS] =
            connection->address == NULL ? NULL : &connection->address->buckets,
    };
    const struct chat__core_options *options = &connection->core->options;

    if (!options->settings.rate_limits)
        return true;
    if (!chat__rate_pass(buckets, row->rate,
                         chat__monotonic_ms(connection->core), error)) {
        chat__metrics_count_as(options->metrics, CHAT__METRIC_RATE_LIMITED,
                               (int)row->rate);
        return false;
    }
    if (connection->user != NULL)
        chat__spend(connection->core, CHAT__SCOPE_USER, connection->user->id,
                    row->rate);
    if (connection->address != NULL)
        chat__spend(connection->core, CHAT__SCOPE_ADDRESS,
                    connection->address->id, row->rate);
    return true;
}

/*
 * Counts what the connection has unanswered, bounded by this very check, where
 * the limit could have been reached.
 */
static bool check_unanswered(const struct chat__connection *connection,
                             const struct chat__action_row *row,
                             const char *room, size_t length,
                             struct chat__error *error)
{
    const struct chat__core *core = connection->core;
    const struct chat__operation *operation = connection->operations;
    size_t limit =
        row->key_at == 0 ? CHAT__CONNECTION_READS_MAX : core->options.in_flight;
    size_t reads = 0;
    size_t in_room = 0;

    if (connection->operation_count < limit)
        operation = NULL;
    for (; operation != NULL; operation = operation->next) {
        if (operation->row->key_at == 0)
            reads++;
        else if (row->key_at != 0 && strcmp(operation->room->name, room) == 0)
            in_room++;
    }
    if (connection->operation_count < CHAT__CONNECTION_OPERATIONS_MAX &&
        (row->key_at == 0
             ? reads < CHAT__CONNECTION_READS_MAX
             : in_room < core->options.in_flight &&
                   core->waiting_bytes + length <= CHAT__WAITING_BYTES_MAX))
        return true;
    chat__error_answer(error, CHAT__ERROR_BUSY,
                       "too many requests are unanswered; try again");
    return false;
}

/* ---- running ---- */

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    bool keyed = operation->row->key_at != 0;

    /* A keyed one is carried out without its client, and may make the room. */
    if (operation->connection == NULL && !keyed)
        chat__operation_end(operation);
    else if (result == CHAT__STORE_OK ||
             (result == CHAT__STORE_NOT_FOUND && keyed))
        operation->row->start(operation);
    else
        chat__operation_fail(operation, result);
}

/* Whether other servers' entries matter to it that are not known here yet: who
 * has joined there may read here, finds there what was answered here, and has
 * read what was told there. */
static bool wants_all(const struct chat__operation *operation)
{
    const struct chat__request *request = &operation->request;
    const struct chat__room *room = operation->room;

    if (!operation->core->options.shared || operation->row->key_at != 0)
        return false;
    return request->action == CHAT__ACTION_HISTORY ||
           (request->action == CHAT__ACTION_READ &&
            request->body.read.seq > room->head) ||
           !chat__role_is_member(chat__room_role(room, operation->user->id));
}

static void start(struct chat__operation *operation, const char *room)
{
    if (room == NULL) {
        operation->row->start(operation);
        return;
    }
    operation->room = chat__room_acquire(operation->core, room);
    if (operation->room == NULL) {
        chat__operation_fail(operation, CHAT__STORE_BUSY);
        return;
    }
    operation->loaded = room_loaded;
    if (wants_all(operation))
        chat__room_refresh(operation->room);
    chat__room_await(operation);
}

/* NULL, with an error, when it may not run. */
static struct chat__operation *
make_operation(struct chat__connection *connection,
               struct chat__request *request, const char *room, size_t length,
               struct chat__error *error)
{
    const struct chat__action_row *row = &chat__actions[request->action];
    struct chat__operation *operation;

    if (!check_rate(connection, row, error) ||
        !check_unanswered(connection, row, room, length, error))
        return NULL;
    if (row->session)
        connection->strikes = 0;
    operation = chat__operation_new(connection, row, request);
    if (operation == NULL)
        chat__error_answer(error, CHAT__ERROR_BUSY,
                           "the server is short of memory; try again");
    return operation;
}

void chat__action_run(struct chat__connection *connection,
                      struct chat__request *request, size_t length,
                      const struct chat__remote_context *remote)
{
    const struct chat__action_row *row = &chat__actions[request->action];
    char dm[DM_NAME_SIZE];
    const char *room = NULL;
    struct chat__operation *operation = NULL;
    struct chat__error error = {0};

    chat__metrics_count_as(connection->core->options.metrics,
                           CHAT__METRIC_REQUESTS, (int)request->action);
    if (check_state(connection, row, &error)) {
        room = room_of(connection, request, dm);
        operation = make_operation(connection, request, room, length, &error);
    }
    if (operation == NULL) {
        chat__observe_refusal(connection, request, true, room, &error, length,
                              remote);
        chat__answer_refusal(connection, request, &error);
        return;
    }
    chat__observe_begin(operation, length, remote);
    if (row->key_at != 0) {
        operation->waiting_bytes = length;
        connection->core->waiting_bytes += length;
    }
    start(operation, room);
}

bool chat__action_is_member(struct chat__operation *operation)
{
    const struct chat__room *room = operation->room;
    enum chat__role role = chat__room_role(room, operation->user->id);

    if (chat__role_is_member(role))
        return true;
    if (chat__room_hides(room->private_room, role))
        chat__operation_fail(operation, CHAT__STORE_NOT_FOUND);
    else
        chat__operation_refuse(operation, CHAT__ERROR_FORBIDDEN,
                               "you are no member of this room: join it");
    return false;
}
