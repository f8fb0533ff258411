#include "server/ops/metrics_row.h"

#include <inttypes.h>
#include <stdio.h>

#define MICROSECONDS 1000000

/* 50 us are a fast commit, 10 s a broken disk. */
static const uint64_t seconds_bounds[CHAT__BUCKET_BOUNDS] = {
    50,    100,   250,    500,    1000,   2500,    5000,    7500,    10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

const struct chat__metric_row chat__metric_rows[] = {
#define X(id, kind, unit, label, emf, name, help)                              \
    {CHAT__METRIC_##id, CHAT__METRIC_##kind, CHAT__METRIC_##unit, name, help},
    CHAT__METRICS_TABLE(X)
#undef X
};

const size_t chat__metric_row_count =
    sizeof chat__metric_rows / sizeof *chat__metric_rows;

const uint64_t *chat__metric_bounds(const struct chat__metric_row *row,
                                    size_t *count)
{
    (void)row;
    *count = CHAT__BUCKET_BOUNDS;
    return seconds_bounds;
}

void chat__metrics_observe_us(struct chat__metrics *metrics,
                              enum chat__metric metric, int64_t us)
{
    uint64_t value = us < 0 ? 0 : (uint64_t)us;
    uint64_t *buckets = &metrics->values[metric];
    size_t i = 0;

    while (i < CHAT__BUCKET_BOUNDS && value > seconds_bounds[i])
        i++;
    buckets[i]++;
    buckets[CHAT__BUCKET_BOUNDS + 1] += value;
}

/* Without zeros at the end. */
static void put_fraction(struct chat__buffer *text, uint64_t millionths)
{
    char digits[24];
    size_t length =
        (size_t)snprintf(digits, sizeof digits, ".%06" PRIu64, millionths);

    while (digits[length - 1] == '0')
        length--;
    chat__buffer_append(text, digits, length);
}

void chat__metric_put(struct chat__buffer *text,
                      const struct chat__metric_row *row, uint64_t value)
{
    char number[24];
    bool seconds = row->unit == CHAT__METRIC_SECONDS;

    snprintf(number, sizeof number, "%" PRIu64,
             seconds ? value / MICROSECONDS : value);
    chat__buffer_append_string(text, number);
    if (seconds && value % MICROSECONDS > 0)
        put_fraction(text, value % MICROSECONDS);
}
