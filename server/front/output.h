/*
 * What one connection still has to send.
 *
 * Replies gather as objects in a pending buffer, which is framed and written
 * with the next shared frame, or once after the loop pass. Shared frames are
 * written at once while nothing waits, without taking memory; else the queue
 * holds a reference.
 *
 * Invariants
 *   Bytes leave in the order of the calls, cut only between WebSocket frames.
 *   `in_library` is what the last write left in the library's own buffer.
 *   While it is not 0 nothing is written; chat__output_writable ends that.
 *   `queue` is NULL when no frame waits, so that an idle connection is small.
 *   charge = the bytes that wait here, with CHAT__OUTPUT_ITEM_BYTES for each
 *   queued frame; the pool's charge is the sum over all connections.
 *
 * A frame that is droppable is not queued while the charge is over
 * CHAT__OUTPUT_DROPPABLE_BYTES. Any other frame that would take the charge
 * over the limit gives OVERFLOW: the connection cannot be kept.
 *
 * Knows no library: bytes leave by a function that is handed in. Loop thread.
 */
#ifndef CHAT_SERVER_FRONT_OUTPUT_H
#define CHAT_SERVER_FRONT_OUTPUT_H

#include "protocol/buffer.h"
#include "protocol/limits.h"
#include "server/front/frame.h"
#include "server/ops/metrics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A resumed session's missed entries must fit, and live ones beside them. */
#define CHAT__OUTPUT_BYTES_MAX       (CHAT__RESUME_BYTES_MAX + 1024 * 1024)
#define CHAT__OUTPUT_DROPPABLE_BYTES (64 * 1024)
#define CHAT__OUTPUT_ITEM_BYTES      64

/* When all connections together hold so much, each may hold only little. */
#define CHAT__OUTPUT_POOL_BYTES_MAX    (256 * 1024 * 1024)
#define CHAT__OUTPUT_CROWDED_BYTES_MAX (256 * 1024)

/* At most so much is given to the library at a time. */
#define CHAT__OUTPUT_WRITE_BYTES (64 * 1024)

enum chat__output_result {
    CHAT__OUTPUT_OK,
    CHAT__OUTPUT_OVERFLOW, /* the peer reads too slowly, or memory is short */
    CHAT__OUTPUT_BROKEN    /* the peer is gone */
};

enum chat__output_written {
    CHAT__OUTPUT_WRITTEN,
    CHAT__OUTPUT_KEPT, /* all taken, but a part waits in the library */
    CHAT__OUTPUT_LOST
};

/* Common to the connections of a front. */
struct chat__output_pool {
    enum chat__output_written (*write)(void *handle, const unsigned char *bytes,
                                       size_t length);
    struct chat__metrics *metrics; /* borrowed */
    bool one_by_one; /* `write` takes one WebSocket frame a call, no more */
    size_t charge;
    unsigned char gather[CHAT__OUTPUT_WRITE_BYTES];
};

struct chat__output {
    struct chat__output_pool *pool;
    void *handle;
    struct chat__buffer pending;
    struct chat__output_queue *queue;
    uint32_t in_library;
    uint32_t charge;
};

/* `handle` is handed to the pool's write. */
void chat__output_init(struct chat__output *output,
                       struct chat__output_pool *pool, void *handle);
void chat__output_release(struct chat__output *output);

/* Objects for this connection alone; they leave with chat__output_flush. */
enum chat__output_result chat__output_send(struct chat__output *output,
                                           const char *objects, size_t length,
                                           bool droppable);

/* A shared frame, behind what was sent before; takes its own reference. */
enum chat__output_result chat__output_deliver(struct chat__output *output,
                                              struct chat__frame *frame);

/* Frames and writes what is pending. */
enum chat__output_result chat__output_flush(struct chat__output *output);

/* The library has nothing of this connection's left: write on. */
enum chat__output_result chat__output_writable(struct chat__output *output);

/* Forgets what is pending or queued. */
void chat__output_discard(struct chat__output *output);

/* What waits, here or in the library. */
size_t chat__output_bytes(const struct chat__output *output);

/* True when nothing waits, here or in the library. */
bool chat__output_is_empty(const struct chat__output *output);

/* True when chat__output_writable must be called for more to leave. */
bool chat__output_is_waiting(const struct chat__output *output);

#endif
