#include "sdk/event_queue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool chat__event_queue_init(struct chat__event_queue *queue)
{
    memset(queue, 0, sizeof(*queue));
    queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->fd < 0)
        return false;
    if (pthread_mutex_init(&queue->mutex, NULL) != 0) {
        close(queue->fd);
        return false;
    }
    return true;
}

void chat__event_queue_release(struct chat__event_queue *queue)
{
    struct chat__queued_event *event;

    while ((event = queue->first) != NULL) {
        queue->first = event->next;
        free(event);
    }
    close(queue->fd);
    pthread_mutex_destroy(&queue->mutex);
}

/* An eventfd at 0 takes a one, and gives it back: neither can fail. */
static void raise_fd(const struct chat__event_queue *queue)
{
    uint64_t one = 1;
    ssize_t written = write(queue->fd, &one, sizeof(one));

    (void)written;
}

static void lower_fd(const struct chat__event_queue *queue)
{
    uint64_t value;
    ssize_t taken = read(queue->fd, &value, sizeof(value));

    (void)taken;
}

bool chat__event_queue_push(struct chat__event_queue *queue,
                            const chat_event *event)
{
    struct chat__queued_event *copy = chat__event_copy(event);

    if (copy == NULL)
        return false;
    pthread_mutex_lock(&queue->mutex);
    if (queue->last != NULL)
        queue->last->next = copy;
    else
        queue->first = copy;
    queue->last = copy;
    queue->count++;
    queue->bytes += copy->bytes;
    if (queue->count >= CHAT__QUEUE_EVENTS_HIGH ||
        queue->bytes >= CHAT__QUEUE_BYTES_HIGH)
        queue->full = true;
    if (queue->count == 1)
        raise_fd(queue);
    pthread_mutex_unlock(&queue->mutex);
    return true;
}

struct chat__queued_event *
chat__event_queue_pop(struct chat__event_queue *queue, bool *drained)
{
    struct chat__queued_event *event;

    *drained = false;
    pthread_mutex_lock(&queue->mutex);
    event = queue->first;
    if (event != NULL) {
        queue->first = event->next;
        if (queue->first == NULL)
            queue->last = NULL;
        queue->count--;
        queue->bytes -= event->bytes;
        if (queue->count == 0)
            lower_fd(queue);
        *drained = queue->full && queue->count < CHAT__QUEUE_EVENTS_HIGH / 2 &&
                   queue->bytes < CHAT__QUEUE_BYTES_HIGH / 2;
        queue->full = queue->full && !*drained;
    }
    pthread_mutex_unlock(&queue->mutex);
    return event;
}

size_t chat__event_queue_count(struct chat__event_queue *queue)
{
    size_t count;

    pthread_mutex_lock(&queue->mutex);
    count = queue->count;
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

bool chat__event_queue_full(struct chat__event_queue *queue)
{
    bool full;

    pthread_mutex_lock(&queue->mutex);
    full = queue->full;
    pthread_mutex_unlock(&queue->mutex);
    return full;
}
