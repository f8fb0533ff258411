/*
 * Metrics for CloudWatch: its embedded metric format, one JSON object a line.
 *
 * The dimensions are `service` and, when there is one, `color`: each more
 * would multiply what CloudWatch stores and bills. Counters are what came since
 * the line before, gauges as they are, histograms a median, a 99th percentile
 * and a count since the line before; without observations there are none.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_OPS_METRICS_EMF_H
#define CHAT_SERVER_OPS_METRICS_EMF_H

#include "server/ops/metrics.h"

/* CloudWatch takes no more of one object; a test counts them. */
#define CHAT__EMF_METRICS_MAX 100

/* What a line takes at most. */
#define CHAT__EMF_LINE_BYTES_MAX (64 * 1024)

/* Zeroed: no line was written yet. */
struct chat__metrics_emf {
    uint64_t before[CHAT__METRIC_SLOTS]; /* as they were at the last line */
};

/*
 * Appends a line with its '\n', and remembers what it said. `wall_ms` is now.
 * Errors are the buffer's.
 */
void chat__metrics_emf_print(struct chat__metrics_emf *emf,
                             const struct chat__metrics *metrics,
                             int64_t wall_ms, struct chat__buffer *line);

#endif
