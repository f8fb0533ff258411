/*
 * What waits for the store's threads: a ring of jobs with a fixed size, so
 * that putting one in takes no memory and the bound is the memory there is.
 * Jobs come out in the order in which they went in.
 */
#ifndef CHAT_SERVER_STORE_SQLITE_QUEUE_H
#define CHAT_SERVER_STORE_SQLITE_QUEUE_H

#include "server/store/sqlite_connection.h"
#include "server/store/store.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct chat__sqlite_job;

/*
 * Does a request's work inside a transaction. A writing one whose result is
 * not OK is undone by the caller. One that refuses first may be done again.
 */
typedef enum chat__store_result
chat__sqlite_work(struct chat__sqlite_connection *connection,
                  struct chat__sqlite_job *job);

struct chat__sqlite_job {
    chat__sqlite_work *work;
    void *request;
    struct chat__completion *completion; /* of the request */
    enum chat__store_result *result;     /* of the request */
    size_t weight;                       /* bytes to write, about */
    /* All but FAILED is known before anything is written. */
    bool refuses_first;
    /* Set by a reader's work: what the writer is to do before the answer. */
    chat__sqlite_work *then;
    enum chat__store_result outcome;   /* of the work */
    enum chat__store_result otherwise; /* when the commit fails */
};

struct chat__sqlite_queue {
    pthread_mutex_t mutex; /* guards all of it */
    pthread_cond_t arrived;
    struct chat__sqlite_job *jobs;
    size_t capacity;
    size_t first;
    size_t count;
    bool closed;
    bool woken;
};

/* False when memory is short; then there is nothing to release. */
bool chat__sqlite_queue_init(struct chat__sqlite_queue *queue, size_t capacity);
void chat__sqlite_queue_release(struct chat__sqlite_queue *queue);

/* False when the queue is full. */
bool chat__sqlite_queue_push(struct chat__sqlite_queue *queue,
                             const struct chat__sqlite_job *job);

/*
 * Waits until there is a job, then takes what is there: at most `count_max`,
 * and none more once those taken weigh `weight_max`. 0 when the queue is empty
 * and was woken, or ended.
 */
size_t chat__sqlite_queue_take(struct chat__sqlite_queue *queue,
                               struct chat__sqlite_job *jobs, size_t count_max,
                               size_t weight_max);

/* Has who waits for jobs look after something else. */
void chat__sqlite_queue_wake(struct chat__sqlite_queue *queue);

/* Closed and empty: nothing will come any more. */
bool chat__sqlite_queue_ended(struct chat__sqlite_queue *queue);

/* No more will be pushed; what is in it is still taken. */
void chat__sqlite_queue_close(struct chat__sqlite_queue *queue);

#endif
