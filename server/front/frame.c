#include "server/front/frame.h"

#include "protocol/frame.h"
#include "protocol/limits.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OPCODE_TEXT_FINAL 0x81
#define OPCODE_PING_FINAL 0x89
#define LENGTH_SHORT_MAX  125
#define LENGTH_16_BITS    126

static size_t header_length(size_t payload)
{
    return payload <= LENGTH_SHORT_MAX ? 2 : 4;
}

static size_t put_header(unsigned char *at, size_t payload)
{
    at[0] = OPCODE_TEXT_FINAL;
    if (payload <= LENGTH_SHORT_MAX) {
        at[1] = (unsigned char)payload;
        return 2;
    }
    at[1] = LENGTH_16_BITS;
    at[2] = (unsigned char)(payload >> 8);
    at[3] = (unsigned char)payload;
    return 4;
}

const unsigned char *chat__frame_read(const unsigned char *at,
                                      struct chat__frame_part *part)
{
    bool is_short = at[1] <= LENGTH_SHORT_MAX;

    part->ping = at[0] == OPCODE_PING_FINAL;
    part->length = is_short ? at[1] : (size_t)at[2] << 8 | at[3];
    part->payload = at + (is_short ? 2 : 4);
    return part->payload + part->length;
}

size_t chat__frame_framed_length(const char *objects, size_t length)
{
    size_t framed = 0;

    while (length > 0) {
        size_t payload = chat__frame_cut(objects, length);

        if (payload > CHAT__FRAME_BYTES_MAX)
            return 0;
        framed += header_length(payload) + payload;
        objects += payload;
        length -= payload;
    }
    return framed;
}

size_t chat__frame_put(unsigned char *at, const char *objects, size_t length)
{
    size_t count = 0;

    while (length > 0) {
        size_t payload = chat__frame_cut(objects, length);

        at += put_header(at, payload);
        memcpy(at, objects, payload);
        at += payload;
        objects += payload;
        length -= payload;
        count++;
    }
    return count;
}

static struct chat__frame *allocate(size_t length, bool droppable)
{
    struct chat__frame *frame = malloc(sizeof *frame + length);

    if (frame != NULL) {
        frame->references = 1;
        frame->length = length;
        frame->droppable = droppable;
    }
    return frame;
}

struct chat__frame *chat__frame_new(const char *objects, size_t length,
                                    bool droppable)
{
    size_t framed = chat__frame_framed_length(objects, length);
    struct chat__frame *frame = framed > 0 ? allocate(framed, droppable) : NULL;

    if (frame != NULL)
        frame->count = chat__frame_put(frame->bytes, objects, length);
    return frame;
}

struct chat__frame *chat__frame_new_ping(void)
{
    static const unsigned char ping[] = {OPCODE_PING_FINAL, 1, 'p'};
    struct chat__frame *frame = allocate(sizeof ping, true);

    if (frame != NULL) {
        frame->count = 1;
        memcpy(frame->bytes, ping, sizeof ping);
    }
    return frame;
}

struct chat__frame *chat__frame_reference(struct chat__frame *frame)
{
    frame->references++;
    return frame;
}

void chat__frame_release(struct chat__frame *frame)
{
    if (frame != NULL && --frame->references == 0)
        free(frame);
}

size_t chat__frame_first(const struct chat__frame *frame, size_t offset)
{
    struct chat__frame_part part;
    const unsigned char *at = frame->bytes + offset;

    return (size_t)(chat__frame_read(at, &part) - at);
}

size_t chat__frame_slice(const struct chat__frame *frame, size_t offset,
                         size_t maximum)
{
    size_t end = offset;

    if (frame->length - offset <= maximum)
        return frame->length - offset;
    while (end < frame->length) {
        size_t next = chat__frame_first(frame, end);

        if (end - offset + next > maximum)
            break;
        end += next;
    }
    return end - offset;
}
