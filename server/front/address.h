/*
 * How many sockets each address has open. An IPv6 host owns its /64, so that
 * is what counts there; an IPv4 address written as IPv6 counts as IPv4. A
 * WebSocket that a proxy carries is a socket of the proxy's address and one of
 * its client's.
 *
 * An entry lives while it has sockets, so the table is never larger than twice
 * the number of sockets, which has a limit of its own. Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_ADDRESS_H
#define CHAT_SERVER_FRONT_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CHAT__ADDRESS_BUCKETS 1024

struct chat__address {
    struct chat__address *next;
    unsigned char key[16];
    uint32_t sockets;
    uint32_t clients; /* those of them that are WebSockets ... */
    uint32_t proxied; /* ... and those of these that count elsewhere */
};

struct chat__addresses {
    struct chat__address *buckets[CHAT__ADDRESS_BUCKETS];
    uint64_t seed; /* so that nobody can choose his bucket */
};

void chat__addresses_init(struct chat__addresses *addresses, uint64_t seed);

/* Of an internet socket, IPv4 as IPv6 has it. */
struct in6_addr chat__address_of(const struct sockaddr *socket);

/* The host, or of IPv6 its /64: what limits count. */
void chat__address_key(const struct in6_addr *host, unsigned char key[16]);

/* NULL when it has no sockets. */
struct chat__address *chat__addresses_find(struct chat__addresses *addresses,
                                           const struct in6_addr *host);

/* Counts one more socket; NULL when memory is short. */
struct chat__address *chat__addresses_add(struct chat__addresses *addresses,
                                          const struct in6_addr *host);

/* Counts one less; the last one frees the entry. */
void chat__addresses_remove(struct chat__addresses *addresses,
                            struct chat__address *address);

#endif
