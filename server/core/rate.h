/*
 * How often one may ask, by class of request and by whom it is counted for.
 * A bucket is one number (the generic cell rate algorithm): the time at which
 * it would be full again. A zeroed bucket is full.
 */
#ifndef CHAT_SERVER_CORE_RATE_H
#define CHAT_SERVER_CORE_RATE_H

#include "protocol/error.h"

#include <stdbool.h>
#include <stdint.h>

enum chat__rate_class {
    CHAT__RATE_HELLO,
    CHAT__RATE_REGISTER,
    CHAT__RATE_GUESS, /* taken by a wrong password only */
    CHAT__RATE_WRITE,
    CHAT__RATE_READ,
    CHAT__RATE_EPHEMERAL,
    CHAT__RATE_COUNT
};

/* Each has buckets of its own, and a request takes from all that apply. */
enum chat__rate_scope {
    CHAT__SCOPE_CONNECTION,
    CHAT__SCOPE_USER,
    CHAT__SCOPE_ADDRESS,
    CHAT__SCOPE_ACCOUNT, /* a name that somebody signs in with */
    CHAT__SCOPE_COUNT
};

struct chat__buckets {
    int64_t full_ms[CHAT__RATE_COUNT]; /* of the monotonic clock */
};

/* Milliseconds until there is one to take; 0: now. */
uint32_t chat__rate_wait(const struct chat__buckets *buckets,
                         enum chat__rate_scope scope,
                         enum chat__rate_class class, int64_t now_ms);

/* Takes one, also when there is none: then the wait grows. */
void chat__rate_take(struct chat__buckets *buckets, enum chat__rate_scope scope,
                     enum chat__rate_class class, int64_t now_ms);

/*
 * Takes one from the buckets of each scope, NULL where there are none. Or
 * takes nothing, and `error` says when to try again.
 */
bool chat__rate_pass(struct chat__buckets *const buckets[CHAT__SCOPE_COUNT],
                     enum chat__rate_class class, int64_t now_ms,
                     struct chat__error *error);

/* Whether such requests have a limit for these. */
bool chat__rate_is_limited(enum chat__rate_scope scope,
                           enum chat__rate_class class);

/* Whether so many in so many milliseconds are an eighth of the rate or more. */
bool chat__rate_is_high(enum chat__rate_scope scope,
                        enum chat__rate_class class, uint64_t count,
                        int64_t within_ms);

/* Takes what was had elsewhere, also when there is none, but then the wait
 * grows to no more than CHAT__RATE_OWED_MS. */
#define CHAT__RATE_OWED_MS 10000
void chat__rate_owe(struct chat__buckets *buckets, enum chat__rate_scope scope,
                    enum chat__rate_class class, uint64_t count,
                    int64_t now_ms);

/* Is every bucket full? Then it is as good as a zeroed one. */
bool chat__rate_is_full(const struct chat__buckets *buckets, int64_t now_ms);

#endif
