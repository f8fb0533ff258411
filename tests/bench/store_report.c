/* Latencies, processor time, and the lines that tell of them. */
#include "tests/bench/store_bench.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- latencies */

void bench_samples_add(struct bench_samples *samples, uint64_t ns)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity * 2 + 4096;
        samples->ns = reallocarray(samples->ns, capacity, sizeof *samples->ns);
        if (samples->ns == NULL)
            bench_die("memory is short");
        samples->capacity = capacity;
    }
    samples->ns[samples->count++] = ns;
}

void bench_samples_clear(struct bench_samples *samples)
{
    samples->count = 0;
}

void bench_samples_release(struct bench_samples *samples)
{
    free(samples->ns);
    *samples = (struct bench_samples){0};
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* ---- processor time */

static uint64_t process_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    int64_t seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    int64_t microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return (uint64_t)(seconds * 1000000000 + microseconds * 1000);
}

/* The first line of a file of a thread; false when the thread has ended. */
static bool read_line(const char *thread, const char *file, char *line,
                      int size)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/%s", thread, file);
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return false;
    bool read = fgets(line, size, stream) != NULL;
    fclose(stream);
    line[read ? strcspn(line, "\n") : 0] = '\0';
    return read;
}

static void add_thread(struct bench_cpu *cpu, const char *thread)
{
    char name[32];
    char times[96];
    if (!read_line(thread, "comm", name, sizeof name) ||
        !read_line(thread, "schedstat", times, sizeof times))
        return;
    uint64_t ns = strtoull(times, NULL, 10);
    if (strcmp(name, "chat-writer") == 0)
        cpu->writer += ns;
    if (strcmp(name, "chat-reader") == 0)
        cpu->readers += ns;
    if (strcmp(name, "chat-checkpoint") == 0)
        cpu->checkpoint += ns;
}

struct bench_cpu bench_cpu_now(void)
{
    struct bench_cpu cpu = {.process = process_ns()};
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL)
        return cpu;
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;)
        if (entry->d_name[0] != '.')
            add_thread(&cpu, entry->d_name);
    closedir(threads);
    return cpu;
}

/* ---- lines */

static bool human;

static void put_name(const char *name)
{
    printf(human ? "  %s " : ",\"%s\":", name);
}

void bench_report_begin(const struct bench *bench, const char *name)
{
    const struct bench_options *options = &bench->options;
    human = options->human;
    printf(human ? "%s" : "{\"case\":\"%s\"", name);
    bench_report_number("rooms", (double)options->rooms);
    bench_report_number("batch", (double)options->batch);
    bench_report_number("users", (double)options->users);
}

void bench_report_text(const char *name, const char *value)
{
    put_name(name);
    printf(human ? "%s" : "\"%s\"", value);
}

void bench_report_number(const char *name, double value)
{
    put_name(name);
    printf(value >= 100 || value == (double)(int64_t)value ? "%.0f" : "%.3g",
           value);
}

void bench_report_latency(struct bench_samples *samples)
{
    const struct {
        const char *name;
        double part;
    } quantiles[] = {
        {"p50_us", 0.5}, {"p99_us", 0.99}, {"p999_us", 0.999}, {"max_us", 1}};
    if (samples->count == 0)
        return;
    qsort(samples->ns, samples->count, sizeof *samples->ns, compare);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        double place = quantiles[i].part * (double)(samples->count - 1);
        bench_report_number(quantiles[i].name,
                            (double)samples->ns[(size_t)place] / 1000);
    }
}

void bench_report_cpu(const struct bench_cpu *before, uint64_t count)
{
    const struct bench_cpu now = bench_cpu_now();
    double scale = count == 0 ? 0 : 1e6 / 1e9 / (double)count;
    bench_report_number("cpu_s_1m",
                        (double)(now.process - before->process) * scale);
    bench_report_number("writer_s_1m",
                        (double)(now.writer - before->writer) * scale);
    bench_report_number("readers_s_1m",
                        (double)(now.readers - before->readers) * scale);
    bench_report_number("checkpoint_s_1m",
                        (double)(now.checkpoint - before->checkpoint) * scale);
}

void bench_report_end(void)
{
    puts(human ? "" : "}");
    fflush(stdout);
}
