/*
 * The address of a server: ws[s]://host[:port][/path][?query].
 *
 * The host is a name, an IPv4 address, or an IPv6 address in brackets. User
 * names, passwords and fragments are refused. Pure; plain storage.
 */
#ifndef CHAT_SDK_URL_H
#define CHAT_SDK_URL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The TLS side of libwebsockets cuts longer host names and would then verify
 * the certificate against the cut name.
 */
#define CHAT__URL_HOST_BYTES_MAX 120
#define CHAT__URL_PATH_BYTES_MAX 1024

struct chat__url {
    bool tls;
    bool ipv6_literal;
    uint16_t port;
    char host[CHAT__URL_HOST_BYTES_MAX + 1];      /* without brackets */
    char authority[CHAT__URL_HOST_BYTES_MAX + 9]; /* the Host header */
    char path[CHAT__URL_PATH_BYTES_MAX + 1];      /* with the query */
};

/* False when `text` is not such an address. */
bool chat__url_parse(struct chat__url *url, const char *text);

#endif
