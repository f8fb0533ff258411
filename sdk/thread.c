#include "sdk/thread.h"

#include <signal.h>
#include <time.h>

bool chat__thread_start(pthread_t *thread, const char *name,
                        void *(*run)(void *argument), void *argument)
{
    sigset_t all;
    sigset_t before;
    bool started;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    started = pthread_create(thread, NULL, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        pthread_setname_np(*thread, name);
    return started;
}

uint64_t chat__thread_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}
