#include "tests/bench/floor_wire.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#define HEAD_MAX    14 /* bytes before the payload of a client's frame */
#define MASK_BYTES  4
#define KEY_MAX     64
#define MASKED      0x80
#define FINAL       0x80
#define LENGTH_BITS 0x7f
#define TWO_BYTES   126
#define EIGHT_BYTES 127

/* The value of a header, cut out of the head; its length, 0 for none. */
static size_t header_value(const char *head, size_t length, const char *name,
                           const char **value)
{
    const char *end = head + length, *line = head;
    size_t name_length = strlen(name);
    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        line++;
        if ((size_t)(end - line) <= name_length ||
            strncasecmp(line, name, name_length) != 0)
            continue;
        *value = line + name_length;
        while (**value == ' ')
            (*value)++;
        return strcspn(*value, "\r,");
    }
    return 0;
}

/* RFC 6455, 4.2.2: the key's digest with the fixed name behind the key. */
static void put_accept(struct chat__buffer *answer, const char *key,
                       size_t length)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
    char source[KEY_MAX + sizeof(guid)];
    unsigned int digest_length;
    memcpy(source, key, length);
    memcpy(source + length, guid, sizeof(guid) - 1);
    if (!EVP_Digest(source, length + sizeof(guid) - 1, digest, &digest_length,
                    EVP_sha1(), NULL))
        return;
    chat__buffer_append_string(answer, "\r\nSec-WebSocket-Accept: ");
    chat__buffer_append(
        answer, text,
        (size_t)EVP_EncodeBlock(text, digest, (int)digest_length));
}

ptrdiff_t floor_upgrade(const char *bytes, size_t length,
                        struct chat__buffer *answer)
{
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    const char *key, *protocol;
    size_t head, key_length, protocol_length;
    if (!end)
        return 0;
    head = (size_t)(end - bytes) + 4;
    key_length = header_value(bytes, head, "Sec-WebSocket-Key:", &key);
    if (key_length == 0 || key_length > KEY_MAX)
        return -1;
    chat__buffer_append_string(answer, "HTTP/1.1 101 Switching Protocols\r\n"
                                       "Upgrade: websocket\r\n"
                                       "Connection: Upgrade");
    put_accept(answer, key, key_length);
    protocol_length =
        header_value(bytes, head, "Sec-WebSocket-Protocol:", &protocol);
    if (protocol_length > 0) {
        chat__buffer_append_string(answer, "\r\nSec-WebSocket-Protocol: ");
        chat__buffer_append(answer, protocol, protocol_length);
    }
    chat__buffer_append_string(answer, "\r\n\r\n");
    return (ptrdiff_t)head;
}

static void unmask(char *payload, size_t length, const char *mask)
{
    char twice[8];
    uint64_t pattern, word;
    size_t at = 0;
    memcpy(twice, mask, MASK_BYTES);
    memcpy(twice + MASK_BYTES, mask, MASK_BYTES);
    memcpy(&pattern, twice, sizeof(pattern));
    for (; at + sizeof(word) <= length; at += sizeof(word)) {
        memcpy(&word, payload + at, sizeof(word));
        word ^= pattern;
        memcpy(payload + at, &word, sizeof(word));
    }
    for (; at < length; at++)
        payload[at] = (char)(payload[at] ^ mask[at % MASK_BYTES]);
}

static uint64_t big_endian(const char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t at = 0; at < count; at++)
        value = value << 8 | (unsigned char)bytes[at];
    return value;
}

size_t floor_take_frame(char *bytes, size_t length, struct floor_frame *frame)
{
    size_t head = 2, masked, wide;
    uint64_t payload;
    if (length < head)
        return 0;
    masked = bytes[1] & MASKED ? MASK_BYTES : 0;
    payload = bytes[1] & LENGTH_BITS;
    wide = payload == EIGHT_BYTES ? 8 : payload == TWO_BYTES ? 2 : 0;
    if (length < head + wide + masked)
        return 0;
    if (wide > 0)
        payload = big_endian(bytes + head, wide);
    head += wide + masked;
    if (length - head < payload)
        return 0;
    frame->opcode = bytes[0] & 0xf;
    frame->payload = bytes + head;
    frame->length = payload;
    if (masked)
        unmask(frame->payload, payload, bytes + head - MASK_BYTES);
    return head + payload;
}

void floor_put_frame(struct chat__buffer *buffer, enum floor_opcode opcode,
                     const char *payload, size_t length, size_t pad)
{
    unsigned char head[HEAD_MAX] = {(unsigned char)(FINAL | opcode)};
    size_t total = length + pad, wide = total > UINT16_MAX ? 8 : 2, size = 2;
    if (total < TWO_BYTES) {
        head[1] = (unsigned char)total;
    } else {
        head[1] = wide == 8 ? EIGHT_BYTES : TWO_BYTES;
        for (size_t at = 0; at < wide; at++)
            head[size++] = (unsigned char)(total >> 8 * (wide - 1 - at));
    }
    if (!chat__buffer_reserve(buffer, size + total))
        return;
    chat__buffer_append(buffer, head, size);
    chat__buffer_append(buffer, payload, length);
    memset(buffer->data + buffer->length, ' ', pad);
    buffer->length += pad;
}
