#include "server/server_log.h"

#include "server/core/core.h"
#include "server/ops/log.h"

#include <inttypes.h>
#include <stdio.h>

/* Of docs/protocol.md: clients go because the server does. */
#define CLOSE_DRAIN 4001

static void add_caller(struct chat__log_line *line,
                       const struct chat__caller *caller)
{
    char name[CHAT__REQUEST_NAME_SIZE];
    char user[sizeof "18446744073709551615"];

    chat__caller_name(caller, name);
    chat__log_string(line, "connection", name);
    if (caller->user == 0)
        return;
    /* A string, as in the protocol: 64 bits are not a number everywhere. */
    snprintf(user, sizeof user, "%" PRIu64, caller->user);
    chat__log_string(line, "user", user);
}

static void add_result(struct chat__log_line *line,
                       const struct chat__request_record *record)
{
    const char *result = "ok";

    if (record->result != CHAT__ERROR_NONE)
        result = chat__error_name(record->result);
    else if (!record->answered)
        result = "gone";
    chat__log_string(line, "result", result);
    if (record->seq != 0) {
        chat__log_int(line, "seq", (int64_t)record->seq);
        chat__log_bool(line, "dup", record->dup);
    }
}

static void on_request_done(void *context,
                            const struct chat__request_record *record)
{
    int64_t us = record->ended_us - record->began_us;
    bool slow = us > CHAT__SLOW_REQUEST_MS * INT64_C(1000);
    enum chat__log_level level = slow ? CHAT__LOG_WARNING : CHAT__LOG_DEBUG;
    struct chat__log_line line;
    char name[CHAT__REQUEST_NAME_SIZE];

    (void)context;
    if (!chat__log_wants(level))
        return;
    chat__log_begin(&line, level, slow ? "slow_request" : "request");
    add_caller(&line, &record->caller);
    chat__request_name(record, name);
    chat__log_string(&line, "request", name);
    if (record->has_action)
        chat__log_string(&line, "action", chat__action_name(record->action));
    if (record->room != NULL)
        chat__log_string(&line, "room", record->room);
    add_result(&line, record);
    chat__log_int(&line, "bytes", (int64_t)record->bytes);
    chat__log_microseconds(&line, "ms", us);
    if (record->store_began_us != 0)
        chat__log_microseconds(&line, "store_ms", record->store_us);
    chat__log_end(&line);
}

static void on_connection_opened(void *context,
                                 const struct chat__connection_record *record)
{
    struct chat__log_line line;

    (void)context;
    if (!chat__log_wants(CHAT__LOG_DEBUG))
        return;
    chat__log_begin(&line, CHAT__LOG_DEBUG, "connected");
    add_caller(&line, &record->caller);
    if (record->address != NULL)
        chat__log_address(&line, "address", record->address);
    chat__log_end(&line);
}

static void on_connection_closed(void *context,
                                 const struct chat__connection_record *record)
{
    bool closed = record->code != 0;
    bool is_news = closed && record->code != CLOSE_DRAIN;
    enum chat__log_level level = is_news ? CHAT__LOG_INFO : CHAT__LOG_DEBUG;
    struct chat__log_line line;

    (void)context;
    if (!chat__log_wants(level))
        return;
    chat__log_begin(&line, level, closed ? "closed" : "disconnected");
    add_caller(&line, &record->caller);
    if (closed)
        chat__log_int(&line, "code", record->code);
    if (closed && record->reason != NULL)
        chat__log_string(&line, "reason", record->reason);
    chat__log_end(&line);
}

static const char *const credentials[] = {
    [CHAT__CREDENTIAL_TOKEN] = "token",
    [CHAT__CREDENTIAL_GUEST] = "guest",
    [CHAT__CREDENTIAL_LOGIN] = "login",
    [CHAT__CREDENTIAL_REGISTER] = "register",
};

/* Clients come back by token in thousands when a network has hiccups. */
static void on_signed_in(void *context,
                         const struct chat__sign_in_record *record)
{
    enum chat__log_level level = record->credential == CHAT__CREDENTIAL_TOKEN
                                     ? CHAT__LOG_DEBUG
                                     : CHAT__LOG_INFO;
    struct chat__log_line line;

    (void)context;
    if (!chat__log_wants(level))
        return;
    chat__log_begin(&line, level, "signed_in");
    add_caller(&line, &record->caller);
    chat__log_string(&line, "name", record->name);
    chat__log_bool(&line, "guest", record->guest);
    chat__log_string(&line, "by", credentials[record->credential]);
    if (record->agent != NULL)
        chat__log_string(&line, "agent", record->agent);
    chat__log_int(&line, "resumed", (int64_t)record->resumed);
    chat__log_end(&line);
}

const struct chat__observer chat__log_observer = {
    .request_done = on_request_done,
    .connection_opened = on_connection_opened,
    .connection_closed = on_connection_closed,
    .signed_in = on_signed_in,
};
