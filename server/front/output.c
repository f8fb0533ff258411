#include "server/front/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RING_CAPACITY_MIN 8

void chat__output_init(struct chat__output *output,
                       struct chat__output_pool *pool, void *handle)
{
    *output = (struct chat__output){.pool = pool, .handle = handle};
    chat__buffer_init(&output->pending, CHAT__OUTPUT_BYTES_MAX);
}

void chat__output_release(struct chat__output *output)
{
    if (output->pool == NULL)
        return;
    chat__output_discard(output);
    free(output->ring);
    output->ring = NULL;
    output->ring_capacity = 0;
}

static void add_charge(struct chat__output *output, size_t bytes)
{
    output->charge += bytes;
    output->pool->charge += bytes;
}

static void drop_charge(struct chat__output *output, size_t bytes)
{
    assert(output->charge >= bytes && output->pool->charge >= bytes);
    output->charge -= bytes;
    output->pool->charge -= bytes;
}

static bool fits(const struct chat__output *output, size_t more, bool droppable)
{
    size_t limit = output->pool->charge > CHAT__OUTPUT_POOL_BYTES_MAX
                       ? CHAT__OUTPUT_CROWDED_BYTES_MAX
                       : CHAT__OUTPUT_BYTES_MAX;

    if (droppable)
        limit = CHAT__OUTPUT_DROPPABLE_BYTES;
    return output->charge + output->in_library + more <= limit;
}

static size_t item_charge(const struct chat__frame *frame)
{
    return frame->length + CHAT__OUTPUT_ITEM_BYTES;
}

static struct chat__frame *ring_first(const struct chat__output *output)
{
    return output->ring[output->ring_first];
}

static bool ring_grow(struct chat__output *output)
{
    size_t capacity = output->ring_capacity == 0 ? RING_CAPACITY_MIN
                                                 : output->ring_capacity * 2;
    struct chat__frame **ring = malloc(capacity * sizeof *ring);

    if (ring == NULL)
        return false;
    for (size_t i = 0; i < output->ring_count; i++)
        ring[i] =
            output
                ->ring[(output->ring_first + i) & (output->ring_capacity - 1)];
    free(output->ring);
    output->ring = ring;
    output->ring_capacity = capacity;
    output->ring_first = 0;
    return true;
}

static bool ring_push(struct chat__output *output, struct chat__frame *frame)
{
    size_t place;

    if (output->ring_count == output->ring_capacity && !ring_grow(output))
        return false;
    place =
        (output->ring_first + output->ring_count) & (output->ring_capacity - 1);
    output->ring[place] = chat__frame_reference(frame);
    output->ring_count++;
    add_charge(output, item_charge(frame));
    return true;
}

static void ring_pop(struct chat__output *output)
{
    struct chat__frame *frame = ring_first(output);

    drop_charge(output, item_charge(frame));
    chat__frame_release(frame);
    output->ring_first = (output->ring_first + 1) & (output->ring_capacity - 1);
    output->ring_count--;
    output->first_offset = 0;
    if (output->ring_count == 0) {
        free(output->ring);
        output->ring = NULL;
        output->ring_capacity = 0;
        output->ring_first = 0;
    }
}

static enum chat__output_result write_bytes(struct chat__output *output,
                                            const unsigned char *bytes,
                                            size_t length)
{
    switch (output->pool->write(output->handle, bytes, length)) {
    case CHAT__OUTPUT_WRITTEN:
        return CHAT__OUTPUT_OK;
    case CHAT__OUTPUT_KEPT:
        output->in_library = length;
        return CHAT__OUTPUT_OK;
    case CHAT__OUTPUT_LOST:
        break;
    }
    return CHAT__OUTPUT_BROKEN;
}

/* Moves the start of the queue past `length` bytes of its first frame. */
static void advance(struct chat__output *output, size_t length)
{
    output->first_offset += length;
    if (output->first_offset == ring_first(output)->length)
        ring_pop(output);
}

/* Small frames that wait leave together; returns the bytes gathered. */
static size_t gather(struct chat__output *output)
{
    size_t gathered = 0;

    while (output->ring_count > 0) {
        const struct chat__frame *frame = ring_first(output);
        size_t slice = chat__frame_slice(frame, output->first_offset,
                                         CHAT__OUTPUT_WRITE_BYTES - gathered);

        if (slice == 0)
            break;
        memcpy(output->pool->gather + gathered,
               frame->bytes + output->first_offset, slice);
        gathered += slice;
        advance(output, slice);
    }
    return gathered;
}

