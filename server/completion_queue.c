#include "server/completion_queue.h"

bool chat__completion_queue_init(struct chat__completion_queue *queue,
                                 void (*wake)(void *context), void *context)
{
    if (pthread_mutex_init(&queue->mutex, NULL) != 0)
        return false;
    queue->first = NULL;
    queue->last = &queue->first;
    queue->wake = wake;
    queue->context = context;
    return true;
}

void chat__completion_queue_release(struct chat__completion_queue *queue)
{
    pthread_mutex_destroy(&queue->mutex);
}

static void post(void *context, struct chat__completion *completion)
{
    struct chat__completion_queue *queue = context;
    completion->next = NULL;
    pthread_mutex_lock(&queue->mutex);
    bool was_empty = queue->first == NULL;
    *queue->last = completion;
    queue->last = &completion->next;
    pthread_mutex_unlock(&queue->mutex);
    if (was_empty)
        queue->wake(queue->context);
}

struct chat__completion_sink
chat__completion_queue_sink(struct chat__completion_queue *queue)
{
    return (struct chat__completion_sink){.post = post, .context = queue};
}

size_t chat__completion_queue_run(struct chat__completion_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct chat__completion *completion = queue->first;
    queue->first = NULL;
    queue->last = &queue->first;
    pthread_mutex_unlock(&queue->mutex);

    size_t count = 0;
    while (completion != NULL) {
        /* Running a completion may free it. */
        struct chat__completion *next = completion->next;
        completion->run(completion);
        completion = next;
        count++;
    }
    return count;
}
