/*
 * Whether a server should be sent clients; if not, why, and since when; and
 * what makes it worse than it should be, but no reason to send clients
 * elsewhere.
 *
 * A pure record of conditions. Whoever keeps it sets each from what it sees;
 * a condition that goes on keeps the time at which it began. Plain storage,
 * zeroed it says ready. For one thread.
 */
#ifndef CHAT_SERVER_OPS_HEALTH_H
#define CHAT_SERVER_OPS_HEALTH_H

#include "protocol/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* Why not; and from the first degraded one on, what is only worse. */
enum chat__health_reason {
    CHAT__HEALTH_DRAINING,
    CHAT__HEALTH_STORE,
    CHAT__HEALTH_LOBBY,
    CHAT__HEALTH_FULL,
    CHAT__HEALTH_REDIS,
    CHAT__HEALTH_REASON_COUNT,
    CHAT__HEALTH_DEGRADED = CHAT__HEALTH_REDIS
};

struct chat__health {
    struct {
        const char *detail; /* borrowed; NULL: all is well */
        int64_t since_ms;   /* of the wall clock */
    } reasons[CHAT__HEALTH_REASON_COUNT];
};

/* `detail` says more, NULL that it is not so (any more). */
void chat__health_set(struct chat__health *health,
                      enum chat__health_reason reason, const char *detail,
                      int64_t now_ms);

bool chat__health_is_ready(const struct chat__health *health);

/*
 * {"ready":false,"reasons":[{"name":"store","since":"...","detail":"..."}]};
 * with "degraded", as reasons are, when there is anything of it.
 */
void chat__health_write(const struct chat__health *health,
                        struct chat__buffer *buffer);

#endif
