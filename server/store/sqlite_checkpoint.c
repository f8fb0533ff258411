/*
 * The checkpointer: copies the WAL's pages into the file and syncs it, beside
 * the writer, which never waits for that.
 */
#include "server/store/sqlite_private.h"

void chat__sqlite_checkpoint_want(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->wanted = true;
    pthread_mutex_unlock(&checkpoint->mutex);
    pthread_cond_signal(&checkpoint->wanted_or_stopping);
}

void chat__sqlite_checkpoint_grown(struct chat__sqlite *store, int pages)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    if (pages < checkpoint->moved_pages)
        checkpoint->moved_pages = 0; /* the WAL has begun anew */
    int waiting_pages = pages - checkpoint->moved_pages;
    pthread_mutex_unlock(&checkpoint->mutex);
    if (waiting_pages >= CHAT__SQLITE_CHECKPOINT_PAGES)
        chat__sqlite_checkpoint_want(store);
}

void chat__sqlite_checkpoint_stop(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->mutex);
    checkpoint->stopping = true;
    pthread_mutex_unlock(&checkpoint->mutex);
    pthread_cond_signal(&checkpoint->wanted_or_stopping);
}

bool chat__sqlite_checkpoint_restart(struct chat__sqlite *store,
                                     struct chat__sqlite_connection *connection)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    pthread_mutex_lock(&checkpoint->pass);
    int code = sqlite3_wal_checkpoint_v2(connection->database, NULL,
                                         SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    pthread_mutex_unlock(&checkpoint->pass);
    return code == SQLITE_OK;
}

/* False when the thread is to end. */
static bool wait_for_work(struct chat__sqlite_checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->mutex);
    while (!checkpoint->wanted && !checkpoint->stopping)
        pthread_cond_wait(&checkpoint->wanted_or_stopping, &checkpoint->mutex);
    checkpoint->wanted = false;
    bool stopping = checkpoint->stopping;
    pthread_mutex_unlock(&checkpoint->mutex);
    return !stopping;
}

static void move_pages(struct chat__sqlite *store)
{
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    int moved = 0;
    pthread_mutex_lock(&checkpoint->pass);
    int code =
        sqlite3_wal_checkpoint_v2(checkpoint->connection.database, NULL,
                                  SQLITE_CHECKPOINT_PASSIVE, NULL, &moved);
    pthread_mutex_unlock(&checkpoint->pass);
    if (code == SQLITE_BUSY)
        return; /* an operator's tool is at it */
    if (code == SQLITE_OK) {
        pthread_mutex_lock(&checkpoint->mutex);
        checkpoint->moved_pages = moved;
        pthread_mutex_unlock(&checkpoint->mutex);
        atomic_fetch_add(&store->counters.checkpoints, 1);
    } else {
        chat__sqlite_connection_fail(&checkpoint->connection, code);
    }
    chat__sqlite_note(store, &checkpoint->connection, "checkpoint",
                      code == SQLITE_OK);
}

void *chat__sqlite_checkpoint_run(void *context)
{
    struct chat__sqlite *store = context;
    while (wait_for_work(&store->checkpoint))
        move_pages(store);
    return NULL;
}
