#include "sdk/backoff.h"

#include "protocol/limits.h"

uint64_t chat__backoff_ceiling(const struct chat__backoff *backoff)
{
    uint64_t ceiling = CHAT__BACKOFF_BASE_MS;

    for (unsigned int n = 0; n < backoff->attempts; n++) {
        ceiling *= 2;
        if (ceiling >= CHAT__BACKOFF_MAX_MS)
            return CHAT__BACKOFF_MAX_MS;
    }
    return ceiling;
}

uint64_t chat__backoff_next(struct chat__backoff *backoff, uint64_t random)
{
    uint64_t ceiling = chat__backoff_ceiling(backoff);

    if (ceiling < CHAT__BACKOFF_MAX_MS)
        backoff->attempts++;
    return random % (ceiling + 1);
}

void chat__backoff_reset(struct chat__backoff *backoff)
{
    backoff->attempts = 0;
}
