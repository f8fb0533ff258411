#include "server/core/rate.h"

#include <stddef.h>

/* A rate is high from this part of it on: what is below may be had at so many
 * tasks. */
#define HIGH_PART 8

struct rate {
    int64_t interval_ms; /* one more after each; 0: this scope has no limit */
    int64_t burst;       /* this many at once */
};

static const struct rate rates[CHAT__SCOPE_COUNT][CHAT__RATE_COUNT] =
    {
        [CHAT__SCOPE_CONNECTION] =
            {
                /* A sign-in costs a write and reads of every room; a client
                 * needs one, and a few more when it tries stale credentials. */
                [CHAT__RATE_HELLO] = {.interval_ms = 2000, .burst = 5},
                /* People write about one a second; an outbox of an hour offline
                 * empties by two full windows of in_flight at once, then 30 a
                 * second. */
                [CHAT__RATE_WRITE] = {.interval_ms = 33, .burst = 128},
                /* After a reconnect a client may page each of its rooms. */
                [CHAT__RATE_READ] = {.interval_ms = 20, .burst = 250},
                /* Typing is shown for 6 seconds, and goes to a whole room. */
                [CHAT__RATE_EPHEMERAL] = {.interval_ms = 500, .burst = 20},
            },
        [CHAT__SCOPE_USER] =
            {
                /* Twice a connection's: a telephone and a laptop, not a hundred
                 * connections that each have a budget of their own. */
                [CHAT__RATE_WRITE] = {.interval_ms = 16, .burst = 256},
                [CHAT__RATE_READ] = {.interval_ms = 10, .burst = 500},
                [CHAT__RATE_EPHEMERAL] = {.interval_ms = 250, .burst = 40},
            },
        [CHAT__SCOPE_ADDRESS] =
            {
                /* An office or a mobile network behind one address comes back
                 * at once after a restart. */
                [CHAT__RATE_HELLO] = {.interval_ms = 10, .burst = 2000},
                /* An account is made once; a class of pupils makes theirs. */
                [CHAT__RATE_REGISTER] = {.interval_ms = 60000, .burst = 30},
                /* Ten slips, then one each half minute: a list of the thousand
                 * commonest passwords takes eight hours. */
                [CHAT__RATE_GUESS] = {.interval_ms = 30000, .burst = 10},
                /* Guests cost nothing to make, so what they write is counted
                 * together: 200 a second is an office in uproar. */
                [CHAT__RATE_WRITE] = {.interval_ms = 5, .burst = 2000},
            },
        [CHAT__SCOPE_ACCOUNT] =
            {
                /* The same, when the guesses come from many addresses. */
                [CHAT__RATE_GUESS] = {.interval_ms = 30000, .burst = 10},
            },
};

uint32_t chat__rate_wait(const struct chat__buckets *buckets,
                         enum chat__rate_scope scope,
                         enum chat__rate_class class, int64_t now_ms)
{
    const struct rate *rate = &rates[scope][class];
    int64_t full = buckets->full_ms[class];
    int64_t wait;

    if (full < now_ms)
        full = now_ms;
    wait = full + rate->interval_ms - now_ms - rate->burst * rate->interval_ms;
    return wait > 0 ? (uint32_t)wait : 0;
}

void chat__rate_take(struct chat__buckets *buckets, enum chat__rate_scope scope,
                     enum chat__rate_class class, int64_t now_ms)
{
    int64_t *full = &buckets->full_ms[class];

    if (*full < now_ms)
        *full = now_ms;
    *full += rates[scope][class].interval_ms;
}

bool chat__rate_pass(struct chat__buckets *const buckets[CHAT__SCOPE_COUNT],
                     enum chat__rate_class class, int64_t now_ms,
                     struct chat__error *error)
{
    uint32_t longest = 0;

    for (int scope = 0; scope < CHAT__SCOPE_COUNT; scope++) {
        uint32_t wait =
            buckets[scope] == NULL
                ? 0
                : chat__rate_wait(buckets[scope], (enum chat__rate_scope)scope,
                                  class, now_ms);
        if (wait > longest)
            longest = wait;
    }
    if (longest > 0) {
        chat__error_set_temporary(error, CHAT__ERROR_RATE_LIMITED, longest,
                                  "too many requests of this kind; slow down");
        return false;
    }
    for (int scope = 0; scope < CHAT__SCOPE_COUNT; scope++)
        if (buckets[scope] != NULL)
            chat__rate_take(buckets[scope], (enum chat__rate_scope)scope, class,
                            now_ms);
    return true;
}

bool chat__rate_is_limited(enum chat__rate_scope scope,
                           enum chat__rate_class class)
{
    return rates[scope][class].interval_ms > 0;
}

bool chat__rate_is_high(enum chat__rate_scope scope,
                        enum chat__rate_class class, uint64_t count,
                        int64_t within_ms)
{
    int64_t interval_ms = rates[scope][class].interval_ms;

    return count >= (uint64_t)within_ms ||
           (int64_t)count * interval_ms >= within_ms / HIGH_PART;
}

void chat__rate_owe(struct chat__buckets *buckets, enum chat__rate_scope scope,
                    enum chat__rate_class class, uint64_t count, int64_t now_ms)
{
    const struct rate *rate = &rates[scope][class];
    int64_t empty = now_ms + (rate->burst - 1) * rate->interval_ms;
    int64_t most = empty + CHAT__RATE_OWED_MS;
    int64_t *full = &buckets->full_ms[class];

    if (*full < now_ms)
        *full = now_ms;
    if (*full >= most)
        return;
    if (count > (uint64_t)((most - *full) / rate->interval_ms))
        *full = most;
    else
        *full += (int64_t)count * rate->interval_ms;
}

bool chat__rate_is_full(const struct chat__buckets *buckets, int64_t now_ms)
{
    for (int class = 0; class < CHAT__RATE_COUNT; class ++)
        if (buckets->full_ms[class] > now_ms)
            return false;
    return true;
}
