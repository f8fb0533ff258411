#include "server/store/sqlite_schema.h"

#include "server/store/sqlite.h"

#include <stdio.h>
#include <string.h>

/* How large a file may be whose every page is checked when it is opened. */
#define CHECKED_BYTES_MAX (INT64_C(64) * 1024 * 1024)

/*
 * steps[v] leads from version v to v + 1, in one transaction with the new
 * number. A step that has been released is never changed.
 *
 * Entries are kept in order of arrival: a batch then fills the last page, where
 * a table in order of room and seq would touch a page for each room. Both
 * indexes are small. Nothing declares a foreign key: the core cannot name a
 * room or a user that is not there, and each check costs a lookup an entry.
 *
 * AUTOINCREMENT keeps the ids of rooms and users from being used again.
 * Entries need none: a rowid is only the order of arrival.
 */
static const char *const steps[] = {
    "CREATE TABLE rooms ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " epoch TEXT NOT NULL,"
    " private INTEGER NOT NULL,"
    " topic TEXT,"
    " first INTEGER NOT NULL DEFAULT 1,"
    " head INTEGER NOT NULL DEFAULT 0,"
    " n INTEGER NOT NULL DEFAULT 0,"
    " last_ts INTEGER NOT NULL DEFAULT 0,"
    " members INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX rooms_public ON rooms (name) WHERE private = 0;"

    "CREATE TABLE entries ("
    " id INTEGER PRIMARY KEY,"
    " room INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " user INTEGER NOT NULL,"
    " n INTEGER NOT NULL,"
    " ts INTEGER NOT NULL,"
    " key TEXT NOT NULL,"
    " digest BLOB NOT NULL,"
    " bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX entries_log ON entries (room, seq);"
    "CREATE UNIQUE INDEX entries_key ON entries (room, user, key);"

    "CREATE TABLE members ("
    " room INTEGER NOT NULL,"
    " user INTEGER NOT NULL,"
    " role INTEGER NOT NULL,"
    " read INTEGER NOT NULL DEFAULT 0,"
    " read_n INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (room, user)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX members_user ON members (user);"

    "CREATE TABLE users ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL,"
    " guest_key TEXT UNIQUE,"
    " rooms_rev INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"

    "CREATE TABLE tokens ("
    " hash BLOB PRIMARY KEY,"
    " user INTEGER NOT NULL,"
    " expires INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX tokens_expires ON tokens (expires);",

    /*
     * 2: accounts, standings other than membership, folds and mentions.
     *
     * An entry's row stays as it was: a send writes nothing more than before.
     * How a message was left is found from it: `changes` has those that a later
     * entry is about, `edits` their edits, whose newest has the text.
     * `reactions` are those that are on; `place` is where the emoji came on
     * while nobody had it on. `mentions` are those that were not read.
     *
     * Anybody may invite a user, or ban: what is about the user's own rooms
     * does not walk that.
     *
     * `rooms` counts a user's memberships, so that the index of guests that
     * might be idle has none that have left everything long ago. Who was there
     * before version 2 counts as seen now.
     */
    "ALTER TABLE members ADD COLUMN set_by INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX members_joined ON members (user) WHERE role BETWEEN 1 AND 3;"
    "CREATE INDEX members_inviting ON members (user) WHERE role = 4;"
    "CREATE INDEX members_invited ON members (room, user) WHERE role = 4;"
    "CREATE INDEX members_banned ON members (room, user) WHERE role = 5;"

    "ALTER TABLE users ADD COLUMN skeleton TEXT;"
    "ALTER TABLE users ADD COLUMN password TEXT;"
    "ALTER TABLE users ADD COLUMN register_key TEXT;"
    "ALTER TABLE users ADD COLUMN registered INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE users ADD COLUMN rooms INTEGER NOT NULL DEFAULT 0;"
    "UPDATE users SET"
    " seen = CAST(strftime('%s', 'now') AS INTEGER) * 1000,"
    " rooms = (SELECT count(*) FROM members m WHERE m.user = users.id);"
    "DROP INDEX members_user;"
    "CREATE UNIQUE INDEX users_skeleton ON users (skeleton)"
    " WHERE skeleton IS NOT NULL;"
    "CREATE INDEX users_idle ON users (seen)"
    " WHERE guest_key IS NOT NULL AND rooms > 0;"
    "CREATE INDEX tokens_user ON tokens (user);"

    "CREATE TABLE changes ("
    " room INTEGER NOT NULL,"
    " ref INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (room, ref)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE edits ("
    " room INTEGER NOT NULL,"
    " ref INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (room, ref, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE reactions ("
    " room INTEGER NOT NULL,"
    " ref INTEGER NOT NULL,"
    " emoji TEXT NOT NULL,"
    " user INTEGER NOT NULL,"
    " place INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (room, ref, emoji, user)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE mentions ("
    " user INTEGER NOT NULL,"
    " room INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (user, room, seq)"
    ") STRICT, WITHOUT ROWID;",

    /*
     * 3: keys in an order of their own.
     *
     * The keys of our clients begin with the time, so the new ones of all rooms
     * and users come to stand together, and a batch fills a page or two. By
     * room and user there was a page for each sender. A key that begins with
     * anything else costs a page, as it did.
     */
    "DROP INDEX entries_key;"
    "CREATE UNIQUE INDEX entries_key ON entries (key, user, room);",

    /* 4: bans from the server; since when, 0: not banned. */
    "ALTER TABLE users ADD COLUMN banned INTEGER NOT NULL DEFAULT 0;",
};

