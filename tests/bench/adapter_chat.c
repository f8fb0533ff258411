/*
 * chat.v1, see docs/protocol.md: hello as a guest or by token, join, send with
 * an id. Its frames are lines of JSON; only their first bytes are looked at,
 * and what is between is searched for a stamp.
 */
#include "tests/bench/adapter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REPLY      "{\"reply\":"
#define EVENT      "{\"event\":"
#define HELLO_ID   1
#define JOIN_ID    2
#define RETURN_ID  3
#define NAME_BYTES 64

/* Back with the token of the first hello, and with what was seen since. */
static void return_by_token(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection,
                   "{\"action\":\"hello\",\"id\":%d,\"version\":1,"
                   "\"token\":\"%s\",\"resume\":[{\"room\":\"%s\","
                   "\"epoch\":\"%s\",\"seq\":%" PRIu64 "}]}",
                   RETURN_ID, connection->token, room, connection->epoch,
                   connection->seq);
}

static void begin(struct connection *connection)
{
    struct load *load = connection->load;

    if (connection->token[0] != '\0') {
        return_by_token(connection);
        return;
    }

    connection_say(connection,
                   "{\"action\":\"hello\",\"id\":%d,\"version\":1,"
                   "\"guest\":\"u%zu\",\"key\":\"%su%zu\"}",
                   HELLO_ID, connection_number(connection), load->prefix,
                   connection_number(connection));
}

void adapter_chat_join(struct connection *connection)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection,
                   "{\"action\":\"join\",\"id\":%d,\"room\":\"%s\","
                   "\"key\":\"j\",\"create\":true,\"limit\":0}",
                   JOIN_ID, room);
}

/* So much of a line goes into a sentence. */
static int shown(size_t length)
{
    return length < 900 ? (int)length : 900;
}

void adapter_chat_ask_page(struct connection *connection, const char *side,
                           uint64_t seq, uint64_t limit)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    connection_say(connection,
                   "{\"action\":\"history\",\"id\":%u,\"room\":\"%s\","
                   "\"%s\":%" PRIu64 ",\"limit\":%" PRIu64 "}",
                   ADAPTER_ID_BASE, room, side, seq, limit);
    connection_flush(connection);
}

uint64_t adapter_chat_count_entries(const char *page, size_t length)
{
    const char *at = page, *end = page + length;
    uint64_t count = 0;

    while ((at = memmem(at, (size_t)(end - at), EVENT, sizeof(EVENT) - 1)) !=
           NULL) {
        at += sizeof(EVENT) - 1;
        count++;
    }
    return count;
}

static bool is_error(const char *line, size_t length)
{
    return memmem(line, length < 40 ? length : 40, "\"error\"", 7) != NULL;
}

static void take_set_up_reply(struct connection *connection, uint32_t id,
                              const char *line, size_t length)
{
    if (id == HELLO_ID) {
        find_text(line, length, "\"token\":\"", connection->token,
                  sizeof(connection->token));
        if (connection->load->hello_only)
            connection_is_ready(connection);
        else
            adapter_chat_join(connection);
        return;
    }
    if (id == JOIN_ID) {
        find_text(line, length, "\"epoch\":\"", connection->epoch,
                  sizeof(connection->epoch));
        connection->seq = find_number(line, length, "\"head\":", 0);
    } else {
        connection->resumed =
            memmem(line, length, "\"resumed\":true", 14) != NULL;
    }
    connection_is_ready(connection);
}

static void take_reply(struct connection *connection, const char *line,
                       size_t length)
{
    struct load *load = connection->load;
    uint32_t id = (uint32_t)find_number(line, length, REPLY, 0);

    if (is_error(line, length))
        load_fail(load, "the server answered connection %zu: %.*s",
                  connection_number(connection), shown(length), line);
    else if (id < ADAPTER_ID_BASE)
        take_set_up_reply(connection, id, line, length);
    else if (load->on.reply != NULL)
        load->on.reply(connection, id - ADAPTER_ID_BASE, line, length);
}

static void take_event(struct connection *connection, const char *line,
                       size_t length)
{
    const struct load_events *on = &connection->load->on;
    struct stamp stamp;
    uint64_t seq;

    if (on->message != NULL && stamp_find(line, length, &stamp) != NULL)
        on->message(connection, &stamp);
    if (on->entry != NULL) {
        seq = find_number(line, length, "\"seq\":", 0);
        if (seq > 0)
            on->entry(connection, seq);
    }
}

static void take_line(struct connection *connection, const char *line,
                      size_t length)
{
    if (length > sizeof(REPLY) && memcmp(line, REPLY, sizeof(REPLY) - 1) == 0)
        take_reply(connection, line, length);
    else
        take_event(connection, line, length);
}

static ptrdiff_t units(struct connection *connection, const char *data,
                       size_t length, bool ends)
{
    const char *at = data, *end = data + length;
    const char *line_end;

    while (at < end) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL && !ends)
            break;
        if (line_end == NULL)
            line_end = end;
        take_line(connection, at, (size_t)(line_end - at));
        at = line_end < end ? line_end + 1 : end;
    }
    return at - data;
}

static void append(struct message *message, const char *string)
{
    chat__buffer_append_string(&message->bytes, string);
}

/* Keys grow with time and have 26 characters, as those of our clients do. */
#define KEY_FILLER "000000000000000000"

static void compose(const struct connection *connection,
                    struct message *message)
{
    char room[NAME_BYTES];

    connection_room(connection, room, sizeof(room));
    append(message, "{\"action\":\"send\",\"id\":");
    message->id_at = message->bytes.length;
    append(message, "1000000000,\"room\":\"");
    append(message, room);
    append(message, "\",\"key\":\"");
    message->key_at = message->bytes.length;
    append(message, "aaaaaaaa" KEY_FILLER "\",\"text\":\"");
    message_append_text(message, connection->load->options.text_bytes);
    append(message, "\"}");
}

const struct adapter adapter_chat = {
    .name = "chat",
    .subprotocol = "chat.v1",
    .path = "/ws",
    .opcode = 1,
    .echoes = true,
    .keeps_a_log = true,
    .in_flight = 64,
    .begin = begin,
    .units = units,
    .compose = compose,
};
