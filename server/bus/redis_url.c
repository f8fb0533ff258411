#include "server/bus/redis_url.h"

#include <string.h>

#define PORT 6379

static const char form[] =
    "must be like redis://HOST or rediss://USER:PASSWORD@HOST:PORT";

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* False when it does not fit, or %XX is none, or stands for a NUL. */
static bool decode(char *to, size_t size, const char *from, size_t length)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        char byte = from[i];

        if (byte == '%') {
            int high = i + 2 < length ? hex_digit(from[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(from[i + 2]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return false;
            byte = (char)(high << 4 | low);
            i += 2;
        }
        if (used + 1 >= size)
            return false;
        to[used++] = byte;
    }
    to[used] = '\0';
    return true;
}

static bool read_number(const char *text, size_t length, uint32_t most,
                        uint16_t *number)
{
    uint32_t value = 0;

    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text[i] - '0');
        if (value > most)
            return false;
    }
    *number = (uint16_t)value;
    return true;
}

static const char *read_sign_in(struct chat__redis_url *url, const char *text,
                                size_t length)
{
    const char *colon = memchr(text, ':', length);
    size_t user = colon == NULL ? 0 : (size_t)(colon - text);

    if (colon == NULL)
        return "must have USER:PASSWORD or :PASSWORD before the @";
    if (!decode(url->user, sizeof url->user, text, user) ||
        !decode(url->password, sizeof url->password, colon + 1,
                length - user - 1))
        return "has a user or a password that is too long or has a wrong %XX";
    return *url->password != '\0' ? NULL : "must have a password after the :";
}

static bool is_host_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || strchr("-._:", c) != NULL;
}

static const char *read_host(struct chat__redis_url *url, const char *text,
                             size_t length)
{
    const char *host = text, *end = memchr(text, ':', length);
    size_t host_length = end == NULL ? length : (size_t)(end - text);

    if (length > 0 && *text == '[') {
        host = text + 1;
        end = memchr(text, ']', length);
        if (end == NULL)
            return "has a [ without its ]";
        host_length = (size_t)(end - host);
        end++;
    }
    if (host_length == 0 || host_length >= sizeof url->host)
        return "must name a host";
    for (size_t i = 0; i < host_length; i++)
        if (!is_host_byte(host[i]))
            return "names a host that cannot be one";
    memcpy(url->host, host, host_length);
    url->host[host_length] = '\0';
    if (end == NULL || end == text + length)
        return NULL;
    if (*end != ':' ||
        !read_number(end + 1, (size_t)(text + length - end) - 1, UINT16_MAX,
                     &url->port) ||
        url->port == 0)
        return "has a port that cannot be one";
    return NULL;
}

const char *chat__redis_url_parse(struct chat__redis_url *url, const char *text)
{
    const char *slash, *at;
    const char *wrong = NULL;
    size_t length;

    *url = (struct chat__redis_url){0};
    url->tls = strncmp(text, "rediss://", 9) == 0;
    if (!url->tls && strncmp(text, "redis://", 8) != 0)
        return form;
    url->port = PORT;
    text += url->tls ? 9 : 8;
    /* A password may have a slash; what follows the last @ has one at most. */
    at = strrchr(text, '@');
    if (at != NULL) {
        wrong = read_sign_in(url, text, (size_t)(at - text));
        text = at + 1;
    }
    slash = strchr(text, '/');
    length = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (wrong == NULL)
        wrong = read_host(url, text, length);
    if (wrong == NULL && slash != NULL && slash[1] != '\0' &&
        !read_number(slash + 1, strlen(slash + 1), CHAT__REDIS_DATABASE_MAX,
                     &url->database))
        wrong = "has a database that is no number";
    if (wrong != NULL)
        explicit_bzero(url, sizeof *url);
    return wrong;
}