#define STEP_COUNT (sizeof steps / sizeof *steps)

_Static_assert(STEP_COUNT == CHAT__SQLITE_SCHEMA_VERSION,
               "every version needs its step");

/* The first column of the first row; 0 when there is no row. */
static bool query_number(struct chat__sqlite_connection *connection,
                         const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    *number = 0;
    int code =
        sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            *number = sqlite3_column_int64(statement, 0);
    }
    bool found = code == SQLITE_ROW || code == SQLITE_DONE;
    if (!found)
        chat__sqlite_connection_fail(connection, code);
    sqlite3_finalize(statement);
    return found;
}

/* The first column of the first row as text; longer ones are cut. */
static bool query_text(struct chat__sqlite_connection *connection,
                       const char *sql, char *text, size_t size)
{
    sqlite3_stmt *statement = NULL;
    const unsigned char *found = NULL;
    int code =
        sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        found = sqlite3_column_text(statement, 0);
    if (found != NULL)
        snprintf(text, size, "%s", (const char *)found);
    else
        chat__sqlite_connection_fail(connection, code);
    sqlite3_finalize(statement);
    return found != NULL;
}

static bool refuse_damaged(const char *path, const char *reason,
                           const struct chat__sqlite_message *message)
{
    return chat__sqlite_refuse(message,
                               "%s is damaged (%s): restore a backup, or save "
                               "what can be read with: sqlite3 %s .recover",
                               path, reason, path);
}

/* The sentence for an error that came while the file was looked at. */
static bool refuse_failed(const struct chat__sqlite_connection *connection,
                          const char *path,
                          const struct chat__sqlite_message *message)
{
    switch (sqlite3_errcode(connection->database) & 0xff) {
    case SQLITE_NOTADB:
        return chat__sqlite_refuse(message,
                                   "%s is not a database: move it away, or "
                                   "restore a backup if it was one",
                                   path);
    case SQLITE_BUSY:
        return chat__sqlite_refuse(message, "%s is in use by another process",
                                   path);
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
        return refuse_damaged(path, connection->failure, message);
    default:
        return chat__sqlite_refuse(message, "cannot open %s: %s", path,
                                   connection->failure);
    }
}

