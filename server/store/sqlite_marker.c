/* Read markers, and the mentions behind them. */
#include "server/store/sqlite_private.h"

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

static bool count_mentions(struct chat__sqlite_connection *connection,
                           const struct marker *marker,
                           struct chat__store_mark_read *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MENTIONS_COUNT);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_integer(&query, marker->room);
    request->mentions = 0;
    if (chat__sqlite_query_row(&query))
        request->mentions = chat__sqlite_query_unsigned(&query, 0);
    return chat__sqlite_query_end(&query);
}

/* The marker's `read` has moved: so does what hangs off it. */
static bool move_marker(struct chat__sqlite_connection *connection,
                        struct marker *marker, uint64_t user)
{
    return find_n(connection, marker, marker->read, &marker->read_n) &&
           set_marker(connection, marker, user) &&
           chat__sqlite_sweep_mentions(connection, marker->room, user,
                                       marker->read);
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
        marker.read = seq;
        if (!move_marker(connection, &marker, request->user))
            return CHAT__STORE_FAILED;
    }
    request->read = marker.read;
    request->read_n = marker.read_n;
    return count_mentions(connection, &marker, request) ? CHAT__STORE_OK
                                                        : CHAT__STORE_FAILED;
}
