/*
 * Finds the addresses of a name without holding up the loop: on a thread of
 * its own, which is left to end by itself when nobody waits any more. A thread
 * of libuv's pool would hold up the end of the process for as long as a name
 * server is silent.
 *
 * Loop thread only, save what `wake` is for.
 */
#ifndef CHAT_SERVER_BUS_REDIS_RESOLVER_H
#define CHAT_SERVER_BUS_REDIS_RESOLVER_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

struct chat__redis_lookup;

/*
 * `wake` is called on the other thread once it has ended, and not after an
 * abandon. NULL when a thread or memory is short.
 */
struct chat__redis_lookup *chat__redis_lookup_start(const char *host,
                                                    uint16_t port,
                                                    void (*wake)(void *context),
                                                    void *context);

/*
 * True once it has ended; the lookup is gone then, and what was found is the
 * caller's, for freeaddrinfo. NULL: nothing, and `error` is getaddrinfo's.
 */
bool chat__redis_lookup_take(struct chat__redis_lookup *lookup,
                             struct addrinfo **found, int *error);

/* NULL is fine. */
void chat__redis_lookup_abandon(struct chat__redis_lookup *lookup);

#endif
