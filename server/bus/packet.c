#include "server/bus/packet.h"

#include <string.h>

#define VERSION       1
#define NUMBER_BYTES  8
#define HEADER_BYTES  (1 + 2 * NUMBER_BYTES)
#define LENGTH_BYTES  4
#define SMALLEST      (HEADER_BYTES + CHAT__SEAL_BYTES)
#define NOTICES_BYTES (CHAT__PACKET_BYTES_MAX - CHAT__SEAL_BYTES)

/* ---- to write ---- */

static void put_number(unsigned char *at, uint64_t value, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--) {
        at[i - 1] = (unsigned char)value;
        value >>= 8;
    }
}

static void write_number(struct chat__buffer *buffer, uint64_t value,
                         size_t bytes)
{
    char *at = chat__buffer_extend(buffer, bytes);

    if (at != NULL)
        put_number((unsigned char *)at, value, bytes);
}

static void write_name(struct chat__buffer *buffer, const char *name)
{
    size_t length = strlen(name);

    chat__buffer_append_byte(buffer, (char)length);
    chat__buffer_append(buffer, name, length);
}

static void write_objects(struct chat__buffer *buffer,
                          const struct chat__bus_notice *notice)
{
    size_t length =
        notice->objects == NULL || notice->length > CHAT__PACKET_OBJECTS_MAX
            ? 0
            : notice->length;

    write_number(buffer, length, LENGTH_BYTES);
    chat__buffer_append(buffer, notice->objects, length);
}

static void write_body(struct chat__buffer *buffer,
                       const struct chat__bus_notice *notice)
{
    switch (notice->kind) {
    case CHAT__BUS_ENTRIES:
        write_name(buffer, notice->room);
        write_name(buffer, notice->epoch);
        write_number(buffer, notice->first, NUMBER_BYTES);
        write_number(buffer, notice->last, NUMBER_BYTES);
        write_objects(buffer, notice);
        break;
    case CHAT__BUS_USER:
    case CHAT__BUS_SESSIONS:
    case CHAT__BUS_GUESS:
        write_number(buffer, notice->user, NUMBER_BYTES);
        break;
    case CHAT__BUS_PRESENCE:
        write_number(buffer, notice->user, NUMBER_BYTES);
        chat__buffer_append_byte(buffer, (char)notice->state);
        break;
    case CHAT__BUS_SPENDING:
        write_number(buffer, notice->user, NUMBER_BYTES);
        chat__buffer_append_byte(buffer, (char)notice->state);
        write_number(buffer, notice->last, NUMBER_BYTES);
        break;
    case CHAT__BUS_TYPING:
        write_name(buffer, notice->room);
        write_number(buffer, notice->user, NUMBER_BYTES);
        write_objects(buffer, notice);
        break;
    case CHAT__BUS_MISSED:
        break;
    }
}

static void begin(struct chat__packet *packet)
{
    packet->count = 0;
    /* The header is filled in at the end. */
    write_number(&packet->buffer, 0, NUMBER_BYTES);
    write_number(&packet->buffer, 0, NUMBER_BYTES);
    chat__buffer_append_byte(&packet->buffer, 0);
}

void chat__packet_init(struct chat__packet *packet)
{
    chat__buffer_init(&packet->buffer, CHAT__PACKET_BYTES_MAX);
    begin(packet);
}

void chat__packet_release(struct chat__packet *packet)
{
    chat__buffer_release(&packet->buffer);
}

void chat__packet_clear(struct chat__packet *packet)
{
    chat__buffer_clear(&packet->buffer);
    begin(packet);
}

bool chat__packet_add(struct chat__packet *packet,
                      const struct chat__bus_notice *notice)
{
    struct chat__buffer *buffer = &packet->buffer;
    size_t before = buffer->length, body;

    if (buffer->failed)
        return false;
    chat__buffer_append_byte(buffer, (char)notice->kind);
    write_number(buffer, 0, LENGTH_BYTES);
    body = buffer->length;
    write_body(buffer, notice);
    if (buffer->failed || buffer->length > NOTICES_BYTES) {
        chat__buffer_truncate(buffer, before);
        buffer->failed = false;
        return false;
    }
    put_number((unsigned char *)buffer->data + body - LENGTH_BYTES,
               buffer->length - body, LENGTH_BYTES);
    packet->count++;
    return true;
}

bool chat__packet_seal(struct chat__packet *packet, struct chat__sealer *sealer,
                       const char *channel, uint64_t task, uint64_t number)
{
    struct chat__buffer *buffer = &packet->buffer;
    unsigned char seal[CHAT__SEAL_BYTES];
    unsigned char *header = (unsigned char *)buffer->data;

    if (buffer->failed)
        return false;
    header[0] = VERSION;
    put_number(header + 1, task, NUMBER_BYTES);
    put_number(header + 1 + NUMBER_BYTES, number, NUMBER_BYTES);
    if (!chat__seal_make(sealer, CHAT__SEAL_NOTICES, channel, buffer->data,
                         buffer->length, seal))
        return false;
    chat__buffer_append(buffer, seal, sizeof seal);
    return !buffer->failed;
}

