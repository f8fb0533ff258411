/*
 * What the server counts. The table of metrics_table.h says what there is;
 * this is where the numbers are kept.
 *
 * One struct for each core, of plain numbers: written on the core's thread
 * only, without locks or memory, so that counting on the way of a message
 * costs an addition. Zeroed is empty; there is nothing to free. Gauges are set
 * when somebody is about to read.
 *
 *     chat__metrics_count(metrics, CHAT__METRIC_SLOW_READER_CLOSES);
 *     chat__metrics_observe_us(metrics, CHAT__METRIC_APPEND_SECONDS, 1250);
 */
#ifndef CHAT_SERVER_OPS_METRICS_H
#define CHAT_SERVER_OPS_METRICS_H

#include "protocol/buffer.h"
#include "server/ops/metrics_table.h"

#include <stddef.h>
#include <stdint.h>

/* Upper bounds of a histogram; one bucket more takes what is above all. */
#define CHAT__BUCKET_BOUNDS 18

enum chat__metric_kind {
    CHAT__METRIC_COUNTER,
    CHAT__METRIC_GAUGE,
    CHAT__METRIC_HISTOGRAM
};

enum chat__metric_unit {
    CHAT__METRIC_COUNT,
    CHAT__METRIC_BYTES,
    CHAT__METRIC_SECONDS
};

/* A number for each value of a label; a histogram has its buckets and, behind
 * them, the sum of what was observed. */
#define CHAT__METRIC_SLOTS_COUNTER   1
#define CHAT__METRIC_SLOTS_GAUGE     1
#define CHAT__METRIC_SLOTS_HISTOGRAM (CHAT__BUCKET_BOUNDS + 2)

/* The first of a metric's numbers. */
enum chat__metric {
#define X(id, kind, unit, label, emf, name, help)                              \
    CHAT__METRIC_##id,                                                         \
        CHAT__METRIC_##id##_LAST =                                             \
            CHAT__METRIC_##id + CHAT__METRIC_SLOTS_##kind - 1,
    CHAT__METRICS_TABLE(X)
#undef X
        CHAT__METRIC_SLOTS
};

struct chat__metrics {
    uint64_t values[CHAT__METRIC_SLOTS];
};

static inline void chat__metrics_add(struct chat__metrics *metrics,
                                     enum chat__metric metric, uint64_t more)
{
    metrics->values[metric] += more;
}

static inline void chat__metrics_count(struct chat__metrics *metrics,
                                       enum chat__metric metric)
{
    metrics->values[metric]++;
}

static inline void chat__metrics_set(struct chat__metrics *metrics,
                                     enum chat__metric metric, uint64_t value)
{
    metrics->values[metric] = value;
}

/* Of a histogram of seconds. */
void chat__metrics_observe_us(struct chat__metrics *metrics,
                              enum chat__metric metric, int64_t us);

/*
 * Appends all of them in Prometheus' text format, version 0.0.4, which is the
 * type below. Errors are the buffer's.
 */
#define CHAT__METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
void chat__metrics_print(const struct chat__metrics *metrics,
                         struct chat__buffer *text);

#endif
