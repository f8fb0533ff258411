/*
 * How often each value came, in buckets that widen with the value: fixed
 * memory, and a percentile is at most 1.6 % too high.
 */
#ifndef CHAT_TESTS_BENCH_HISTOGRAM_H
#define CHAT_TESTS_BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_FINE    64 /* buckets between two powers of two */
#define HISTOGRAM_BUCKETS (60 * HISTOGRAM_FINE)

struct histogram {
    uint64_t count;
    uint64_t highest;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The value that `share` (0 to 1) of all do not exceed; 0 without any. */
uint64_t histogram_at(const struct histogram *histogram, double share);

#endif
