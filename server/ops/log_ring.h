/*
 * Lines that wait to be written: bytes in a ring of fixed size. Whoever uses it
 * guards it.
 */
#ifndef CHAT_SERVER_OPS_LOG_RING_H
#define CHAT_SERVER_OPS_LOG_RING_H

#include "server/ops/log_writer.h"

struct chat__log_ring {
    size_t start;
    size_t length;
    char bytes[CHAT__LOG_RING_BYTES];
};

/* All of a line or, when it does not fit, nothing: false. */
bool chat__log_ring_put(struct chat__log_ring *ring, const char *line,
                        size_t length);

/*
 * Moves the oldest bytes into `piece`: as many whole lines as fit, or the
 * beginning of one that is longer. Returns how many bytes; 0: nothing waits.
 */
size_t chat__log_ring_take(struct chat__log_ring *ring, char *piece,
                           size_t size);

#endif
