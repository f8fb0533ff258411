/* The store's file, its folder, and the thread that waits for completions. */
#include "tests/bench/store_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

void bench_die(const char *what)
{
    fprintf(stderr, "store_bench: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static void wake(void *context)
{
    struct bench *bench = context;
    if (eventfd_write(bench->wake, 1) != 0)
        bench_die("cannot wake");
}

static void report(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "store_bench: %s\n", message);
}

static void open_store(struct bench *bench)
{
    char message[512];
    const struct chat__sqlite_options options = {
        .path = bench->path,
        .sink = chat__completion_queue_sink(&bench->queue),
        .report = report,
    };
    bench->store = chat__sqlite_open(&options, message, sizeof message);
    if (bench->store == NULL)
        bench_die(message);
}

static void close_store(struct bench *bench)
{
    bench->store->operations->close(bench->store);
    chat__completion_queue_run(&bench->queue);
}

void bench_open(struct bench *bench)
{
    snprintf(bench->folder, sizeof bench->folder, "%s/store-bench-XXXXXX",
             bench->options.folder);
    if (mkdtemp(bench->folder) == NULL)
        bench_die("cannot make a folder");
    snprintf(bench->path, sizeof bench->path, "%s/chat.db", bench->folder);
    memset(bench->text, 'x', bench->options.text);
    bench->random = 88172645463325252;
    bench->wake = eventfd(0, EFD_CLOEXEC);
    if (bench->wake < 0 ||
        !chat__completion_queue_init(&bench->queue, wake, bench))
        bench_die("cannot wait for completions");
    open_store(bench);
}

static void remove_files(struct bench *bench)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock",
                                          ".floor"};
    char path[sizeof bench->path + 8];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", bench->path, endings[i]);
        unlink(path);
    }
    rmdir(bench->folder);
}

void bench_close(struct bench *bench)
{
    close_store(bench);
    chat__completion_queue_release(&bench->queue);
    close(bench->wake);
    if (!bench->options.keep)
        remove_files(bench);
    else
        fprintf(stderr, "store_bench: %s\n", bench->path);
}

void bench_reopen_cold(struct bench *bench)
{
    close_store(bench);
    int file = open(bench->path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fdatasync(file) != 0 ||
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
        bench_die("cannot drop the file's pages");
    close(file);
    open_store(bench);
}

void bench_step(struct bench *bench)
{
    eventfd_t count;
    if (eventfd_read(bench->wake, &count) != 0)
        bench_die("cannot wait");
    chat__completion_queue_run(&bench->queue);
}

/* xorshift: the same numbers in each run. */
uint64_t bench_random(struct bench *bench)
{
    uint64_t x = bench->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    bench->random = x;
    return x;
}

uint64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
