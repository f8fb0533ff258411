/*
 * A small chat of JSON frames, as one would write it on node's ws: join, send,
 * an event for each member; a send with an id is answered.
 */
#include "tests/bench/adapter.h"

#include <string.h>

#define REPLY      "{\"reply\":"
#define JOIN_ID    1
#define NAME_BYTES 64

static void begin(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection,
                   "{\"action\":\"join\",\"id\":%d,\"room\":\"%s\"}", JOIN_ID,
                   room);
}

static void take_reply(struct connection *connection, const char *data,
                       size_t length)
{
    uint32_t id = (uint32_t)find_number(data, length, REPLY, 0);

    if (id == JOIN_ID)
        connection_is_ready(connection);
    else if (id >= ADAPTER_ID_BASE)
        connection->load->on.reply(connection, id - ADAPTER_ID_BASE, data,
                                   length);
}

static ptrdiff_t units(struct connection *connection, const char *data,
                       size_t length, bool ends)
{
    const struct load_events *on = &connection->load->on;
    struct stamp stamp;

    if (!ends)
        return 0;
    if (length > sizeof(REPLY) && memcmp(data, REPLY, sizeof(REPLY) - 1) == 0)
        take_reply(connection, data, length);
    else if (stamp_find(data, length, &stamp) == NULL)
        return -1;
    else if (on->message != NULL)
        on->message(connection, &stamp);
    return (ptrdiff_t)length;
}

static void compose(const struct connection *connection,
                    struct message *message)
{
    struct chat__buffer *bytes = &message->bytes;
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    chat__buffer_append_string(bytes, "{\"action\":\"send\",");
    if (connection->load->wants_replies) {
        chat__buffer_append_string(bytes, "\"id\":");
        message->id_at = bytes->length;
        chat__buffer_append_string(bytes, "1000000000,");
    }
    chat__buffer_append_string(bytes, "\"room\":\"");
    chat__buffer_append_string(bytes, room);
    chat__buffer_append_string(bytes, "\",\"text\":\"");
    message_append_text(message, connection->load->options.text_bytes);
    chat__buffer_append_string(bytes, "\"}");
}

const struct adapter adapter_json = {
    .name = "json",
    .path = "/",
    .opcode = 1,
    .echoes = true,
    .begin = begin,
    .units = units,
    .compose = compose,
};
