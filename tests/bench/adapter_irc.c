/*
 * IRC over plain TCP. It does not give a message to its sender, and answers
 * none: the PONG to a PING behind the message stands for that.
 */
#include "tests/bench/adapter.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES 64

static void begin(struct connection *connection)
{
    connection_say(connection, "NICK %s%zu\r\nUSER u 0 * :u\r\n",
                   connection->load->prefix, connection_number(connection));
}

static bool begins(const char *text, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* The command of a line, behind the name of who sends it. */
static const char *find_command(const char *line, const char *end)
{
    const char *space;

    if (line == end || *line != ':')
        return line;
    space = memchr(line, ' ', (size_t)(end - line));
    return space == NULL ? end : space + 1;
}

static void join(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection, "JOIN #%s\r\n", room);
}

static void fail(struct connection *connection, const char *line, size_t length)
{
    load_fail(connection->load, "the server answered connection %zu: %.*s",
              connection_number(connection), (int)length, line);
}

static void take_pong(struct connection *connection)
{
    if (connection->ready && connection->load->wants_replies)
        connection->load->on.reply(connection, connection->answered++, NULL, 0);
}

/* 001: welcome; 366: the end of a room's names; 4xx: refusals, of which 422
 * only says that there is no message of the day. */
static void take_command(struct connection *connection, const char *line,
                         const char *command, size_t length)
{
    size_t whole = length + (size_t)(command - line);

    if (begins(command, length, "PING "))
        connection_say(connection, "PONG %.*s\r\n", (int)length - 5,
                       command + 5);
    else if (begins(command, length, "PONG "))
        take_pong(connection);
    else if (begins(command, length, "001 "))
        join(connection);
    else if (begins(command, length, "366 ") && !connection->ready)
        connection_is_ready(connection);
    else if (begins(command, length, "ERROR ") ||
             (begins(command, length, "4") && length > 4 && command[3] == ' ' &&
              !begins(command, length, "422 ")))
        fail(connection, line, whole);
}

static void take_line(struct connection *connection, const char *line,
                      const char *end)
{
    const char *command = find_command(line, end);
    size_t length = (size_t)(end - command);
    struct stamp stamp;

    if (!begins(command, length, "PRIVMSG "))
        take_command(connection, line, command, length);
    else if (connection->load->on.message != NULL &&
             stamp_find(command, length, &stamp) != NULL)
        connection->load->on.message(connection, &stamp);
}

static ptrdiff_t units(struct connection *connection, const char *data,
                       size_t length, bool ends)
{
    const char *at = data, *end = data + length;
    const char *line_end;

    (void)ends;
    while (at < end &&
           (line_end = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        take_line(connection, at,
                  line_end > at && line_end[-1] == '\r' ? line_end - 1
                                                        : line_end);
        at = line_end + 1;
    }
    return at - data;
}

static void compose(const struct connection *connection,
                    struct message *message)
{
    struct chat__buffer *bytes = &message->bytes;
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    chat__buffer_append_string(bytes, "PRIVMSG #");
    chat__buffer_append_string(bytes, room);
    chat__buffer_append_string(bytes, " :");
    message_append_text(message, connection->load->options.text_bytes);
    chat__buffer_append_string(
        bytes, connection->load->wants_replies ? "\r\nPING a\r\n" : "\r\n");
}

const struct adapter adapter_irc = {
    .name = "irc",
    .begin = begin,
    .units = units,
    .compose = compose,
};
