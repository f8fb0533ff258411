#include "tests/bench/store_bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Fills logs as fast as it goes, before anything is measured. */
#define BUILD_BATCH BENCH_BATCH_MAX

static uint64_t deadline(const struct bench *bench)
{
    return bench_now_ns() + bench->options.milliseconds * 1000000;
}

static double seconds_since(uint64_t start)
{
    return (double)(bench_now_ns() - start) / 1e9;
}

static void build(struct bench *bench, struct bench_writers *writers)
{
    uint64_t each = bench->options.entries / bench->options.rooms;
    uint64_t batch =
        bench->options.rooms == 1 ? BUILD_BATCH : bench->options.batch;
    if (each == 0)
        return;
    bench_writers_start(writers, batch, bench->options.entries, UINT64_MAX);
    while (bench_writers_busy(writers))
        bench_step(bench);
}

static double file_bytes(const struct bench *bench)
{
    struct stat status;
    return stat(bench->path, &status) == 0 ? (double)status.st_size : 0;
}

/* ---- append */

static void run_writers(struct bench *bench, struct bench_writers *writers,
                        const char *name)
{
    uint64_t start = bench_now_ns();
    bench_writers_start(writers, bench->options.batch, UINT64_MAX,
                        deadline(bench));
    while (bench_writers_busy(writers))
        bench_step(bench);
    bench_report_begin(bench, name);
    bench_writers_report(writers, seconds_since(start));
}

static void run_append(struct bench *bench)
{
    struct bench_writers *writers = bench_writers_new(bench);
    build(bench, writers);
    const struct chat__sqlite_statistics before =
        chat__sqlite_statistics(bench->store);
    run_writers(bench, writers, "append");
    const struct chat__sqlite_statistics after =
        chat__sqlite_statistics(bench->store);
    uint64_t entries = bench_writers_entries(writers);
    uint64_t commits = after.commits - before.commits;
    bench_report_number("checkpoints",
                        (double)(after.checkpoints - before.checkpoints));
    bench_report_number("wal_pages", (double)after.wal_pages);
    bench_report_end();
    bench_floor(bench, writers, commits == 0 ? 1 : entries / commits);
    uint64_t all = 0;
    for (uint64_t i = 0; i < bench->options.rooms; i++)
        all += bench_head(writers, i);
    bench_reopen_cold(bench);
    bench_report_begin(bench, "file");
    bench_report_number("bytes_entry", file_bytes(bench) / (double)all);
    bench_report_end();
    bench_writers_free(writers);
}

/* ---- read */

static void run_readers(struct bench *bench, struct bench_readers *readers,
                        enum bench_reading reading, const char *name)
{
    uint64_t start = bench_now_ns();
    bench_readers_start(readers, reading, deadline(bench));
    while (bench_readers_busy(readers))
        bench_step(bench);
    bench_report_begin(bench, name);
    bench_readers_report(readers, seconds_since(start));
}

static void run_read(struct bench *bench)
{
    static const struct {
        const char *name;
        enum bench_reading reading;
    } cases[] = {{"before-50", BENCH_BEFORE_50},
                 {"before-200", BENCH_BEFORE_200},
                 {"forward-500", BENCH_FORWARD_500},
                 {"resume", BENCH_RESUME}};
    struct bench_writers *writers = bench_writers_new(bench);
    struct bench_readers *readers = bench_readers_new(bench, writers);
    build(bench, writers);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench_reopen_cold(bench);
        for (int warm = 0; warm < 2; warm++) {
            run_readers(bench, readers, cases[i].reading, cases[i].name);
            bench_report_text("cache", warm ? "warm" : "cold");
            bench_report_end();
        }
    }
    bench_readers_free(readers);
    bench_writers_free(writers);
}

/* ---- mixed */

static void run_both(struct bench *bench, struct bench_writers *writers,
                     struct bench_readers *readers)
{
    uint64_t start = bench_now_ns();
    uint64_t end = deadline(bench);
    bench_writers_start(writers, bench->options.batch, UINT64_MAX, end);
    bench_readers_start(readers, BENCH_BEFORE_50, end);
    while (bench_writers_busy(writers) || bench_readers_busy(readers))
        bench_step(bench);
    double seconds = seconds_since(start);
    bench_report_begin(bench, "writers beside readers");
    bench_writers_report(writers, seconds);
    bench_report_end();
    bench_report_begin(bench, "readers beside writers");
    bench_readers_report(readers, seconds);
    bench_report_end();
}

static void run_mixed(struct bench *bench)
{
    struct bench_writers *writers = bench_writers_new(bench);
    struct bench_readers *readers = bench_readers_new(bench, writers);
    build(bench, writers);
    run_readers(bench, readers, BENCH_BEFORE_50, "readers alone");
    bench_report_end();
    run_writers(bench, writers, "writers alone");
    bench_report_end();
    run_both(bench, writers, readers);
    bench_readers_free(readers);
    bench_writers_free(writers);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct bench *bench);
    } modes[] = {
        {"append", run_append}, {"read", run_read}, {"mixed", run_mixed}};
    static struct bench bench;
    bench.options = bench_options_parse(argc, argv);
    bench_open(&bench);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(bench.options.mode, modes[i].name) == 0)
            modes[i].run(&bench);
    bench_close(&bench);
    return 0;
}
