#include "server/front/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAPPED_BITS 96 /* what stands before an IPv4 address in IPv6 */
#define BITS_MAX    128

static const char blanks[] = " \t";

/* A piece of a list, without the blanks around it. */
struct item {
    const char *text;
    size_t length;
};

static struct item trimmed(const char *begin, const char *end)
{
    while (begin < end && strchr(blanks, *begin) != NULL)
        begin++;
    while (end > begin && strchr(blanks, end[-1]) != NULL)
        end--;
    return (struct item){begin, (size_t)(end - begin)};
}

static bool read_address(struct item item, struct in6_addr *address)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr four;

    if (item.length >= sizeof text)
        return false;
    memcpy(text, item.text, item.length);
    text[item.length] = '\0';
    if (inet_pton(AF_INET6, text, address) == 1)
        return true;
    if (inet_pton(AF_INET, text, &four) != 1)
        return false;
    *address = (struct in6_addr){.s6_addr = {[10] = 0xFF, [11] = 0xFF}};
    memcpy(&address->s6_addr[12], &four, sizeof four);
    return true;
}

/* One to three digits that go no further than `largest`. */
static bool read_bits(struct item item, unsigned int largest,
                      unsigned int *bits)
{
    *bits = 0;
    if (item.length == 0 || item.length > 3)
        return false;
    for (size_t i = 0; i < item.length; i++) {
        if (!isdigit((unsigned char)item.text[i]))
            return false;
        *bits = *bits * 10 + (unsigned int)(item.text[i] - '0');
    }
    return *bits <= largest;
}

/* ADDRESS or ADDRESS/BITS. */
static bool read_block(struct item item, struct chat__proxy_block *block)
{
    const char *slash = memchr(item.text, '/', item.length);
    struct item address = item, bits;
    unsigned int before;

    block->bits = BITS_MAX;
    if (slash != NULL)
        address.length = (size_t)(slash - item.text);
    if (!read_address(address, &block->address))
        return false;
    if (slash == NULL)
        return true;
    before =
        memchr(address.text, ':', address.length) == NULL ? MAPPED_BITS : 0;
    bits = (struct item){slash + 1, item.length - address.length - 1};
    if (!read_bits(bits, BITS_MAX - before, &block->bits))
        return false;
    block->bits += before;
    return true;
}

static bool add_block(struct chat__proxies *proxies, struct item item,
                      char *message, size_t message_size)
{
    const char *wrong = NULL;

    if (proxies->count == CHAT__PROXIES_MAX)
        wrong = "is one trusted proxy too many";
    else if (!read_block(item, &proxies->blocks[proxies->count]))
        wrong = "is no trusted proxy such as 127.0.0.1 or 10.0.0.0/8";
    if (wrong == NULL) {
        proxies->count++;
        return true;
    }
    snprintf(message, message_size, "'%.*s' %s",
             item.length > 200 ? 200 : (int)item.length, item.text, wrong);
    return false;
}

bool chat__proxies_init(struct chat__proxies *proxies, const char *list,
                        char *message, size_t message_size)
{
    proxies->count = 0;
    while (list != NULL) {
        const char *end = strchrnul(list, ',');

        if (!add_block(proxies, trimmed(list, end), message, message_size))
            return false;
        list = *end == ',' ? end + 1 : NULL;
    }
    return true;
}

/* A wide block of IPv6 does not take in IPv4 only for how that is kept. */
static bool is_in(const struct chat__proxy_block *block,
                  const struct in6_addr *address)
{
    unsigned int bytes = block->bits / 8, rest = block->bits % 8;

    if (block->bits < MAPPED_BITS && IN6_IS_ADDR_V4MAPPED(address))
        return false;
    if (memcmp(&block->address, address, bytes) != 0)
        return false;
    return rest == 0 ||
           (block->address.s6_addr[bytes] ^ address->s6_addr[bytes]) >>
                   (8 - rest) ==
               0;
}

bool chat__proxies_trust(const struct chat__proxies *proxies,
                         const struct in6_addr *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (is_in(&proxies->blocks[i], address))
            return true;
    return false;
}

bool chat__proxies_client(const struct chat__proxies *proxies,
                          const struct in6_addr *peer, const char *forwarded,
                          struct in6_addr *client)
{
    const char *begin, *end;

    if (forwarded == NULL || !chat__proxies_trust(proxies, peer))
        return false;
    for (end = forwarded + strlen(forwarded);; end = begin - 1) {
        begin = end;
        while (begin > forwarded && begin[-1] != ',')
            begin--;
        if (!read_address(trimmed(begin, end), client))
            return false;
        if (begin == forwarded || !chat__proxies_trust(proxies, client))
            return true;
    }
}
