/*
 * The writer: everything that waits is one transaction and one sync. A request
 * has a savepoint, so one that may not be written does not hurt the others;
 * when the commit fails, nobody is told that it worked.
 */
#include "server/store/sqlite_private.h"

#include <stdio.h>

/* Does one request. False when the transaction itself is broken. */
static bool write_one(struct chat__sqlite_connection *connection,
                      struct chat__sqlite_job *job)
{
    if (!chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT))
        return false;
    job->outcome = job->work(connection, job);
    /* After some failures SQLite has rolled back all of it by itself. */
    if (sqlite3_get_autocommit(connection->database))
        return false;
    if (job->outcome != CHAT__STORE_OK &&
        !chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT_ROLLBACK))
        return false;
    return chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT_RELEASE);
}

/* How many of the jobs, from the first on, refuse first. */
static size_t count_plain(const struct chat__sqlite_job *jobs, size_t count)
{
    size_t plain = 0;
    while (plain < count && jobs[plain].refuses_first)
        plain++;
    return plain;
}

/* False at the first that fails, which may have written half of it. */
static bool work_all(struct chat__sqlite_connection *connection,
                     struct chat__sqlite_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        jobs[i].outcome = jobs[i].work(connection, &jobs[i]);
        if (jobs[i].outcome == CHAT__STORE_FAILED)
            return false;
    }
    return true;
}

/*
 * Does requests that refuse first, with one savepoint: each of their own would
 * copy every page that they touch. When one fails, each is done again by
 * itself. False as write_one.
 */
static bool write_plain(struct chat__sqlite_connection *connection,
                        struct chat__sqlite_job *jobs, size_t count)
{
    if (!chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT))
        return false;
    bool sound = work_all(connection, jobs, count);
    if (sqlite3_get_autocommit(connection->database))
        return false;
    if (!sound &&
        !chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT_ROLLBACK))
        return false;
    if (!chat__sqlite_run(connection, CHAT__SQLITE_SAVEPOINT_RELEASE))
        return false;
    for (size_t i = 0; !sound && i < count; i++)
        if (!write_one(connection, &jobs[i]))
            return false;
    return true;
}

static bool write_group(struct chat__sqlite_writer *writer, size_t count)
{
    struct chat__sqlite_connection *connection = &writer->connection;
    if (!chat__sqlite_run(connection, CHAT__SQLITE_BEGIN_WRITE))
        return false;
    bool sound = true;
    for (size_t i = 0; sound && i < count;) {
        struct chat__sqlite_job *jobs = &writer->group[i];
        size_t plain = count_plain(jobs, count - i);
        sound = plain > 1 ? write_plain(connection, jobs, plain)
                          : write_one(connection, jobs);
        i += plain > 1 ? plain : 1;
    }
    return sound && chat__sqlite_run(connection, CHAT__SQLITE_COMMIT);
}

/* Ends what a failure left open, keeping the reason of that failure. */
static void roll_back(struct chat__sqlite_connection *connection)
{
    if (!sqlite3_get_autocommit(connection->database))
        sqlite3_exec(connection->database, "ROLLBACK", NULL, NULL, NULL);
}

static void finish_group(struct chat__sqlite *store, size_t count,
                         bool committed)
{
    for (size_t i = 0; i < count; i++) {
        const struct chat__sqlite_job *job = &store->writer.group[i];
        chat__sqlite_finish(store, job,
                            committed ? job->outcome : job->otherwise);
    }
}

/* One that failed alone must not stay unsaid because the others went well. */
static bool all_worked(const struct chat__sqlite_writer *writer, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (writer->group[i].outcome == CHAT__STORE_FAILED)
            return false;
    return true;
}

static void count_group(struct chat__sqlite *store, size_t count,
                        bool committed)
{
    struct chat__sqlite_counters *counters = &store->counters;
    if (!committed) {
        atomic_fetch_add(&counters->failures, 1);
        return;
    }
    atomic_fetch_add(&counters->commits, 1);
    atomic_fetch_add(&counters->writes, count);
    atomic_store(&counters->wal_pages, (uint64_t)store->writer.wal_pages);
}

