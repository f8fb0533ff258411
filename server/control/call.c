#include "server/control/private.h"

#include "protocol/json.h"
#include "protocol/limits.h"
#include "server/ops/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- arguments ---- */

struct chat__server *chat__control_server(const struct chat__control_call *call)
{
    return call->server;
}

const char *chat__control_string(const struct chat__control_call *call,
                                 const char *name)
{
    return cJSON_GetStringValue(chat__json_member(call->arguments, name));
}

uint64_t chat__control_number(const struct chat__control_call *call,
                              const char *name, uint64_t otherwise)
{
    struct chat__error error;

    (void)chat__json_uint(call->arguments, name, CHAT__JSON_OPTIONAL,
                          CHAT__INTEGER_MAX, &otherwise, &error);
    return otherwise;
}

bool chat__control_flag(const struct chat__control_call *call, const char *name)
{
    return cJSON_IsTrue(chat__json_member(call->arguments, name));
}

static bool has_kind(const struct chat__control_call *call,
                     const struct chat__control_argument *argument,
                     struct chat__error *error)
{
    const cJSON *object = call->arguments;
    enum chat__json_presence presence =
        argument->required ? CHAT__JSON_REQUIRED : CHAT__JSON_OPTIONAL;
    const char *string;
    uint64_t number;
    bool flag;

    switch (argument->kind) {
    case CHAT__CONTROL_STRING:
        return chat__json_string(object, argument->name, presence, &string,
                                 error);
    case CHAT__CONTROL_NUMBER:
        return chat__json_uint(object, argument->name, presence,
                               CHAT__INTEGER_MAX, &number, error);
    default:
        return chat__json_bool(object, argument->name, presence, &flag, error);
    }
}

/* A word that the row does not have may be one that changes the meaning. */
static bool is_known(const struct chat__control_row *row, const char *name)
{
    if (strcmp(name, "command") == 0)
        return true;
    for (size_t i = 0; i < CHAT__CONTROL_ARGUMENTS_MAX; i++)
        if (row->arguments[i].name != NULL &&
            strcmp(row->arguments[i].name, name) == 0)
            return true;
    return false;
}

static bool check_arguments(const struct chat__control_call *call,
                            struct chat__error *error)
{
    const struct chat__control_row *row = call->row;
    const cJSON *member;

    for (size_t i = 0; i < CHAT__CONTROL_ARGUMENTS_MAX; i++)
        if (row->arguments[i].name != NULL &&
            !has_kind(call, &row->arguments[i], error))
            return false;
    cJSON_ArrayForEach(member, call->arguments)
    {
        if (is_known(row, member->string))
            continue;
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "%s has no argument '%.64s'", row->name,
                        member->string);
        return false;
    }
    return true;
}

/* ---- the log ---- */

/* One of another kind has no value: it is why the command was refused. */
static void log_argument(struct chat__log_line *line,
                         const struct chat__control_call *call,
                         const struct chat__control_argument *argument)
{
    struct chat__error error;

    if (chat__json_member(call->arguments, argument->name) == NULL ||
        !has_kind(call, argument, &error))
        return;
    if (argument->kind == CHAT__CONTROL_STRING)
        chat__log_string(line, argument->name,
                         chat__control_string(call, argument->name));
    else if (argument->kind == CHAT__CONTROL_NUMBER)
        chat__log_int(line, argument->name,
                      (int64_t)chat__control_number(call, argument->name, 0));
    else
        chat__log_bool(line, argument->name,
                       chat__control_flag(call, argument->name));
}

/* As a string: 64 bits are not a number everywhere. */
static void log_user(struct chat__log_line *line, uint64_t user)
{
    char id[CHAT__USER_ID_BYTES_MAX + 1];

    snprintf(id, sizeof id, "%" PRIu64, user);
    chat__log_string(line, "user_id", id);
}

static void audit(const struct chat__control_call *call, const char *result)
{
    const struct chat__control_row *row = call->row;
    struct chat__log_line line;
    bool went_well = strcmp(result, "ok") == 0;

    if (row == NULL || !row->changes)
        return;
    chat__log_begin_always(
        &line, went_well ? CHAT__LOG_INFO : CHAT__LOG_WARNING, "audit");
    chat__log_string(&line, "command", row->name);
    chat__log_string(&line, "result", result);
    chat__log_int(&line, "by_uid", call->uid);
    chat__log_int(&line, "by_pid", call->pid);
    if (call->about != 0)
        log_user(&line, call->about);
    /* At the end, where a line is cut that is too long. */
    for (size_t i = 0; i < CHAT__CONTROL_ARGUMENTS_MAX; i++)
        if (row->arguments[i].name != NULL)
            log_argument(&line, call, &row->arguments[i]);
    chat__log_end(&line);
}

