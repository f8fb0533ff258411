/*
 * Threads of the library: they take no signal, so that the program's handlers
 * run on the program's threads, and a write to a closed socket kills nobody.
 */
#ifndef CHAT_SDK_THREAD_H
#define CHAT_SDK_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * `name`, at most 15 bytes, is what debuggers show. False: the system has no
 * thread to give.
 */
bool chat__thread_start(pthread_t *thread, const char *name,
                        void *(*run)(void *argument), void *argument);

/* The clock of all time-outs: milliseconds, never falling, never 0. */
uint64_t chat__thread_now(void);

#endif
