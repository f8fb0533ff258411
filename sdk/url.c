#include "sdk/url.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool parse_scheme(struct chat__url *url, const char **text)
{
    if (strncasecmp(*text, "wss://", 6) == 0) {
        url->tls = true;
        *text += 6;
        return true;
    }
    if (strncasecmp(*text, "ws://", 5) == 0) {
        *text += 5;
        return true;
    }
    return false;
}

static bool copy_host(struct chat__url *url, const char *start, size_t length)
{
    if (length == 0 || length > CHAT__URL_HOST_BYTES_MAX)
        return false;
    memcpy(url->host, start, length);
    url->host[length] = '\0';
    return true;
}

static bool parse_ipv6(struct chat__url *url, const char **text)
{
    unsigned char address[16];
    const char *end = strchr(*text, ']');

    if (end == NULL)
        return false;
    if (!copy_host(url, *text + 1, (size_t)(end - *text) - 1))
        return false;
    if (inet_pton(AF_INET6, url->host, address) != 1)
        return false;
    url->ipv6_literal = true;
    *text = end + 1;
    return true;
}

static bool parse_host(struct chat__url *url, const char **text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length;

    if (**text == '[')
        return parse_ipv6(url, text);
    length = strspn(*text, allowed);
    if (!copy_host(url, *text, length))
        return false;
    *text += length;
    return true;
}

static bool parse_port(struct chat__url *url, const char **text)
{
    unsigned int port = 0;
    size_t digits;

    url->port = url->tls ? 443 : 80;
    if (**text != ':')
        return true;
    digits = strspn(*text + 1, "0123456789");
    if (digits == 0 || digits > 5)
        return false;
    for (size_t i = 1; i <= digits; i++)
        port = port * 10 + (unsigned int)((*text)[i] - '0');
    if (port == 0 || port > UINT16_MAX)
        return false;
    url->port = (uint16_t)port;
    *text += digits + 1;
    return true;
}

/* What may stand in a request line as it is: visible ASCII, no fragment. */
static bool path_is_clean(const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path <= ' ' || *path > '~' || *path == '#')
            return false;
    }
    return true;
}

static bool parse_path(struct chat__url *url, const char *text)
{
    const char *slash = *text == '/' ? "" : "/";
    int written;

    if (*text != '\0' && *text != '/' && *text != '?')
        return false;
    if (!path_is_clean(text))
        return false;
    written = snprintf(url->path, sizeof(url->path), "%s%s", slash, text);
    return written > 0 && (size_t)written < sizeof(url->path);
}

static void make_authority(struct chat__url *url)
{
    const char *open = url->ipv6_literal ? "[" : "";
    const char *close = url->ipv6_literal ? "]" : "";

    if (url->port == (url->tls ? 443 : 80))
        snprintf(url->authority, sizeof(url->authority), "%s%s%s", open,
                 url->host, close);
    else
        snprintf(url->authority, sizeof(url->authority), "%s%s%s:%u", open,
                 url->host, close, url->port);
}

bool chat__url_parse(struct chat__url *url, const char *text)
{
    memset(url, 0, sizeof(*url));
    if (!parse_scheme(url, &text) || !parse_host(url, &text) ||
        !parse_port(url, &text) || !parse_path(url, text))
        return false;
    make_authority(url);
    return true;
}
