#include "server/ops/log_ring.h"

#include <string.h>

/* What of `length` bytes from `start` on lies before the ring's end. */
static size_t before_end(size_t start, size_t length)
{
    size_t left = CHAT__LOG_RING_BYTES - start;

    return length < left ? length : left;
}

bool chat__log_ring_put(struct chat__log_ring *ring, const char *line,
                        size_t length)
{
    size_t at = (ring->start + ring->length) % CHAT__LOG_RING_BYTES;
    size_t first = before_end(at, length);

    if (length > CHAT__LOG_RING_BYTES - ring->length)
        return false;
    memcpy(ring->bytes + at, line, first);
    memcpy(ring->bytes, line + first, length - first);
    ring->length += length;
    return true;
}

size_t chat__log_ring_take(struct chat__log_ring *ring, char *piece,
                           size_t size)
{
    size_t length = ring->length < size ? ring->length : size;
    size_t first = before_end(ring->start, length);
    const char *end;

    memcpy(piece, ring->bytes + ring->start, first);
    memcpy(piece + first, ring->bytes, length - first);
    end = memrchr(piece, '\n', length);
    if (end != NULL)
        length = (size_t)(end + 1 - piece);
    ring->length -= length;
    /* From the start again, so that a quiet log touches little memory. */
    ring->start =
        ring->length == 0 ? 0 : (ring->start + length) % CHAT__LOG_RING_BYTES;
    return length;
}
