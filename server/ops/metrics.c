#include "server/ops/metrics_row.h"

/* 50 us are a fast commit, 10 s a broken disk. */
static const uint64_t microseconds[] = {
    50,    100,   250,    500,    1000,   2500,    5000,    7500,    10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

static const uint64_t numbers[] = {
    0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
};

#define COUNT(bounds) (sizeof(bounds) / sizeof *(bounds))

_Static_assert(COUNT(microseconds) <= CHAT__BUCKET_BOUNDS, "they have places");
_Static_assert(COUNT(numbers) <= CHAT__BUCKET_BOUNDS, "they have places");

const uint64_t *chat__metric_bounds(enum chat__metric_unit unit, size_t *count)
{
    bool seconds = unit == CHAT__METRIC_UNIT_SECONDS;

    *count = seconds ? COUNT(microseconds) : COUNT(numbers);
    return seconds ? microseconds : numbers;
}

static void observe(uint64_t *values, const uint64_t *bounds, size_t count,
                    uint64_t value)
{
    size_t bucket = 0;

    while (bucket < count && value > bounds[bucket])
        bucket++;
    values[bucket]++;
    values[CHAT__METRIC_SUM] += value;
}

void chat__metrics_observe_us(struct chat__metrics *metrics,
                              enum chat__metric metric, int64_t us)
{
    observe(&metrics->values[metric], microseconds, COUNT(microseconds),
            us < 0 ? 0 : (uint64_t)us);
}

void chat__metrics_observe(struct chat__metrics *metrics,
                           enum chat__metric metric, uint64_t number)
{
    observe(&metrics->values[metric], numbers, COUNT(numbers), number);
}
