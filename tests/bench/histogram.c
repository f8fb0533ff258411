#include "tests/bench/histogram.h"

#include <stddef.h>

/* 64 values of each width: 0 to 63 by 1, 64 to 127 by 1, 128 to 255 by 2, … */
static size_t bucket_of(uint64_t value)
{
    unsigned int shift;

    if (value < HISTOGRAM_FINE)
        return (size_t)value;
    shift = 63 - 6 - (unsigned int)__builtin_clzll(value);
    return (size_t)(shift * HISTOGRAM_FINE + (value >> shift));
}

static uint64_t highest_in(size_t bucket)
{
    size_t shift = bucket / HISTOGRAM_FINE;

    if (shift < 2)
        return bucket;
    shift--;
    return (((uint64_t)bucket - shift * HISTOGRAM_FINE + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    if (value > histogram->highest)
        histogram->highest = value;
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)histogram->count);
    uint64_t seen = 0;
    size_t i;

    for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen > wanted || (seen > 0 && seen == histogram->count))
            return highest_in(i) < histogram->highest ? highest_in(i)
                                                      : histogram->highest;
    }
    return 0;
}
