/* Tokens: how long they last, and how they end. */
#include "server/store/sqlite_private.h"

bool chat__sqlite_get_token(struct chat__sqlite_connection *connection,
                            const unsigned char *hash, uint64_t *user,
                            int64_t *expires_ms)
{
    struct chat__sqlite_query query;
    *user = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_GET);
    chat__sqlite_query_blob(&query, hash, CHAT__TOKEN_HASH_BYTES);
    if (chat__sqlite_query_row(&query)) {
        *user = chat__sqlite_query_unsigned(&query, 0);
        *expires_ms = sqlite3_column_int64(query.statement, 1);
    }
    return chat__sqlite_query_end(&query);
}

bool chat__sqlite_set_token(struct chat__sqlite_connection *connection,
                            const unsigned char *hash, uint64_t user,
                            int64_t expires_ms)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_SET);
    chat__sqlite_query_blob(&query, hash, CHAT__TOKEN_HASH_BYTES);
    chat__sqlite_query_integer(&query, (int64_t)user);
    chat__sqlite_query_integer(&query, expires_ms);
    return chat__sqlite_query_execute(&query);
}

bool chat__sqlite_slide_token(struct chat__sqlite_connection *connection,
                              const unsigned char *hash, int64_t expires_ms)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_SLIDE);
    chat__sqlite_query_integer(&query, expires_ms);
    chat__sqlite_query_blob(&query, hash, CHAT__TOKEN_HASH_BYTES);
    return chat__sqlite_query_execute(&query);
}

/* ---- ending them */

/* NOT_FOUND when the statement changed nothing. */
static enum chat__store_result
execute_change(struct chat__sqlite_connection *connection,
               struct chat__sqlite_query *query)
{
    if (!chat__sqlite_query_execute(query))
        return CHAT__STORE_FAILED;
    return sqlite3_changes(connection->database) > 0 ? CHAT__STORE_OK
                                                     : CHAT__STORE_NOT_FOUND;
}

static enum chat__store_result
end_all(struct chat__sqlite_connection *connection, uint64_t user)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKENS_DELETE);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return execute_change(connection, &query);
}

static enum chat__store_result
end_one(struct chat__sqlite_connection *connection,
        const struct chat__store_end_tokens *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_DELETE);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_blob(&query, request->token_hash,
                            sizeof request->token_hash);
    return execute_change(connection, &query);
}

static enum chat__store_result
change_password(struct chat__sqlite_connection *connection,
                const struct chat__store_end_tokens *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_PASSWORD);
    chat__sqlite_query_text(&query, request->password_hash);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_text(&query, request->proved_hash);
    enum chat__store_result result = execute_change(connection, &query);
    if (result != CHAT__STORE_OK)
        return result;
    if (end_all(connection, request->user) == CHAT__STORE_FAILED ||
        !chat__sqlite_set_token(connection, request->token_hash, request->user,
                                request->expires_ms))
        return CHAT__STORE_FAILED;
    return CHAT__STORE_OK;
}

enum chat__store_result
chat__sqlite_end_tokens(struct chat__sqlite_connection *connection,
                        struct chat__sqlite_job *job)
{
    const struct chat__store_end_tokens *request = job->request;
    if (request->password_hash != NULL)
        return change_password(connection, request);
    return request->all ? end_all(connection, request->user)
                        : end_one(connection, request);
}

/* ---- keeping one */

enum chat__store_result
chat__sqlite_keep_session(struct chat__sqlite_connection *connection,
                          struct chat__sqlite_job *job)
{
    const struct chat__store_keep_session *request = job->request;
    uint64_t user;
    int64_t expires_ms;
    if (!chat__sqlite_get_token(connection, request->token_hash, &user,
                                &expires_ms))
        return CHAT__STORE_FAILED;
    if (user == 0 || user != request->user || expires_ms <= request->now_ms)
        return CHAT__STORE_NOT_FOUND;
    return chat__sqlite_slide_token(connection, request->token_hash,
                                    request->expires_ms) &&
                   chat__sqlite_see_user(connection, user, request->now_ms)
               ? CHAT__STORE_OK
               : CHAT__STORE_FAILED;
}
