/*
 * A copy of a database of chatd's as it is at one moment, while a server goes
 * on writing to it.
 *
 * The copy is made of what the database says, row by row, and not of its pages:
 * it has no free pages, in which erased text could be, and no log beside it.
 * Reading the one moment keeps the server from beginning its write-ahead log
 * anew, so that this grows until the copy is made.
 */
#ifndef CHAT_SERVER_BACKUP_COPY_H
#define CHAT_SERVER_BACKUP_COPY_H

#include "server/store/sqlite_file.h"

#include <signal.h>
#include <stdbool.h>

struct chat__copy {
    const char *source;
    const char *target;                /* an empty file */
    int file;                          /* its descriptor */
    const volatile sig_atomic_t *stop; /* set: give up. NULL: never */
};

/* On failure the target may have anything in it. The caller syncs it. */
bool chat__copy_run(const struct chat__copy *copy,
                    const struct chat__sqlite_message *message);

#endif
