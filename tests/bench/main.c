/*
 * The load generator: see options.c for its usage, workloads.h for what it
 * does. Standard output gets one JSON object. Exit status 1, and a sentence on
 * standard error, when a run could not be made; lost, doubled and reordered
 * deliveries are figures of the report.
 */
#include "tests/bench/load.h"
#include "tests/bench/options.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool (*run)(struct load *load);
} WORKLOADS[] = {
    {"fanout", workload_fanout},   {"rooms", workload_rooms},
    {"ack", workload_ack},         {"slow", workload_slow},
    {"soak", workload_soak},       {"idle", workload_idle},
    {"resume", workload_resume},   {"join-storm", workload_join_storm},
    {"history", workload_history},
};

static bool run(struct load *load)
{
    const char *name = load->options.workload;
    size_t i;

    for (i = 0; i < sizeof(WORKLOADS) / sizeof(*WORKLOADS); i++) {
        if (strcmp(WORKLOADS[i].name, name) == 0)
            return WORKLOADS[i].run(load);
    }
    load_fail(load, "there is no workload %s", name);
    return false;
}

int main(int count, char **arguments)
{
    struct options options;
    struct load load;
    bool done;

    if (!options_parse(&options, count, arguments))
        return 2;
    report_begin();
    report_text("adapter", options.adapter);
    report_text("workload", options.workload);
    done = load_init(&load, &options) && run(&load);
    if (done)
        report_end();
    else
        fprintf(stderr, "load: %s\n", load.failure);
    load_release(&load);
    return done ? 0 : 1;
}
