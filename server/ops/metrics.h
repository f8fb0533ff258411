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

#include <stdint.h>

/* Upper bounds of a histogram; one bucket more takes what is above all. */
#define CHAT__BUCKET_BOUNDS 18

enum chat__metric_kind {
    CHAT__METRIC_COUNTER,
    CHAT__METRIC_GAUGE,
    CHAT__METRIC_HISTOGRAM
};

/* A number for each value of a label; a histogram has its buckets and, behind
 * them, the sum of what was observed. */
#define CHAT__METRIC_SLOTS_COUNTER(values)   (values)
#define CHAT__METRIC_SLOTS_GAUGE(values)     (values)
#define CHAT__METRIC_SLOTS_HISTOGRAM(values) (CHAT__BUCKET_BOUNDS + 2)

/* The first of a metric's numbers. */
enum chat__metric {
#define X(id, kind, unit, label, emf, name, help)                              \
    CHAT__METRIC_##id,                                                         \
        CHAT__METRIC_##id##_LAST =                                             \
            CHAT__METRIC_##id - 1 +                                            \
            CHAT__METRIC_SLOTS_##kind((int)CHAT__LABEL_VALUES_##label),
    CHAT__METRICS_TABLE(X)
#undef X
        CHAT__METRIC_SLOTS
};

struct chat__metrics {
    const char *version; /* borrowed */
    const char *color;   /* borrowed; NULL: none */
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

/* With a label: the value's place in its list. */
static inline void chat__metrics_count_as(struct chat__metrics *metrics,
                                          enum chat__metric metric, int value)
{
    metrics->values[(int)metric + value]++;
}

static inline void chat__metrics_set(struct chat__metrics *metrics,
                                     enum chat__metric metric, uint64_t value)
{
    metrics->values[metric] = value;
}

/* Of a histogram of seconds; of one of numbers. */
void chat__metrics_observe_us(struct chat__metrics *metrics,
                              enum chat__metric metric, int64_t us);
void chat__metrics_observe(struct chat__metrics *metrics,
                           enum chat__metric metric, uint64_t number);

/*
 * Appends all of them in Prometheus' text format, version 0.0.4, which is the
 * type below. Errors are the buffer's.
 */
#define CHAT__METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
void chat__metrics_print(const struct chat__metrics *metrics,
                         struct chat__buffer *text);

#endif
