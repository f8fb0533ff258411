#include "client/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t chat__clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t chat__clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}
