/*
 * What belongs to a user: signing in, read markers, the heads of the rooms.
 */
#include "server/store/sqlite_private.h"

/*
 * A token whose end would move by less is left alone: with ends 30 days away
 * an hour changes nothing for its user, and most sign-ins then write nothing.
 */
#define SLIDE_MS_MIN (60 * 60 * 1000)

/* ---- signing in */

static bool read_memberships(struct chat__sqlite_connection *connection,
                             struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_MEMBERSHIPS);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    while (chat__sqlite_query_row(&query)) {
        struct chat__store_membership *memberships = chat__sqlite_query_grow(
            &query, request->memberships, request->membership_count, &capacity,
            sizeof *memberships);
        if (memberships == NULL)
            break;
        request->memberships = memberships;
        struct chat__store_membership *membership =
            &memberships[request->membership_count++];
        chat__sqlite_query_copy(&query, 0, membership->room,
                                sizeof membership->room);
        membership->role =
            (enum chat__role)sqlite3_column_int(query.statement, 1);
        membership->read = chat__sqlite_query_unsigned(&query, 2);
        membership->read_n = chat__sqlite_query_unsigned(&query, 3);
    }
    return chat__sqlite_query_end(&query);
}

/* Fills in who request->user is. */
static enum chat__store_result
read_user(struct chat__sqlite_connection *connection,
          struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_GET);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        chat__sqlite_query_copy(&query, 0, request->name, sizeof request->name);
        request->guest = sqlite3_column_int(query.statement, 1) != 0;
        request->rooms_rev = chat__sqlite_query_unsigned(&query, 2);
    }
    if (!chat__sqlite_query_end(&query) ||
        (found && !read_memberships(connection, request)))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

static enum chat__store_result
slide_token(struct chat__sqlite_connection *connection,
            struct chat__sqlite_job *job)
{
    const struct chat__store_sign_in *request = job->request;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_SLIDE);
    chat__sqlite_query_integer(&query, request->expires_ms);
    chat__sqlite_query_blob(&query, request->token_hash,
                            sizeof request->token_hash);
    return chat__sqlite_query_execute(&query) ? CHAT__STORE_OK
                                              : CHAT__STORE_FAILED;
}

enum chat__store_result
chat__sqlite_sign_in_token(struct chat__sqlite_connection *connection,
                           struct chat__sqlite_job *job)
{
    struct chat__store_sign_in *request = job->request;
    struct chat__sqlite_query query;
    int64_t expires = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_GET);
    chat__sqlite_query_blob(&query, request->token_hash,
                            sizeof request->token_hash);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        request->user = chat__sqlite_query_unsigned(&query, 0);
        expires = sqlite3_column_int64(query.statement, 1);
    }
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    if (!found || expires <= request->now_ms)
        return CHAT__STORE_NOT_FOUND;
    if (request->expires_ms - expires > SLIDE_MS_MIN)
        job->then = slide_token;
    return read_user(connection, request);
}

static bool find_guest(struct chat__sqlite_connection *connection,
                       struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             CHAT__SQLITE_USER_BY_GUEST_KEY);
    chat__sqlite_query_text(&query, request->guest_key);
    request->user = 0;
    if (chat__sqlite_query_row(&query))
        request->user = chat__sqlite_query_unsigned(&query, 0);
    return chat__sqlite_query_end(&query);
}

static bool make_guest(struct chat__sqlite_connection *connection,
                       struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             CHAT__SQLITE_USER_INSERT_GUEST);
    chat__sqlite_query_text(&query, request->guest_name);
    chat__sqlite_query_text(&query, request->guest_key);
    if (!chat__sqlite_query_execute(&query))
        return false;
    request->user = (uint64_t)sqlite3_last_insert_rowid(connection->database);
    return true;
}

static bool set_token(struct chat__sqlite_connection *connection,
                      const struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKEN_SET);
    chat__sqlite_query_blob(&query, request->token_hash,
                            sizeof request->token_hash);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_integer(&query, request->expires_ms);
    return chat__sqlite_query_execute(&query);
}

