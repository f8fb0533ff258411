#include "server/ops/metrics_emf.h"

#include "server/ops/metrics_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * A line is written twice over: names with their units for the directive, then
 * names with their values. What writes it is one walk, which is told which.
 */
struct walk {
    struct chat__buffer *line;
    bool values; /* else names */
    bool first;
};

static void put(const struct walk *walk, const char *string)
{
    chat__buffer_append_string(walk->line, string);
}

static const char *const units[] = {
    [CHAT__METRIC_UNIT_COUNT] = "Count",
    [CHAT__METRIC_UNIT_BYTES] = "Bytes",
    [CHAT__METRIC_UNIT_SECONDS] = "Seconds",
};

/* `suffix` is joined by '_' unless it is "". */
static void put_metric(struct walk *walk, const char *name, const char *suffix,
                       enum chat__metric_unit unit, uint64_t value)
{
    if (!walk->first)
        put(walk, ",");
    walk->first = false;
    put(walk, walk->values ? "\"" : "{\"Name\":\"");
    put(walk, name);
    if (*suffix != '\0')
        put(walk, "_");
    put(walk, suffix);
    put(walk, walk->values ? "\":" : "\",\"Unit\":\"");
    if (walk->values)
        chat__metric_put(walk->line, unit, value);
    else
        put(walk, units[unit]);
    if (!walk->values)
        put(walk, "\"}");
}

/* ---- histograms ---- */

static uint64_t observations(const uint64_t *buckets)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= CHAT__BUCKET_BOUNDS; i++)
        count += buckets[i];
    return count;
}

/*
 * The value that so many of a hundred observations are not above, on the line
 * from bound to bound; the last bound when it is above all.
 */
static uint64_t percentile(enum chat__metric_unit unit, const uint64_t *buckets,
                           uint64_t percent)
{
    size_t count;
    const uint64_t *bounds = chat__metric_bounds(unit, &count);
    uint64_t wanted = (observations(buckets) * percent + 99) / 100;
    uint64_t below = 0;
    uint64_t low = 0;

    for (size_t i = 0; i < count; i++) {
        if (below + buckets[i] >= wanted)
            return low + (bounds[i] - low) * (wanted - below) / buckets[i];
        below += buckets[i];
        low = bounds[i];
    }
    return low;
}

static void put_histogram(struct walk *walk, const struct chat__metric_row *row,
                          const uint64_t *buckets)
{
    uint64_t count = observations(buckets);

    if (count == 0)
        return;
    put_metric(walk, row->name, "p50", row->unit,
               percentile(row->unit, buckets, 50));
    put_metric(walk, row->name, "p99", row->unit,
               percentile(row->unit, buckets, 99));
    put_metric(walk, row->name, "count", CHAT__METRIC_UNIT_COUNT, count);
}

/* ---- all of them ---- */

static void put_numbers(struct walk *walk, const struct chat__metric_row *row,
                        const uint64_t *numbers)
{
    const struct chat__metric_label *label = &chat__metric_labels[row->label];
    uint64_t sum = 0;

    for (size_t i = 0; i < label->count; i++) {
        sum += numbers[i];
        if (row->emf == CHAT__METRIC_EMF_EACH)
            put_metric(walk, row->name, label->word(i), row->unit, numbers[i]);
    }
    if (row->emf == CHAT__METRIC_EMF_SUM)
        put_metric(walk, row->name, "", row->unit, sum);
}

/* `numbers` are those of the line: what grew, and what is. */
static void put_all(struct chat__buffer *line, bool values,
                    const uint64_t *numbers)
{
    struct walk walk = {.line = line, .values = values, .first = true};

    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];

        if (row->emf == CHAT__METRIC_EMF_NO)
            continue;
        if (row->kind == CHAT__METRIC_HISTOGRAM)
            put_histogram(&walk, row, &numbers[row->first]);
        else
            put_numbers(&walk, row, &numbers[row->first]);
    }
}

static void subtract(uint64_t *numbers, const uint64_t *before)
{
    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];
        size_t end = i + 1 < chat__metric_row_count
                         ? (size_t)chat__metric_rows[i + 1].first
                         : CHAT__METRIC_SLOTS;

        if (row->kind == CHAT__METRIC_GAUGE)
            continue;
        for (size_t slot = row->first; slot < end; slot++)
            numbers[slot] -= before[slot];
    }
}

static void put_dimensions(struct chat__buffer *line,
                           const struct chat__metrics *metrics)
{
    chat__buffer_append_string(line, ",\"service\":\"chatd\"");
    if (metrics->color == NULL)
        return;
    chat__buffer_append_string(line, ",\"color\":\"");
    chat__buffer_append_string(line, metrics->color);
    chat__buffer_append_string(line, "\"");
}

void chat__metrics_emf_print(struct chat__metrics_emf *emf,
                             const struct chat__metrics *metrics,
                             int64_t wall_ms, struct chat__buffer *line)
{
    uint64_t numbers[CHAT__METRIC_SLOTS];
    char start[128];

    memcpy(numbers, metrics->values, sizeof numbers);
    subtract(numbers, emf->before);
    memcpy(emf->before, metrics->values, sizeof emf->before);
    snprintf(start, sizeof start,
             "{\"_aws\":{\"Timestamp\":%" PRId64
             ",\"CloudWatchMetrics\":[{\"Namespace\":\"chatd\","
             "\"Dimensions\":[[\"service\"%s]],\"Metrics\":[",
             wall_ms, metrics->color == NULL ? "" : ",\"color\"");
    chat__buffer_append_string(line, start);
    put_all(line, false, numbers);
    chat__buffer_append_string(line, "]}]}");
    put_dimensions(line, metrics);
    chat__buffer_append_string(line, ",");
    put_all(line, true, numbers);
    chat__buffer_append_string(line, "}\n");
}
