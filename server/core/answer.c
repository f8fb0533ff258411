#include "server/core/answer.h"

#include "server/core/action.h"
#include "server/core/connection.h"

void chat__tell_bytes(struct chat__connection *connection, const char *objects,
                      size_t length)
{
    if (connection == NULL || connection->closing || length == 0)
        return;
    chat__connection_front(connection)
        ->send(connection->handle, objects, length, CHAT__DELIVERY_DURABLE);
}

/* Sends the object in the scratch buffer; without memory the client would wait
 * in vain for it, so it has to come back. */
static void tell_scratch(struct chat__connection *connection, void *ticket)
{
    struct chat__buffer *scratch = &connection->core->scratch;

    chat__buffer_append_byte(scratch, '\n');
    if (scratch->failed)
        chat__connection_give_up(connection);
    else if (ticket != NULL)
        chat__connection_front(connection)
            ->reply(connection->handle, ticket, scratch->data, scratch->length);
    else
        chat__tell_bytes(connection, scratch->data, scratch->length);
}

static void count(struct chat__core *core, const struct chat__reply *reply)
{
    chat__metrics_count_as(core->options.metrics, CHAT__METRIC_REPLIES,
                           reply->ok ? CHAT__ERROR_NONE
                                     : (int)reply->error.code);
}

static size_t answer(struct chat__connection *connection,
                     const struct chat__request *request, void *ticket,
                     struct chat__reply *reply, bool from_end)
{
    struct chat__buffer *scratch;
    size_t count;

    if (connection == NULL || connection->closing || !request->has_id)
        return 0;
    scratch = &connection->core->scratch;
    reply->id = request->id;
    reply->action = request->action;
    chat__buffer_clear(scratch);
    count = chat__reply_encode(reply, from_end, scratch);
    tell_scratch(connection, ticket);
    return count;
}

static void count_ack(const struct chat__operation *operation)
{
    const struct chat__core *core = operation->core;

    chat__metrics_observe_us(core->options.metrics, CHAT__METRIC_ACK_SECONDS,
                             chat__monotonic_us(core) - operation->began_us);
}

size_t chat__answer(struct chat__operation *operation,
                    struct chat__reply *reply, bool from_end)
{
    count(operation->core, reply);
    chat__observe_answer(operation, reply);
    if (reply->ok && operation->row->key_at != 0)
        count_ack(operation);
    if (operation->answered != NULL)
        operation->answered(operation, reply);
    return answer(operation->connection, &operation->request, operation->ticket,
                  reply, from_end);
}

void chat__answer_refusal(struct chat__connection *connection,
                          const struct chat__request *request,
                          const struct chat__error *error)
{
    struct chat__reply reply = {.error = *error};

    count(connection->core, &reply);
    (void)answer(connection, request, connection->ticket, &reply, false);
}

void chat__error_answer(struct chat__error *error, enum chat__error_code code,
                        const char *message)
{
    if (code == CHAT__ERROR_BUSY)
        chat__error_set_temporary(error, code, CHAT__RETRY_BUSY_MS, "%s",
                                  message);
    else if (code == CHAT__ERROR_STORAGE)
        chat__error_set_temporary(error, code, CHAT__RETRY_STORAGE_MS, "%s",
                                  message);
    else
        chat__error_set(error, code, "%s", message);
}

void chat__tell(struct chat__connection *connection,
                const struct chat__event *event)
{
    struct chat__buffer *scratch;

    if (connection == NULL || connection->closing)
        return;
    scratch = &connection->core->scratch;
    chat__buffer_clear(scratch);
    chat__event_encode(event, scratch);
    tell_scratch(connection, NULL);
}
