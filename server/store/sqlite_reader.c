/*
 * A reader: each request sees one state of the file. It begins after the
 * request was asked for, so after every commit that the caller knows of.
 */
#include "server/store/sqlite_private.h"

static enum chat__store_result
read_one(struct chat__sqlite_connection *connection,
         struct chat__sqlite_job *job)
{
    if (!chat__sqlite_run(connection, CHAT__SQLITE_BEGIN_READ))
        return CHAT__STORE_FAILED;
    enum chat__store_result result = job->work(connection, job);
    if (!sqlite3_get_autocommit(connection->database))
        chat__sqlite_run(connection, CHAT__SQLITE_ROLLBACK);
    return result;
}

/*
 * Hands the rest to the writer. It may fail without harm: what was read is
 * the answer, be the file full or the queue.
 */
static void hand_over(struct chat__sqlite *store, struct chat__sqlite_job *job)
{
    job->work = job->then;
    job->then = NULL;
    job->otherwise = CHAT__STORE_OK;
    if (!chat__sqlite_queue_push(&store->writer.queue, job))
        chat__sqlite_finish(store, job, CHAT__STORE_OK);
}

void *chat__sqlite_reader_run(void *context)
{
    struct chat__sqlite_reader *reader = context;
    struct chat__sqlite *store = reader->store;
    struct chat__sqlite_job job;
    while (chat__sqlite_queue_take(&store->reads, &job, 1, 1) > 0) {
        enum chat__store_result result = read_one(&reader->connection, &job);
        atomic_fetch_add(&store->counters.reads, 1);
        chat__sqlite_note(store, &reader->connection, "read",
                          result != CHAT__STORE_FAILED);
        if (result == CHAT__STORE_OK && job.then != NULL)
            hand_over(store, &job);
        else
            chat__sqlite_finish(store, &job, result);
    }
    return NULL;
}
