/*
 * The embedded store's own struct and its threads: shared by sqlite*.c only.
 *
 * Who touches what
 *   The queues lock themselves. Each connection belongs to its thread once the
 *   threads run. What is guarded by a mutex says so. Counters are atomic.
 */
#ifndef CHAT_SERVER_STORE_SQLITE_PRIVATE_H
#define CHAT_SERVER_STORE_SQLITE_PRIVATE_H

#include "server/store/sqlite.h"
#include "server/store/sqlite_connection.h"
#include "server/store/sqlite_file.h"
#include "server/store/sqlite_queue.h"

#include <pthread.h>
#include <stdatomic.h>

#define CHAT__SQLITE_READERS 2

/* What one transaction takes: enough to make its sync cheap. */
#define CHAT__SQLITE_GROUP_JOBS_MAX  4096
#define CHAT__SQLITE_GROUP_BYTES_MAX (4 * 1024 * 1024)

/* Pages of the WAL: new ones that wake the checkpointer, and all of them. */
#define CHAT__SQLITE_CHECKPOINT_PAGES 1024
#define CHAT__SQLITE_WAL_PAGES_MAX    (16 * CHAT__SQLITE_CHECKPOINT_PAGES)

struct chat__sqlite_writer {
    pthread_t thread;
    struct chat__sqlite_connection connection;
    struct chat__sqlite_queue queue;
    struct chat__sqlite_job *group; /* of CHAT__SQLITE_GROUP_JOBS_MAX */
    int wal_pages;                  /* after the last commit */
    int restart_pages;              /* where the WAL is begun anew */
};

struct chat__sqlite_reader {
    struct chat__sqlite *store;
    pthread_t thread;
    struct chat__sqlite_connection connection;
};

struct chat__sqlite_checkpoint {
    pthread_t thread;
    struct chat__sqlite_connection connection;
    pthread_mutex_t pass;  /* held while pages are moved */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wanted_or_stopping;
    bool wanted;
    bool stopping;
    int moved_pages; /* of the WAL, by the last pass */
};

struct chat__sqlite_counters {
    atomic_uint_fast64_t commits;
    atomic_uint_fast64_t writes;
    atomic_uint_fast64_t failures;
    atomic_uint_fast64_t reads;
    atomic_uint_fast64_t checkpoints;
    atomic_uint_fast64_t wal_pages;
};

struct chat__sqlite {
    struct chat__store store; /* first: the core's pointer is to it */
    struct chat__sqlite_options options;
    struct chat__sqlite_file file;
    struct chat__sqlite_writer writer;
    struct chat__sqlite_queue reads;
    struct chat__sqlite_reader readers[CHAT__SQLITE_READERS];
    struct chat__sqlite_checkpoint checkpoint;
    struct chat__sqlite_counters counters;
};

/* Posts the answer; the job's request is not the store's any more. */
void chat__sqlite_finish(struct chat__sqlite *store,
                         const struct chat__sqlite_job *job,
                         enum chat__store_result result);

/*
 * Tells the operator when `what` (a verb) begins to fail on a connection, with
 * the connection's reason, and when it works again.
 */
void chat__sqlite_note(struct chat__sqlite *store,
                       struct chat__sqlite_connection *connection,
                       const char *what, bool worked);

/* The threads' functions; they end when their queue is closed and empty. */
void *chat__sqlite_writer_run(void *store);
void *chat__sqlite_reader_run(void *reader);
void *chat__sqlite_checkpoint_run(void *store); /* ends when told to stop */

/* Writer's thread: move what the WAL has; or do so if it has enough by now. */
void chat__sqlite_checkpoint_want(struct chat__sqlite *store);
void chat__sqlite_checkpoint_grown(struct chat__sqlite *store, int pages);

/*
 * Writer's thread, with its connection: waits for a pass that runs, moves what
 * is left and has the next transaction begin the WAL anew. False when that
 * could not be, since a reader still needs the old WAL or the medium failed.
 */
bool chat__sqlite_checkpoint_restart(
    struct chat__sqlite *store, struct chat__sqlite_connection *connection);

void chat__sqlite_checkpoint_stop(struct chat__sqlite *store);

/* The work of each operation: sqlite_append.c, sqlite_read.c, sqlite_user.c. */
chat__sqlite_work chat__sqlite_append;
chat__sqlite_work chat__sqlite_find_key;
chat__sqlite_work chat__sqlite_open_room;
chat__sqlite_work chat__sqlite_read_log;
chat__sqlite_work chat__sqlite_list_rooms;
chat__sqlite_work chat__sqlite_sign_in_token; /* a reader's */
chat__sqlite_work chat__sqlite_sign_in_guest; /* the writer's */
chat__sqlite_work chat__sqlite_mark_read;
chat__sqlite_work chat__sqlite_heads;

/* The entry that a key names in a room (by its id); `seq` is 0 without one. */
bool chat__sqlite_read_key(struct chat__sqlite_connection *connection,
                           int64_t room, uint64_t user, const char *key,
                           struct chat__store_keyed *entry);

#endif
