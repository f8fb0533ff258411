/*
 * Host names to addresses without blocking: getaddrinfo on a thread of its
 * own. It cannot be stopped, so a lookup that nobody wants any more is
 * abandoned and cleans up after itself; freeing a handle does not wait for a
 * name server.
 */
#ifndef CHAT_SDK_RESOLVER_H
#define CHAT_SDK_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__ADDRESSES_MAX     8
#define CHAT__ADDRESS_BYTES_MAX 128 /* IPv6 with a scope, or any literal */

/* Numeric, IPv6 and IPv4, in the system's order of preference. */
struct chat__addresses {
    size_t count;
    char list[CHAT__ADDRESSES_MAX][CHAT__ADDRESS_BYTES_MAX + 1];
};

struct chat__lookup;

/*
 * Starts a lookup. `wake` is called once, on the helper thread, when it has
 * ended, unless it was abandoned before. NULL: no memory or no thread.
 */
struct chat__lookup *chat__lookup_start(const char *host,
                                        void (*wake)(void *context),
                                        void *context);

/*
 * Has it ended? Then `addresses` is filled in; without any, `error` says why
 * (a static string).
 */
bool chat__lookup_result(struct chat__lookup *lookup,
                         struct chat__addresses *addresses, const char **error);

/* The caller is done with it, ended or not. `wake` is not called any more. */
void chat__lookup_abandon(struct chat__lookup *lookup);

#endif
