/*
 * What the readers answer about rooms: state, pages of the log, an entry by its
 * key, the lists.
 */
#include "server/store/sqlite_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- the state of a room */

static bool read_room(struct chat__sqlite_connection *connection,
                      struct chat__store_open_room *request, int64_t *id)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_GET);
    chat__sqlite_query_text(&query, request->room);
    if (chat__sqlite_query_row(&query)) {
        *id = sqlite3_column_int64(query.statement, 0);
        chat__sqlite_query_copy(&query, 1, request->epoch,
                                sizeof request->epoch);
        request->topic = chat__sqlite_query_duplicate(&query, 2);
        request->private_room = sqlite3_column_int(query.statement, 3) != 0;
        request->head = chat__sqlite_query_unsigned(&query, 4);
        request->n = chat__sqlite_query_unsigned(&query, 5);
        request->first = chat__sqlite_query_unsigned(&query, 6);
        request->last_ts = sqlite3_column_int64(query.statement, 7);
    }
    return chat__sqlite_query_end(&query);
}

static bool read_standings(struct chat__sqlite_connection *connection,
                           struct chat__store_open_room *request, int64_t id)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_STANDINGS);
    chat__sqlite_query_integer(&query, id);
    while (chat__sqlite_query_row(&query)) {
        struct chat__store_standing *members = chat__sqlite_query_grow(
            &query, request->members, request->member_count, &capacity,
            sizeof *members);
        if (members == NULL)
            break;
        request->members = members;
        members[request->member_count++] = (struct chat__store_standing){
            .user = chat__sqlite_query_unsigned(&query, 0),
            .role = (enum chat__role)sqlite3_column_int(query.statement, 1),
        };
    }
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_open_room(struct chat__sqlite_connection *connection,
                       struct chat__sqlite_job *job)
{
    struct chat__store_open_room *request = job->request;
    int64_t id = 0;
    if (!read_room(connection, request, &id))
        return CHAT__STORE_FAILED;
    if (id == 0)
        return CHAT__STORE_NOT_FOUND;
    return read_standings(connection, request, id) ? CHAT__STORE_OK
                                                   : CHAT__STORE_FAILED;
}

/* ---- pages of the log */

/* A page while it is read: the bytes lie in the arena in order of reading. */
struct page {
    struct chat__store_read_log *request;
    size_t entries_capacity;
    size_t arena_length;
    size_t arena_capacity;
};

static bool is_full(const struct page *page, size_t more)
{
    const struct chat__store_read_log *request = page->request;
    if (request->count == 0)
        return request->limit == 0;
    return request->count == request->limit ||
           page->arena_length + more > request->bytes_max;
}

static bool reserve(struct chat__sqlite_query *query, struct page *page,
                    size_t more)
{
    struct chat__store_read_log *request = page->request;
    struct chat__store_log_entry *entries =
        chat__sqlite_query_grow(query, request->entries, request->count,
                                &page->entries_capacity, sizeof *entries);
    if (entries == NULL)
        return false;
    request->entries = entries;
    char *arena = chat__sqlite_query_grow(query, request->arena,
                                          page->arena_length + more,
                                          &page->arena_capacity, 1);
    if (arena == NULL)
        return false;
    request->arena = arena;
    return true;
}

/* Takes the row into the page; false when it does not fit, or on error. */
static bool take_row(struct chat__sqlite_query *query, struct page *page)
{
    struct chat__store_read_log *request = page->request;
    const void *bytes = sqlite3_column_blob(query->statement, 1);
    size_t length = chat__sqlite_query_trimmed(query, 1);
    if (is_full(page, length) || !reserve(query, page, length))
        return false;
    if (length > 0)
        memcpy(request->arena + page->arena_length, bytes, length);
    page->arena_length += length;
    request->entries[request->count++] = (struct chat__store_log_entry){
        .seq = chat__sqlite_query_unsigned(query, 0),
        .length = length,
    };
    return true;
}

/* Now that the arena stays where it is. */
static void point_entries(struct chat__store_read_log *request)
{
    const char *bytes = request->arena;
    for (size_t i = 0; i < request->count; i++) {
        request->entries[i].bytes = bytes;
        bytes += request->entries[i].length;
    }
}

