/*
 * Whose word about a client's address is taken. A proxy appends the address of
 * its peer to X-Forwarded-For, so the header is true from its right end up to
 * the first address that is no trusted proxy: that is the client's. What stands
 * left of it is what the client says, and is never looked at.
 *
 * Pure: no sockets, no memory of its own.
 */
#ifndef CHAT_SERVER_FRONT_PROXY_H
#define CHAT_SERVER_FRONT_PROXY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define CHAT__PROXIES_MAX 64

struct chat__proxy_block {
    struct in6_addr address; /* IPv4 as IPv6 has it */
    unsigned int bits;       /* how many of its first ones count */
};

struct chat__proxies {
    struct chat__proxy_block blocks[CHAT__PROXIES_MAX];
    size_t count; /* 0: nobody is trusted */
};

/*
 * Takes a comma separated list of addresses and CIDR blocks, or NULL. False,
 * with a sentence that names the item in `message`, when it cannot be right.
 */
bool chat__proxies_init(struct chat__proxies *proxies, const char *list,
                        char *message, size_t message_size);

bool chat__proxies_trust(const struct chat__proxies *proxies,
                         const struct in6_addr *address);

/*
 * The client for whom `peer` speaks: the rightmost address of `forwarded` that
 * is not trusted, the leftmost when all are. False when it is the peer itself,
 * who is not trusted or sent no header (NULL) or a malformed one.
 */
bool chat__proxies_client(const struct chat__proxies *proxies,
                          const struct in6_addr *peer, const char *forwarded,
                          struct in6_addr *client);

#endif
