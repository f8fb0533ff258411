/*
 * A connection to the file with its prepared statements, and the way to run
 * them. A connection belongs to one thread at a time.
 *
 * A query is begun, bound in order of its parameters, stepped row by row, and
 * ended. Errors stick: after the first, binding and stepping do nothing, so a
 * caller checks once, at the end, which also notes the reason for the operator
 * in the connection.
 *
 *   chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_N);
 *   chat__sqlite_query_integer(&query, room);
 *   while (chat__sqlite_query_row(&query))
 *       n = sqlite3_column_int64(query.statement, 0);
 *   return chat__sqlite_query_end(&query);
 */
#ifndef CHAT_SERVER_STORE_SQLITE_CONNECTION_H
#define CHAT_SERVER_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__SQLITE_MESSAGE_BYTES 512

/* How long a connection waits for a lock that an operator's tool holds. */
#define CHAT__SQLITE_BUSY_MS 5000

/*
 * 2 MiB of pages for each connection, so that the process stays small; what
 * they miss is in the kernel's cache of the file.
 */
#define CHAT__SQLITE_CACHE_PRAGMA "PRAGMA cache_size = -2048;"

/* The texts are in sqlite_statement.c. */
enum chat__sqlite_statement {
    CHAT__SQLITE_BEGIN_READ,
    CHAT__SQLITE_BEGIN_WRITE,
    CHAT__SQLITE_COMMIT,
    CHAT__SQLITE_ROLLBACK,
    CHAT__SQLITE_SAVEPOINT,
    CHAT__SQLITE_SAVEPOINT_RELEASE,
    CHAT__SQLITE_SAVEPOINT_ROLLBACK,
    CHAT__SQLITE_ROOM_FIND,
    CHAT__SQLITE_ROOM_GET,
    CHAT__SQLITE_ROOM_INSERT,
    CHAT__SQLITE_ROOM_ADVANCE,
    CHAT__SQLITE_ROOM_TOPIC,
    CHAT__SQLITE_ROOM_STANDINGS,
    CHAT__SQLITE_ROOM_MEMBERS,
    CHAT__SQLITE_ROOM_INVITED,
    CHAT__SQLITE_ROOM_BANNED,
    CHAT__SQLITE_ROOMS_PUBLIC,
    CHAT__SQLITE_ROOMS_ALL,
    CHAT__SQLITE_ENTRY_INSERT,
    CHAT__SQLITE_ENTRY_BY_KEY,
    CHAT__SQLITE_ENTRY_N,
    CHAT__SQLITE_ENTRY_BYTES,
    CHAT__SQLITE_ENTRY_OVERWRITE,
    CHAT__SQLITE_ENTRIES_FORWARD,
    CHAT__SQLITE_ENTRIES_BACKWARD,
    CHAT__SQLITE_MESSAGE_GET,
    CHAT__SQLITE_CHANGE_SET,
    CHAT__SQLITE_CHANGES,
    CHAT__SQLITE_EDIT_INSERT,
    CHAT__SQLITE_EDITS,
    CHAT__SQLITE_EDITS_COUNT,
    CHAT__SQLITE_EDITS_DELETE,
    CHAT__SQLITE_REACTION_INSERT,
    CHAT__SQLITE_REACTION_DELETE,
    CHAT__SQLITE_REACTION_COUNTS,
    CHAT__SQLITE_REACTIONS,
    CHAT__SQLITE_REACTIONS_DELETE,
    CHAT__SQLITE_STANDING_GET,
    CHAT__SQLITE_STANDING_SET,
    CHAT__SQLITE_STANDING_ROLE,
    CHAT__SQLITE_STANDING_DELETE,
    CHAT__SQLITE_MEMBER_MARKER,
    CHAT__SQLITE_MEMBER_MARK,
    CHAT__SQLITE_MENTION_INSERT,
    CHAT__SQLITE_MENTIONS_COUNT,
    CHAT__SQLITE_MENTIONS_DELETE,
    CHAT__SQLITE_USER_GET,
    CHAT__SQLITE_USER_BY_GUEST_KEY,
    CHAT__SQLITE_USER_INSERT,
    CHAT__SQLITE_USER_BAN,
    CHAT__SQLITE_USERS_ALL,
    CHAT__SQLITE_USER_SEEN,
    CHAT__SQLITE_USER_PROVED,
    CHAT__SQLITE_USER_PASSWORD,
    CHAT__SQLITE_USER_ROOMS_CHANGED,
    CHAT__SQLITE_USER_MEMBERSHIPS,
    CHAT__SQLITE_USER_INVITES,
    CHAT__SQLITE_USER_HEADS,
    CHAT__SQLITE_ACCOUNT_GET,
    CHAT__SQLITE_GUESTS_IDLE,
    CHAT__SQLITE_TOKEN_GET,
    CHAT__SQLITE_TOKEN_SET,
    CHAT__SQLITE_TOKEN_SLIDE,
    CHAT__SQLITE_TOKEN_DELETE,
    CHAT__SQLITE_TOKENS_DELETE,
    CHAT__SQLITE_TOKENS_PURGE,
    CHAT__SQLITE_PROBE,
    CHAT__SQLITE_STATEMENT_COUNT
};

