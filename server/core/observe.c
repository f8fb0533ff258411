#include "server/core/observe.h"

#include "server/core/action.h"
#include "server/core/actions/actions.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/user.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- remote contexts ---- */

struct chat__remote *
chat__remote_new(const struct chat__remote_context *context)
{
    struct chat__remote *remote;

    if (context == NULL)
        return NULL;
    remote = malloc(sizeof(*remote));
    if (remote != NULL)
        *remote = (struct chat__remote){.references = 1, .context = *context};
    return remote;
}

struct chat__remote *chat__remote_hold(struct chat__remote *remote)
{
    if (remote != NULL)
        remote->references++;
    return remote;
}

void chat__remote_release(struct chat__remote *remote)
{
    if (remote != NULL && --remote->references == 0)
        free(remote);
}

static const struct chat__remote_context *
context_of(const struct chat__remote *remote)
{
    return remote == NULL ? NULL : &remote->context;
}

/* ---- names ---- */

static bool has_id(const struct chat__remote_context *remote)
{
    return remote != NULL && remote->request_id[0] != '\0';
}

void chat__caller_name(const struct chat__caller *caller,
                       char name[CHAT__REQUEST_NAME_SIZE])
{
    if (has_id(caller->remote))
        (void)snprintf(name, CHAT__REQUEST_NAME_SIZE, "%s",
                       caller->remote->request_id);
    else
        (void)snprintf(name, CHAT__REQUEST_NAME_SIZE, "%016" PRIx64,
                       caller->connection);
}

void chat__request_name(const struct chat__request_record *record,
                        char name[CHAT__REQUEST_NAME_SIZE])
{
    char caller[CHAT__REQUEST_NAME_SIZE];

    chat__caller_name(&record->caller, caller);
    if (has_id(record->remote))
        (void)snprintf(name, CHAT__REQUEST_NAME_SIZE, "%s",
                       record->remote->request_id);
    else
        (void)snprintf(name, CHAT__REQUEST_NAME_SIZE, "%.*s-%s%" PRIu32,
                       CHAT__REQUEST_ID_BYTES_MAX, caller,
                       record->has_id ? "" : "n", record->number);
}

static struct chat__caller caller_of(const struct chat__connection *connection)
{
    return (struct chat__caller){
        .connection = connection->id,
        .remote = context_of(connection->remote),
        .user = connection->user == NULL ? 0 : connection->user->id,
    };
}

/* ---- requests ---- */

/* Calls `told` of every observer that has it. */
#define TELL(core, told, record)                                               \
    for (const struct chat__observer *const *observer =                        \
             (core)->options.observers;                                        \
         observer != NULL && *observer != NULL; observer++)                    \
        if ((*observer)->told != NULL)                                         \
    (*observer)->told((*observer)->context, record)

void chat__observe_begin(struct chat__operation *operation, size_t bytes,
                         const struct chat__remote_context *remote)
{
    struct chat__observation *seen = &operation->observation;
    const struct chat__connection *connection = operation->connection;

    if (!chat__is_observed(operation->core))
        return;
    *seen = (struct chat__observation){
        .watched = true,
        .has_id = operation->request.has_id,
        .number = operation->request.has_id ? operation->request.id
                                            : connection->request_count,
        .connection = connection->id,
        .connection_remote = chat__remote_hold(connection->remote),
        .remote = chat__remote_new(remote),
        .bytes = bytes,
    };
}

void chat__observe_answer(struct chat__operation *operation,
                          const struct chat__reply *reply)
{
    operation->observation.answered = operation->connection != NULL;
    operation->observation.result =
        reply->ok ? CHAT__ERROR_NONE : reply->error.code;
}

void chat__observe_entry(struct chat__operation *operation,
                         const struct chat__committed *entry)
{
    operation->observation.seq = entry->seq;
    operation->observation.dup = entry->dup;
}

void chat__observe_store_asked(struct chat__operation *operation,
                               int64_t now_us)
{
    struct chat__observation *seen = &operation->observation;

    seen->store_asked_us = now_us;
    if (seen->store_began_us == 0)
        seen->store_began_us = now_us;
}

