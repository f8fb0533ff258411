/* Commands about the server as a whole. */
#include "server/control/commands.h"

#include "server/server_private.h"
#include "server/store/sqlite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* An hour: a drain that nobody waits for is a mistyped one. */
#define SPREAD_S_MAX 3600

#define PLACE_BYTES 128

/* ---- status ---- */

/* Resident, in bytes; 0 when the system does not say. */
static uint64_t memory_bytes(void)
{
    size_t bytes = 0;

    return uv_resident_set_memory(&bytes) == 0 ? bytes : 0;
}

static void write_counts(struct chat__writer *writer,
                         const struct chat__server *server)
{
    struct chat__core_counts counts = chat__core_counts(server->core);

    chat__write_uint(writer, "connections", counts.connections);
    chat__write_uint(writer, "sessions", counts.sessions);
    chat__write_uint(writer, "users", counts.users);
    chat__write_uint(writer, "rooms", counts.rooms);
}

static void write_store(struct chat__writer *writer,
                        const struct chat__server *server)
{
    chat__write_object(writer, "store");
    chat__write_string(writer, "kind", server->options->store);
    chat__write_string(writer, "path", server->store_path);
    if (server->store_path != NULL)
        chat__write_uint(writer, "schema", CHAT__SQLITE_SCHEMA_VERSION);
    chat__write_object_end(writer);
}

static void write_place(struct chat__writer *writer, const char *address,
                        uint16_t port)
{
    char place[PLACE_BYTES];

    snprintf(place, sizeof place,
             strchr(address, ':') == NULL ? "%s:%u" : "[%s]:%u", address, port);
    chat__write_string(writer, NULL, place);
}

/* For clients, then the one for the operator's pages if it is another. */
static void write_listening(struct chat__writer *writer,
                            const struct chat__server *server)
{
    const struct chat__options *options = server->options;

    chat__write_array(writer, "listen");
    write_place(writer, server->address, chat__front_port(server->front));
    if (options->ops_listen.at.address != NULL)
        write_place(writer, options->ops_listen.at.address,
                    chat__front_ops_port(server->front));
    chat__write_array_end(writer);
}

/* Why it should be sent no clients; none: it is ready. */
static void write_health(struct chat__writer *writer,
                         struct chat__server *server)
{
    bool ready = chat__server_is_ready(server);

    chat__write_bool(writer, "ready", ready);
    chat__write_bool(writer, "draining", server->draining);
    if (ready)
        return;
    chat__write_array(writer, "reasons");
    for (size_t i = 0; i < CHAT__HEALTH_REASON_COUNT; i++)
        if (server->health.record.reasons[i].detail != NULL)
            chat__write_string(writer, NULL,
                               server->health.record.reasons[i].detail);
    chat__write_array_end(writer);
}

void chat__control_status(struct chat__control_call *call)
{
    struct chat__server *server = chat__control_server(call);
    struct chat__writer *writer = chat__control_begin(call);

    chat__write_string(writer, "version", CHAT_VERSION);
    chat__write_string(writer, "color", server->options->color);
    chat__write_string(writer, "task", server->task);
    chat__write_int(writer, "pid", getpid());
    chat__write_uint(writer, "uptime_s",
                     (uv_now(&server->loop) - server->started_ms) / 1000);
    write_listening(writer, server);
    write_health(writer, server);
    write_counts(writer, server);
    write_store(writer, server);
    chat__write_string(writer, "log_level",
                       chat__log_level_name(chat__log_level()));
    chat__write_uint(writer, "memory_bytes", memory_bytes());
    chat__control_end(call);
    chat__control_succeed(call);
}

/* ---- what changes it ---- */

void chat__control_drain(struct chat__control_call *call)
{
    struct chat__server *server = chat__control_server(call);
    uint64_t spread_s =
        chat__control_number(call, "spread_s", server->options->drain_spread_s);

    if (server->draining) {
        chat__control_refuse(call, "busy", "this chatd drains already");
        return;
    }
    if (spread_s > SPREAD_S_MAX) {
        chat__control_refuse(call, "bad_request",
                             "spread_s: at most 3600 seconds");
        return;
    }
    chat__write_uint(chat__control_begin(call), "spread_s", spread_s);
    chat__control_end(call);
    chat__control_succeed(call);
    chat__server_drain(server, "chatctl drain", (uint32_t)spread_s);
}

void chat__control_reload(struct chat__control_call *call)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    if (chat__server_reload(chat__control_server(call), message,
                            sizeof message))
        chat__control_succeed(call);
    else
        chat__control_refuse(call, "bad_request", message);
}

/* Until the next start or reload: the configuration stays as it is. */
void chat__control_log_level(struct chat__control_call *call)
{
    enum chat__log_level level;

    if (chat__log_level_from_name(chat__control_string(call, "log_level"),
                                  &level)) {
        chat__log_set_level(level);
        chat__control_succeed(call);
    } else {
        chat__control_refuse(call, "bad_request",
                             "log_level: error, warning, info or debug");
    }
}
