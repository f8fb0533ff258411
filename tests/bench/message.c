#include "tests/bench/adapter.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 16384

bool message_init(struct message *message, const struct connection *connection)
{
    const struct adapter *adapter = connection->load->adapter;
    char header[CONNECTION_FRAME_BYTES] = {0};
    struct message body = {.stamp_at = 0};
    size_t length = 0;

    chat__buffer_init(&body.bytes, MESSAGE_MAX);
    adapter->compose(connection, &body);
    if (adapter->path != NULL)
        length = connection_frame(header, adapter->opcode, body.bytes.length);
    chat__buffer_init(&message->bytes, MESSAGE_MAX);
    chat__buffer_append(&message->bytes, header, length);
    chat__buffer_append(&message->bytes, body.bytes.data, body.bytes.length);
    message->stamp_at = body.stamp_at + length;
    message->key_at = body.key_at == 0 ? 0 : body.key_at + length;
    message->id_at = body.id_at == 0 ? 0 : body.id_at + length;
    message->bytes.failed |= body.bytes.failed;
    message_release(&body);
    return !message->bytes.failed;
}

void message_release(struct message *message)
{
    chat__buffer_release(&message->bytes);
}

void message_append_text(struct message *message, size_t length)
{
    const struct stamp none = {.publisher = 0};
    char bytes[STAMP_BYTES];
    size_t i;

    message->stamp_at = message->bytes.length;
    stamp_write(bytes, &none);
    chat__buffer_append(&message->bytes, bytes, sizeof(bytes));
    for (i = STAMP_BYTES; i < length; i++)
        chat__buffer_append_byte(&message->bytes, 'x');
}

static void write_id(char *digits, uint32_t id)
{
    size_t i;

    for (i = ADAPTER_ID_DIGITS; i-- > 0; id /= 10)
        digits[i] = (char)('0' + id % 10);
}

void message_queue(const struct message *message, struct connection *connection,
                   const struct stamp *stamp)
{
    struct chat__buffer *output = &connection->output;
    char *bytes;

    connection_queue(connection, message->bytes.data, message->bytes.length);
    if (output->failed)
        return;
    bytes = output->data + output->length - message->bytes.length;
    stamp_write(bytes + message->stamp_at, stamp);
    if (message->key_at != 0)
        stamp_write_number(bytes + message->key_at, stamp->sequence);
    if (message->id_at != 0)
        write_id(bytes + message->id_at, ADAPTER_ID_BASE + stamp->sequence);
}

/* ---- looking into a line ---- */

static const char *find_behind(const char *line, size_t length,
                               const char *name)
{
    const char *at = memmem(line, length, name, strlen(name));

    return at == NULL ? NULL : at + strlen(name);
}

uint64_t find_number(const char *line, size_t length, const char *name,
                     uint64_t otherwise)
{
    const char *end = line + length;
    const char *at = find_behind(line, length, name);
    uint64_t number = 0;

    if (at == NULL || at == end || *at < '0' || *at > '9')
        return otherwise;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

void find_text(const char *line, size_t length, const char *name, char *text,
               size_t size)
{
    const char *at = find_behind(line, length, name);
    const char *quote;

    text[0] = '\0';
    if (at == NULL)
        return;
    quote = memchr(at, '"', length - (size_t)(at - line));
    if (quote == NULL || (size_t)(quote - at) >= size)
        return;
    memcpy(text, at, (size_t)(quote - at));
    text[quote - at] = '\0';
}
