#include "tests/bench/measure.h"

#include "tests/bench/process.h"
#include "tests/bench/report.h"

#include <sys/types.h>

void measure_take(struct measure *measure, const struct load *load,
                  uint64_t count)
{
    pid_t server = (pid_t)load->options.server_pid;

    measure->time = process_now();
    measure->server_cpu = server > 0 ? process_cpu(server) : 0;
    measure->client_cpu = process_cpu(0);
    measure->reads = load->reads;
    measure->bytes_read = load->bytes_read;
    measure->count = count;
}

static double seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / LOAD_SECOND;
}

double measure_seconds(const struct measure *begin, const struct measure *end)
{
    return seconds(end->time - begin->time);
}

double measure_rate(const struct measure *begin, const struct measure *end)
{
    return (double)(end->count - begin->count) / measure_seconds(begin, end);
}

static double ratio(uint64_t one, uint64_t other)
{
    return other == 0 ? 0 : (double)one / (double)other;
}

void measure_report(const struct load *load, const struct measure *begin,
                    const struct measure *end)
{
    uint64_t count = end->count - begin->count;
    double server = seconds(end->server_cpu - begin->server_cpu);

    report_number("seconds", measure_seconds(begin, end));
    report_number("client_cpu", seconds(end->client_cpu - begin->client_cpu) /
                                    measure_seconds(begin, end));
    report_number("messages_per_read", ratio(count, end->reads - begin->reads));
    report_number("bytes_per_delivery",
                  ratio(end->bytes_read - begin->bytes_read, count));
    if (load->options.server_pid == 0)
        return;
    report_number("server_cpu_s", server);
    report_number("server_cpu_per_million",
                  count == 0 ? 0 : server * 1e6 / (double)count);
    report_number("server_rss_mib",
                  (double)process_resident((pid_t)load->options.server_pid) /
                      1024);
}

void measure_report_latency(const struct histogram *latency)
{
    report_number("p50_us", (double)histogram_at(latency, 0.5) / 1e3);
    report_number("p99_us", (double)histogram_at(latency, 0.99) / 1e3);
    report_number("max_us", (double)latency->highest / 1e3);
}
