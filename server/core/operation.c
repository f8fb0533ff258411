#include "server/core/operation.h"

#include "server/core/action.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/user.h"

#include <stdlib.h>

void chat__operation_push(struct chat__operation_queue *queue,
                          struct chat__operation *operation)
{
    operation->after = NULL;
    if (queue->last == NULL)
        queue->first = operation;
    else
        queue->last->after = operation;
    queue->last = operation;
    queue->count++;
}

struct chat__operation *chat__operation_pop(struct chat__operation_queue *queue)
{
    struct chat__operation *operation = queue->first;

    if (operation == NULL)
        return NULL;
    queue->first = operation->after;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->count--;
    operation->after = NULL;
    return operation;
}

void chat__operation_prepend(struct chat__operation_queue *queue,
                             struct chat__operation_queue *front)
{
    if (front->first == NULL)
        return;
    front->last->after = queue->first;
    if (queue->last == NULL)
        queue->last = front->last;
    queue->first = front->first;
    queue->count += front->count;
    *front = (struct chat__operation_queue){0};
}

static void link_to_connection(struct chat__operation *operation,
                               struct chat__connection *connection)
{
    operation->connection = connection;
    operation->next = connection->operations;
    if (operation->next != NULL)
        operation->next->previous = operation;
    connection->operations = operation;
    connection->operation_count++;
}

static void unlink_from_connection(struct chat__operation *operation)
{
    struct chat__connection *connection = operation->connection;

    if (operation->previous != NULL)
        operation->previous->next = operation->next;
    else
        connection->operations = operation->next;
    if (operation->next != NULL)
        operation->next->previous = operation->previous;
    connection->operation_count--;
}

struct chat__operation *chat__operation_make(struct chat__core *core,
                                             struct chat__user *user,
                                             const struct chat__action_row *row,
                                             size_t size)
{
    struct chat__operation *operation = calloc(1, size);

    if (operation == NULL)
        return NULL;
    operation->row = row;
    operation->core = core;
    operation->began_us = chat__monotonic_us(core);
    operation->user = user;
    if (user != NULL)
        chat__user_hold(user);
    return operation;
}

struct chat__operation *chat__operation_new(struct chat__connection *connection,
                                            const struct chat__action_row *row,
                                            struct chat__request *request)
{
    struct chat__operation *operation = chat__operation_make(
        connection->core, connection->user, row, row->size);

    if (operation == NULL)
        return NULL;
    operation->ticket = connection->ticket;
    connection->ticket = NULL;
    operation->request = *request;
    *request = (struct chat__request){0};
    link_to_connection(operation, connection);
    return operation;
}

static void tell_done(const struct chat__operation *operation)
{
    const struct chat__connection *connection = operation->connection;

    if (operation->ticket != NULL && connection != NULL)
        chat__connection_front(connection)
            ->done(connection->handle, operation->ticket);
}

void chat__operation_end(struct chat__operation *operation)
{
    struct chat__core *core = operation->core;
    struct chat__connection *connection = operation->connection;

    chat__observe_end(operation);
    if (operation->release != NULL)
        operation->release(operation);
    if (connection != NULL)
        unlink_from_connection(operation);
    tell_done(operation);
    core->waiting_bytes -= operation->waiting_bytes;
    chat__request_release(&operation->request);
    chat__room_release(operation->room);
    chat__user_release(operation->user);
    free(operation);
    if (connection != NULL && core->draining)
        chat__connection_drain(connection);
}

void chat__operation_committed(struct chat__operation *operation,
                               const struct chat__committed *entry)
{
    chat__observe_entry(operation, entry);
    operation->row->committed(operation, entry);
}

void chat__operation_asks(struct chat__operation *operation)
{
    chat__observe_store_asked(operation, chat__observe_now(operation->core));
    chat__store_asked(operation->core);
}

void chat__operation_hears(struct chat__operation *operation)
{
    chat__store_answered(operation->core);
    chat__observe_store_answered(operation, chat__observe_now(operation->core));
}

void chat__operation_succeed(struct chat__operation *operation,
                             struct chat__reply *reply, bool from_end)
{
    reply->ok = true;
    (void)chat__answer(operation, reply, from_end);
    chat__operation_end(operation);
}

void chat__operation_refuse_with(struct chat__operation *operation,
                                 const struct chat__error *error)
{
    struct chat__reply reply = {.error = *error};

    (void)chat__answer(operation, &reply, false);
    chat__operation_end(operation);
}

void chat__operation_refuse(struct chat__operation *operation,
                            enum chat__error_code code, const char *message)
{
    struct chat__error error = {0};

    chat__error_answer(&error, code, message);
    chat__operation_refuse_with(operation, &error);
}

void chat__operation_fail(struct chat__operation *operation,
                          enum chat__store_result result)
{
    switch (result) {
    case CHAT__STORE_NOT_FOUND:
        chat__operation_refuse(operation, CHAT__ERROR_NOT_FOUND,
                               "there is no such room");
        break;
    case CHAT__STORE_BUSY:
        chat__operation_refuse(operation, CHAT__ERROR_BUSY,
                               "the store has too much to do; try again");
        break;
    default:
        chat__operation_refuse(operation, CHAT__ERROR_STORAGE,
                               "the store failed; try again");
        break;
    }
}
