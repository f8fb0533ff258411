/*
 * The checkpointer: copies the WAL's pages into the file and syncs it, beside
 * the writer, which never waits for that.
 */
#include "server/store/sqlite_private.h"

#include <errno.h>
#include <time.h>

/*
 * How long the writer waits for readers of the old WAL: each of ours is done
 * in a moment, and others are not waited for. Now and then SQLite waits for a
 * mark that was an old reader's and has become that of all new ones; then it
 * is better to try again later.
 */
#define READERS_BUSY_MS 10

bool chat__sqlite_checkpoint_init_condition(
    struct chat__sqlite_checkpoint *checkpoint)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return false;
    bool made =
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
        pthread_cond_init(&checkpoint->wanted_or_stopping, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made;
}

void chat__sqlite_checkpoint_want(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->wanted = true;
    pthread_mutex_unlock(&checkpoint->mutex);
    pthread_cond_signal(&checkpoint->wanted_or_stopping);
}

static void forget_pages(struct chat__sqlite_checkpoint *checkpoint)
{
    checkpoint->seen_pages = 0;
    checkpoint->moved_pages = 0;
}

bool chat__sqlite_checkpoint_grown(struct chat__sqlite *store, int pages)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    if (pages < checkpoint->seen_pages)
        forget_pages(checkpoint); /* the WAL has begun anew */
    bool many = pages - checkpoint->seen_pages >= CHAT__SQLITE_CHECKPOINT_PAGES;
    bool few_left =
        pages - checkpoint->moved_pages < CHAT__SQLITE_CHECKPOINT_PAGES;
    bool idle = !checkpoint->passing;
    pthread_mutex_unlock(&checkpoint->mutex);
    if (many && idle)
        chat__sqlite_checkpoint_want(store);
    return few_left && idle;
}

void chat__sqlite_checkpoint_stop(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->stopping = true;
    pthread_mutex_unlock(&checkpoint->mutex);
    pthread_cond_signal(&checkpoint->wanted_or_stopping);
}

/* Moves all there is, if readers let it. */
static bool move_all(struct chat__sqlite_connection *connection, int mode)
{
    sqlite3_busy_timeout(connection->database, READERS_BUSY_MS);
    int code =
        sqlite3_wal_checkpoint_v2(connection->database, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(connection->database, CHAT__SQLITE_BUSY_MS);
    return code == SQLITE_OK;
}

bool chat__sqlite_checkpoint_restart(struct chat__sqlite *store,
                                     struct chat__sqlite_connection *connection)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->pass);
    bool moved = move_all(connection, SQLITE_CHECKPOINT_RESTART);
    pthread_mutex_unlock(&checkpoint->pass);
    return moved;
}

void chat__sqlite_checkpoint_erase(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->erasing = true;
    checkpoint->moved = false;
    pthread_mutex_unlock(&checkpoint->mutex);
    pthread_cond_signal(&checkpoint->wanted_or_stopping);
}

/* What truncates also moves what has come since the pass. */
static bool truncate_wal(struct chat__sqlite_checkpoint *checkpoint,
                         struct chat__sqlite_connection *connection)
{
    if (pthread_mutex_trylock(&checkpoint->pass) != 0)
        return false;
    bool moved = move_all(connection, SQLITE_CHECKPOINT_TRUNCATE);
    pthread_mutex_unlock(&checkpoint->pass);
    return moved;
}

bool chat__sqlite_checkpoint_empty(struct chat__sqlite *store,
                                   struct chat__sqlite_connection *connection)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    bool due = checkpoint->erasing && checkpoint->moved;
    checkpoint->moved = false;
    pthread_mutex_unlock(&checkpoint->mutex);
    if (!due)
        return false;
    bool emptied = truncate_wal(checkpoint, connection);
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->erasing = !emptied;
    if (emptied)
        forget_pages(checkpoint);
    pthread_mutex_unlock(&checkpoint->mutex);
    if (emptied)
        atomic_fetch_add(&store->counters.erasures, 1);
    return emptied;
}

/* ---- the thread */

static struct timespec in_a_while(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += CHAT__SQLITE_ERASE_MS * 1000000L;
    time.tv_sec += time.tv_nsec / 1000000000L;
    time.tv_nsec %= 1000000000L;
    return time;
}

/*
 * Erased text is worth a pass by itself, but not at once: others may come.
 * False when the thread is to end.
 */
static bool wait_for_work(struct chat__sqlite_checkpoint *checkpoint)
{
    const struct timespec deadline = in_a_while();
    int code = 0;
    pthread_mutex_lock(&checkpoint->mutex);
    while (!checkpoint->wanted && !checkpoint->stopping && code != ETIMEDOUT)
        code = checkpoint->erasing
                   ? pthread_cond_timedwait(&checkpoint->wanted_or_stopping,
                                            &checkpoint->mutex, &deadline)
                   : pthread_cond_wait(&checkpoint->wanted_or_stopping,
                                       &checkpoint->mutex);
    checkpoint->wanted = false;
    checkpoint->passing = true;
    bool stopping = checkpoint->stopping;
    pthread_mutex_unlock(&checkpoint->mutex);
    return !stopping;
}

/* A pass has ended: if it was for erased text, the rest is the writer's. */
static void hand_to_writer(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    bool erasing = checkpoint->erasing;
    checkpoint->moved = erasing;
    pthread_mutex_unlock(&checkpoint->mutex);
    if (erasing)
        chat__sqlite_queue_wake(&store->writer.queue);
}

static void note_pass(struct chat__sqlite_checkpoint *checkpoint, bool worked,
                      int seen, int moved)
{
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->passing = false;
    if (worked) {
        checkpoint->seen_pages = seen;
        checkpoint->moved_pages = moved;
    }
    pthread_mutex_unlock(&checkpoint->mutex);
}

/* False when the WAL could not be moved. */
static bool move_pages(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    int seen = 0;
    int moved = 0;
    pthread_mutex_lock(&checkpoint->pass);
    int code =
        sqlite3_wal_checkpoint_v2(checkpoint->connection.database, NULL,
                                  SQLITE_CHECKPOINT_PASSIVE, &seen, &moved);
    pthread_mutex_unlock(&checkpoint->pass);
    note_pass(checkpoint, code == SQLITE_OK, seen, moved);
    if (code == SQLITE_BUSY)
        return false; /* an operator's tool is at it */
    if (code == SQLITE_OK) {
        atomic_fetch_add(&store->counters.checkpoints, 1);
    } else {
        chat__sqlite_connection_fail(&checkpoint->connection, code);
    }
    chat__sqlite_note(store, &checkpoint->connection, "checkpoint",
                      code == SQLITE_OK);
    return code == SQLITE_OK;
}

void *chat__sqlite_checkpoint_run(void *context)
{
    struct chat__sqlite *store = context;
    while (wait_for_work(&store->checkpoint))
        if (move_pages(store))
            hand_to_writer(store);
    return NULL;
}
