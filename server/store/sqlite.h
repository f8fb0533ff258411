/*
 * The embedded store: one SQLite file in WAL mode.
 *
 * Threads
 *   One writer: everything that waits for it becomes one transaction and one
 *   sync (group commit); what is asked meanwhile is the next one. Completions
 *   are posted when the transaction is on disk. Two readers, each with a
 *   connection of its own. One checkpointer, which moves the WAL into the file
 *   so that the writer need not. Operations only queue.
 *
 * Failures
 *   When a transaction cannot be committed (a full disk), every request in it
 *   is FAILED and the next one tries again; nothing has to be restarted. Reads
 *   and sign-ins by token go on. An append that was FAILED by a sync may still
 *   be there after a crash; its keys then say so.
 *
 * Erasure
 *   A deleted text is written over in the file (secure_delete), in the
 *   transaction of the delete. The WAL is rid of it within a second or so, once
 *   the checkpointer has moved it and the writer has emptied it: later while
 *   another process reads an old state of the file.
 *
 * Seen
 *   A sign-in by token that would move the token's end and the time at which
 *   its user was seen by less than an hour writes neither.
 *
 * The file
 *   Made with mode 0600; a file that is there keeps its mode. Its folder must
 *   exist. Beside it are FILE-wal and FILE-shm while it is open, and FILE.lock,
 *   which is locked while a process has the store and stays behind.
 */
#ifndef CHAT_SERVER_STORE_SQLITE_H
#define CHAT_SERVER_STORE_SQLITE_H

#include "server/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the schema is at; a file with a greater one is refused. */
#define CHAT__SQLITE_SCHEMA_VERSION 4

/* "CHAT": the application id in the header of every file of ours. */
#define CHAT__SQLITE_APPLICATION_ID 0x43484154

/* Requests that may wait for the writer, and for the readers; beyond: BUSY. */
#define CHAT__SQLITE_QUEUE_MAX 16384

struct chat__sqlite_options {
    const char *path;                  /* the file; made when absent */
    struct chat__completion_sink sink; /* where completions go */
    /*
     * A sentence for the operator: a failure when it begins (not each time
     * that it repeats) and its end. Called on the store's threads, also during
     * close; it must not call the store. NULL: nobody listens.
     */
    void (*report)(void *context, const char *message);
    void *report_context;
};

/*
 * Opens or creates the file, migrates an older schema, starts the threads.
 * NULL with a sentence in `message` for the operator when the file is newer
 * than this program, damaged, another program's, in use by another process or
 * not writable. The page structure of the whole file is checked up to 64 MiB,
 * beyond that only its header and its schema: a check reads every page.
 */
struct chat__store *
chat__sqlite_open(const struct chat__sqlite_options *options, char *message,
                  size_t message_size);

/* What has been done since the store was opened. */
struct chat__sqlite_statistics {
    uint64_t commits;     /* transactions of the writer that are on disk */
    uint64_t writes;      /* requests in them */
    uint64_t failures;    /* transactions that could not be committed */
    uint64_t reads;       /* requests that the readers answered */
    uint64_t checkpoints; /* passes of the checkpointer that ended well */
    uint64_t erasures;    /* times that the WAL was emptied of erased text */
    uint64_t wal_pages;   /* in the WAL after the last commit */
    bool failing;         /* the last write did not work */
};

/* `store` must come from chat__sqlite_open. Any thread. */
struct chat__sqlite_statistics
chat__sqlite_statistics(const struct chat__store *store);

#endif
