/*
 * The end of a process that must end: a thread which, when its time has come,
 * logs an error and ends the process without asking anybody. So a store that
 * hangs, a loop that stands still or a reader of the log that has stopped can
 * delay a stop, but not prevent it. What was acknowledged is on disk then as
 * after a crash.
 *
 * Plain storage, zeroed before the first set. One thread calls these.
 */
#ifndef CHAT_SERVER_DEADLINE_H
#define CHAT_SERVER_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct chat__deadline {
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    int64_t due_ms; /* monotonic */
    bool cancelled;
};

/* The process ends in so many milliseconds, whatever was said before. */
void chat__deadline_set(struct chat__deadline *deadline, uint64_t ms);

/* It does not. Zeroed storage is fine. */
void chat__deadline_cancel(struct chat__deadline *deadline);

#endif
