#include "server/deadline.h"

#include "server/ops/log.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Under the mutex, until it is due or cancelled. */
static void wait(struct chat__deadline *deadline)
{
    while (!deadline->cancelled && now_ms() < deadline->due_ms) {
        const struct timespec due = {
            .tv_sec = deadline->due_ms / 1000,
            .tv_nsec = deadline->due_ms % 1000 * 1000000,
        };

        pthread_cond_timedwait(&deadline->changed, &deadline->mutex, &due);
    }
}

static void *run(void *context)
{
    struct chat__deadline *deadline = context;
    bool cancelled;

    pthread_mutex_lock(&deadline->mutex);
    wait(deadline);
    cancelled = deadline->cancelled;
    pthread_mutex_unlock(&deadline->mutex);
    if (cancelled)
        return NULL;
    chat__log_write(CHAT__LOG_ERROR, "stop_timed_out",
                    "what was not acknowledged may be lost");
    chat__log_stop();
    _exit(EXIT_FAILURE);
}

/* Signals are for the loop's thread. */
static bool start(struct chat__deadline *deadline)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&deadline->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&deadline->mutex, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    deadline->running =
        pthread_create(&deadline->thread, NULL, run, deadline) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return deadline->running;
}

void chat__deadline_set(struct chat__deadline *deadline, uint64_t ms)
{
    if (deadline->running) {
        pthread_mutex_lock(&deadline->mutex);
        deadline->due_ms = now_ms() + (int64_t)ms;
        pthread_cond_signal(&deadline->changed);
        pthread_mutex_unlock(&deadline->mutex);
        return;
    }
    deadline->due_ms = now_ms() + (int64_t)ms;
    /* Without a thread the kernel does it, without a word. */
    if (!start(deadline))
        alarm((unsigned int)(ms / 1000 + 1));
}

void chat__deadline_cancel(struct chat__deadline *deadline)
{
    alarm(0);
    if (!deadline->running)
        return;
    pthread_mutex_lock(&deadline->mutex);
    deadline->cancelled = true;
    pthread_cond_signal(&deadline->changed);
    pthread_mutex_unlock(&deadline->mutex);
    pthread_join(deadline->thread, NULL);
    pthread_cond_destroy(&deadline->changed);
    pthread_mutex_destroy(&deadline->mutex);
    deadline->running = false;
}