void chat__observe_store_answered(struct chat__operation *operation,
                                  int64_t now_us)
{
    struct chat__observation *seen = &operation->observation;

    seen->store_us += now_us - seen->store_asked_us;
}

void chat__observe_append(struct chat__operation *operation, size_t entries,
                          int64_t began_us, int64_t ended_us)
{
    struct chat__observation *seen = &operation->observation;

    seen->append_entries = entries;
    seen->append_began_us = began_us;
    seen->append_ended_us = ended_us;
}

void chat__observe_delivered(const struct chat__room *room, uint64_t first,
                             uint64_t last, uint64_t connections,
                             int64_t began_us)
{
    const struct chat__delivery_record record = {
        .room = room->name,
        .first = first,
        .last = last,
        .connections = connections,
        .began_us = began_us,
    };

    TELL(room->core, delivered, &record);
}

void chat__observe_end(struct chat__operation *operation)
{
    const struct chat__observation *seen = &operation->observation;
    struct chat__request_record record;

    if (!seen->watched)
        return;
    record = (struct chat__request_record){
        .caller = {.connection = seen->connection,
                   .remote = context_of(seen->connection_remote),
                   .user = operation->user == NULL ? 0 : operation->user->id},
        .remote = context_of(seen->remote),
        .has_id = seen->has_id,
        .number = seen->number,
        .has_action = true,
        .action = operation->request.action,
        .room = operation->room == NULL ? NULL : operation->room->name,
        .answered = seen->answered,
        .result = seen->result,
        .seq = seen->seq,
        .dup = seen->dup,
        .bytes = seen->bytes,
        .began_us = operation->began_us,
        .ended_us = chat__monotonic_us(operation->core),
        .store_began_us = seen->store_began_us,
        .store_us = seen->store_us,
        .append_began_us = seen->append_began_us,
        .append_ended_us = seen->append_ended_us,
        .append_entries = seen->append_entries,
    };
    TELL(operation->core, request_done, &record);
    chat__remote_release(seen->connection_remote);
    chat__remote_release(seen->remote);
}

void chat__observe_refusal(struct chat__connection *connection,
                           const struct chat__request *request,
                           bool action_is_known, const char *room,
                           const struct chat__error *error, size_t bytes,
                           const struct chat__remote_context *remote)
{
    struct chat__request_record record;

    if (!chat__is_observed(connection->core))
        return;
    record = (struct chat__request_record){
        .caller = caller_of(connection),
        .remote = remote,
        .has_id = request->has_id,
        .number = request->has_id ? request->id : connection->request_count,
        .has_action = action_is_known,
        .action = request->action,
        .room = room,
        .answered = true,
        .result = error->code,
        .bytes = bytes,
        .began_us = chat__monotonic_us(connection->core),
    };
    record.ended_us = record.began_us;
    TELL(connection->core, request_done, &record);
}

/* ---- connections ---- */

void chat__observe_opened(const struct chat__connection *connection,
                          const unsigned char *address)
{
    const struct chat__connection_record record = {
        .caller = caller_of(connection), .address = address};

    TELL(connection->core, connection_opened, &record);
}

void chat__observe_closed(const struct chat__connection *connection,
                          unsigned int code, const char *reason)
{
    const struct chat__connection_record record = {
        .caller = caller_of(connection), .code = code, .reason = reason};

    TELL(connection->core, connection_closed, &record);
}

void chat__observe_sign_in(const struct chat__hello_operation *hello,
                           size_t resumed)
{
    const struct chat__operation *operation = &hello->operation;
    const struct chat__hello *request = &operation->request.body.hello;
    const struct chat__sign_in_record record = {
        .caller = caller_of(operation->connection),
        .name = operation->user->name,
        .guest = operation->user->guest,
        .credential = request->credential,
        .agent = request->agent,
        .resumed = resumed,
    };

    TELL(operation->core, signed_in, &record);
}
