/*
 * What a Redis may say, and what may stand in a packet that passes through it.
 * The first byte of the input says which:
 *
 *     r  a stream of replies, fed in pieces whose sizes its bytes choose
 *     p  a packet as it is, which nobody has sealed
 *     s  notices, sealed as a task would: they are then read to the end
 */
#include "tests/fuzz/fuzz.h"

#include "server/bus/packet.h"
#include "server/bus/redis_reply.h"

#include <string.h>

#define CHANNEL "chat-bus"

static const struct chat__redis_limits limits = {.bytes_max = 4096,
                                                 .elements_max = 64};

/* Adds up what it holds; none may be more than was allowed. */
static void weigh(const struct chat__redis_reply *reply, size_t *bytes,
                  size_t *elements)
{
    FUZZ_CHECK(reply != NULL);
    *bytes += reply->length;
    *elements += 1;
    FUZZ_CHECK(reply->bytes[reply->length] == '\0');
    for (size_t i = 0; i < reply->count; i++)
        weigh(reply->elements[i], bytes, elements);
}

static bool take_replies(struct chat__redis_reader *reader)
{
    struct chat__redis_reply *reply;

    while (chat__redis_reader_next(reader, &reply)) {
        size_t bytes = 0, elements = 0;

        if (reply == NULL)
            return true;
        weigh(reply, &bytes, &elements);
        FUZZ_CHECK(bytes <= limits.bytes_max);
        FUZZ_CHECK(elements <= limits.elements_max);
        chat__redis_reply_free(reply);
    }
    return false;
}

static void read_replies(const uint8_t *data, size_t size)
{
    struct chat__redis_reader *reader = chat__redis_reader_new(&limits);

    FUZZ_CHECK(reader != NULL);
    while (size > 0) {
        size_t piece = (size_t)(*data % 32) + 1;

        if (piece > size)
            piece = size;
        if (!chat__redis_reader_feed(reader, (const char *)data, piece) ||
            !take_replies(reader))
            break;
        data += piece;
        size -= piece;
    }
    chat__redis_reader_free(reader);
}

static void read_notices(struct chat__packet_reader *reader)
{
    struct chat__packet_notice notice;
    enum chat__packet_result result;

    do {
        result = chat__packet_next(reader, &notice);
        if (result != CHAT__PACKET_OK)
            continue;
        FUZZ_CHECK(notice.notice.kind < CHAT__BUS_MISSED);
        FUZZ_CHECK(notice.notice.length <= CHAT__PACKET_OBJECTS_MAX);
        FUZZ_CHECK((notice.notice.objects == NULL) ==
                   (notice.notice.length == 0));
    } while (result == CHAT__PACKET_OK || result == CHAT__PACKET_UNKNOWN);
}

static void seal_and_read(struct chat__sealer *sealer, const uint8_t *data,
                          size_t size)
{
    struct chat__packet_reader reader;
    struct chat__packet packet;

    chat__packet_init(&packet);
    chat__buffer_append(&packet.buffer, data, size);
    if (chat__packet_seal(&packet, sealer, CHANNEL, 1, 1)) {
        FUZZ_CHECK(chat__packet_open(&reader, packet.buffer.data,
                                     packet.buffer.length, sealer,
                                     CHANNEL) == CHAT__PACKET_OK);
        read_notices(&reader);
    }
    chat__packet_release(&packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[CHAT__SEAL_KEY_BYTES] = "a key";
    struct chat__sealer *sealer;
    struct chat__packet_reader reader;

    if (size == 0)
        return 0;
    sealer = chat__sealer_new(key);
    FUZZ_CHECK(sealer != NULL);
    if (*data == 'r')
        read_replies(data + 1, size - 1);
    else if (*data == 's')
        seal_and_read(sealer, data + 1, size - 1);
    else
        FUZZ_CHECK(chat__packet_open(&reader, data, size, sealer, CHANNEL) !=
                   CHAT__PACKET_OK);
    chat__sealer_free(sealer);
    return 0;
}
