/*
 * One try to reach a Redis, and the bytes of the connection that came of it:
 * name, TCP, TLS. The name is asked for anew each time, for after a fail-over
 * it means another machine; its addresses are tried in turn, each with a time
 * limit.
 *
 * Events come on the loop and never before the call that caused them has
 * returned. After `ended` there are no more; the owner closes it then. Close
 * may be called in an event; it frees itself once the loop has closed its
 * handles. Loop thread only.
 */
#ifndef CHAT_SERVER_BUS_REDIS_TRANSPORT_H
#define CHAT_SERVER_BUS_REDIS_TRANSPORT_H

#include "server/bus/redis_tls.h"

#include <stdint.h>
#include <uv.h>

/* For the name, and for each address until TLS stands. */
#define CHAT__REDIS_CONNECT_TIMEOUT_MS 5000

/* What waits to be sent. */
#define CHAT__REDIS_QUEUE_BYTES_MAX (4 * 1024 * 1024)

struct chat__redis_transport_events {
    void (*opened)(void *context);
    void (*received)(void *context, const char *bytes, size_t length);
    void (*ended)(void *context, const char *why); /* a few words */
};

struct chat__redis_transport_options {
    uv_loop_t *loop;
    const char *host; /* these are borrowed until close */
    uint16_t port;
    const struct chat__redis_tls_context *tls; /* NULL: bytes as they are */
    const struct chat__redis_transport_events *events;
    void *context;
};

struct chat__redis_transport;

/* NULL when memory is short. */
struct chat__redis_transport *
chat__redis_transport_open(const struct chat__redis_transport_options *options);

/* False when they have no place; then none of them is sent. */
bool chat__redis_transport_write(struct chat__redis_transport *transport,
                                 const char *bytes, size_t length);

/* NULL is fine. */
void chat__redis_transport_close(struct chat__redis_transport *transport);

#endif
