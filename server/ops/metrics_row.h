/*
 * The table of metrics as data, for those who write all of it out.
 */
#ifndef CHAT_SERVER_OPS_METRICS_ROW_H
#define CHAT_SERVER_OPS_METRICS_ROW_H

#include "server/ops/metrics.h"

#include <stddef.h>

enum chat__metric_unit {
    CHAT__METRIC_UNIT_COUNT,
    CHAT__METRIC_UNIT_BYTES,
    CHAT__METRIC_UNIT_SECONDS
};

enum chat__metric_emf {
    CHAT__METRIC_EMF_NO,
    CHAT__METRIC_EMF_SUM,
    CHAT__METRIC_EMF_EACH
};

struct chat__metric_row {
    enum chat__metric first; /* of its numbers */
    enum chat__metric_kind kind;
    enum chat__metric_unit unit;
    enum chat__label label;
    enum chat__metric_emf emf;
    const char *name;
    const char *help;
};

extern const struct chat__metric_row chat__metric_rows[];
extern const size_t chat__metric_row_count;

/* The word on the wire, such as "counter". */
const char *chat__metric_kind_name(enum chat__metric_kind kind);

struct chat__metric_label {
    const char *name; /* NULL: no label */
    size_t count;
    const char *(*word)(size_t value);
};

extern const struct chat__metric_label chat__metric_labels[CHAT__LABEL_COUNT];

/* The upper bounds of a histogram's buckets, as many as `count` says. */
const uint64_t *chat__metric_bounds(enum chat__metric_unit unit, size_t *count);

/* Where the sum of a histogram stands among its numbers. */
#define CHAT__METRIC_SUM (CHAT__BUCKET_BOUNDS + 1)

/* A number as text: microseconds are written as seconds. */
void chat__metric_put(struct chat__buffer *text, enum chat__metric_unit unit,
                      uint64_t value);

#endif
