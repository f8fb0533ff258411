#include "server/front/address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_BYTES 8 /* a /64 */

void chat__addresses_init(struct chat__addresses *addresses, uint64_t seed)
{
    *addresses = (struct chat__addresses){.seed = seed};
}

struct in6_addr chat__address_of(const struct sockaddr *socket)
{
    struct in6_addr host = {0};

    if (socket->sa_family == AF_INET6)
        return ((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr;
    if (socket->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)socket;

        host.s6_addr[10] = host.s6_addr[11] = 0xFF;
        memcpy(&host.s6_addr[12], &four->sin_addr, sizeof four->sin_addr);
    }
    return host;
}

void chat__address_key(const struct in6_addr *host, unsigned char key[16])
{
    memcpy(key, host, 16);
    if (!IN6_IS_ADDR_V4MAPPED(host))
        memset(key + PREFIX_BYTES, 0, 16 - PREFIX_BYTES);
}

/* FNV-1a, started at the seed. */
static struct chat__address **bucket_of(struct chat__addresses *addresses,
                                        const unsigned char key[16])
{
    uint64_t hash = addresses->seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < 16; i++)
        hash = (hash ^ key[i]) * UINT64_C(0x100000001b3);
    return &addresses->buckets[(hash >> 32) % CHAT__ADDRESS_BUCKETS];
}

static struct chat__address *find_in(struct chat__address *bucket,
                                     const unsigned char key[16])
{
    while (bucket != NULL && memcmp(bucket->key, key, 16) != 0)
        bucket = bucket->next;
    return bucket;
}

struct chat__address *chat__addresses_find(struct chat__addresses *addresses,
                                           const struct in6_addr *host)
{
    unsigned char key[16];

    chat__address_key(host, key);
    return find_in(*bucket_of(addresses, key), key);
}

struct chat__address *chat__addresses_add(struct chat__addresses *addresses,
                                          const struct in6_addr *host)
{
    unsigned char key[16];
    struct chat__address **bucket, *address;

    chat__address_key(host, key);
    bucket = bucket_of(addresses, key);
    address = find_in(*bucket, key);
    if (address == NULL) {
        address = calloc(1, sizeof *address);
        if (address == NULL)
            return NULL;
        memcpy(address->key, key, sizeof key);
        address->next = *bucket;
        *bucket = address;
    }
    address->sockets++;
    return address;
}

void chat__addresses_remove(struct chat__addresses *addresses,
                            struct chat__address *address)
{
    struct chat__address **link = bucket_of(addresses, address->key);

    assert(address->sockets > 0);
    if (--address->sockets > 0)
        return;
    while (*link != address)
        link = &(*link)->next;
    *link = address->next;
    free(address);
}
