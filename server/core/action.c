#include "server/core/action.h"

#include "server/core/actions/actions.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/user.h"

#include <string.h>

#define AT(member) offsetof(struct chat__request, body.member)

const struct chat__action_row chat__actions[CHAT__ACTION_COUNT] = {
    [CHAT__ACTION_HELLO] = {.rate = CHAT__RATE_HELLO,
                            .size = sizeof(struct chat__hello_operation),
                            .start = chat__hello_start},
    [CHAT__ACTION_ROOMS] = {.session = true,
                            .rate = CHAT__RATE_READ,
                            .size = sizeof(struct chat__rooms_operation),
                            .start = chat__rooms_start},
    [CHAT__ACTION_JOIN] = {.session = true,
                           .rate = CHAT__RATE_WRITE,
                           .size = sizeof(struct chat__join_operation),
                           .room_at = AT(join.room),
                           .key_at = AT(join.key),
                           .start = chat__append,
                           .check = chat__join_check,
                           .committed = chat__join_committed,
                           .unchanged = chat__join_unchanged},
    [CHAT__ACTION_LEAVE] = {.session = true,
                            .rate = CHAT__RATE_WRITE,
                            .size = sizeof(struct chat__operation),
                            .room_at = AT(leave.room),
                            .key_at = AT(leave.key),
                            .start = chat__append,
                            .check = chat__leave_check,
                            .committed = chat__leave_committed,
                            .unchanged = chat__leave_unchanged},
    [CHAT__ACTION_SEND] = {.session = true,
                           .rate = CHAT__RATE_WRITE,
                           .size = sizeof(struct chat__operation),
                           .room_at = AT(send.room),
                           .key_at = AT(send.key),
                           .start = chat__append,
                           .check = chat__send_check,
                           .committed = chat__send_committed},
    [CHAT__ACTION_HISTORY] = {.session = true,
                              .rate = CHAT__RATE_READ,
                              .size = sizeof(struct chat__history_operation),
                              .room_at = AT(history.room),
                              .start = chat__history_start},
    [CHAT__ACTION_READ] = {.session = true,
                           .rate = CHAT__RATE_READ,
                           .size = sizeof(struct chat__read_operation),
                           .room_at = AT(read.room),
                           .start = chat__read_start},
    [CHAT__ACTION_TYPING] = {.session = true,
                             .rate = CHAT__RATE_EPHEMERAL,
                             .size = sizeof(struct chat__operation),
                             .room_at = AT(typing.room),
                             .start = chat__typing_start},
    [CHAT__ACTION_PING] = {.session = true,
                           .rate = CHAT__RATE_READ,
                           .size = sizeof(struct chat__ping_operation),
                           .start = chat__ping_start},
};

static const char *string_at(const struct chat__request *request, size_t offset)
{
    const char *string;

    memcpy(&string, (const char *)request + offset, sizeof(string));
    return string;
}

const char *chat__action_key(const struct chat__operation *operation)
{
    return string_at(&operation->request, operation->row->key_at);
}

/* ---- may it run? ---- */

/* What the protocol has and this server does not. */
static bool check_known(const struct chat__action_row *row,
                        struct chat__error *error)
{
    if (row->start == NULL)
        chat__error_answer(error, CHAT__ERROR_BAD_REQUEST,
                           "action: this server does not know it");
    return row->start != NULL;
}

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
    uint32_t retry_ms;

    if (!connection->core->options.rate_limits ||
        chat__rate_take(&connection->buckets[row->rate], row->rate,
                        chat__monotonic_ms(connection->core), &retry_ms))
        return true;
    chat__error_set_temporary(error, CHAT__ERROR_RATE_LIMITED, retry_ms,
                              "too many requests of this kind; slow down");
    return false;
}

/* Counts what the connection has unanswered, bounded by this very check. */
static bool check_unanswered(const struct chat__connection *connection,
                             const struct chat__action_row *row,
                             const char *room, size_t length,
                             struct chat__error *error)
{
    const struct chat__core *core = connection->core;
    const struct chat__operation *operation = connection->operations;
    size_t reads = 0;
    size_t in_room = 0;

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
    chat__room_await(operation);
}

void chat__action_run(struct chat__connection *connection,
                      struct chat__request *request, size_t length)
{
    const struct chat__action_row *row = &chat__actions[request->action];
    const char *room =
        row->room_at == 0 ? NULL : string_at(request, row->room_at);
    struct chat__operation *operation;
    struct chat__error error = {0};

    if (!check_known(row, &error) || !check_state(connection, row, &error) ||
        !check_rate(connection, row, &error) ||
        !check_unanswered(connection, row, room, length, &error)) {
        chat__answer_refusal(connection, request, &error);
        return;
    }
    if (row->session)
        connection->strikes = 0;
    operation = chat__operation_new(connection, row, request);
    if (operation == NULL) {
        chat__error_answer(&error, CHAT__ERROR_BUSY,
                           "the server is short of memory; try again");
        chat__answer_refusal(connection, request, &error);
        return;
    }
    if (row->key_at != 0) {
        operation->waiting_bytes = length;
        connection->core->waiting_bytes += length;
    }
    start(operation, room);
}

bool chat__action_is_member(struct chat__operation *operation)
{
    const struct chat__room *room = operation->room;

    if (chat__room_role(room, operation->user->id) != CHAT__ROLE_NONE)
        return true;
    if (room->private_room)
        chat__operation_fail(operation, CHAT__STORE_NOT_FOUND);
    else
        chat__operation_refuse(operation, CHAT__ERROR_FORBIDDEN,
                               "you are no member of this room: join it");
    return false;
}
