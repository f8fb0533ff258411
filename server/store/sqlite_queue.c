#include "server/store/sqlite_queue.h"

#include <stdlib.h>

bool chat__sqlite_queue_init(struct chat__sqlite_queue *queue, size_t capacity)
{
    *queue = (struct chat__sqlite_queue){.capacity = capacity};
    queue->jobs = calloc(capacity, sizeof *queue->jobs);
    if (queue->jobs == NULL)
        return false;
    if (pthread_mutex_init(&queue->mutex, NULL) != 0)
        goto no_mutex;
    if (pthread_cond_init(&queue->arrived, NULL) != 0)
        goto no_condition;
    return true;

no_condition:
    pthread_mutex_destroy(&queue->mutex);
no_mutex:
    free(queue->jobs);
    return false;
}

void chat__sqlite_queue_release(struct chat__sqlite_queue *queue)
{
    pthread_cond_destroy(&queue->arrived);
    pthread_mutex_destroy(&queue->mutex);
    free(queue->jobs);
}

bool chat__sqlite_queue_push(struct chat__sqlite_queue *queue,
                             const struct chat__sqlite_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    bool fits = queue->count < queue->capacity;
    if (fits) {
        size_t last = (queue->first + queue->count) % queue->capacity;
        queue->jobs[last] = *job;
        queue->count++;
    }
    pthread_mutex_unlock(&queue->mutex);
    if (fits)
        pthread_cond_signal(&queue->arrived);
    return fits;
}

size_t chat__sqlite_queue_take(struct chat__sqlite_queue *queue,
                               struct chat__sqlite_job *jobs, size_t count_max,
                               size_t weight_max)
{
    size_t taken = 0;
    size_t weight = 0;
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->closed && !queue->woken)
        pthread_cond_wait(&queue->arrived, &queue->mutex);
    queue->woken = false;
    while (queue->count > 0 && taken < count_max &&
           (taken == 0 || weight < weight_max)) {
        jobs[taken] = queue->jobs[queue->first];
        weight += jobs[taken].weight;
        taken++;
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return taken;
}

void chat__sqlite_queue_wake(struct chat__sqlite_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->woken = true;
    pthread_mutex_unlock(&queue->mutex);
    pthread_cond_signal(&queue->arrived);
}

bool chat__sqlite_queue_ended(struct chat__sqlite_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    bool ended = queue->closed && queue->count == 0;
    pthread_mutex_unlock(&queue->mutex);
    return ended;
}

void chat__sqlite_queue_close(struct chat__sqlite_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_mutex_unlock(&queue->mutex);
    pthread_cond_broadcast(&queue->arrived);
}
