#include "sdk/resolver.h"

#include "sdk/thread.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Shared by the caller and the helper thread; the last one frees it. */
struct chat__lookup {
    pthread_mutex_t mutex;
    int holders;
    bool ended;
    int error; /* of getaddrinfo */
    struct chat__addresses addresses;
    void (*wake)(void *context); /* NULL: abandoned */
    void *context;
    char host[];
};

/* Gives up one hold; called with the mutex locked. */
static void let_go(struct chat__lookup *lookup)
{
    bool last = --lookup->holders == 0;

    pthread_mutex_unlock(&lookup->mutex);
    if (!last)
        return;
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup);
}

static void collect(struct chat__addresses *addresses,
                    const struct addrinfo *found)
{
    addresses->count = 0;
    for (; found != NULL && addresses->count < CHAT__ADDRESSES_MAX;
         found = found->ai_next) {
        char *text = addresses->list[addresses->count];

        if (getnameinfo(found->ai_addr, found->ai_addrlen, text,
                        CHAT__ADDRESS_BYTES_MAX + 1, NULL, 0,
                        NI_NUMERICHOST) == 0)
            addresses->count++;
    }
}

static void *look_up(void *argument)
{
    struct chat__lookup *lookup = argument;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct chat__addresses addresses = {0};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(lookup->host, NULL, &hints, &found);

    if (error == 0) {
        collect(&addresses, found);
        freeaddrinfo(found);
    }
    pthread_mutex_lock(&lookup->mutex);
    lookup->addresses = addresses;
    lookup->error = error;
    lookup->ended = true;
    if (lookup->wake != NULL)
        lookup->wake(lookup->context);
    let_go(lookup);
    return NULL;
}

struct chat__lookup *
chat__lookup_start(const char *host, void (*wake)(void *context), void *context)
{
    size_t length = strlen(host) + 1;
    struct chat__lookup *lookup = calloc(1, sizeof(*lookup) + length);
    pthread_t thread;

    if (lookup == NULL)
        return NULL;
    memcpy(lookup->host, host, length);
    lookup->holders = 2;
    lookup->wake = wake;
    lookup->context = context;
    if (pthread_mutex_init(&lookup->mutex, NULL) != 0) {
        free(lookup);
        return NULL;
    }
    if (!chat__thread_start(&thread, "chat-lookup", look_up, lookup)) {
        pthread_mutex_destroy(&lookup->mutex);
        free(lookup);
        return NULL;
    }
    pthread_detach(thread);
    return lookup;
}

bool chat__lookup_result(struct chat__lookup *lookup,
                         struct chat__addresses *addresses, const char **error)
{
    bool ended;

    pthread_mutex_lock(&lookup->mutex);
    ended = lookup->ended;
    if (ended) {
        *addresses = lookup->addresses;
        *error = lookup->error != 0 ? gai_strerror(lookup->error)
                                    : "the name has no address";
    }
    pthread_mutex_unlock(&lookup->mutex);
    return ended;
}

void chat__lookup_abandon(struct chat__lookup *lookup)
{
    if (lookup == NULL)
        return;
    pthread_mutex_lock(&lookup->mutex);
    lookup->wake = NULL;
    let_go(lookup);
}
