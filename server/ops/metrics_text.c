/* Prometheus' text format, version 0.0.4. */
#include "server/ops/metrics_row.h"

static const char *const kinds[] = {
    [CHAT__METRIC_COUNTER] = "counter",
    [CHAT__METRIC_GAUGE] = "gauge",
    [CHAT__METRIC_HISTOGRAM] = "histogram",
};

static void put(struct chat__buffer *text, const char *string)
{
    chat__buffer_append_string(text, string);
}

static void put_head(struct chat__buffer *text,
                     const struct chat__metric_row *row)
{
    put(text, "# HELP ");
    put(text, row->name);
    put(text, " ");
    put(text, row->help);
    put(text, "\n# TYPE ");
    put(text, row->name);
    put(text, " ");
    put(text, kinds[row->kind]);
    put(text, "\n");
}

static void put_line(struct chat__buffer *text,
                     const struct chat__metric_row *row, const char *suffix,
                     uint64_t value)
{
    put(text, row->name);
    put(text, suffix);
    put(text, " ");
    chat__metric_put(text, row, value);
    put(text, "\n");
}

/* A count, whatever the unit of what is counted. */
static void put_count(struct chat__buffer *text, uint64_t value)
{
    static const struct chat__metric_row plain = {.unit = CHAT__METRIC_COUNT};

    chat__metric_put(text, &plain, value);
    put(text, "\n");
}

static void put_bucket(struct chat__buffer *text,
                       const struct chat__metric_row *row,
                       const uint64_t *bound, uint64_t count)
{
    put(text, row->name);
    put(text, "_bucket{le=\"");
    if (bound == NULL)
        put(text, "+Inf");
    else
        chat__metric_put(text, row, *bound);
    put(text, "\"} ");
    put_count(text, count);
}

static void put_histogram(struct chat__buffer *text,
                          const struct chat__metric_row *row,
                          const uint64_t *values)
{
    size_t bounds;
    const uint64_t *bound = chat__metric_bounds(row, &bounds);
    uint64_t count = 0;

    for (size_t i = 0; i <= bounds; i++) {
        count += values[i];
        put_bucket(text, row, i < bounds ? &bound[i] : NULL, count);
    }
    put_line(text, row, "_sum", values[CHAT__BUCKET_BOUNDS + 1]);
    put(text, row->name);
    put(text, "_count ");
    put_count(text, count);
}

void chat__metrics_print(const struct chat__metrics *metrics,
                         struct chat__buffer *text)
{
    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];
        const uint64_t *values = &metrics->values[row->first];

        put_head(text, row);
        if (row->kind == CHAT__METRIC_HISTOGRAM)
            put_histogram(text, row, values);
        else
            put_line(text, row, "", values[0]);
    }
}
