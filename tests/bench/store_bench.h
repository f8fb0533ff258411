/*
 * Drives a store through store.h, as the core does, and measures it.
 *
 *   store_bench append   rooms that each have one append in flight, and the
 *                        floor: the same bytes in a plain file
 *   store_bench read     a log is built, then paged
 *   store_bench mixed    readers alone, writers alone, both
 *
 * One object of JSON a line, or a line of text with --human. One thread asks
 * and runs the completions; every part here belongs to it.
 */
#ifndef CHAT_TESTS_BENCH_STORE_BENCH_H
#define CHAT_TESTS_BENCH_STORE_BENCH_H

#include "server/completion_queue.h"
#include "server/store/sqlite.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_USERS_MAX 1000
#define BENCH_ROOMS_MAX 100000
#define BENCH_BATCH_MAX 512
#define BENCH_TEXT_MAX  4096

struct bench_options {
    const char *mode;
    const char *folder; /* where the file's own folder is made */
    uint64_t rooms;
    uint64_t batch; /* entries of one append */
    uint64_t users; /* who send in turn */
    uint64_t text;  /* bytes of a message */
    uint64_t entries;
    uint64_t window; /* reads in flight */
    uint64_t milliseconds;
    bool random_keys; /* else they begin with the time, as the SDK's do */
    bool keep;
    bool human;
};

/* Ends the program with a message when the arguments are wrong. */
struct bench_options bench_options_parse(int argc, char **argv);

/* ---- the store and its file */

struct bench {
    struct bench_options options;
    char folder[256];
    char path[300];
    struct chat__completion_queue queue;
    int wake; /* eventfd */
    struct chat__store *store;
    uint64_t random; /* the state of bench_random */
    char text[BENCH_TEXT_MAX + 1];
};

/* Failures end the program: nothing here goes on without its file. */
_Noreturn void bench_die(const char *what);

void bench_open(struct bench *bench);
void bench_close(struct bench *bench);

/* Closes, has the kernel forget the file's pages, opens again. */
void bench_reopen_cold(struct bench *bench);

/* Waits for completions and runs them. */
void bench_step(struct bench *bench);

uint64_t bench_random(struct bench *bench);
uint64_t bench_now_ns(void);

/* ---- rooms that are written to */

struct bench_writers;

/* Signs users in and makes the rooms, or finds those of the file. */
struct bench_writers *bench_writers_new(struct bench *bench);
void bench_writers_free(struct bench_writers *writers);

/*
 * Each room has an append in flight until `deadline_ns` or `entries` in all.
 * After the last has been asked for, bench_writers_busy says when all ended.
 */
void bench_writers_start(struct bench_writers *writers, uint64_t batch,
                         uint64_t entries, uint64_t deadline_ns);
bool bench_writers_busy(const struct bench_writers *writers);

const char *bench_room(const struct bench_writers *writers, uint64_t room);
uint64_t bench_head(const struct bench_writers *writers, uint64_t room);

/* The bytes of one more entry, for the floor; returns their length. */
size_t bench_entry_bytes(struct bench_writers *writers, char *bytes,
                         size_t size);

/* ---- rooms that are read */

enum bench_reading {
    BENCH_BEFORE_50,
    BENCH_BEFORE_200,
    BENCH_FORWARD_500,
    BENCH_RESUME /* 1,000 clients read the last 1,000 entries at once */
};

struct bench_readers;

struct bench_readers *bench_readers_new(struct bench *bench,
                                        const struct bench_writers *log);
void bench_readers_free(struct bench_readers *readers);
void bench_readers_start(struct bench_readers *readers,
                         enum bench_reading reading, uint64_t deadline_ns);
bool bench_readers_busy(const struct bench_readers *readers);

/* ---- the floor */

/* Appends groups of entries to a plain file, each with one fdatasync. */
void bench_floor(struct bench *bench, struct bench_writers *writers,
                 uint64_t group);

/* ---- what is reported */

/* Latencies; zeroed storage is an empty one. */
struct bench_samples {
    uint64_t *ns;
    size_t count;
    size_t capacity;
};

void bench_samples_add(struct bench_samples *samples, uint64_t ns);
void bench_samples_clear(struct bench_samples *samples);
void bench_samples_release(struct bench_samples *samples);

/* Processor time so far, in ns: of the process, of threads by their name. */
struct bench_cpu {
    uint64_t process;
    uint64_t writer;
    uint64_t readers;
    uint64_t checkpoint;
};

struct bench_cpu bench_cpu_now(void);

/* A line; members come in the order of the calls. */
void bench_report_begin(const struct bench *bench, const char *name);
void bench_report_text(const char *name, const char *value);
void bench_report_number(const char *name, double value);
void bench_report_latency(struct bench_samples *samples);
/* Seconds of each for a million of `count`. */
void bench_report_cpu(const struct bench_cpu *before, uint64_t count);
void bench_report_end(void);

/* The line's part about what writers or readers did in `seconds`. */
void bench_writers_report(struct bench_writers *writers, double seconds);
void bench_readers_report(struct bench_readers *readers, double seconds);
uint64_t bench_writers_entries(const struct bench_writers *writers);
uint64_t bench_readers_entries(const struct bench_readers *readers);

#endif