extern const char *const chat__sqlite_texts[CHAT__SQLITE_STATEMENT_COUNT];

struct chat__sqlite_connection {
    sqlite3 *database;
    sqlite3_stmt *statements[CHAT__SQLITE_STATEMENT_COUNT];
    char failure[CHAT__SQLITE_MESSAGE_BYTES]; /* why the last one failed */
    bool failing;                             /* and the operator knows */
    bool erased; /* text was, since its owner last cleared this */
};

/* Opens a file that is there. On failure `failure` is set; close it still. */
bool chat__sqlite_connection_open(struct chat__sqlite_connection *connection,
                                  const char *path);

/* Runs fixed SQL without results, such as pragmas. */
bool chat__sqlite_connection_execute(struct chat__sqlite_connection *connection,
                                     const char *sql);

/* Prepares every statement; the schema must be there. */
bool chat__sqlite_connection_prepare(
    struct chat__sqlite_connection *connection);

/* Safe on a zeroed connection. */
void chat__sqlite_connection_close(struct chat__sqlite_connection *connection);

/* Sets `failure` from the database's last error, or from `code` alone. */
void chat__sqlite_connection_fail(struct chat__sqlite_connection *connection,
                                  int code);

/* Runs a statement that has no parameters and no rows. */
bool chat__sqlite_run(struct chat__sqlite_connection *connection,
                      enum chat__sqlite_statement statement);

struct chat__sqlite_query {
    struct chat__sqlite_connection *connection;
    sqlite3_stmt *statement;
    int parameter; /* the next to bind */
    int code;      /* SQLITE_OK, or the error that sticks */
};

void chat__sqlite_query_begin(struct chat__sqlite_query *query,
                              struct chat__sqlite_connection *connection,
                              enum chat__sqlite_statement statement);

/* What is bound is borrowed until the query ends. NULL text binds NULL. */
void chat__sqlite_query_integer(struct chat__sqlite_query *query,
                                int64_t value);
void chat__sqlite_query_text(struct chat__sqlite_query *query,
                             const char *text);
void chat__sqlite_query_blob(struct chat__sqlite_query *query,
                             const void *bytes, size_t length);

/* Bytes with `spaces` behind them, copied. */
void chat__sqlite_query_padded(struct chat__sqlite_query *query,
                               const void *bytes, size_t length, size_t spaces);

/* True when there is another row. */
bool chat__sqlite_query_row(struct chat__sqlite_query *query);

/* What a row says cannot be right, or memory is short: an error that sticks. */
void chat__sqlite_query_fail(struct chat__sqlite_query *query, int code);

/* Ends the query; false when anything in it failed. */
bool chat__sqlite_query_end(struct chat__sqlite_query *query);

/* For statements without rows: steps and ends. */
bool chat__sqlite_query_execute(struct chat__sqlite_query *query);

/* An integer column that is never negative. */
uint64_t chat__sqlite_query_unsigned(struct chat__sqlite_query *query,
                                     int column);

/* The length of a blob column without the spaces at its end. */
size_t chat__sqlite_query_trimmed(struct chat__sqlite_query *query, int column);

/* Copies a text column; one that is too long is a damaged file: an error. */
void chat__sqlite_query_copy(struct chat__sqlite_query *query, int column,
                             char *text, size_t size);

/* A text column on the heap; NULL when it is NULL, or on error. */
char *chat__sqlite_query_duplicate(struct chat__sqlite_query *query,
                                   int column);

/*
 * Makes room for one item more than `count`, and for others to come. Returns
 * the items, moved or not; on failure NULL, the old ones stay, and the query
 * has failed.
 */
void *chat__sqlite_query_grow(struct chat__sqlite_query *query, void *items,
                              size_t count, size_t *capacity, size_t size);

#endif
