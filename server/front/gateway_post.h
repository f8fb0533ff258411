/*
 * The outbox: what goes to clients by API Gateway's @connections. Each
 * connection has a queue and one request in flight; what waits is packed, whole
 * objects, into the next. docs/gateway.md has what each answer means.
 *
 * A queue lives while something waits in it. Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_POST_H
#define CHAT_SERVER_FRONT_GATEWAY_POST_H

#include "server/core/core.h"
#include "server/front/gateway_client.h"
#include "server/ops/metrics.h"

#include <uv.h>

/* What one POST carries: a frame of API Gateway has 32 KiB. */
#define CHAT__OUTBOX_PACK_BYTES_MAX (30 * 1024)

/* For one connection, and from where typing and presence are dropped. */
#define CHAT__OUTBOX_BYTES_MAX         (256 * 1024)
#define CHAT__OUTBOX_CROWDED_BYTES_MAX (64 * 1024)

/* For all, and queues at one time. */
#define CHAT__OUTBOX_POOL_BYTES_MAX (64 * 1024 * 1024)
#define CHAT__OUTBOX_QUEUES_MAX     65536

/* Requests at one time; more wait for their turn. */
#define CHAT__OUTBOX_CALLS_MAX 256

/* random(0, min(CEILING, FIRST * 2^n)) before a repeat, until PATIENCE. */
#define CHAT__OUTBOX_RETRY_FIRST_MS   100
#define CHAT__OUTBOX_RETRY_CEILING_MS 5000
#define CHAT__OUTBOX_PATIENCE_MS      60000

struct chat__outbox_options {
    uv_loop_t *loop;
    struct chat__metrics *metrics;
    struct chat__gateway_client *client; /* these are borrowed until free */
    struct chat__random random;
    /* The connection has gone; `topic` had its row. */
    void (*gone)(void *context, const char *id, const char *topic);
    void *context;
};

struct chat__outbox;

struct chat__outbox *
chat__outbox_new(const struct chat__outbox_options *options);

/* `topic` is told of when the connection turns out to have gone. */
void chat__outbox_post(struct chat__outbox *outbox, const char *id,
                       const char *topic, const char *objects, size_t length,
                       bool droppable);

/* Behind what waits, the event `close`; then the connection is deleted. */
void chat__outbox_close(struct chat__outbox *outbox, const char *id,
                        unsigned int code, const char *reason);

/* What waits is for nobody. */
void chat__outbox_forget(struct chat__outbox *outbox, const char *id);

bool chat__outbox_is_idle(const struct chat__outbox *outbox);

/* Drops what waits; the loop must run before free. NULL is fine. */
void chat__outbox_stop(struct chat__outbox *outbox);
void chat__outbox_free(struct chat__outbox *outbox);

#endif
