/*
 * How long to wait before the next attempt: full jitter, so that clients which
 * lost the same server do not come back at the same moment. The n-th attempt
 * in a row waits random(0, min(30 s, 0.5 s * 2^n)), counted from 0.
 *
 * Pure: the caller brings the randomness. Plain storage, zeroed is ready.
 */
#ifndef CHAT_SDK_BACKOFF_H
#define CHAT_SDK_BACKOFF_H

#include <stdint.h>

struct chat__backoff {
    unsigned int attempts; /* in a row, since the last reset */
};

/* The wait in milliseconds; `random` is any number, evenly drawn. */
uint64_t chat__backoff_next(struct chat__backoff *backoff, uint64_t random);

/* The longest wait that chat__backoff_next may return now. */
uint64_t chat__backoff_ceiling(const struct chat__backoff *backoff);

void chat__backoff_reset(struct chat__backoff *backoff);

#endif
