/* All join one room at once, and each sees the joins that come after its own.
 */
#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/histogram.h"
#include "tests/bench/measure.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <string.h>

struct storm {
    struct load *load;
    bool joining;
    size_t joined;
    uint64_t gaps;
    uint64_t doubles;
    uint64_t started;
    struct histogram latency; /* of a join's answer */
};

static void ready(struct connection *connection)
{
    struct storm *storm = connection->load->workload;

    if (!storm->joining)
        return;
    storm->joined++;
    histogram_add(&storm->latency, storm->load->now - storm->started);
}

static void take_entry(struct connection *connection, uint64_t seq)
{
    struct storm *storm = connection->load->workload;

    if (seq <= connection->seq) {
        storm->doubles++;
        return;
    }
    storm->gaps += seq - connection->seq - 1;
    connection->seq = seq;
}

static bool join_all(struct storm *storm)
{
    struct load *load = storm->load;
    size_t i, count = load->connection_count;
    struct measure from, joined, seen;

    measure_take(&from, load, 0);
    storm->started = from.time;
    storm->joining = true;
    for (i = 0; i < count; i++) {
        adapter_chat_join(&load->connections[i]);
        connection_flush(&load->connections[i]);
    }
    while (storm->joined < count) {
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    measure_take(&joined, load, count);
    while (crowd_count_at(load, 0, count, count) < count) {
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    measure_take(&seen, load, count);
    report_number("joins_per_s", measure_rate(&from, &joined));
    report_number("all_joined_s", measure_seconds(&from, &joined));
    report_number("all_seen_s", measure_seconds(&from, &seen));
    measure_report_latency(&storm->latency);
    measure_report(load, &from, &seen);
    report_count("gaps", storm->gaps);
    report_count("doubles", storm->doubles);
    return true;
}

bool workload_join_storm(struct load *load)
{
    static struct storm storm;

    if (!load->adapter->keeps_a_log) {
        load_fail(load, "only chat joins apart from its set-up");
        return false;
    }
    memset(&storm, 0, sizeof(storm));
    storm.load = load;
    load->workload = &storm;
    load->hello_only = true;
    load->on.ready = ready;
    load->on.entry = take_entry;
    report_count("clients", load->options.clients);
    return load_make_connections(load, load->options.clients) &&
           crowd_open(load, 0, load->options.clients,
                      load->options.concurrency) &&
           join_all(&storm);
}
