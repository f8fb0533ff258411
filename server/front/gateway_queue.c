#include "server/front/gateway_queue.h"

#include <stdlib.h>
#include <string.h>

struct chat__post_queue *chat__post_queue_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct chat__post_queue, link);
}

struct chat__post_queue *
chat__post_queue_find(const struct chat__outbox *outbox, const char *id)
{
    struct chat__table_link *link =
        chat__table_find(&outbox->queues, chat__hash_string(0, id));

    while (link != NULL && strcmp(chat__post_queue_of(link)->id, id) != 0)
        link = chat__table_next(link);
    return link != NULL ? chat__post_queue_of(link) : NULL;
}

struct chat__post_queue *chat__post_queue_make(struct chat__outbox *outbox,
                                               const char *id)
{
    struct chat__post_queue *queue = chat__post_queue_find(outbox, id);
    size_t size = strlen(id) + 1;

    if (queue != NULL || outbox->stopped ||
        outbox->queues.count == CHAT__OUTBOX_QUEUES_MAX)
        return queue;
    queue = calloc(1, sizeof *queue + size);
    if (queue == NULL)
        return NULL;
    if (!chat__table_insert(&outbox->queues, &queue->link,
                            chat__hash_string(0, id))) {
        free(queue);
        return NULL;
    }
    memcpy(queue->id, id, size);
    queue->outbox = outbox;
    queue->pack_max = CHAT__OUTBOX_PACK_BYTES_MAX;
    chat__buffer_init(&queue->waiting, CHAT__OUTBOX_BYTES_MAX);
    chat__buffer_init(&queue->flying, CHAT__OUTBOX_PACK_BYTES_MAX);
    uv_timer_init(outbox->options.loop, &queue->timer);
    queue->timer.data = queue;
    return queue;
}

void chat__outbox_count_bytes(struct chat__outbox *outbox)
{
    chat__metrics_set(outbox->options.metrics, CHAT__METRIC_GATEWAY_QUEUE_BYTES,
                      outbox->bytes);
}

static void drop_waiting(struct chat__post_queue *queue)
{
    queue->outbox->bytes -= queue->waiting.length + queue->flying.length;
    chat__buffer_release(&queue->waiting);
    chat__buffer_release(&queue->flying);
    chat__outbox_count_bytes(queue->outbox);
}

void chat__post_queue_stand_in_line(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->in_line)
        return;
    queue->in_line = true;
    queue->before = outbox->line_last;
    queue->after = NULL;
    if (queue->before != NULL)
        queue->before->after = queue;
    else
        outbox->line_first = queue;
    outbox->line_last = queue;
}

void chat__post_queue_leave_line(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (!queue->in_line)
        return;
    if (queue->before != NULL)
        queue->before->after = queue->after;
    else
        outbox->line_first = queue->after;
    if (queue->after != NULL)
        queue->after->before = queue->before;
    else
        outbox->line_last = queue->before;
    queue->in_line = false;
}

static void free_queue(uv_handle_t *timer)
{
    free(timer->data);
}

void chat__post_queue_drop(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    chat__table_remove(&outbox->queues, &queue->link);
    chat__post_queue_leave_line(queue);
    if (queue->call != NULL) {
        outbox->options.client->cancel(outbox->options.client, queue->call);
        outbox->calls--;
    }
    drop_waiting(queue);
    uv_close((uv_handle_t *)&queue->timer, free_queue);
}