/* Ours or empty, and not newer than this program. Gives its version. */
static bool check_identity(struct chat__sqlite_connection *connection,
                           const char *path, int64_t *version,
                           const struct chat__sqlite_message *message)
{
    int64_t application = 0;
    int64_t objects = 0;
    if (!query_number(connection, "SELECT count(*) FROM sqlite_schema",
                      &objects) ||
        !query_number(connection, "PRAGMA application_id", &application) ||
        !query_number(connection, "PRAGMA user_version", version))
        return refuse_failed(connection, path, message);
    bool empty = objects == 0 && application == 0 && *version == 0;
    if (!empty && application != CHAT__SQLITE_APPLICATION_ID)
        return chat__sqlite_refuse(
            message, "%s is the database of another program: name another file",
            path);
    if (*version < 0)
        return refuse_damaged(path, "its version is negative", message);
    if (*version > CHAT__SQLITE_SCHEMA_VERSION)
        return chat__sqlite_refuse(
            message,
            "%s has schema version %lld and this program knows none above %d: "
            "start the newer program, or restore a backup from before it",
            path, (long long)*version, CHAT__SQLITE_SCHEMA_VERSION);
    return true;
}

/*
 * A file that is shorter than its header says is found by any read of it. The
 * rest takes reading every page, so only small files are checked at each open.
 */
static bool check_soundness(struct chat__sqlite_connection *connection,
                            const char *path,
                            const struct chat__sqlite_message *message)
{
    int64_t pages = 0;
    int64_t page_bytes = 0;
    if (!query_number(connection, "PRAGMA page_count", &pages) ||
        !query_number(connection, "PRAGMA page_size", &page_bytes))
        return refuse_failed(connection, path, message);
    if (pages > CHECKED_BYTES_MAX / page_bytes)
        return true;
    char complaint[CHAT__SQLITE_MESSAGE_BYTES];
    if (!query_text(connection, "PRAGMA quick_check(1)", complaint,
                    sizeof complaint))
        return refuse_failed(connection, path, message);
    return strcmp(complaint, "ok") == 0 ||
           refuse_damaged(path, complaint, message);
}

static bool set_modes(struct chat__sqlite_connection *connection,
                      const char *path,
                      const struct chat__sqlite_message *message)
{
    char mode[16];
    if (!query_text(connection, "PRAGMA journal_mode = WAL", mode,
                    sizeof mode) ||
        !chat__sqlite_connection_execute(
            connection,
            "PRAGMA synchronous = FULL;"
            "PRAGMA secure_delete = ON;"
            "PRAGMA wal_autocheckpoint = 0;"
            "PRAGMA temp_store = MEMORY;"
            "PRAGMA cell_size_check = ON;" CHAT__SQLITE_CACHE_PRAGMA))
        return refuse_failed(connection, path, message);
    /* Some network file systems cannot share the memory that WAL needs. */
    return strcmp(mode, "wal") == 0 ||
           chat__sqlite_refuse(message,
                               "%s cannot have a write-ahead log: put it on a "
                               "local file system",
                               path);
}

static bool migrate(struct chat__sqlite_connection *connection, int64_t version)
{
    for (; version < CHAT__SQLITE_SCHEMA_VERSION; version++) {
        char number[96];
        sqlite3_snprintf(sizeof number, number,
                         "PRAGMA application_id = %d;PRAGMA user_version = %d;",
                         CHAT__SQLITE_APPLICATION_ID, (int)version + 1);
        if (!chat__sqlite_connection_execute(connection, "BEGIN IMMEDIATE") ||
            !chat__sqlite_connection_execute(connection, steps[version]) ||
            !chat__sqlite_connection_execute(connection, number) ||
            !chat__sqlite_connection_execute(connection, "COMMIT"))
            return false; /* closing the connection rolls back */
    }
    return true;
}

bool chat__sqlite_schema_open(struct chat__sqlite_connection *connection,
                              const char *path,
                              const struct chat__sqlite_message *message)
{
    int64_t version = 0;
    if (!check_identity(connection, path, &version, message) ||
        !check_soundness(connection, path, message) ||
        !set_modes(connection, path, message))
        return false;
    if (!migrate(connection, version) ||
        !chat__sqlite_connection_prepare(connection))
        return refuse_failed(connection, path, message);
    return true;
}