/* Each new token takes a few that have expired with it: none pile up. */
static bool purge_tokens(struct chat__sqlite_connection *connection,
                         int64_t now_ms)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKENS_PURGE);
    chat__sqlite_query_integer(&query, now_ms);
    return chat__sqlite_query_execute(&query);
}

enum chat__store_result
chat__sqlite_sign_in_guest(struct chat__sqlite_connection *connection,
                           struct chat__sqlite_job *job)
{
    struct chat__store_sign_in *request = job->request;
    if (!find_guest(connection, request) ||
        (request->user == 0 && !make_guest(connection, request)) ||
        !purge_tokens(connection, request->now_ms) ||
        !set_token(connection, request))
        return CHAT__STORE_FAILED;
    return read_user(connection, request);
}

/* ---- read markers */

struct marker {
    int64_t room;
    uint64_t read;
    uint64_t read_n;
    uint64_t head;
};

/* NOT_FOUND when there is no such room or the user is no member. */
static enum chat__store_result
find_marker(struct chat__sqlite_connection *connection,
            const struct chat__store_mark_read *request, struct marker *marker)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MEMBER_MARKER);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_text(&query, request->room);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        marker->room = sqlite3_column_int64(query.statement, 0);
        marker->read = chat__sqlite_query_unsigned(&query, 1);
        marker->read_n = chat__sqlite_query_unsigned(&query, 2);
        marker->head = chat__sqlite_query_unsigned(&query, 3);
    }
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

static bool find_n(struct chat__sqlite_connection *connection,
                   const struct marker *marker, uint64_t seq, uint64_t *n)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_N);
    chat__sqlite_query_integer(&query, marker->room);
    chat__sqlite_query_integer(&query, (int64_t)seq);
    if (chat__sqlite_query_row(&query))
        *n = chat__sqlite_query_unsigned(&query, 0);
    else if (query.code == SQLITE_OK)
        chat__sqlite_query_fail(&query, SQLITE_CORRUPT); /* a gap in the log */
    return chat__sqlite_query_end(&query);
}

static bool set_marker(struct chat__sqlite_connection *connection,
                       const struct marker *marker, uint64_t user)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MEMBER_MARK);
    chat__sqlite_query_integer(&query, (int64_t)marker->read);
    chat__sqlite_query_integer(&query, (int64_t)marker->read_n);
    chat__sqlite_query_integer(&query, marker->room);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return chat__sqlite_query_execute(&query);
}

enum chat__store_result
chat__sqlite_mark_read(struct chat__sqlite_connection *connection,
                       struct chat__sqlite_job *job)
{
    struct chat__store_mark_read *request = job->request;
    struct marker marker = {0};
    enum chat__store_result result = find_marker(connection, request, &marker);
    if (result != CHAT__STORE_OK)
        return result;
    uint64_t seq = request->seq < marker.head ? request->seq : marker.head;
    if (seq > marker.read) {
        if (!find_n(connection, &marker, seq, &marker.read_n))
            return CHAT__STORE_FAILED;
        marker.read = seq;
        if (!set_marker(connection, &marker, request->user))
            return CHAT__STORE_FAILED;
    }
    request->read = marker.read;
    request->read_n = marker.read_n;
    return CHAT__STORE_OK;
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

static bool read_rooms_rev(struct chat__sqlite_connection *connection,
                           struct chat__store_heads *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_GET);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    request->rooms_rev = 0;
    if (chat__sqlite_query_row(&query))
        request->rooms_rev = chat__sqlite_query_unsigned(&query, 2);
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_heads(struct chat__sqlite_connection *connection,
                   struct chat__sqlite_job *job)
{
    struct chat__store_heads *request = job->request;
    bool worked =
        read_heads(connection, request) && read_rooms_rev(connection, request);
    return worked ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}
