#include "server/bus/redis_resolver.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Shared by the loop and the other thread; the last one frees it. */
struct chat__redis_lookup {
    pthread_mutex_t mutex;
    int holders;
    bool ended;
    int error;
    struct addrinfo *found;
    void (*wake)(void *context); /* NULL: abandoned */
    void *context;
    char port[8];
    char host[];
};

/* Gives up one hold; called with the mutex locked. */
static void let_go(struct chat__redis_lookup *lookup)
{
    bool last = --lookup->holders == 0;

    pthread_mutex_unlock(&lookup->mutex);
    if (!last)
        return;
    if (lookup->found != NULL)
        freeaddrinfo(lookup->found);
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup);
}

static void *look_up(void *argument)
{
    struct chat__redis_lookup *lookup = argument;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(lookup->host, lookup->port, &hints, &found);

    pthread_mutex_lock(&lookup->mutex);
    lookup->found = error == 0 ? found : NULL;
    lookup->error = error;
    lookup->ended = true;
    if (lookup->wake != NULL)
        lookup->wake(lookup->context);
    let_go(lookup);
    return NULL;
}

/* Signals are for the loop's thread. */
static bool start_thread(struct chat__redis_lookup *lookup)
{
    sigset_t all, before;
    pthread_t thread;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(&thread, NULL, look_up, lookup) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        pthread_detach(thread);
    return started;
}

struct chat__redis_lookup *chat__redis_lookup_start(const char *host,
                                                    uint16_t port,
                                                    void (*wake)(void *context),
                                                    void *context)
{
    size_t length = strlen(host) + 1;
    struct chat__redis_lookup *lookup = calloc(1, sizeof *lookup + length);

    if (lookup == NULL)
        return NULL;
    pthread_mutex_init(&lookup->mutex, NULL);
    lookup->holders = 2;
    lookup->wake = wake;
    lookup->context = context;
    snprintf(lookup->port, sizeof lookup->port, "%u", port);
    memcpy(lookup->host, host, length);
    if (start_thread(lookup))
        return lookup;
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup);
    return NULL;
}

bool chat__redis_lookup_take(struct chat__redis_lookup *lookup,
                             struct addrinfo **found, int *error)
{
    pthread_mutex_lock(&lookup->mutex);
    if (!lookup->ended) {
        pthread_mutex_unlock(&lookup->mutex);
        return false;
    }
    *found = lookup->found;
    *error = lookup->error;
    lookup->found = NULL;
    let_go(lookup);
    return true;
}

void chat__redis_lookup_abandon(struct chat__redis_lookup *lookup)
{
    if (lookup == NULL)
        return;
    pthread_mutex_lock(&lookup->mutex);
    lookup->wake = NULL;
    let_go(lookup);
}
