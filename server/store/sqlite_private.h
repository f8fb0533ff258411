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

/*
 * Pages of the WAL: new ones that wake the checkpointer; enough to begin it
 * anew when few are left to move; the most, when the checkpointer is waited
 * for.
 */
#define CHAT__SQLITE_CHECKPOINT_PAGES 2048
#define CHAT__SQLITE_WAL_PAGES_ENOUGH (2 * CHAT__SQLITE_CHECKPOINT_PAGES)
#define CHAT__SQLITE_WAL_PAGES_MAX    (8 * CHAT__SQLITE_CHECKPOINT_PAGES)

/* How soon the WAL is emptied after a text was erased, and tried again. */
#define CHAT__SQLITE_ERASE_MS 500

struct chat__sqlite_writer {
    pthread_t thread;
    struct chat__sqlite_connection connection;
    struct chat__sqlite_queue queue;
    struct chat__sqlite_job *group; /* of CHAT__SQLITE_GROUP_JOBS_MAX */
    int wal_pages;                  /* after the last commit */
    int enough_pages;               /* from here the WAL may begin anew */
    int restart_pages;              /* and here it must */
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
    bool passing;
    int seen_pages;  /* of the WAL, by the last pass */
    int moved_pages; /* of these; fewer while somebody reads an old state */
    bool erasing;    /* the WAL has text that was erased */
    bool moved;      /* a pass has ended since: the writer may empty it */
};

struct chat__sqlite_counters {
    atomic_uint_fast64_t commits;
    atomic_uint_fast64_t writes;
    atomic_uint_fast64_t failures;
    atomic_uint_fast64_t reads;
    atomic_uint_fast64_t checkpoints;
    atomic_uint_fast64_t erasures;
    atomic_uint_fast64_t wal_pages;
    atomic_bool failing; /* the last write */
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

/* Makes the condition; false when that could not be. */
bool chat__sqlite_checkpoint_init_condition(
    struct chat__sqlite_checkpoint *checkpoint);

/* Writer's thread: move what the WAL has. */
void chat__sqlite_checkpoint_want(struct chat__sqlite *store);

/*
 * Writer's thread: the same, if the WAL has enough by now. True when all but a
 * few pages have been moved and nothing moves them at the moment.
 */
bool chat__sqlite_checkpoint_grown(struct chat__sqlite *store, int pages);

/*
 * Writer's thread, with its connection: waits for a pass that runs, moves what
 * is left and has the next transaction begin the WAL anew. False when that
 * could not be, since a reader still needs the old WAL or the medium failed.
 */
bool chat__sqlite_checkpoint_restart(
    struct chat__sqlite *store, struct chat__sqlite_connection *connection);

/* The WAL has text that was erased. */
void chat__sqlite_checkpoint_erase(struct chat__sqlite *store);

/*
 * Writer's thread, with its connection: empties the WAL if it has erased text
 * and the checkpointer has moved it. True when it was emptied. What another
 * process, or a slow reader, holds back is tried again later.
 */
bool chat__sqlite_checkpoint_empty(struct chat__sqlite *store,
                                   struct chat__sqlite_connection *connection);

void chat__sqlite_checkpoint_stop(struct chat__sqlite *store);

/* The work of each operation that reads. */
chat__sqlite_work chat__sqlite_find_key; /* sqlite_read.c */
chat__sqlite_work chat__sqlite_open_room;
chat__sqlite_work chat__sqlite_read_log;
chat__sqlite_work chat__sqlite_list_rooms;
chat__sqlite_work chat__sqlite_list_members;
chat__sqlite_work chat__sqlite_find_message;  /* sqlite_fold.c */
chat__sqlite_work chat__sqlite_sign_in_token; /* sqlite_sign_in.c */
chat__sqlite_work chat__sqlite_find_account;  /* sqlite_user.c */
chat__sqlite_work chat__sqlite_find_user;
chat__sqlite_work chat__sqlite_idle_guests;
chat__sqlite_work chat__sqlite_heads;
chat__sqlite_work chat__sqlite_list_users; /* sqlite_operator.c */

/* And of each that writes. */
chat__sqlite_work chat__sqlite_append;     /* sqlite_append.c */
chat__sqlite_work chat__sqlite_sign_in;    /* sqlite_sign_in.c */
chat__sqlite_work chat__sqlite_end_tokens; /* sqlite_token.c */
chat__sqlite_work chat__sqlite_keep_session;
chat__sqlite_work chat__sqlite_set_banned; /* sqlite_operator.c */
chat__sqlite_work chat__sqlite_mark_read;  /* sqlite_marker.c */
chat__sqlite_work chat__sqlite_probe;      /* sqlite_writer.c */

/* ---- pieces of that work; false when the medium failed */

/* The room's id, 0 when there is none, and its head unless NULL. */
bool chat__sqlite_find_room(struct chat__sqlite_connection *connection,
                            const char *name, int64_t *id, uint64_t *head);

/* The entry that a key names in a room (by its id); `seq` is 0 without one. */
bool chat__sqlite_read_key(struct chat__sqlite_connection *connection,
                           int64_t room, uint64_t user, const char *key,
                           struct chat__store_keyed *entry);

/* How the messages of the page were left. */
bool chat__sqlite_read_changes(struct chat__sqlite_connection *connection,
                               struct chat__store_read_log *request,
                               int64_t room);

/* A room while an append writes to it. */
struct chat__sqlite_room {
    int64_t id;
    uint64_t head;
    int64_t members_more; /* what the batch adds to the count of members */
};

bool chat__sqlite_apply_standings(struct chat__sqlite_connection *connection,
                                  struct chat__sqlite_room *room,
                                  const struct chat__store_entry *entry);
bool chat__sqlite_add_mentions(struct chat__sqlite_connection *connection,
                               const struct chat__sqlite_room *room,
                               const struct chat__store_entry *entry);
/* The user's, in the room, up to and with `seq`. */
bool chat__sqlite_sweep_mentions(struct chat__sqlite_connection *connection,
                                 int64_t room, uint64_t user, uint64_t seq);
/* OK, FAILED; NOT_FOUND: no such message, or it is deleted. */
enum chat__store_result
chat__sqlite_fold(struct chat__sqlite_connection *connection, int64_t room,
                  const struct chat__store_entry *entry);

/* Who has a token, 0 when nobody, and until when. */
bool chat__sqlite_get_token(struct chat__sqlite_connection *connection,
                            const unsigned char *hash, uint64_t *user,
                            int64_t *expires_ms);
bool chat__sqlite_set_token(struct chat__sqlite_connection *connection,
                            const unsigned char *hash, uint64_t user,
                            int64_t expires_ms);
/* Both only move forward. */
bool chat__sqlite_slide_token(struct chat__sqlite_connection *connection,
                              const unsigned char *hash, int64_t expires_ms);
bool chat__sqlite_see_user(struct chat__sqlite_connection *connection,
                           uint64_t user, int64_t now_ms);

#endif
