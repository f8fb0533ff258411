/*
 * A connection to a Redis that is always wanted: it signs in, asks whether the
 * other side lives, and when it is lost comes back after a while that grows,
 * at random, so that many tasks do not come at once.
 *
 * Commands are answered in their order. `done` is called once for each that
 * was taken, on the loop, and never before `send` has returned: with the last
 * reply, or with NULL when the connection was lost. Bounds: commands at a time
 * and bytes that wait. Loop thread only.
 */
#ifndef CHAT_SERVER_BUS_REDIS_CONNECTION_H
#define CHAT_SERVER_BUS_REDIS_CONNECTION_H

#include "protocol/buffer.h"
#include "server/bus/redis_reply.h"
#include "server/bus/redis_tls.h"
#include "server/bus/redis_url.h"

#include <stdint.h>
#include <uv.h>

/* At a time. */
#define CHAT__REDIS_COMMANDS_MAX 4096

/* Who does not answer for so long is gone; it is asked this often. */
#define CHAT__REDIS_ANSWER_TIMEOUT_MS 3000
#define CHAT__REDIS_PING_INTERVAL_MS  2000

/* Full jitter: random(0, min(most, base * 2^tries)). */
#define CHAT__REDIS_BACKOFF_BASE_MS 100
#define CHAT__REDIS_BACKOFF_MAX_MS  10000

/* A connection that held so long begins with the base again. */
#define CHAT__REDIS_STABLE_MS 5000

struct chat__redis_connection;

typedef void chat__redis_done(void *context,
                              const struct chat__redis_reply *reply);

struct chat__redis_connection_options {
    uv_loop_t *loop;
    const struct chat__redis_url *url;         /* borrowed until close, as */
    const struct chat__redis_tls_context *tls; /* this; NULL: none */
    struct chat__redis_limits limits;          /* of a reply */
    bool (*fill)(void *context, void *bytes, size_t length); /* by chance */
    void (*ready)(void *context); /* it has signed in */
    /* It is lost, or did not come to be; it tries again by itself. */
    void (*lost)(void *context, const char *why);
    /* True: that was no command's reply. NULL: all are. */
    bool (*push)(void *context, const struct chat__redis_reply *reply);
    void *context;
};

/* Starts at once. NULL when memory is short. */
struct chat__redis_connection *chat__redis_connection_new(
    const struct chat__redis_connection_options *options);

/* One command behind those in the buffer, whose failure is to be looked at. */
void chat__redis_command(struct chat__buffer *buffer, size_t count,
                         const char *const *words, const size_t *lengths);

/*
 * Sends commands that have so many replies; `done` NULL: nobody cares. False:
 * there is no place, or no connection.
 */
bool chat__redis_connection_send(struct chat__redis_connection *connection,
                                 const struct chat__buffer *commands,
                                 unsigned int replies, chat__redis_done *done,
                                 void *context);

/* Gives the connection up, for a reason of the owner's, and tries again. */
void chat__redis_connection_break(struct chat__redis_connection *connection,
                                  const char *why);

bool chat__redis_connection_is_ready(
    const struct chat__redis_connection *connection);

/* Whether every command was answered. */
bool chat__redis_connection_is_idle(
    const struct chat__redis_connection *connection);

/* How long the oldest command that was not answered waits; 0: there is none. */
uint64_t
chat__redis_connection_waits(const struct chat__redis_connection *connection);

/*
 * Ends it; `done` of what waits is called before the return. It frees itself
 * once the loop has closed its handles. NULL is fine.
 */
void chat__redis_connection_close(struct chat__redis_connection *connection);

/*
 * The word in capitals with which an error of Redis' begins, such as NOPERM.
 * The rest is never shown: for a command that is not known it quotes what it
 * was given, such as a password.
 */
#define CHAT__REDIS_WORD_BYTES 24
void chat__redis_error_word(const struct chat__redis_reply *reply,
                            char word[CHAT__REDIS_WORD_BYTES]);

#endif
