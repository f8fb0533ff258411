/*
 * Which web pages may open a WebSocket. Browsers send their page's origin and
 * cannot be made to lie about it; without this check any page on the web could
 * speak with the server in its visitor's place (RFC 6455, 10.2).
 *
 * A handshake without an origin comes from no browser and is let through: the
 * server keeps nothing in cookies that could be abused. With a list, an origin
 * must stand in it, letter by letter. Without one, it must name the host that
 * the request itself names.
 */
#ifndef CHAT_SERVER_FRONT_ORIGIN_H
#define CHAT_SERVER_FRONT_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

struct chat__origins {
    char *list; /* NULL: the same origin only */
};

/*
 * Takes a comma separated list, or NULL. False, with a sentence in `message`,
 * when an entry is no origin (scheme://host[:port], lower case, no path).
 */
bool chat__origins_init(struct chat__origins *origins, const char *list,
                        char *message, size_t message_size);
void chat__origins_release(struct chat__origins *origins);

/* `origin` and `host` are the request's headers, NULL when absent. */
bool chat__origins_allow(const struct chat__origins *origins,
                         const char *origin, const char *host, bool tls);

#endif
