/*
 * The floors' protocol, each frame a letter and its matter: `J<room>` joins and
 * is answered with `J`; `P<room> <payload>` gives the payload, in a frame of
 * its own, to all members of the room; `A<payload>` is answered with it.
 */
#include "tests/bench/adapter.h"

#include <string.h>

#define NAME_BYTES 64

static void begin(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection, "J%s", room);
}

static ptrdiff_t units(struct connection *connection, const char *data,
                       size_t length, bool ends)
{
    const struct load_events *on = &connection->load->on;
    struct stamp stamp;

    if (!ends)
        return 0;
    if (!connection->ready && length == 1 && data[0] == 'J')
        connection_is_ready(connection);
    else if (stamp_find(data, length, &stamp) == NULL)
        return -1;
    else if (connection->load->wants_replies)
        on->reply(connection, stamp.sequence, data, length);
    else if (on->message != NULL)
        on->message(connection, &stamp);
    return (ptrdiff_t)length;
}

static void compose(const struct connection *connection,
                    struct message *message)
{
    struct chat__buffer *bytes = &message->bytes;
    char room[NAME_BYTES];

    if (connection->load->wants_replies) {
        chat__buffer_append_byte(bytes, 'A');
    } else {
        connection_room(connection, room, sizeof(room));
        chat__buffer_append_byte(bytes, 'P');
        chat__buffer_append_string(bytes, room);
        chat__buffer_append_byte(bytes, ' ');
    }
    message_append_text(message, connection->load->options.text_bytes);
}

const struct adapter adapter_plain = {
    .name = "plain",
    .path = "/",
    .opcode = 1,
    .echoes = true,
    .begin = begin,
    .units = units,
    .compose = compose,
};
