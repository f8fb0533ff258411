/*
 * Events on their way from the network thread to the program. The descriptor
 * is readable exactly while events wait.
 *
 * The queue itself does not refuse: what must not grow is the source. Past
 * the high mark chat__event_queue_full tells the network to stop reading;
 * below the low mark, half of it, the network may go on.
 *
 * All functions may be called from any thread, but for init and release.
 */
#ifndef CHAT_SDK_EVENT_QUEUE_H
#define CHAT_SDK_EVENT_QUEUE_H

#include "sdk/event_copy.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define CHAT__QUEUE_EVENTS_HIGH 4096
#define CHAT__QUEUE_BYTES_HIGH  ((size_t)4 * 1024 * 1024)

struct chat__event_queue {
    pthread_mutex_t mutex;
    int fd; /* an eventfd */
    struct chat__queued_event *first;
    struct chat__queued_event *last;
    size_t count;
    size_t bytes;
    bool full; /* above the high mark, and not below the low one since */
};

/* False: no descriptor. */
bool chat__event_queue_init(struct chat__event_queue *queue);
void chat__event_queue_release(struct chat__event_queue *queue);

/* Takes a copy. False: no memory. */
bool chat__event_queue_push(struct chat__event_queue *queue,
                            const chat_event *event);

/*
 * The oldest event, the caller's to free(), or NULL. `drained` becomes true
 * when this made a full queue one that is not.
 */
struct chat__queued_event *
chat__event_queue_pop(struct chat__event_queue *queue, bool *drained);

size_t chat__event_queue_count(struct chat__event_queue *queue);
bool chat__event_queue_full(struct chat__event_queue *queue);

#endif