static enum chat__output_result drain(struct chat__output *output)
{
    enum chat__output_result result = CHAT__OUTPUT_OK;

    while (result == CHAT__OUTPUT_OK && output->ring_count > 0 &&
           output->in_library == 0) {
        size_t length = gather(output);

        result = write_bytes(output, output->pool->gather, length);
    }
    return result;
}

/* Writes a frame or queues it; nothing is pending. */
static enum chat__output_result emit(struct chat__output *output,
                                     struct chat__frame *frame)
{
    bool waits = output->ring_count > 0 || output->in_library > 0;

    if (!waits && frame->length <= CHAT__OUTPUT_WRITE_BYTES)
        return write_bytes(output, frame->bytes, frame->length);
    if (!fits(output, item_charge(frame), frame->droppable))
        return frame->droppable ? CHAT__OUTPUT_OK : CHAT__OUTPUT_OVERFLOW;
    if (!ring_push(output, frame))
        return CHAT__OUTPUT_OVERFLOW;
    return drain(output);
}

enum chat__output_result chat__output_send(struct chat__output *output,
                                           const char *objects, size_t length,
                                           bool droppable)
{
    if (!fits(output, length, droppable))
        return droppable ? CHAT__OUTPUT_OK : CHAT__OUTPUT_OVERFLOW;
    chat__buffer_append(&output->pending, objects, length);
    if (output->pending.failed)
        return CHAT__OUTPUT_OVERFLOW;
    add_charge(output, length);
    /* A full frame need not wait for the end of the pass. */
    if (output->pending.length >= CHAT__FRAME_BYTES_MAX)
        return chat__output_flush(output);
    return CHAT__OUTPUT_OK;
}

static void drop_pending(struct chat__output *output)
{
    drop_charge(output, output->pending.length);
    chat__buffer_release(&output->pending);
}

/*
 * Writes what is pending and the frame behind it, if there is one, together.
 * False when something waits before them, or they are too long for that.
 */
static bool write_together(struct chat__output *output,
                           const struct chat__frame *frame,
                           enum chat__output_result *result)
{
    const struct chat__buffer *pending = &output->pending;
    unsigned char *gather = output->pool->gather;
    size_t framed = chat__frame_framed_length(pending->data, pending->length);
    size_t length = framed + (frame == NULL ? 0 : frame->length);

    if (chat__output_is_waiting(output) || framed == 0 ||
        length > CHAT__OUTPUT_WRITE_BYTES)
        return false;
    chat__frame_put(gather, pending->data, pending->length);
    if (frame != NULL)
        memcpy(gather + framed, frame->bytes, frame->length);
    drop_pending(output);
    *result = write_bytes(output, gather, length);
    return true;
}

enum chat__output_result chat__output_deliver(struct chat__output *output,
                                              struct chat__frame *frame)
{
    enum chat__output_result result = CHAT__OUTPUT_OK;

    if (output->pending.length > 0) {
        if (write_together(output, frame, &result))
            return result;
        result = chat__output_flush(output);
    }
    return result == CHAT__OUTPUT_OK ? emit(output, frame) : result;
}

enum chat__output_result chat__output_flush(struct chat__output *output)
{
    struct chat__frame *frame;
    enum chat__output_result result = CHAT__OUTPUT_OK;

    if (output->pending.length == 0 || write_together(output, NULL, &result))
        return result;
    frame =
        chat__frame_new(output->pending.data, output->pending.length, false);
    drop_pending(output);
    if (frame == NULL)
        return CHAT__OUTPUT_OVERFLOW;
    result = emit(output, frame);
    chat__frame_release(frame);
    return result;
}

enum chat__output_result chat__output_writable(struct chat__output *output)
{
    output->in_library = 0;
    return drain(output);
}

void chat__output_discard(struct chat__output *output)
{
    drop_pending(output);
    while (output->ring_count > 0)
        ring_pop(output);
}

bool chat__output_is_empty(const struct chat__output *output)
{
    return output->pending.length == 0 && output->ring_count == 0 &&
           output->in_library == 0;
}

bool chat__output_is_waiting(const struct chat__output *output)
{
    return output->ring_count > 0 || output->in_library > 0;
}
