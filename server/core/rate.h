/*
 * How often a connection may ask, by class of request. A bucket is one number
 * (the generic cell rate algorithm): the time at which it would be full again.
 * A zeroed bucket is full.
 */
#ifndef CHAT_SERVER_CORE_RATE_H
#define CHAT_SERVER_CORE_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum chat__rate_class {
    CHAT__RATE_HELLO,
    CHAT__RATE_WRITE,
    CHAT__RATE_READ,
    CHAT__RATE_EPHEMERAL,
    CHAT__RATE_COUNT
};

struct chat__bucket {
    int64_t full_ms; /* of the monotonic clock */
};

/* Takes one, or says in `retry_ms` when there will be one again. */
bool chat__rate_take(struct chat__bucket *bucket, enum chat__rate_class class,
                     int64_t now_ms, uint32_t *retry_ms);

#endif
