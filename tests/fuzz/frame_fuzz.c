/*
 * What a connection sends, over a transport that takes all, keeps some or
 * breaks. What leaves is read again by a reader of RFC 6455 made from the text
 * of that standard: whole text frames that are not masked, no larger than a
 * frame may be, in the shortest form, with every object in order and whole.
 * A character of the input is a step:
 *
 *     a to z  an object for this connection alone: 1, 2, 4, … bytes, then more
 *     A to Z  the same for all, droppable when it is a vowel
 *     .       the end of a loop pass
 *     !       the transport has sent what it kept
 *     0 to 9  from now on it keeps what it is given: at 0 never, at 9 always
 */
#include "tests/fuzz/fuzz.h"

#include "protocol/limits.h"
#include "server/front/output.h"

#include <stdbool.h>
#include <string.h>

#define SIZES     16
#define STEPS_MAX 2000

struct object {
    size_t length;
    char letter;
};

struct transport {
    struct chat__output_pool pool;
    struct chat__metrics metrics;
    struct chat__output output;
    unsigned int keeps; /* of ten writes */
    unsigned int writes;
    bool kept;
    struct object sent[STEPS_MAX]; /* what must come out, or may */
    size_t count;
    size_t read; /* of these */
};

static size_t object_length(unsigned int letter)
{
    size_t length = (size_t)1 << (letter % SIZES);

    return length < CHAT__OBJECT_BYTES_MAX ? length + 1
                                           : CHAT__OBJECT_BYTES_MAX;
}

/* One object came out: all before it that are missing were droppable. */
static void read_object(struct transport *transport, const unsigned char *bytes,
                        size_t length)
{
    for (;;) {
        const struct object *object = &transport->sent[transport->read++];

        FUZZ_CHECK(transport->read <= transport->count);
        if (object->length == length && object->letter == (char)bytes[0])
            return;
        FUZZ_CHECK(strchr("AEIOU", object->letter) != NULL);
    }
}

static void read_payload(struct transport *transport, const unsigned char *at,
                         size_t length)
{
    FUZZ_CHECK(length > 0 && at[length - 1] == '\n');
    while (length > 0) {
        const unsigned char *end = memchr(at, '\n', length);
        size_t object = (size_t)(end - at) + 1;

        read_object(transport, at, object);
        at += object;
        length -= object;
    }
}

/* RFC 6455, 5.2. */
static void read_frames(struct transport *transport, const unsigned char *at,
                        size_t left)
{
    while (left > 0) {
        size_t header = 2, length;

        FUZZ_CHECK(left >= 2 && at[0] == 0x81 && (at[1] & 0x80) == 0);
        length = at[1];
        FUZZ_CHECK(length != 127);
        if (length == 126) {
            FUZZ_CHECK(left >= 4);
            header = 4;
            length = (size_t)at[2] << 8 | at[3];
            FUZZ_CHECK(length > 125);
        }
        FUZZ_CHECK(length <= CHAT__FRAME_BYTES_MAX && left - header >= length);
        read_payload(transport, at + header, length);
        at += header + length;
        left -= header + length;
    }
}

static enum chat__output_written take(void *handle, const unsigned char *bytes,
                                      size_t length)
{
    struct transport *transport = handle;

    FUZZ_CHECK(!transport->kept);
    FUZZ_CHECK(length > 0 && length <= CHAT__OUTPUT_WRITE_BYTES);
    read_frames(transport, bytes, length);
    transport->kept = transport->writes++ % 10 < transport->keeps;
    return transport->kept ? CHAT__OUTPUT_KEPT : CHAT__OUTPUT_WRITTEN;
}

static enum chat__output_result give(struct transport *transport, char letter)
{
    bool is_shared = letter <= 'Z', is_droppable;
    static char bytes[CHAT__OBJECT_BYTES_MAX];
    struct object object = {object_length((unsigned int)letter), letter};
    enum chat__output_result result;
    struct chat__frame *frame;

    is_droppable = strchr("AEIOU", letter) != NULL;
    memset(bytes, letter, object.length - 1);
    bytes[object.length - 1] = '\n';
    transport->sent[transport->count++] = object;
    if (!is_shared)
        return chat__output_send(&transport->output, bytes, object.length,
                                 false);
    frame = chat__frame_new(bytes, object.length, is_droppable);
    FUZZ_CHECK(frame != NULL);
    result = chat__output_deliver(&transport->output, frame);
    chat__frame_release(frame);
    return result;
}

static enum chat__output_result step(struct transport *transport, char what)
{
    if ((what >= 'a' && what <= 'z') || (what >= 'A' && what <= 'Z'))
        return give(transport, what);
    if (what >= '0' && what <= '9')
        transport->keeps = (unsigned int)(what - '0');
    else if (what == '.')
        return chat__output_flush(&transport->output);
    else if (what == '!' && transport->kept) {
        transport->kept = false;
        return chat__output_writable(&transport->output);
    }
    return CHAT__OUTPUT_OK;
}

/* A connection that overflows is lost, but only when it holds much. */
static bool check_step(struct transport *transport,
                       enum chat__output_result result)
{
    struct chat__output *output = &transport->output;

    FUZZ_CHECK(result == CHAT__OUTPUT_OK ||
               output->charge > CHAT__OUTPUT_BYTES_MAX / 2);
    FUZZ_CHECK(output->charge <= CHAT__OUTPUT_BYTES_MAX);
    FUZZ_CHECK(transport->pool.charge == output->charge);
    return result == CHAT__OUTPUT_OK;
}

static void run(struct transport *transport, const uint8_t *data, size_t size)
{
    struct chat__output *output = &transport->output;

    for (size_t i = 0; i < size && i < STEPS_MAX; i++)
        if (!check_step(transport, step(transport, (char)data[i])))
            return;
    transport->keeps = 0;
    if (!check_step(transport, step(transport, '.')) ||
        !check_step(transport, step(transport, '!')))
        return;
    FUZZ_CHECK(chat__output_is_empty(output) && output->charge == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transport transport;

    memset(&transport, 0, sizeof transport);
    transport.pool.write = take;
    transport.pool.metrics = &transport.metrics;
    chat__output_init(&transport.output, &transport.pool, &transport);
    run(&transport, data, size);
    chat__output_release(&transport.output);
    FUZZ_CHECK(transport.pool.charge == 0);
    return 0;
}