/* ---- what it writes ---- */

struct chat__writer *chat__control_begin(struct chat__control_call *call)
{
    chat__writer_init(&call->writer, &call->output);
    chat__write_object(&call->writer, NULL);
    return &call->writer;
}

void chat__control_end(struct chat__control_call *call)
{
    chat__write_object_end(&call->writer);
    chat__buffer_append_byte(&call->output, '\n');
}

bool chat__control_is_full(const struct chat__control_call *call)
{
    return call->output.length >= CHAT__CONTROL_PIECE_BYTES ||
           call->output.failed;
}

void chat__control_about(struct chat__control_call *call, uint64_t user)
{
    call->about = user;
}

/* ---- its end ---- */

void chat__control_call_free(struct chat__control_call *call)
{
    if (call->free_state != NULL)
        call->free_state(call->state);
    chat__json_free(call->arguments);
    chat__buffer_release(&call->output);
    free(call);
}

void chat__control_call_leave(struct chat__control_call *call)
{
    call->client->call = NULL;
    call->client = NULL;
    if (call->ended || (call->step != NULL && !call->later))
        chat__control_call_free(call);
}

/* The last line is written. */
static void end(struct chat__control_call *call)
{
    call->ended = true;
    if (call->client == NULL)
        chat__control_call_free(call);
    else
        chat__control_client_send(call->client);
}

void chat__control_succeed(struct chat__control_call *call)
{
    audit(call, "ok");
    chat__write_bool(chat__control_begin(call), "ok", true);
    chat__control_end(call);
    end(call);
}

void chat__control_refuse(struct chat__control_call *call, const char *code,
                          const char *message)
{
    struct chat__writer *writer;

    audit(call, code);
    writer = chat__control_begin(call);
    chat__write_object(writer, "error");
    chat__write_string(writer, "code", code);
    chat__write_string(writer, "message", message);
    chat__write_object_end(writer);
    chat__control_end(call);
    end(call);
}

/* ---- lists ---- */

static void proceed(struct chat__control_call *call,
                    enum chat__control_progress progress)
{
    if (progress == CHAT__CONTROL_LATER)
        call->later = true;
    else if (call->client == NULL)
        chat__control_call_free(call);
    else if (progress == CHAT__CONTROL_LAST)
        chat__control_succeed(call);
    else
        chat__control_client_send(call->client);
}

void chat__control_call_step(struct chat__control_call *call)
{
    proceed(call, call->step(call, call->state));
}

void chat__control_list(struct chat__control_call *call,
                        chat__control_step *step, void *state,
                        void (*free_state)(void *state))
{
    call->step = step;
    call->state = state;
    call->free_state = free_state;
    if (call->client == NULL)
        chat__control_call_free(call);
    else
        chat__control_call_step(call);
}

void chat__control_list_on(struct chat__control_call *call,
                           enum chat__control_progress progress)
{
    call->later = false;
    proceed(call, progress);
}

/* ---- its beginning ---- */

static void run(struct chat__control_call *call, const char *line,
                size_t length)
{
    struct chat__error error = {0};
    const char *name = NULL;

    call->arguments = chat__json_parse(line, length, &error);
    if (call->arguments != NULL &&
        chat__json_string(call->arguments, "command", CHAT__JSON_REQUIRED,
                          &name, &error)) {
        call->row = chat__control_find(name);
        if (call->row == NULL)
            chat__error_set(&error, CHAT__ERROR_BAD_REQUEST,
                            "this chatd has no command '%.64s'", name);
        else if (check_arguments(call, &error)) {
            call->row->run(call);
            return;
        }
    }
    chat__control_refuse(call, chat__error_name(error.code), error.message);
}

void chat__control_call_run(struct chat__control_client *client,
                            const char *line, size_t length)
{
    struct chat__control_call *call = calloc(1, sizeof *call);

    if (call == NULL) {
        chat__control_client_close(client);
        return;
    }
    call->server = client->control->server;
    call->client = client;
    call->uid = client->uid;
    call->pid = client->pid;
    chat__buffer_init(&call->output, CHAT__CONTROL_OUTPUT_BYTES_MAX);
    client->call = call;
    run(call, line, length);
}
