#include "server/backup/place.h"

#include "server/store/sqlite.h"
#include "server/store/sqlite_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- the database that is there ---- */

/* The first column of the first row; 0 when there is none. */
static int query_number(sqlite3 *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

    *number = 0;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int open_old(const char *path, sqlite3 **database)
{
    int code = sqlite3_open_v2(
        path, database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int64_t objects;

    if (code != SQLITE_OK)
        return code;
    sqlite3_busy_timeout(*database, CHAT__SQLITE_BUSY_MS);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* The log of one that cannot be read stays as it is. */
    sqlite3_db_config(*database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return query_number(*database, "SELECT count(*) FROM sqlite_schema",
                        &objects);
}

static bool refuse(const struct chat__place *place, sqlite3 *database, int code,
                   const struct chat__sqlite_message *message)
{
    const char *reason =
        database == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(database);

    if ((code & 0xff) == SQLITE_BUSY)
        return chat__sqlite_refuse(message, "%s is in use by another process",
                                   place->database);
    return chat__sqlite_refuse(message,
                               "cannot close %s: %s; when it is lost, move it "
                               "away with the files beside it",
                               place->database, reason);
}

/* Its log is moved into it, and then removed, which takes being alone. */
static bool fold(struct chat__place *place, sqlite3 *database,
                 uint64_t *last_user,
                 const struct chat__sqlite_message *message)
{
    int64_t application = 0;
    int64_t tables = 0;
    int64_t given = 0;
    int code = query_number(database, "PRAGMA application_id", &application);

    if (code == SQLITE_OK)
        code = query_number(database, "SELECT count(*) FROM sqlite_schema",
                            &tables);
    if (code == SQLITE_OK && tables > 0 &&
        application != CHAT__SQLITE_APPLICATION_ID)
        return chat__sqlite_refuse(
            message, "%s is the database of another program", place->database);
    if (query_number(database,
                     "SELECT seq FROM sqlite_sequence WHERE name = 'users'",
                     &given) == SQLITE_OK)
        *last_user = given > 0 ? (uint64_t)given : 0;
    if (code == SQLITE_OK)
        code = sqlite3_exec(database, "PRAGMA journal_mode = DELETE", NULL,
                            NULL, NULL);
    return code == SQLITE_OK || refuse(place, database, code, message);
}

static bool look(struct chat__place *place, uint64_t *last_user,
                 const struct chat__sqlite_message *message)
{
    sqlite3 *database = NULL;
    int code = open_old(place->database, &database);
    bool good;

    place->openable = code != SQLITE_NOTADB && code != SQLITE_CORRUPT;
    if (!place->openable)
        good = true;
    else if (code != SQLITE_OK)
        good = refuse(place, database, code, message);
    else
        good = fold(place, database, last_user, message);
    sqlite3_close(database);
    return good;
}

/* The name for the old database, by the time in UTC. */
static char *name_replaced(const char *database)
{
    struct timespec now;
    struct tm parts;
    char moment[32];
    char *name = NULL;

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &parts) == NULL ||
        strftime(moment, sizeof moment, "%Y%m%dT%H%M%S", &parts) == 0 ||
        asprintf(&name, "%s.replaced-%s.%03ldZ", database, moment,
                 now.tv_nsec / 1000000) < 0)
        return NULL;
    return name;
}

/* A log beside the name would be read with whatever gets it. */
static bool check_alone(const struct chat__place *place,
                        const struct chat__sqlite_message *message)
{
    static const char *const suffixes[] = {"-wal", "-journal"};
    bool alone = true;

    for (size_t i = 0; alone && i < sizeof suffixes / sizeof *suffixes; i++) {
        char *name = NULL;

        if (asprintf(&name, "%s%s", place->database, suffixes[i]) < 0)
            return chat__sqlite_refuse(message, "memory is short");
        alone = access(name, F_OK) != 0 ||
                chat__sqlite_refuse(message,
                                    "%s is there without its database, or in "
                                    "use: move it away",
                                    name);
        free(name);
    }
    return alone;
}

bool chat__place_prepare(struct chat__place *place, uint64_t *last_user,
                         const struct chat__sqlite_message *message)
{
    *last_user = 0;
    place->openable = false;
    place->replaced = NULL;
    if (access(place->database, F_OK) != 0)
        return errno == ENOENT
                   ? check_alone(place, message)
                   : chat__refuse_errno(message, "open", place->database);
    place->replaced = name_replaced(place->database);
    if (place->replaced == NULL)
        return chat__sqlite_refuse(message, "memory is short");
    return look(place, last_user, message) &&
           chat__sync_folder_of(place->database, message);
}

void chat__place_release(struct chat__place *place)
{
    free(place->replaced);
    place->replaced = NULL;
}

/* ---- changing ---- */

/*
 * Renames `from` with a suffix to `to` with another; to NULL: removes it. That
 * it is not there is fine.
 */
static bool move(const char *from, const char *from_suffix, const char *to,
                 const char *to_suffix,
                 const struct chat__sqlite_message *message)
{
    char *source = NULL;
    char *target = NULL;
    bool moved = false;

    if (asprintf(&source, "%s%s", from, from_suffix) < 0)
        source = NULL;
    if (asprintf(&target, "%s%s", to == NULL ? "" : to, to_suffix) < 0)
        target = NULL;
    if (source == NULL || target == NULL)
        chat__sqlite_refuse(message, "memory is short");
    else
        moved = (to == NULL ? unlink(source) : rename(source, target)) == 0 ||
                errno == ENOENT || chat__refuse_errno(message, "move", source);
    free(source);
    free(target);
    return moved;
}

/* What SQLite would read with a database of this name. */
static bool set_aside(const struct chat__place *place,
                      const struct chat__sqlite_message *message)
{
    const char *to = place->discard ? NULL : place->replaced;

    return move(place->database, "-wal", to, ".wal", message) &&
           move(place->database, "-journal", to, ".journal", message) &&
           move(place->database, "-shm", NULL, "", message) &&
           chat__sync_folder_of(place->database, message);
}

/* Also what was set aside. */
static bool keep(const struct chat__place *place,
                 const struct chat__sqlite_message *message)
{
    const char *name = place->replaced;

    if (place->discard)
        return move(name, "", NULL, "", message);
    return move(name, ".wal", name, "-wal", message) &&
           move(name, ".journal", name, "-journal", message);
}

static bool exchange(const struct chat__place *place,
                     const struct chat__partial *database,
                     const struct chat__sqlite_message *message)
{
    if (renameat2(AT_FDCWD, database->path, AT_FDCWD, place->replaced,
                  RENAME_NOREPLACE) != 0)
        return chat__refuse_errno(message, "make", place->replaced);
    if (renameat2(AT_FDCWD, place->replaced, AT_FDCWD, place->database,
                  RENAME_EXCHANGE) == 0)
        return true;
    chat__refuse_errno(message, "replace", place->database);
    unlink(place->replaced);
    return false;
}

bool chat__place_change(struct chat__place *place,
                        const struct chat__partial *database,
                        const struct chat__sqlite_message *message)
{
    if (!chat__partial_sync(database, message))
        return false;
    if (place->replaced != NULL && !place->openable &&
        !set_aside(place, message))
        return false;
    if (!check_alone(place, message))
        return false;
    if (place->replaced == NULL)
        return chat__partial_place(database, place->database, false, message);
    return exchange(place, database, message) &&
           chat__sync_folder_of(place->database, message) &&
           keep(place, message) &&
           chat__sync_folder_of(place->database, message);
}
