/* Prints docs/metrics.md; a test compares. */
#include "server/ops/metrics_row.h"

#include <stdio.h>

static const char head[] =
    "# Metrics\n"
    "\n"
    "What chatd says about itself by numbers. This page is made of\n"
    "`server/ops/metrics_table.h`; `build/server/ops/metrics_markdown` "
    "prints it.\n"
    "\n"
    "`/metrics` has all of them in Prometheus' text format, for those who run "
    "the\n"
    "server: on `--ops-listen`. With `--emf on` those with \"yes\" also go to "
    "standard\n"
    "output once a minute, as CloudWatch's embedded metric format: counters as "
    "what\n"
    "came since the line before, gauges as they are, histograms as `_p50`, "
    "`_p99` and\n"
    "`_count`; \"each\" stands for one for each value of the label, `_VALUE` "
    "at its end.\n"
    "\n"
    "| name | kind | unit | label | EMF | what it is |\n"
    "|---|---|---|---|---|---|\n";

static const char *const units[] = {
    [CHAT__METRIC_UNIT_COUNT] = "",
    [CHAT__METRIC_UNIT_BYTES] = "bytes",
    [CHAT__METRIC_UNIT_SECONDS] = "seconds",
};

static const char *const emf[] = {
    [CHAT__METRIC_EMF_NO] = "",
    [CHAT__METRIC_EMF_SUM] = "yes",
    [CHAT__METRIC_EMF_EACH] = "each",
};

static void print_label(const struct chat__metric_row *row)
{
    const struct chat__metric_label *label = &chat__metric_labels[row->label];

    if (row->label == CHAT__LABEL_BUILD) {
        fputs("`version`, `color`", stdout);
        return;
    }
    if (label->name == NULL)
        return;
    printf("`%s`:", label->name);
    for (size_t i = 0; i < label->count; i++)
        printf(" %s", label->word(i));
}

static void print_bounds(const char *what, enum chat__metric_unit unit)
{
    struct chat__buffer text;
    size_t count;
    const uint64_t *bounds = chat__metric_bounds(unit, &count);

    chat__buffer_init(&text, 4096);
    for (size_t i = 0; i < count; i++) {
        chat__buffer_append_string(&text, i == 0 ? "" : ", ");
        chat__metric_put(&text, unit, bounds[i]);
    }
    printf("\nBuckets of %s: %.*s.\n", what, (int)text.length, text.data);
    chat__buffer_release(&text);
}

int main(void)
{
    fputs(head, stdout);
    for (size_t i = 0; i < chat__metric_row_count; i++) {
        const struct chat__metric_row *row = &chat__metric_rows[i];

        printf("| `%s` | %s | %s | ", row->name,
               chat__metric_kind_name(row->kind), units[row->unit]);
        print_label(row);
        printf(" | %s | %s |\n", emf[row->emf], row->help);
    }
    print_bounds("seconds", CHAT__METRIC_UNIT_SECONDS);
    print_bounds("numbers", CHAT__METRIC_UNIT_COUNT);
    return ferror(stdout) != 0;
}
