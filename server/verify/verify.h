/*
 * Whether a database file keeps the promises: each room's log is gapless and
 * in one order, every key is there once, and what is kept beside the logs
 * agrees with them. Offline and read only; a server may use the file meanwhile,
 * since all is read in one snapshot.
 *
 * To add a check: a row in `checks` (verify.c) and its function in one of
 * check_*.c. To follow a new version of the schema: its checks, then
 * CHAT__VERIFY_SCHEMA_VERSION, which has a number of its own so that a file
 * whose rules are not known here is refused rather than half checked.
 *
 * One call, one thread; nothing is kept between calls.
 */
#ifndef CHAT_SERVER_VERIFY_VERIFY_H
#define CHAT_SERVER_VERIFY_VERIFY_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__VERIFY_SCHEMA_VERSION 4

/* What one check tells of; the others are counted. */
#define CHAT__VERIFY_REPORTS_MAX 100

#define CHAT__VERIFY_TEXT_BYTES 512

enum chat__verify_result {
    CHAT__VERIFY_SOUND,
    CHAT__VERIFY_FOUND,
    CHAT__VERIFY_UNREADABLE /* nothing can be said of the file */
};

/* `room` and `text` may hold any bytes of the file: escape before showing. */
struct chat__verify_finding {
    const char *check; /* a word, such as "seq" */
    const char *room;  /* NULL: of no one room */
    uint64_t seq;      /* 0: of no one entry */
    const char *text;  /* a sentence */
};

struct chat__verify_counts {
    uint64_t rooms;
    uint64_t entries;
    uint64_t users;
    uint64_t findings;
};

struct chat__verify_options {
    const char *path;
    void (*report)(void *context, const struct chat__verify_finding *finding);
    void *context;
    const volatile sig_atomic_t *stop; /* set: give up. NULL: never */
};

/* UNREADABLE: `message` says why. `counts` is what was read by then. */
enum chat__verify_result
chat__verify_file(const struct chat__verify_options *options,
                  struct chat__verify_counts *counts, char *message,
                  size_t message_size);

#endif
