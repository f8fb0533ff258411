/*
 * The table of metrics as data, for those who write all of it out.
 */
#ifndef CHAT_SERVER_OPS_METRICS_ROW_H
#define CHAT_SERVER_OPS_METRICS_ROW_H

#include "server/ops/metrics.h"

#include <stdbool.h>

struct chat__metric_row {
    enum chat__metric first; /* of its numbers */
    enum chat__metric_kind kind;
    enum chat__metric_unit unit;
    const char *name;
    const char *help;
};

extern const struct chat__metric_row chat__metric_rows[];
extern const size_t chat__metric_row_count;

/* The upper bounds of a histogram's buckets, as many as `count` says. */
const uint64_t *chat__metric_bounds(const struct chat__metric_row *row,
                                    size_t *count);

/* Microseconds are written as seconds, all else as it is. */
void chat__metric_put(struct chat__buffer *text,
                      const struct chat__metric_row *row, uint64_t value);

#endif
