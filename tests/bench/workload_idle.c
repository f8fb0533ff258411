/*
 * Connections that come and then do nothing: how fast they are set up, and
 * what memory each costs. With --return all drop and come back by token.
 */
#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/measure.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <sys/types.h>

#define CONNECTIONS 10000

static void take_entry(struct connection *connection, uint64_t seq)
{
    connection->seq = seq;
}

/* While they are idle: the report tells how many are left. */
static void closed(struct connection *connection)
{
    (void)connection;
}

static bool open_all(struct load *load, struct measure *from,
                     struct measure *to)
{
    size_t count = load->connection_count;

    measure_take(from, load, 0);
    if (!crowd_open(load, 0, count, load->options.concurrency))
        return false;
    measure_take(to, load, count);
    return true;
}

static void report_memory(const struct load *load, uint64_t before)
{
    pid_t server = (pid_t)load->options.server_pid;
    uint64_t after = process_resident(server);

    if (server == 0)
        return;
    report_number("rss_before_mib", (double)before / 1024);
    report_number("rss_after_mib", (double)after / 1024);
    report_number("kib_per_connection", ((double)after - (double)before) /
                                            (double)load->connection_count);
}

static size_t count_resumed(const struct load *load)
{
    size_t i, count = 0;

    for (i = 0; i < load->connection_count; i++)
        count += load->connections[i].resumed;
    return count;
}

static bool return_all(struct load *load)
{
    struct measure from, to;

    load->on.closed = NULL;
    if (!crowd_drop(load, 0, load->connection_count) ||
        !open_all(load, &from, &to))
        return false;
    report_number("returns_per_s", measure_rate(&from, &to));
    report_number("returns_server_cpu_s",
                  (double)(to.server_cpu - from.server_cpu) / LOAD_SECOND);
    report_number("returns_client_cpu",
                  (double)(to.client_cpu - from.client_cpu) / LOAD_SECOND /
                      measure_seconds(&from, &to));
    report_count("returned", load->ready);
    report_count("resumed", count_resumed(load));
    return true;
}

static bool run(struct load *load)
{
    uint64_t before = process_resident((pid_t)load->options.server_pid);
    struct measure from, to;

    if (!open_all(load, &from, &to))
        return false;
    load->on.closed = closed;
    if (!crowd_wait(load, load->options.seconds))
        return false;
    report_count("connections", load->connection_count);
    report_number("set_ups_per_s", measure_rate(&from, &to));
    measure_report(load, &from, &to);
    report_memory(load, before);
    report_count("alive", load->ready);
    return !load->options.returns || return_all(load);
}

bool workload_idle(struct load *load)
{
    struct options *options = &load->options;
    size_t i;

    if (options->connections == 0)
        options->connections = CONNECTIONS;
    if (options->rooms_of == 0 ||
        (options->returns && !load->adapter->keeps_a_log)) {
        load_fail(load, "rooms are of one or more, and only chat returns");
        return false;
    }
    load->on.entry = take_entry;
    if (!load_make_connections(load, options->connections))
        return false;
    for (i = 0; i < load->connection_count; i++)
        load->connections[i].room = (uint32_t)(i / options->rooms_of);
    return run(load);
}