/* ---- to read ---- */

/* What is left of something: each read moves `at`, and fails at the end. */
struct bytes {
    const unsigned char *at;
    const unsigned char *end;
    bool failed;
};

static const unsigned char *take(struct bytes *bytes, size_t length)
{
    const unsigned char *at = bytes->at;

    if (bytes->failed || length > (size_t)(bytes->end - at)) {
        bytes->failed = true;
        return NULL;
    }
    bytes->at += length;
    return at;
}

static uint64_t read_number(struct bytes *bytes, size_t length)
{
    const unsigned char *at = take(bytes, length);
    uint64_t value = 0;

    for (size_t i = 0; at != NULL && i < length; i++)
        value = value << 8 | at[i];
    return value;
}

static void read_name(struct bytes *bytes, char *to, size_t size)
{
    size_t length = (size_t)read_number(bytes, 1);
    const unsigned char *at = take(bytes, length);

    if (at == NULL || length >= size || memchr(at, '\0', length) != NULL) {
        bytes->failed = true;
        return;
    }
    memcpy(to, at, length);
    to[length] = '\0';
}

static void read_objects(struct bytes *bytes, struct chat__bus_notice *notice)
{
    size_t length = (size_t)read_number(bytes, LENGTH_BYTES);
    const unsigned char *at = take(bytes, length);

    if (length > CHAT__PACKET_OBJECTS_MAX)
        bytes->failed = true;
    notice->objects = length == 0 ? NULL : (const char *)at;
    notice->length = length;
}

static void read_body(struct bytes *bytes, struct chat__packet_notice *into)
{
    struct chat__bus_notice *notice = &into->notice;

    switch (notice->kind) {
    case CHAT__BUS_ENTRIES:
        read_name(bytes, into->room, sizeof into->room);
        read_name(bytes, into->epoch, sizeof into->epoch);
        notice->room = into->room;
        notice->epoch = into->epoch;
        notice->first = read_number(bytes, NUMBER_BYTES);
        notice->last = read_number(bytes, NUMBER_BYTES);
        read_objects(bytes, notice);
        break;
    case CHAT__BUS_USER:
    case CHAT__BUS_SESSIONS:
    case CHAT__BUS_GUESS:
        notice->user = read_number(bytes, NUMBER_BYTES);
        break;
    case CHAT__BUS_PRESENCE:
        notice->user = read_number(bytes, NUMBER_BYTES);
        notice->state = (unsigned int)read_number(bytes, 1);
        break;
    case CHAT__BUS_SPENDING:
        notice->user = read_number(bytes, NUMBER_BYTES);
        notice->state = (unsigned int)read_number(bytes, 1);
        notice->last = read_number(bytes, NUMBER_BYTES);
        break;
    case CHAT__BUS_TYPING:
        read_name(bytes, into->room, sizeof into->room);
        notice->room = into->room;
        notice->user = read_number(bytes, NUMBER_BYTES);
        read_objects(bytes, notice);
        break;
    case CHAT__BUS_MISSED:
        break;
    }
}

enum chat__packet_result chat__packet_open(struct chat__packet_reader *reader,
                                           const void *bytes, size_t length,
                                           struct chat__sealer *sealer,
                                           const char *channel)
{
    const unsigned char *at = bytes, *seal;
    struct bytes header;

    if (length < SMALLEST || length > CHAT__PACKET_BYTES_MAX)
        return CHAT__PACKET_REFUSED;
    if (at[0] != VERSION)
        return CHAT__PACKET_UNKNOWN;
    seal = at + length - CHAT__SEAL_BYTES;
    if (!chat__seal_holds(sealer, CHAT__SEAL_NOTICES, channel, at,
                          (size_t)(seal - at), seal))
        return CHAT__PACKET_REFUSED;
    header = (struct bytes){.at = at + 1, .end = seal};
    reader->task = read_number(&header, NUMBER_BYTES);
    reader->number = read_number(&header, NUMBER_BYTES);
    reader->at = header.at;
    reader->end = seal;
    return CHAT__PACKET_OK;
}

enum chat__packet_result chat__packet_next(struct chat__packet_reader *reader,
                                           struct chat__packet_notice *notice)
{
    struct bytes rest = {.at = reader->at, .end = reader->end};
    struct bytes body = {0};
    unsigned int kind;
    size_t length;

    if (rest.at == rest.end)
        return CHAT__PACKET_END;
    kind = (unsigned int)read_number(&rest, 1);
    length = (size_t)read_number(&rest, LENGTH_BYTES);
    body.at = take(&rest, length);
    if (rest.failed)
        return CHAT__PACKET_REFUSED;
    reader->at = rest.at;
    if (kind >= CHAT__BUS_MISSED)
        return CHAT__PACKET_UNKNOWN;
    body.end = rest.at;
    notice->notice = (struct chat__bus_notice){.kind = kind};
    read_body(&body, notice);
    return body.failed ? CHAT__PACKET_REFUSED : CHAT__PACKET_OK;
}
