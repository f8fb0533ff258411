#include "server/backup/copy.h"

#include "server/store/sqlite.h"
#include "server/store/sqlite_connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

/* Steps of SQLite's machine between two looks: about a millisecond. */
#define STEPS_BETWEEN_LOOKS 20000

/*
 * Written to the disk at a time. All at once, at the end, would keep a server's
 * commits on the same disk waiting for a tenth of a second.
 */
#define FLUSH_BYTES (8 * 1024 * 1024)

struct run {
    const struct chat__copy *copy;
    off_t flushed; /* of the target */
};

static void flush(struct run *run)
{
    int file = run->copy->file;
    struct stat status;

    if (fstat(file, &status) != 0 ||
        status.st_size - run->flushed < FLUSH_BYTES)
        return;
    sync_file_range(file, run->flushed, status.st_size - run->flushed,
                    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                        SYNC_FILE_RANGE_WAIT_AFTER);
    run->flushed = status.st_size;
}

static int look(void *context)
{
    struct run *run = context;
    const volatile sig_atomic_t *stop = run->copy->stop;

    flush(run);
    return stop != NULL && *stop != 0;
}

static bool refuse(const struct chat__copy *copy, sqlite3 *database, int code,
                   const struct chat__sqlite_message *message)
{
    const char *reason =
        database == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(database);
    int error = database == NULL ? 0 : sqlite3_system_errno(database);
    char text[128];

    switch (code & 0xff) {
    case SQLITE_INTERRUPT:
        return chat__sqlite_refuse(message, "interrupted");
    case SQLITE_NOTADB:
        return chat__sqlite_refuse(message, "%s is not a database of chatd",
                                   copy->source);
    case SQLITE_FULL:
        return chat__sqlite_refuse(message, "there is no space for %s",
                                   copy->target);
    case SQLITE_CORRUPT:
        return chat__sqlite_refuse(message, "%s is damaged (%s)", copy->source,
                                   reason);
    default:
        return chat__sqlite_refuse(
            message, "cannot copy %s to %s: %s%s%s", copy->source, copy->target,
            reason, error == 0 ? "" : ": ",
            error == 0 ? "" : strerror_r(error, text, sizeof text));
    }
}

/*
 * To write, where that is allowed: what a crash left half-written is taken back
 * before it can be read.
 */
static int open_source(struct run *run, sqlite3 **database)
{
    int code =
        sqlite3_open_v2(run->copy->source, database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK)
        return code;
    sqlite3_extended_result_codes(*database, 1);
    sqlite3_busy_timeout(*database, CHAT__SQLITE_BUSY_MS);
    /* A file is input: its schema may not make us run anything. */
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* What a crashed server left is its next server's to move. */
    sqlite3_db_config(*database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_progress_handler(*database, STEPS_BETWEEN_LOOKS, look, run);
    return sqlite3_exec(*database, "PRAGMA cell_size_check = ON", NULL, NULL,
                        NULL);
}

/* The first column of the first row. */
static int query_number(sqlite3 *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

static bool check_identity(const struct chat__copy *copy, sqlite3 *database,
                           const struct chat__sqlite_message *message)
{
    int64_t application = 0;
    int64_t version = 0;
    int code = query_number(database, "PRAGMA application_id", &application);

    if (code == SQLITE_OK)
        code = query_number(database, "PRAGMA user_version", &version);
    if (code != SQLITE_OK)
        return refuse(copy, database, code, message);
    if (application != CHAT__SQLITE_APPLICATION_ID)
        return refuse(copy, database, SQLITE_NOTADB, message);
    if (version < 1 || version > CHAT__SQLITE_SCHEMA_VERSION)
        return chat__sqlite_refuse(
            message,
            "%s has schema version %lld, and this program knows those from 1 "
            "to %d: use the chatctl of the chatd that made it",
            copy->source, (long long)version, CHAT__SQLITE_SCHEMA_VERSION);
    return true;
}

static int write_copy(const struct chat__copy *copy, sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(database, "VACUUM INTO ?", -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, copy->target, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A restore may have put another file in the place of the one that is read. */
static bool check_place(const struct chat__copy *copy, sqlite3 *database,
                        const struct chat__sqlite_message *message)
{
    int moved = 0;

    sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved == 0 ||
           chat__sqlite_refuse(message,
                               "%s was replaced while it was read: try again",
                               copy->source);
}

bool chat__copy_run(const struct chat__copy *copy,
                    const struct chat__sqlite_message *message)
{
    struct run run = {.copy = copy};
    sqlite3 *database = NULL;
    int code = open_source(&run, &database);
    bool copied = code == SQLITE_OK && check_identity(copy, database, message);

    if (copied) {
        code = write_copy(copy, database);
        copied = code == SQLITE_OK && check_place(copy, database, message);
    }
    if (code != SQLITE_OK)
        refuse(copy, database, code, message);
    sqlite3_close(database);
    return copied;
}
