#include "server/front/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_CAPACITY_MIN 8

/* A ring; its capacity is a power of two. */
struct chat__output_queue {
    size_t capacity;
    size_t first;
    size_t count;        /* never 0, save while the first frame is put in */
    size_t first_offset; /* what of the first frame is sent already */
    struct chat__frame *frames[];
};

_Static_assert(CHAT__OUTPUT_BYTES_MAX + CHAT__OUTPUT_WRITE_BYTES <= UINT32_MAX,
               "charges and writes fit");

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
}

static void add_charge(struct chat__output *output, size_t bytes)
{
    output->charge += (uint32_t)bytes;
    output->pool->charge += bytes;
}

static void drop_charge(struct chat__output *output, size_t bytes)
{
    assert(output->charge >= bytes && output->pool->charge >= bytes);
    output->charge -= (uint32_t)bytes;
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

static struct chat__frame **place(struct chat__output_queue *queue,
                                  size_t index)
{
    return &queue->frames[(queue->first + index) & (queue->capacity - 1)];
}

static struct chat__frame *queue_first(const struct chat__output *output)
{
    return *place(output->queue, 0);
}

static bool queue_grow(struct chat__output *output)
{
    struct chat__output_queue *queue = output->queue;
    size_t capacity = queue == NULL ? QUEUE_CAPACITY_MIN : queue->capacity * 2;
    struct chat__output_queue *larger =
        malloc(sizeof *larger + capacity * sizeof(struct chat__frame *));

    if (larger == NULL)
        return false;
    *larger = (struct chat__output_queue){.capacity = capacity};
    if (queue != NULL) {
        larger->count = queue->count;
        larger->first_offset = queue->first_offset;
        for (size_t i = 0; i < queue->count; i++)
            larger->frames[i] = *place(queue, i);
    }
    free(queue);
    output->queue = larger;
    return true;
}

static bool queue_push(struct chat__output *output, struct chat__frame *frame)
{
    struct chat__output_queue *queue = output->queue;

    if ((queue == NULL || queue->count == queue->capacity) &&
        !queue_grow(output))
        return false;
    queue = output->queue;
    *place(queue, queue->count++) = chat__frame_reference(frame);
    add_charge(output, item_charge(frame));
    return true;
}

static void queue_pop(struct chat__output *output)
{
    struct chat__output_queue *queue = output->queue;
    struct chat__frame *frame = queue_first(output);

    drop_charge(output, item_charge(frame));
    chat__frame_release(frame);
    queue->first = (queue->first + 1) & (queue->capacity - 1);
    queue->first_offset = 0;
    if (--queue->count > 0)
        return;
    free(queue);
    output->queue = NULL;
}

static void count_frames(const struct chat__output *output, size_t count)
{
    chat__metrics_add(output->pool->metrics, CHAT__METRIC_FRAMES_SENT, count);
}

/* Always OK: what is dropped is meant to be lost first. */
static enum chat__output_result drop(const struct chat__output *output)
{
    chat__metrics_count(output->pool->metrics, CHAT__METRIC_DROPPED);
    return CHAT__OUTPUT_OK;
}

static enum chat__output_result write_bytes(struct chat__output *output,
                                            const unsigned char *bytes,
                                            size_t length)
{
    struct chat__metrics *metrics = output->pool->metrics;

    chat__metrics_count(metrics, CHAT__METRIC_WRITES);
    chat__metrics_add(metrics, CHAT__METRIC_BYTES_SENT, length);
    switch (output->pool->write(output->handle, bytes, length)) {
    case CHAT__OUTPUT_WRITTEN:
        return CHAT__OUTPUT_OK;
    case CHAT__OUTPUT_KEPT:
        output->in_library = (uint32_t)length;
        return CHAT__OUTPUT_OK;
    case CHAT__OUTPUT_LOST:
        break;
    }
    return CHAT__OUTPUT_BROKEN;
}

/* Moves the start of the queue past `length` bytes of its first frame. */
static void advance(struct chat__output *output, size_t length)
{
    struct chat__output_queue *queue = output->queue;

    queue->first_offset += length;
    if (queue->first_offset == queue_first(output)->length)
        queue_pop(output);
}

/* Small frames that wait leave together; returns the bytes gathered. */
static size_t gather(struct chat__output *output)
{
    size_t gathered = 0;

    while (output->queue != NULL) {
        const struct chat__frame *frame = queue_first(output);
        size_t offset = output->queue->first_offset;
        size_t slice =
            output->pool->one_by_one
                ? chat__frame_first(frame, offset)
                : chat__frame_slice(frame, offset,
                                    CHAT__OUTPUT_WRITE_BYTES - gathered);

        if (slice == 0)
            break;
        memcpy(output->pool->gather + gathered, frame->bytes + offset, slice);
        gathered += slice;
        advance(output, slice);
        if (output->pool->one_by_one)
            break;
    }
    return gathered;
}

static enum chat__output_result drain(struct chat__output *output)
{
    enum chat__output_result result = CHAT__OUTPUT_OK;

    while (result == CHAT__OUTPUT_OK && output->queue != NULL &&
           output->in_library == 0) {
        size_t length = gather(output);

        result = write_bytes(output, output->pool->gather, length);
    }
    return result;
}

/* True when nothing waits before the frame, and one write takes it. */
static bool can_write(const struct chat__output *output,
                      const struct chat__frame *frame)
{
    return !chat__output_is_waiting(output) &&
           frame->length <= CHAT__OUTPUT_WRITE_BYTES &&
           (!output->pool->one_by_one ||
            chat__frame_first(frame, 0) == frame->length);
}

/* Writes a frame or queues it; nothing is pending. */
static enum chat__output_result emit(struct chat__output *output,
                                     struct chat__frame *frame)
{
    if (can_write(output, frame)) {
        count_frames(output, frame->count);
        return write_bytes(output, frame->bytes, frame->length);
    }
    if (!fits(output, item_charge(frame), frame->droppable))
        return frame->droppable ? drop(output) : CHAT__OUTPUT_OVERFLOW;
    if (!queue_push(output, frame))
        return CHAT__OUTPUT_OVERFLOW;
    count_frames(output, frame->count);
    return drain(output);
}

enum chat__output_result chat__output_send(struct chat__output *output,
                                           const char *objects, size_t length,
                                           bool droppable)
{
    if (!fits(output, length, droppable))
        return droppable ? drop(output) : CHAT__OUTPUT_OVERFLOW;
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
    size_t framed, length;

    if (chat__output_is_waiting(output) || output->pool->one_by_one)
        return false;
    framed = chat__frame_framed_length(pending->data, pending->length);
    length = framed + (frame == NULL ? 0 : frame->length);
    if (framed == 0 || length > CHAT__OUTPUT_WRITE_BYTES)
        return false;
    count_frames(output,
                 chat__frame_put(gather, pending->data, pending->length));
    if (frame != NULL) {
        count_frames(output, frame->count);
        memcpy(gather + framed, frame->bytes, frame->length);
    }
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
    while (output->queue != NULL)
        queue_pop(output);
}

size_t chat__output_bytes(const struct chat__output *output)
{
    return output->charge + output->in_library;
}

bool chat__output_is_empty(const struct chat__output *output)
{
    return output->pending.length == 0 && !chat__output_is_waiting(output);
}

bool chat__output_is_waiting(const struct chat__output *output)
{
    return output->queue != NULL || output->in_library > 0;
}
