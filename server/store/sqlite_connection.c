#include "server/store/sqlite_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void chat__sqlite_connection_fail(struct chat__sqlite_connection *connection,
                                  int code)
{
    sqlite3 *database = connection->database;
    bool known = database != NULL &&
                 (sqlite3_extended_errcode(database) & 0xff) == (code & 0xff);
    const char *text = known ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    int system = known ? sqlite3_system_errno(database) : 0;
    if (system == 0 || (code & 0xff) == SQLITE_CONSTRAINT) {
        snprintf(connection->failure, sizeof connection->failure, "%s", text);
        return;
    }
    char reason[128];
    snprintf(connection->failure, sizeof connection->failure, "%s (%s)", text,
             strerror_r(system, reason, sizeof reason));
}

bool chat__sqlite_connection_open(struct chat__sqlite_connection *connection,
                                  const char *path)
{
    /* Each connection stays on one thread: SQLite need not lock it. */
    int code =
        sqlite3_open_v2(path, &connection->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        chat__sqlite_connection_fail(connection, code);
        return false;
    }
    sqlite3_extended_result_codes(connection->database, 1);
    sqlite3_busy_timeout(connection->database, CHAT__SQLITE_BUSY_MS);
    /* A file is input: its schema may not make us run or write anything. */
    sqlite3_db_config(connection->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(connection->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
                      NULL);
    return true;
}

bool chat__sqlite_connection_execute(struct chat__sqlite_connection *connection,
                                     const char *sql)
{
    int code = sqlite3_exec(connection->database, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        chat__sqlite_connection_fail(connection, code);
    return code == SQLITE_OK;
}

bool chat__sqlite_connection_prepare(struct chat__sqlite_connection *connection)
{
    for (int i = 0; i < CHAT__SQLITE_STATEMENT_COUNT; i++) {
        int code = sqlite3_prepare_v3(
            connection->database, chat__sqlite_texts[i], -1,
            SQLITE_PREPARE_PERSISTENT, &connection->statements[i], NULL);
        if (code != SQLITE_OK) {
            chat__sqlite_connection_fail(connection, code);
            return false;
        }
    }
    return true;
}

void chat__sqlite_connection_close(struct chat__sqlite_connection *connection)
{
    for (int i = 0; i < CHAT__SQLITE_STATEMENT_COUNT; i++) {
        sqlite3_finalize(connection->statements[i]);
        connection->statements[i] = NULL;
    }
    sqlite3_close(connection->database);
    connection->database = NULL;
}

bool chat__sqlite_run(struct chat__sqlite_connection *connection,
                      enum chat__sqlite_statement statement)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, statement);
    return chat__sqlite_query_execute(&query);
}

void chat__sqlite_query_begin(struct chat__sqlite_query *query,
                              struct chat__sqlite_connection *connection,
                              enum chat__sqlite_statement statement)
{
    query->connection = connection;
    query->statement = connection->statements[statement];
    query->parameter = 1;
    query->code = SQLITE_OK;
}

void chat__sqlite_query_fail(struct chat__sqlite_query *query, int code)
{
    query->code = code;
    /* Taken at once: the next call into SQLite replaces the reason. */
    chat__sqlite_connection_fail(query->connection, code);
}

static void query_bound(struct chat__sqlite_query *query, int code)
{
    query->parameter++;
    if (code != SQLITE_OK)
        chat__sqlite_query_fail(query, code);
}

void chat__sqlite_query_integer(struct chat__sqlite_query *query, int64_t value)
{
    if (query->code == SQLITE_OK)
        query_bound(query, sqlite3_bind_int64(query->statement,
                                              query->parameter, value));
}

void chat__sqlite_query_text(struct chat__sqlite_query *query, const char *text)
{
    if (query->code == SQLITE_OK)
        query_bound(query, sqlite3_bind_text(query->statement, query->parameter,
                                             text, -1, SQLITE_STATIC));
}

void chat__sqlite_query_blob(struct chat__sqlite_query *query,
                             const void *bytes, size_t length)
{
    if (query->code == SQLITE_OK)
        query_bound(query,
                    sqlite3_bind_blob64(query->statement, query->parameter,
                                        bytes, length, SQLITE_STATIC));
}

void chat__sqlite_query_padded(struct chat__sqlite_query *query,
                               const void *bytes, size_t length, size_t spaces)
{
    if (query->code != SQLITE_OK)
        return;
    char *padded = malloc(length + spaces + 1);
    if (padded == NULL) {
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
        return;
    }
    memcpy(padded, bytes, length);
    memset(padded + length, ' ', spaces);
    query_bound(query, sqlite3_bind_blob64(query->statement, query->parameter,
                                           padded, length + spaces, free));
}

bool chat__sqlite_query_row(struct chat__sqlite_query *query)
{
    if (query->code != SQLITE_OK)
        return false;
    int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        chat__sqlite_query_fail(query, code);
    return code == SQLITE_ROW;
}

bool chat__sqlite_query_end(struct chat__sqlite_query *query)
{
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
    return query->code == SQLITE_OK;
}

bool chat__sqlite_query_execute(struct chat__sqlite_query *query)
{
    chat__sqlite_query_row(query);
    return chat__sqlite_query_end(query);
}

uint64_t chat__sqlite_query_unsigned(struct chat__sqlite_query *query,
                                     int column)
{
    return (uint64_t)sqlite3_column_int64(query->statement, column);
}

size_t chat__sqlite_query_trimmed(struct chat__sqlite_query *query, int column)
{
    const char *bytes = sqlite3_column_blob(query->statement, column);
    size_t length = (size_t)sqlite3_column_bytes(query->statement, column);
    while (length > 0 && bytes[length - 1] == ' ')
        length--;
    return length;
}

void chat__sqlite_query_copy(struct chat__sqlite_query *query, int column,
                             char *text, size_t size)
{
    const unsigned char *found = sqlite3_column_text(query->statement, column);
    size_t length = (size_t)sqlite3_column_bytes(query->statement, column);
    if (found == NULL || length >= size) {
        chat__sqlite_query_fail(query,
                                found == NULL ? SQLITE_NOMEM : SQLITE_CORRUPT);
        return;
    }
    memcpy(text, found, length);
    text[length] = '\0';
}

char *chat__sqlite_query_duplicate(struct chat__sqlite_query *query, int column)
{
    if (sqlite3_column_type(query->statement, column) == SQLITE_NULL)
        return NULL;
    const unsigned char *found = sqlite3_column_text(query->statement, column);
    char *copy = found == NULL ? NULL : strdup((const char *)found);
    if (copy == NULL)
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
    return copy;
}

void *chat__sqlite_query_grow(struct chat__sqlite_query *query, void *items,
                              size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t wanted = 2 * *capacity > count ? 2 * *capacity : count + 1;
    if (wanted < 16)
        wanted = 16;
    void *grown = reallocarray(items, wanted, size);
    if (grown == NULL) {
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
        return NULL;
    }
    *capacity = wanted;
    return grown;
}
