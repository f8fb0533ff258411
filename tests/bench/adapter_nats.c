/*
 * NATS's client protocol in binary WebSocket frames, whose borders mean
 * nothing to it. A room is a subject. What stands for an answer is the PONG to
 * a PING behind the message.
 */
#include "tests/bench/adapter.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES 64
#define PING       "PING\r\n"

static void begin(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(
        connection,
        "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true,"
        "\"protocol\":1,\"lang\":\"c\",\"version\":\"1\"}\r\n"
        "SUB %s 1\r\n" PING,
        room);
}

static void take_pong(struct connection *connection)
{
    if (!connection->ready)
        connection_is_ready(connection);
    else if (connection->load->wants_replies)
        connection->load->on.reply(connection, connection->answered++, NULL, 0);
}

static bool is(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* Other lines than MSG. False: an error. */
static bool take_line(struct connection *connection, const char *line,
                      size_t length)
{
    if (is(line, length, "PONG")) {
        take_pong(connection);
    } else if (is(line, length, "PING")) {
        connection_say(connection, "PONG\r\n");
    } else if (is(line, length, "-ERR")) {
        load_fail(connection->load, "the server answered connection %zu: %.*s",
                  connection_number(connection), (int)length, line);
        return false;
    }
    return true;
}

/* `MSG subject sid size`: the number at the end. */
static size_t payload_size(const char *line, size_t length)
{
    size_t size = 0, unit = 1;

    while (length > 0 && line[length - 1] >= '0' && line[length - 1] <= '9') {
        size += unit * (size_t)(line[--length] - '0');
        unit *= 10;
    }
    return size;
}

static ptrdiff_t units(struct connection *connection, const char *data,
                       size_t length, bool ends)
{
    const struct load_events *on = &connection->load->on;
    const char *at = data, *end = data + length;
    const char *line_end, *next;
    struct stamp stamp;

    (void)ends;
    while ((line_end = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        next = line_end + 1;
        if (*at == 'M') {
            next += payload_size(at, (size_t)(line_end - 1 - at)) + 2;
            if (next > end)
                break;
            if (on->message != NULL &&
                stamp_find(line_end, (size_t)(next - line_end), &stamp) != NULL)
                on->message(connection, &stamp);
        } else if (!take_line(connection, at, (size_t)(line_end - at))) {
            return -1;
        }
        at = next;
        if (at == end)
            break;
    }
    return at - data;
}

static void compose(const struct connection *connection,
                    struct message *message)
{
    struct chat__buffer *bytes = &message->bytes;
    size_t size = (size_t)connection->load->options.text_bytes;
    char line[NAME_BYTES + 32], room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    snprintf(line, sizeof(line), "PUB %s %zu\r\n", room, size);
    chat__buffer_append_string(bytes, line);
    message_append_text(message, size);
    chat__buffer_append_string(bytes, "\r\n");
    if (connection->load->wants_replies)
        chat__buffer_append_string(bytes, PING);
}

const struct adapter adapter_nats = {
    .name = "nats",
    .path = "/",
    .opcode = 2,
    .echoes = true,
    .begin = begin,
    .units = units,
    .compose = compose,
};
