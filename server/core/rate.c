#include "server/core/rate.h"

struct rate {
    int64_t interval_ms; /* one more after each */
    int64_t burst;       /* this many at once */
};

static const struct rate rates[CHAT__RATE_COUNT] = {
    /* A sign-in costs a write and reads of every room; a client needs one,
     * and a few more when it tries stale credentials. */
    [CHAT__RATE_HELLO] = {.interval_ms = 2000, .burst = 5},
    /* People write about one a second; an outbox of an hour offline empties
     * by two full windows of in_flight at once, then 30 a second. */
    [CHAT__RATE_WRITE] = {.interval_ms = 33, .burst = 128},
    /* After a reconnect a client may page each of its rooms. */
    [CHAT__RATE_READ] = {.interval_ms = 20, .burst = 250},
    /* Typing is shown for 6 seconds, and goes to a whole room. */
    [CHAT__RATE_EPHEMERAL] = {.interval_ms = 500, .burst = 20},
};

bool chat__rate_take(struct chat__bucket *bucket, enum chat__rate_class class,
                     int64_t now_ms, uint32_t *retry_ms)
{
    const struct rate *rate = &rates[class];
    int64_t full = bucket->full_ms > now_ms ? bucket->full_ms : now_ms;
    int64_t wait =
        full + rate->interval_ms - now_ms - rate->burst * rate->interval_ms;

    if (wait > 0) {
        *retry_ms = (uint32_t)wait;
        return false;
    }
    bucket->full_ms = full + rate->interval_ms;
    return true;
}
