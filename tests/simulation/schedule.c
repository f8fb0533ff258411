#include "tests/simulation/schedule.h"

#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void grow(struct schedule *schedule)
{
    schedule->capacity = schedule->capacity == 0 ? 64 : 2 * schedule->capacity;
    schedule->heap =
        realloc(schedule->heap, schedule->capacity * sizeof(*schedule->heap));
    if (schedule->heap == NULL)
        abort();
}

void schedule_put(struct schedule *schedule, struct event event)
{
    size_t at = schedule->count;

    if (schedule->count == schedule->capacity)
        grow(schedule);
    schedule->count++;
    event.order = schedule->order++;
    while (at > 0 && before(&event, &schedule->heap[(at - 1) / 2])) {
        schedule->heap[at] = schedule->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    schedule->heap[at] = event;
}

bool schedule_take(struct schedule *schedule, struct event *event)
{
    struct event *heap = schedule->heap;
    struct event last;
    size_t at = 0;
    size_t child;

    if (schedule->count == 0)
        return false;
    *event = heap[0];
    last = heap[--schedule->count];
    while ((child = 2 * at + 1) < schedule->count) {
        if (child + 1 < schedule->count &&
            before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return true;
}

void schedule_release(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        free(schedule->heap[i].bytes);
    free(schedule->heap);
    *schedule = (struct schedule){0};
}
