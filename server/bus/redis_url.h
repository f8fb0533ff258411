/*
 * Where a Redis is and who asks there:
 *
 *     redis[s]://[[user]:password@]host[:port][/database]
 *
 * User and password may have %XX for any byte. An IPv6 address stands in
 * brackets. It holds a password: whoever has one wipes it, and nothing of it
 * goes into a log but the host. Pure; any thread.
 */
#ifndef CHAT_SERVER_BUS_REDIS_URL_H
#define CHAT_SERVER_BUS_REDIS_URL_H

#include <stdbool.h>
#include <stdint.h>

#define CHAT__REDIS_HOST_BYTES     256
#define CHAT__REDIS_USER_BYTES     129
#define CHAT__REDIS_PASSWORD_BYTES 1025
#define CHAT__REDIS_DATABASE_MAX   9999

struct chat__redis_url {
    bool tls;
    char host[CHAT__REDIS_HOST_BYTES];
    char user[CHAT__REDIS_USER_BYTES];         /* "": a password alone */
    char password[CHAT__REDIS_PASSWORD_BYTES]; /* "": nobody signs in */
    uint16_t port;
    uint16_t database;
};

/* NULL, or what is wrong: a constant sentence that quotes nothing. */
const char *chat__redis_url_parse(struct chat__redis_url *url,
                                  const char *text);

#endif