static void begin_wal(struct chat__sqlite_writer *writer)
{
    writer->wal_pages = 0;
    writer->enough_pages = CHAT__SQLITE_WAL_PAGES_ENOUGH;
    writer->restart_pages = CHAT__SQLITE_WAL_PAGES_MAX;
}

/*
 * The checkpointer moves what it can while we write, but only a writer that
 * rests lets the WAL begin anew. So the writer moves the last, short stretch
 * itself, best just after a pass has moved the rest. At the bound it waits for
 * the pass, and, when it could not, tries again a little later. That is also
 * what slows us down to the pace of a slow disk.
 */
static void bound_wal(struct chat__sqlite *store)
{
    struct chat__sqlite_writer *writer = &store->writer;
    bool few_left = chat__sqlite_checkpoint_grown(store, writer->wal_pages);
    bool good_moment = few_left && writer->wal_pages >= writer->enough_pages;
    if (!good_moment && writer->wal_pages < writer->restart_pages)
        return;
    if (chat__sqlite_checkpoint_restart(store, &writer->connection)) {
        begin_wal(writer);
        return;
    }
    writer->enough_pages = writer->wal_pages + CHAT__SQLITE_CHECKPOINT_PAGES;
    if (writer->restart_pages < writer->enough_pages)
        writer->restart_pages = writer->enough_pages;
}

static int note_pages(void *context, sqlite3 *database, const char *name,
                      int pages)
{
    struct chat__sqlite_writer *writer = context;
    (void)database;
    (void)name;
    writer->wal_pages = pages;
    return SQLITE_OK;
}

static void serve(struct chat__sqlite *store, size_t count)
{
    struct chat__sqlite_writer *writer = &store->writer;
    bool committed = write_group(writer, count);
    if (!committed)
        roll_back(&writer->connection);
    if (committed && writer->connection.erased)
        chat__sqlite_checkpoint_erase(store);
    writer->connection.erased = false;
    bool worked = committed && all_worked(writer, count);
    count_group(store, count, committed);
    atomic_store(&store->counters.failing, !worked);
    chat__sqlite_note(store, &writer->connection, "write", worked);
    finish_group(store, count, committed);
    if (committed)
        bound_wal(store);
    else
        chat__sqlite_checkpoint_want(store); /* what it frees can be reused */
}

/* A file that was moved or deleted takes writes, which nobody would find. */
static bool is_in_place(struct chat__sqlite_connection *connection)
{
    int moved = 0;
    int code = sqlite3_file_control(connection->database, NULL,
                                    SQLITE_FCNTL_HAS_MOVED, &moved);
    if (code == SQLITE_OK && !moved)
        return true;
    chat__sqlite_connection_fail(connection,
                                 code != SQLITE_OK ? code : SQLITE_IOERR);
    if (moved)
        snprintf(connection->failure, sizeof connection->failure,
                 "the file was moved or deleted");
    return false;
}

enum chat__store_result
chat__sqlite_probe(struct chat__sqlite_connection *connection,
                   struct chat__sqlite_job *job)
{
    (void)job;
    return is_in_place(connection) &&
                   chat__sqlite_run(connection, CHAT__SQLITE_PROBE)
               ? CHAT__STORE_OK
               : CHAT__STORE_FAILED;
}

void *chat__sqlite_writer_run(void *context)
{
    struct chat__sqlite *store = context;
    struct chat__sqlite_writer *writer = &store->writer;
    begin_wal(writer);
    sqlite3_wal_hook(writer->connection.database, note_pages, writer);
    while (!chat__sqlite_queue_ended(&writer->queue)) {
        size_t count = chat__sqlite_queue_take(&writer->queue, writer->group,
                                               CHAT__SQLITE_GROUP_JOBS_MAX,
                                               CHAT__SQLITE_GROUP_BYTES_MAX);
        if (count > 0)
            serve(store, count);
        if (chat__sqlite_checkpoint_empty(store, &writer->connection))
            begin_wal(writer);
    }
    return NULL;
}