static void reverse_entries(struct chat__store_read_log *request)
{
    for (size_t i = 0, j = request->count; i + 1 < j; i++) {
        j--;
        struct chat__store_log_entry entry = request->entries[i];
        request->entries[i] = request->entries[j];
        request->entries[j] = entry;
    }
}

/* SQLite's integers are signed; a caller may mean "to the end" by UINT64_MAX.
 */
static int64_t bound(uint64_t seq)
{
    return seq < INT64_MAX ? (int64_t)seq : INT64_MAX;
}

static bool read_entries(struct chat__sqlite_connection *connection,
                         struct chat__store_read_log *request, int64_t room)
{
    struct page page = {.request = request};
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             request->backward ? CHAT__SQLITE_ENTRIES_BACKWARD
                                               : CHAT__SQLITE_ENTRIES_FORWARD);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, bound(request->from));
    chat__sqlite_query_integer(&query, bound(request->to));
    while (chat__sqlite_query_row(&query) && take_row(&query, &page))
        continue;
    point_entries(request);
    if (request->backward)
        reverse_entries(request);
    return chat__sqlite_query_end(&query);
}

bool chat__sqlite_find_room(struct chat__sqlite_connection *connection,
                            const char *name, int64_t *id, uint64_t *head)
{
    struct chat__sqlite_query query;
    *id = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_FIND);
    chat__sqlite_query_text(&query, name);
    if (chat__sqlite_query_row(&query)) {
        *id = sqlite3_column_int64(query.statement, 0);
        if (head != NULL)
            *head = chat__sqlite_query_unsigned(&query, 1);
    }
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_read_log(struct chat__sqlite_connection *connection,
                      struct chat__sqlite_job *job)
{
    struct chat__store_read_log *request = job->request;
    int64_t room;
    if (!chat__sqlite_find_room(connection, request->room, &room,
                                &request->upto))
        return CHAT__STORE_FAILED;
    if (room == 0)
        return CHAT__STORE_NOT_FOUND;
    if (!read_entries(connection, request, room))
        return CHAT__STORE_FAILED;
    if (request->with_changes &&
        !chat__sqlite_read_changes(connection, request, room))
        return CHAT__STORE_FAILED;
    return CHAT__STORE_OK;
}

/* ---- an entry by its key */

