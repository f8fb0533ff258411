/*
 * A completion sink for one thread: any thread posts, the owner's thread runs.
 *
 * Posting links the completion into a list and, when the list was empty, calls
 * `wake`, whose duty is to have chat__completion_queue_run called soon on the
 * owner's thread (uv_async_send does). Nothing is allocated, so posting cannot
 * fail. Completions run in the order in which they were posted.
 *
 * Whoever posts must have ended before the queue is released: a store has when
 * its close has returned.
 */
#ifndef CHAT_SERVER_COMPLETION_QUEUE_H
#define CHAT_SERVER_COMPLETION_QUEUE_H

#include "server/completion.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct chat__completion_queue {
    pthread_mutex_t mutex; /* guards the list */
    struct chat__completion *first;
    struct chat__completion **last; /* where the next one is linked */
    void (*wake)(void *context);
    void *context;
};

/* `wake` is called on the thread that posts. False when there is no mutex. */
bool chat__completion_queue_init(struct chat__completion_queue *queue,
                                 void (*wake)(void *context), void *context);
void chat__completion_queue_release(struct chat__completion_queue *queue);

struct chat__completion_sink
chat__completion_queue_sink(struct chat__completion_queue *queue);

/*
 * Runs what is there now, on the caller's thread, and returns how many that
 * were. What is posted meanwhile wakes again and waits for the next call, so
 * that completions which cause others cannot keep a loop from its sockets.
 */
size_t chat__completion_queue_run(struct chat__completion_queue *queue);

#endif
