/*
 * An append: fence, entries, effects, head, inside the writer's savepoint.
 */
#include "server/store/sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a message or an edit has behind it, so that what is left of it after a
 * delete fits its place: `"deleted":true` for `"text":"x"`, the shortest text.
 * A row that got longer could have its page's rows spread over others, and
 * copies stay of those that move, which no delete of theirs would clear.
 */
#define SPARE_BYTES (sizeof "\"deleted\":true" - sizeof "\"text\":\"x\"")

static enum chat__store_result result_of(bool worked)
{
    return worked ? CHAT__STORE_OK : CHAT__STORE_FAILED;
}

static enum chat__store_result
make_room(struct chat__sqlite_connection *connection,
          const struct chat__store_append *request,
          struct chat__sqlite_room *room)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_INSERT);
    chat__sqlite_query_text(&query, request->room);
    chat__sqlite_query_text(&query, request->create_epoch);
    chat__sqlite_query_integer(&query, request->create_private);
    if (!chat__sqlite_query_execute(&query))
        return CHAT__STORE_FAILED;
    if (sqlite3_changes(connection->database) == 0)
        return CHAT__STORE_CONFLICT;
    room->id = sqlite3_last_insert_rowid(connection->database);
    return CHAT__STORE_OK;
}

/* A room that is not there has no head that the caller could know. */
static enum chat__store_result
find_room(struct chat__sqlite_connection *connection,
          const struct chat__store_append *request,
          struct chat__sqlite_room *room)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_FIND);
    chat__sqlite_query_text(&query, request->room);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        room->id = sqlite3_column_int64(query.statement, 0);
        room->head = chat__sqlite_query_unsigned(&query, 1);
    }
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_CONFLICT;
}

static bool fits(const struct chat__store_append *request,
                 const struct chat__sqlite_room *room)
{
    for (size_t i = 0; i < request->count; i++)
        if (request->entries[i].seq != room->head + 1 + i)
            return false;
    return true;
}

/* DUPLICATE when the key is there, be it from this very batch. */
static enum chat__store_result
insert_entry(struct chat__sqlite_connection *connection,
             const struct chat__sqlite_room *room,
             const struct chat__store_entry *entry)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_INSERT);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)entry->seq);
    chat__sqlite_query_integer(&query, (int64_t)entry->user);
    chat__sqlite_query_integer(&query, (int64_t)entry->n);
    chat__sqlite_query_integer(&query, entry->ts);
    chat__sqlite_query_text(&query, entry->key);
    chat__sqlite_query_blob(&query, entry->digest, sizeof entry->digest);
    if (entry->message || entry->fold == CHAT__FOLD_EDIT)
        chat__sqlite_query_padded(&query, entry->bytes, entry->length,
                                  SPARE_BYTES);
    else
        chat__sqlite_query_blob(&query, entry->bytes, entry->length);
    if (!chat__sqlite_query_execute(&query))
        return CHAT__STORE_FAILED;
    return sqlite3_changes(connection->database) == 1 ? CHAT__STORE_OK
                                                      : CHAT__STORE_DUPLICATE;
}

/* Adds entries[index] to the duplicates when it was there before the batch. */
static bool look_up(struct chat__sqlite_connection *connection,
                    struct chat__store_append *request,
                    const struct chat__sqlite_room *room, size_t index)
{
    const struct chat__store_entry *entry = &request->entries[index];
    struct chat__store_duplicate *duplicate =
        &request->duplicates[request->duplicate_count];
    duplicate->index = index;
    if (!chat__sqlite_read_key(connection, room->id, entry->user, entry->key,
                               &duplicate->entry))
        return false;
    if (duplicate->entry.seq != 0 && duplicate->entry.seq <= room->head)
        request->duplicate_count++;
    return true;
}

/* The batch cannot be written: DUPLICATE says why, else it is a mistake. */
static enum chat__store_result
refuse(struct chat__sqlite_connection *connection,
       struct chat__store_append *request, const struct chat__sqlite_room *room,
       const char *mistake)
{
    chat__store_append_release(request); /* it may be done again */
    request->duplicates = calloc(request->count, sizeof *request->duplicates);
    if (request->duplicates == NULL) {
        chat__sqlite_connection_fail(connection, SQLITE_NOMEM);
        return CHAT__STORE_FAILED;
    }
    for (size_t i = 0; i < request->count; i++)
        if (!look_up(connection, request, room, i))
            return CHAT__STORE_FAILED;
    if (request->duplicate_count > 0)
        return CHAT__STORE_DUPLICATE;
    snprintf(connection->failure, sizeof connection->failure,
             "a batch for room %s %s", request->room, mistake);
    return CHAT__STORE_FAILED;
}

static bool set_topic(struct chat__sqlite_connection *connection,
                      const struct chat__sqlite_room *room, const char *topic)
{
    struct chat__sqlite_query query;
    if (topic == NULL)
        return true;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_TOPIC);
    chat__sqlite_query_text(&query, topic);
    chat__sqlite_query_integer(&query, room->id);
    return chat__sqlite_query_execute(&query);
}

static bool advance_room(struct chat__sqlite_connection *connection,
                         const struct chat__sqlite_room *room,
                         const struct chat__store_entry *last)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ROOM_ADVANCE);
    chat__sqlite_query_integer(&query, (int64_t)last->seq);
    chat__sqlite_query_integer(&query, (int64_t)last->n);
    chat__sqlite_query_integer(&query, last->ts);
    chat__sqlite_query_integer(&query, room->members_more);
    chat__sqlite_query_integer(&query, room->id);
    return chat__sqlite_query_execute(&query);
}

/* DUPLICATE and NOT_FOUND: the key is there, or the fold's message is not. */
static enum chat__store_result
write_entry(struct chat__sqlite_connection *connection,
            struct chat__sqlite_room *room,
            const struct chat__store_entry *entry)
{
    enum chat__store_result result = insert_entry(connection, room, entry);
    if (result != CHAT__STORE_OK)
        return result;
    if (!chat__sqlite_apply_standings(connection, room, entry) ||
        !set_topic(connection, room, entry->topic) ||
        !chat__sqlite_add_mentions(connection, room, entry))
        return CHAT__STORE_FAILED;
    return chat__sqlite_fold(connection, room->id, entry);
}

static enum chat__store_result
write_entries(struct chat__sqlite_connection *connection,
              struct chat__store_append *request,
              struct chat__sqlite_room *room)
{
    for (size_t i = 0; i < request->count; i++) {
        enum chat__store_result result =
            write_entry(connection, room, &request->entries[i]);
        if (result == CHAT__STORE_DUPLICATE)
            return refuse(connection, request, room, "has one key twice");
        if (result == CHAT__STORE_NOT_FOUND)
            return refuse(connection, request, room,
                          "is about a message that is not there");
        if (result != CHAT__STORE_OK)
            return result;
    }
    return result_of(
        advance_room(connection, room, &request->entries[request->count - 1]));
}

enum chat__store_result
chat__sqlite_append(struct chat__sqlite_connection *connection,
                    struct chat__sqlite_job *job)
{
    struct chat__store_append *request = job->request;
    struct chat__sqlite_room room = {0};
    enum chat__store_result result =
        request->create_epoch != NULL ? make_room(connection, request, &room)
                                      : find_room(connection, request, &room);
    if (result != CHAT__STORE_OK || request->count == 0)
        return result;
    if (!fits(request, &room))
        return CHAT__STORE_CONFLICT;
    return write_entries(connection, request, &room);
}
