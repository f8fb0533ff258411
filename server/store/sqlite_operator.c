/* What an operator asks for: all users, and bans from the server. */
#include "server/store/sqlite_private.h"

/* Takes the row into the list; false when the list ends before it. */
static bool take_user(struct chat__sqlite_query *query,
                      struct chat__store_list_users *request, size_t *capacity)
{
    request->more = request->count == request->limit;
    if (request->more)
        return false;
    struct chat__store_user_row *rows = chat__sqlite_query_grow(
        query, request->rows, request->count, capacity, sizeof *rows);
    if (rows == NULL)
        return false;
    request->rows = rows;
    struct chat__store_user_row *row = &rows[request->count++];
    row->user = chat__sqlite_query_unsigned(query, 0);
    chat__sqlite_query_copy(query, 1, row->name, sizeof row->name);
    row->guest = sqlite3_column_int(query->statement, 2) != 0;
    row->rooms = chat__sqlite_query_unsigned(query, 3);
    row->seen_ms = sqlite3_column_int64(query->statement, 4);
    row->banned_ms = sqlite3_column_int64(query->statement, 5);
    return true;
}

enum chat__store_result
chat__sqlite_list_users(struct chat__sqlite_connection *connection,
                        struct chat__sqlite_job *job)
{
    struct chat__store_list_users *request = job->request;
    size_t capacity = 0;
    struct chat__sqlite_query query;
    request->more = false;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USERS_ALL);
    chat__sqlite_query_integer(&query, (int64_t)request->after);
    while (chat__sqlite_query_row(&query) &&
           take_user(&query, request, &capacity))
        continue;
    return chat__sqlite_query_end(&query) ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}

enum chat__store_result
chat__sqlite_set_banned(struct chat__sqlite_connection *connection,
                        struct chat__sqlite_job *job)
{
    const struct chat__store_set_banned *request = job->request;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_BAN);
    chat__sqlite_query_integer(&query, request->banned_ms);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    if (!chat__sqlite_query_execute(&query))
        return CHAT__STORE_FAILED;
    return sqlite3_changes(connection->database) > 0 ? CHAT__STORE_OK
                                                     : CHAT__STORE_NOT_FOUND;
}
