/*
 * What a stretch of time cost: counters at its begin and at its end, and the
 * part of a report that is the same for all workloads.
 */
#ifndef CHAT_TESTS_BENCH_MEASURE_H
#define CHAT_TESTS_BENCH_MEASURE_H

#include "tests/bench/histogram.h"
#include "tests/bench/load.h"

#include <stdint.h>

struct measure {
    uint64_t time;
    uint64_t server_cpu;
    uint64_t client_cpu;
    uint64_t reads;
    uint64_t bytes_read;
    uint64_t count; /* of what the workload counts */
};

void measure_take(struct measure *measure, const struct load *load,
                  uint64_t count);

/* Seconds between the two. */
double measure_seconds(const struct measure *begin, const struct measure *end);

/* The counted things a second of that stretch. */
double measure_rate(const struct measure *begin, const struct measure *end);

/* Reports CPU and reads of a stretch; `unit` is what was counted. */
void measure_report(const struct load *load, const struct measure *begin,
                    const struct measure *end);

/* p50_us, p99_us, max_us. */
void measure_report_latency(const struct histogram *latency);

#endif
