/*
 * TLS of a client over bytes: what comes from the network goes in, what is to
 * go there comes out; no socket. At least TLS 1.2; the chain and the name of
 * the other side are verified, always.
 *
 * For one thread.
 */
#ifndef CHAT_SERVER_BUS_REDIS_TLS_H
#define CHAT_SERVER_BUS_REDIS_TLS_H

#include "protocol/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct chat__redis_tls_context;

/* `ca_file` NULL: the system's authorities. NULL, with why in `message`. */
struct chat__redis_tls_context *
chat__redis_tls_context_new(const char *ca_file, char *message, size_t size);
void chat__redis_tls_context_free(struct chat__redis_tls_context *context);

struct chat__redis_tls;

/* For a host, which is a name or an address. NULL when memory is short. */
struct chat__redis_tls *
chat__redis_tls_new(const struct chat__redis_tls_context *context,
                    const char *host);
void chat__redis_tls_free(struct chat__redis_tls *tls);

/* False when memory is short. */
bool chat__redis_tls_receive(struct chat__redis_tls *tls, const void *bytes,
                             size_t length);

enum chat__redis_tls_result {
    CHAT__REDIS_TLS_DONE,
    CHAT__REDIS_TLS_WAITS, /* for bytes of the network */
    CHAT__REDIS_TLS_FAILED
};

enum chat__redis_tls_result chat__redis_tls_shake(struct chat__redis_tls *tls);

/* Reads what is there: DONE with `got` bytes, which may have more behind. */
enum chat__redis_tls_result chat__redis_tls_read(struct chat__redis_tls *tls,
                                                 char *bytes, size_t size,
                                                 size_t *got);
/* All of it; only after the handshake. */
bool chat__redis_tls_write(struct chat__redis_tls *tls, const char *bytes,
                           size_t length);

/* Moves what is to go to the network behind the buffer's bytes. */
void chat__redis_tls_take(struct chat__redis_tls *tls,
                          struct chat__buffer *buffer);

/* Why it failed: a few words that are not the other side's. */
const char *chat__redis_tls_problem(const struct chat__redis_tls *tls);

#endif
