#include "server/backup/renew.h"

#include "server/store/sqlite_connection.h"
#include "server/store/sqlite_schema.h"

#include <stdio.h>

/*
 * More users than a server makes between a backup and its loss, and more
 * changes of a user's rooms. Both have 2^53 numbers: for a million restores.
 */
#define USERS_LOST_MAX   1000000000LL
#define CHANGES_LOST_MAX 4294967296LL

#define SQL_BYTES 1024

/* Epochs as long as the server's, hexadecimal instead of base64. */
static const char renewal[] =
    "BEGIN IMMEDIATE;"
    "UPDATE rooms SET epoch = lower(hex(randomblob(12)));"
    "UPDATE users SET"
    " rooms_rev = rooms_rev + %lld + (random() & 0x7fffffff);"
    "UPDATE users SET seen = max(seen, CAST(strftime('%%s', 'now') AS INTEGER)"
    " * 1000) WHERE guest_key IS NOT NULL;"
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'users', 0 WHERE NOT EXISTS"
    " (SELECT 1 FROM sqlite_sequence WHERE name = 'users');"
    "UPDATE sqlite_sequence SET seq = max(seq, %llu) + %lld"
    " WHERE name = 'users';"
    "%s"
    "COMMIT;"
    "PRAGMA journal_mode = DELETE;";

static bool renew_rows(struct chat__sqlite_connection *connection,
                       const struct chat__renewal *what,
                       const struct chat__sqlite_message *message)
{
    char sql[SQL_BYTES];

    snprintf(sql, sizeof sql, renewal, CHANGES_LOST_MAX,
             (unsigned long long)what->last_user, USERS_LOST_MAX,
             what->end_tokens ? "DELETE FROM tokens;" : "");
    return chat__sqlite_connection_execute(connection, sql) ||
           chat__sqlite_refuse(message, "cannot renew the copy of %s: %s",
                               what->name, connection->failure);
}

bool chat__renew(const struct chat__renewal *what,
                 const struct chat__sqlite_message *message)
{
    struct chat__sqlite_connection connection = {0};
    bool renewed = false;

    if (!chat__sqlite_connection_open(&connection, what->path))
        chat__sqlite_refuse(message, "cannot open %s: %s", what->path,
                            connection.failure);
    else
        renewed = chat__sqlite_schema_open(&connection, what->name, message) &&
                  renew_rows(&connection, what, message);
    chat__sqlite_connection_close(&connection);
    return renewed;
}