bool chat__sqlite_read_key(struct chat__sqlite_connection *connection,
                           int64_t room, uint64_t user, const char *key,
                           struct chat__store_keyed *entry)
{
    struct chat__sqlite_query query;
    entry->seq = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_BY_KEY);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)user);
    chat__sqlite_query_text(&query, key);
    if (chat__sqlite_query_row(&query)) {
        const void *digest = sqlite3_column_blob(query.statement, 2);
        int length = sqlite3_column_bytes(query.statement, 2);
        entry->seq = chat__sqlite_query_unsigned(&query, 0);
        entry->ts = sqlite3_column_int64(query.statement, 1);
        if (length == (int)sizeof entry->digest && digest != NULL)
            memcpy(entry->digest, digest, sizeof entry->digest);
        else
            chat__sqlite_query_fail(&query, SQLITE_CORRUPT);
    }
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_find_key(struct chat__sqlite_connection *connection,
                      struct chat__sqlite_job *job)
{
    struct chat__store_find_key *request = job->request;
    int64_t room;
    if (!chat__sqlite_find_room(connection, request->room, &room, NULL))
        return CHAT__STORE_FAILED;
    if (room == 0)
        return CHAT__STORE_NOT_FOUND;
    if (!chat__sqlite_read_key(connection, room, request->user, request->key,
                               &request->entry))
        return CHAT__STORE_FAILED;
    return request->entry.seq != 0 ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

/* ---- the list of rooms */

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Takes the row into the list; false when the list ends before it. */
static bool take_room(struct chat__sqlite_query *query,
                      struct chat__store_list_rooms *request, size_t *capacity)
{
    struct chat__store_room_row row = {0};
    chat__sqlite_query_copy(query, 0, row.room, sizeof row.room);
    if (query->code != SQLITE_OK)
        return false;
    if (request->prefix != NULL && !has_prefix(row.room, request->prefix))
        return false;
    if (request->after != NULL && strcmp(row.room, request->after) <= 0)
        return true;
    request->more = request->count == request->limit;
    if (request->more)
        return false;
    struct chat__store_room_row *rows = chat__sqlite_query_grow(
        query, request->rows, request->count, capacity, sizeof *rows);
    if (rows == NULL)
        return false;
    request->rows = rows;
    row.topic = chat__sqlite_query_duplicate(query, 1);
    row.members = chat__sqlite_query_unsigned(query, 2);
    if (request->all) {
        row.private_room = sqlite3_column_int(query->statement, 3) != 0;
        row.head = chat__sqlite_query_unsigned(query, 4);
        row.n = chat__sqlite_query_unsigned(query, 5);
        row.last_ts = sqlite3_column_int64(query->statement, 6);
    }
    rows[request->count++] = row;
    return true;
}

/*
 * Names are compared as bytes, so those with one prefix stand together: the
 * walk begins at the greater of prefix and `after` and ends with the prefix.
 */
enum chat__store_result
chat__sqlite_list_rooms(struct chat__sqlite_connection *connection,
                        struct chat__sqlite_job *job)
{
    struct chat__store_list_rooms *request = job->request;
    const char *from = request->prefix != NULL ? request->prefix : "";
    if (request->after != NULL && strcmp(request->after, from) > 0)
        from = request->after;
    size_t capacity = 0;
    struct chat__sqlite_query query;
    request->more = false;
    chat__sqlite_query_begin(&query, connection,
                             request->all ? CHAT__SQLITE_ROOMS_ALL
                                          : CHAT__SQLITE_ROOMS_PUBLIC);
    chat__sqlite_query_text(&query, from);
    while (chat__sqlite_query_row(&query) &&
           take_room(&query, request, &capacity))
        continue;
    return chat__sqlite_query_end(&query) ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}

/* ---- the list of those who stand to a room */

static enum chat__sqlite_statement statement_of(enum chat__member_list list)
{
    switch (list) {
    case CHAT__MEMBER_LIST_INVITED:
        return CHAT__SQLITE_ROOM_INVITED;
    case CHAT__MEMBER_LIST_BANNED:
        return CHAT__SQLITE_ROOM_BANNED;
    case CHAT__MEMBER_LIST_MEMBERS:
        break;
    }
    return CHAT__SQLITE_ROOM_MEMBERS;
}

/* Takes the row into the list; false when the list ends before it. */
static bool take_member(struct chat__sqlite_query *query,
                        struct chat__store_list_members *request,
                        size_t *capacity)
{
    request->more = request->count == request->limit;
    if (request->more)
        return false;
    struct chat__store_member_row *rows = chat__sqlite_query_grow(
        query, request->rows, request->count, capacity, sizeof *rows);
    if (rows == NULL)
        return false;
    request->rows = rows;
    struct chat__store_member_row *row = &rows[request->count++];
    row->user = chat__sqlite_query_unsigned(query, 0);
    chat__sqlite_query_copy(query, 1, row->name, sizeof row->name);
    row->role = (enum chat__role)sqlite3_column_int(query->statement, 2);
    return true;
}

enum chat__store_result
chat__sqlite_list_members(struct chat__sqlite_connection *connection,
                          struct chat__sqlite_job *job)
{
    struct chat__store_list_members *request = job->request;
    struct chat__sqlite_query query;
    size_t capacity = 0;
    int64_t room;
    if (!chat__sqlite_find_room(connection, request->room, &room, NULL))
        return CHAT__STORE_FAILED;
    if (room == 0)
        return CHAT__STORE_NOT_FOUND;
    request->more = false;
    chat__sqlite_query_begin(&query, connection, statement_of(request->list));
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, bound(request->after));
    while (chat__sqlite_query_row(&query) &&
           take_member(&query, request, &capacity))
        continue;
    return chat__sqlite_query_end(&query) ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}
