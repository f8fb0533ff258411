#include "server/front/gateway_queue.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- answers ---- */

static void serve_line(struct chat__outbox *outbox)
{
    while (outbox->line_first != NULL &&
           outbox->calls < CHAT__OUTBOX_CALLS_MAX) {
        struct chat__post_queue *queue = outbox->line_first;

        chat__post_queue_leave_line(queue);
        chat__post_queue_send_next(queue);
        if (queue->in_line)
            return;
    }
}

static void on_done(void *context, unsigned int status)
{
    struct chat__post_queue *queue = context;
    struct chat__outbox *outbox = queue->outbox;
    bool deleted = queue->deleting && status >= 200 && status < 500 &&
                   status != CHAT__POST_GONE && status != CHAT__POST_THROTTLED;

    queue->call = NULL;
    outbox->calls--;
    chat__metrics_observe_us(outbox->options.metrics,
                             CHAT__METRIC_GATEWAY_POST_SECONDS,
                             (int64_t)(uv_hrtime() / 1000) - queue->began_us);
    if (deleted)
        chat__post_queue_drop(queue);
    else if (chat__post_queue_judge(queue, status))
        chat__post_queue_send_next(queue);
    chat__outbox_count_bytes(outbox);
    serve_line(outbox);
}

/* ---- requests ---- */

/* Whole objects, as many as one request may have; one at least. */
static void pack(struct chat__post_queue *queue)
{
    const char *bytes = queue->waiting.data;
    size_t left = queue->waiting.length;
    size_t length = 0;
    size_t objects = 0;

    while (length < left) {
        const char *end = memchr(bytes + length, '\n', left - length);
        size_t next = end == NULL ? left : (size_t)(end - bytes) + 1;

        if (next > queue->pack_max && length > 0)
            break;
        length = next;
        objects++;
    }
    chat__buffer_clear(&queue->flying);
    queue->flying.limit = length > CHAT__OUTBOX_PACK_BYTES_MAX
                              ? length
                              : CHAT__OUTBOX_PACK_BYTES_MAX;
    if (!chat__buffer_reserve(&queue->flying, length))
        return;
    chat__buffer_append(&queue->flying, bytes, length);
    memmove(queue->waiting.data, bytes + length, left - length);
    queue->waiting.length = left - length;
    chat__metrics_add(queue->outbox->options.metrics,
                      CHAT__METRIC_GATEWAY_OBJECTS, objects);
}

static void call(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;
    const struct chat__gateway_call call = {
        .method = queue->deleting ? "DELETE" : "POST",
        .id = queue->id,
        .body = queue->flying.data,
        .length = queue->flying.length,
        .done = on_done,
        .context = queue,
    };

    queue->began_us = (int64_t)(uv_hrtime() / 1000);
    queue->call = outbox->options.client->call(outbox->options.client, &call);
    if (queue->call != NULL)
        outbox->calls++;
    else
        chat__post_queue_retry(queue, false);
}

void chat__post_queue_send_next(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->call != NULL || queue->retrying)
        return;
    if (outbox->calls >= CHAT__OUTBOX_CALLS_MAX) {
        chat__post_queue_stand_in_line(queue);
        return;
    }
    if (queue->flying.length == 0 && queue->waiting.length > 0)
        pack(queue);
    queue->deleting = queue->flying.length == 0 && queue->closing;
    if (queue->flying.length > 0 || queue->deleting)
        call(queue);
    else
        chat__post_queue_drop(queue);
}

/* ---- what others say ---- */

struct chat__outbox *
chat__outbox_new(const struct chat__outbox_options *options)
{
    struct chat__outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox != NULL)
        outbox->options = *options;
    return outbox;
}

static bool has_room(struct chat__post_queue *queue, size_t length)
{
    return queue->outbox->bytes + length <= CHAT__OUTBOX_POOL_BYTES_MAX &&
           chat__buffer_reserve(&queue->waiting, length);
}

/* Who has little waiting is not slow: it loses this, and sees that by seq. */
static void overflow(struct chat__post_queue *queue)
{
    queue->waiting.failed = false;
    if (queue->waiting.length > CHAT__OUTBOX_CROWDED_BYTES_MAX)
        chat__post_queue_cut_off(queue);
    else
        chat__metrics_count(queue->outbox->options.metrics,
                            CHAT__METRIC_RELAY_LOST);
}

void chat__outbox_post(struct chat__outbox *outbox, const char *id,
                       const char *topic, const char *objects, size_t length,
                       bool droppable)
{
    struct chat__post_queue *queue = chat__post_queue_make(outbox, id);

    if (queue == NULL) {
        chat__metrics_count(outbox->options.metrics, CHAT__METRIC_RELAY_LOST);
        return;
    }
    if (queue->closing)
        return;
    if (droppable && queue->waiting.length > CHAT__OUTBOX_CROWDED_BYTES_MAX) {
        chat__metrics_count(outbox->options.metrics, CHAT__METRIC_DROPPED);
        return;
    }
    if (topic != NULL)
        snprintf(queue->topic, sizeof queue->topic, "%s", topic);
    if (has_room(queue, length)) {
        chat__buffer_append(&queue->waiting, objects, length);
        outbox->bytes += length;
    } else {
        overflow(queue);
    }
    chat__outbox_count_bytes(outbox);
    chat__post_queue_send_next(queue);
}

void chat__outbox_close(struct chat__outbox *outbox, const char *id,
                        unsigned int code, const char *reason)
{
    struct chat__post_queue *queue = chat__post_queue_make(outbox, id);

    if (queue == NULL || queue->closing)
        return;
    chat__post_queue_close(queue, code, reason);
    chat__post_queue_send_next(queue);
}

void chat__outbox_forget(struct chat__outbox *outbox, const char *id)
{
    struct chat__post_queue *queue = chat__post_queue_find(outbox, id);

    if (queue != NULL)
        chat__post_queue_drop(queue);
}

bool chat__outbox_is_idle(const struct chat__outbox *outbox)
{
    return outbox->queues.count == 0;
}

void chat__outbox_stop(struct chat__outbox *outbox)
{
    struct chat__table_link *first;
    uint64_t cursor = 0;

    if (outbox == NULL)
        return;
    outbox->stopped = true;
    do {
        cursor = chat__table_scan(&outbox->queues, cursor, &first);
        while (first != NULL) {
            struct chat__post_queue *queue = chat__post_queue_of(first);

            first = first->next;
            chat__post_queue_drop(queue);
        }
    } while (cursor != 0);
}

void chat__outbox_free(struct chat__outbox *outbox)
{
    if (outbox != NULL)
        chat__table_release(&outbox->queues);
    free(outbox);
}
