/*
 * A backup: the database of a server, running or not, as it is at one moment,
 * in one file. A file that has the backup's name is whole, on disk and checked.
 *
 * One call, one thread; nothing is kept between calls.
 */
#ifndef CHAT_SERVER_BACKUP_BACKUP_H
#define CHAT_SERVER_BACKUP_BACKUP_H

#include "server/verify/verify.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__BACKUP_MESSAGE_BYTES 1024

enum chat__backup_result {
    CHAT__BACKUP_DONE,
    CHAT__BACKUP_FOUND, /* the copy has findings: nothing was made */
    CHAT__BACKUP_FAILED /* `message` says why: nothing was made */
};

struct chat__backup_counts {
    uint64_t bytes;
    uint64_t rooms;
    uint64_t entries;
    uint64_t users;
    uint64_t findings;
};

struct chat__backup_options {
    const char *database;
    const char *file;
    bool replace; /* a file that has the name already */
    bool unchecked;
    const volatile sig_atomic_t *stop; /* set: give up. NULL: never */
    /* The first and the second are called with `context`. */
    void (*finding)(void *context, const struct chat__verify_finding *finding);
    /* A room as the backup has it, those with most entries first. */
    void (*room)(void *context, const char *room, uint64_t head);
    void *context;
};

enum chat__backup_result
chat__backup_make(const struct chat__backup_options *options,
                  struct chat__backup_counts *counts, char *text,
                  size_t text_size);

#endif
