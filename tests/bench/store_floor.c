/* What the disk alone takes: the same bytes, a plain file, the same groups. */
#include "tests/bench/store_bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_file(const struct bench *bench)
{
    char path[sizeof bench->path + 8];
    snprintf(path, sizeof path, "%s.floor", bench->path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        bench_die("cannot make the plain file");
    return file;
}

/* A group of entries, one behind the other; its length in `length`. */
static char *make_group(struct bench_writers *writers, uint64_t group,
                        size_t *length)
{
    char *bytes = malloc(group * (BENCH_TEXT_MAX + 512));
    if (bytes == NULL)
        bench_die("memory is short");
    *length = 0;
    for (uint64_t i = 0; i < group; i++)
        *length +=
            bench_entry_bytes(writers, bytes + *length, BENCH_TEXT_MAX + 512);
    return bytes;
}

static void write_group(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0)
            bench_die("cannot write the plain file");
        bytes += written;
        length -= (size_t)written;
    }
    if (fdatasync(file) != 0)
        bench_die("cannot sync the plain file");
}

void bench_floor(struct bench *bench, struct bench_writers *writers,
                 uint64_t group)
{
    struct bench_samples samples = {0};
    size_t length;
    char *bytes = make_group(writers, group, &length);
    int file = open_file(bench);
    const struct bench_cpu cpu = bench_cpu_now();
    uint64_t start = bench_now_ns();
    uint64_t now = start;
    while (now < start + bench->options.milliseconds * 1000000) {
        write_group(file, bytes, length);
        uint64_t ended = bench_now_ns();
        bench_samples_add(&samples, ended - now);
        now = ended;
    }
    close(file);
    double seconds = (double)(now - start) / 1e9;
    uint64_t entries = group * samples.count;
    bench_report_begin(bench, "floor");
    bench_report_number("entries_s", (double)entries / seconds);
    bench_report_number("commits_s", (double)samples.count / seconds);
    bench_report_number("entries_commit", (double)group);
    bench_report_latency(&samples);
    bench_report_cpu(&cpu, entries);
    bench_report_end();
    bench_samples_release(&samples);
    free(bytes);
}
