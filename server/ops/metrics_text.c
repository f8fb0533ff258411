/* Prometheus' text format, version 0.0.4. */
#include "server/ops/metrics_row.h"

#include <stdarg.h>

static void put(struct chat__buffer *text, const char *first, ...)
    __attribute__((sentinel));

/* Strings up to a NULL. */
static void put(struct chat__buffer *text, const char *first, ...)
{
    va_list rest;

    va_start(rest, first);
    for (const char *string = first; string != NULL;
         string = va_arg(rest, const char *))
        chat__buffer_append_string(text, string);
    va_end(rest);
}

static void put_number(struct chat__buffer *text, enum chat__metric_unit unit,
                       uint64_t value)
{
    put(text, " ", NULL);
    chat__metric_put(text, unit, value);
    put(text, "\n", NULL);
}

static void put_histogram(struct chat__buffer *text,
                          const struct chat__metric_row *row,
                          const uint64_t *values)
{
    size_t bounds;
    const uint64_t *bound = chat__metric_bounds(row->unit, &bounds);
    uint64_t count = 0;

    for (size_t i = 0; i <= bounds; i++) {
        count += values[i];
        put(text, row->name, "_bucket{le=\"", NULL);
        if (i < bounds)
            chat__metric_put(text, row->unit, bound[i]);
        else
            put(text, "+Inf", NULL);
        put(text, "\"}", NULL);
        put_number(text, CHAT__METRIC_UNIT_COUNT, count);
    }
    put(text, row->name, "_sum", NULL);
    put_number(text, row->unit, values[CHAT__METRIC_SUM]);
    put(text, row->name, "_count", NULL);
    put_number(text, CHAT__METRIC_UNIT_COUNT, count);
}

static void put_values(struct chat__buffer *text,
                       const struct chat__metric_row *row,
                       const uint64_t *values)
{
    const struct chat__metric_label *label = &chat__metric_labels[row->label];

    for (size_t i = 0; i < label->count; i++) {
        put(text, row->name, NULL);
        if (label->name != NULL)
            put(text, "{", label->name, "=\"", label->word(i), "\"}", NULL);
        put_number(text, row->unit, values[i]);
    }
}

static void put_build(struct chat__buffer *text, const char *name,
                      const struct chat__metrics *metrics)
{
    put(text, name, "{version=\"", metrics->version, "\",color=\"",
        metrics->color == NULL ? "" : metrics->color, "\"} 1\n", NULL);
}

void chat__metrics_print(const struct chat__metrics *metrics,
                         struct chat__buffer *text)
{
    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];
        const uint64_t *values = &metrics->values[row->first];

        put(text, "# HELP ", row->name, " ", row->help, "\n# TYPE ", row->name,
            " ", chat__metric_kind_name(row->kind), "\n", NULL);
        if (row->label == CHAT__LABEL_BUILD)
            put_build(text, row->name, metrics);
        else if (row->kind == CHAT__METRIC_HISTOGRAM)
            put_histogram(text, row, values);
        else
            put_values(text, row, values);
    }
}
