/* What belongs to a user: account, name, when last seen, heads of the rooms. */
#include "server/store/sqlite_private.h"

bool chat__sqlite_see_user(struct chat__sqlite_connection *connection,
                           uint64_t user, int64_t now_ms)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_SEEN);
    chat__sqlite_query_integer(&query, now_ms);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return chat__sqlite_query_execute(&query);
}

/* ---- who has a name, who has an id */

static enum chat__store_result result_of(bool worked, bool found)
{
    if (!worked)
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

enum chat__store_result
chat__sqlite_find_account(struct chat__sqlite_connection *connection,
                          struct chat__sqlite_job *job)
{
    struct chat__store_find_account *request = job->request;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ACCOUNT_GET);
    chat__sqlite_query_text(&query, request->skeleton);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        request->user = chat__sqlite_query_unsigned(&query, 0);
        chat__sqlite_query_copy(&query, 1, request->password_hash,
                                sizeof request->password_hash);
        chat__sqlite_query_copy(&query, 2, request->register_key,
                                sizeof request->register_key);
        request->registered_ms = sqlite3_column_int64(query.statement, 3);
    }
    return result_of(chat__sqlite_query_end(&query), found);
}

enum chat__store_result
chat__sqlite_find_user(struct chat__sqlite_connection *connection,
                       struct chat__sqlite_job *job)
{
    struct chat__store_find_user *request = job->request;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_GET);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        chat__sqlite_query_copy(&query, 0, request->name, sizeof request->name);
        request->guest = sqlite3_column_int(query.statement, 1) != 0;
        chat__sqlite_query_copy(&query, 4, request->skeleton,
                                sizeof request->skeleton);
        request->rooms = chat__sqlite_query_unsigned(&query, 5);
        request->banned_ms = sqlite3_column_int64(query.statement, 6);
    }
    return result_of(chat__sqlite_query_end(&query), found);
}

/* ---- guests that nobody has seen */

enum chat__store_result
chat__sqlite_idle_guests(struct chat__sqlite_connection *connection,
                         struct chat__sqlite_job *job)
{
    struct chat__store_idle_guests *request = job->request;
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_GUESTS_IDLE);
    chat__sqlite_query_integer(&query, request->before_ms);
    chat__sqlite_query_integer(&query, (int64_t)request->limit);
    while (chat__sqlite_query_row(&query)) {
        struct chat__store_guest_membership *memberships =
            chat__sqlite_query_grow(&query, request->memberships,
                                    request->count, &capacity,
                                    sizeof *memberships);
        if (memberships == NULL)
            break;
        request->memberships = memberships;
        struct chat__store_guest_membership *membership =
            &memberships[request->count++];
        membership->user = chat__sqlite_query_unsigned(&query, 0);
        chat__sqlite_query_copy(&query, 1, membership->name,
                                sizeof membership->name);
        chat__sqlite_query_copy(&query, 2, membership->room,
                                sizeof membership->room);
    }
    return chat__sqlite_query_end(&query) ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}

/* ---- heads */

static bool read_heads(struct chat__sqlite_connection *connection,
                       struct chat__store_heads *request)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    request->more = false;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_HEADS);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_integer(&query, request->since_ms);
    chat__sqlite_query_text(&query,
                            request->after != NULL ? request->after : "");
    while (chat__sqlite_query_row(&query)) {
        request->more = request->count == request->limit;
        if (request->more)
            break;
        struct chat__store_head *heads = chat__sqlite_query_grow(
            &query, request->heads, request->count, &capacity, sizeof *heads);
        if (heads == NULL)
            break;
        request->heads = heads;
        struct chat__store_head *head = &heads[request->count++];
        chat__sqlite_query_copy(&query, 0, head->room, sizeof head->room);
        chat__sqlite_query_copy(&query, 1, head->epoch, sizeof head->epoch);
        head->head = chat__sqlite_query_unsigned(&query, 2);
        head->last_ts = sqlite3_column_int64(query.statement, 3);
    }
    return chat__sqlite_query_end(&query);
}

/* A ban by another server ends the session here. */
static bool read_rooms_rev(struct chat__sqlite_connection *connection,
                           struct chat__store_heads *request, bool *banned)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_GET);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    request->rooms_rev = 0;
    if (chat__sqlite_query_row(&query)) {
        request->rooms_rev = chat__sqlite_query_unsigned(&query, 2);
        *banned = sqlite3_column_int64(query.statement, 6) != 0;
    }
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_heads(struct chat__sqlite_connection *connection,
                   struct chat__sqlite_job *job)
{
    struct chat__store_heads *request = job->request;
    uint64_t user;
    int64_t expires_ms;
    if (!chat__sqlite_get_token(connection, request->token_hash, &user,
                                &expires_ms))
        return CHAT__STORE_FAILED;
    if (user == 0 || user != request->user)
        return CHAT__STORE_NOT_FOUND;
    bool banned = false;
    if (!read_rooms_rev(connection, request, &banned) ||
        (!banned && !read_heads(connection, request)))
        return CHAT__STORE_FAILED;
    return banned ? CHAT__STORE_NOT_FOUND : CHAT__STORE_OK;
}
