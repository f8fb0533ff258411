/*
 * What an edit, a delete or a react does to the message that it is about,
 * inside the writer's savepoint; and that message by itself.
 */
#include "server/store/sqlite_private.h"

#include "protocol/event.h"

#include <stdio.h>

struct message {
    uint64_t user;
    bool deleted;
};

/* NOT_FOUND when there is no message. */
static enum chat__store_result
get_message(struct chat__sqlite_connection *connection, int64_t room,
            uint64_t seq, struct message *message)
{
    struct chat__sqlite_query query;
    bool found = false;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MESSAGE_GET);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)seq);
    if (chat__sqlite_query_row(&query)) {
        message->user = chat__sqlite_query_unsigned(&query, 0);
        message->deleted = sqlite3_column_int(query.statement, 1) != 0;
        found = sqlite3_column_int(query.statement, 2) != 0;
    }
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

/* ---- deletes */

static bool get_bytes(struct chat__sqlite_connection *connection, int64_t room,
                      uint64_t seq, int64_t *id, struct chat__buffer *erased)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_BYTES);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)seq);
    if (chat__sqlite_query_row(&query)) {
        *id = sqlite3_column_int64(query.statement, 0);
        if (!chat__event_erase(sqlite3_column_blob(query.statement, 1),
                               chat__sqlite_query_trimmed(&query, 1), erased))
            chat__sqlite_query_fail(&query, SQLITE_CORRUPT);
        else if (erased->failed)
            chat__sqlite_query_fail(&query, SQLITE_NOMEM);
    } else if (query.code == SQLITE_OK) {
        chat__sqlite_query_fail(&query, SQLITE_CORRUPT); /* a gap in the log */
    }
    return chat__sqlite_query_end(&query);
}

static bool overwrite(struct chat__sqlite_connection *connection, int64_t id,
                      const struct chat__buffer *erased)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ENTRY_OVERWRITE);
    chat__sqlite_query_blob(&query, erased->data, erased->length);
    chat__sqlite_query_integer(&query, id);
    return chat__sqlite_query_execute(&query);
}

static bool erase_entry(struct chat__sqlite_connection *connection,
                        int64_t room, uint64_t seq)
{
    struct chat__buffer erased;
    int64_t id = 0;
    chat__buffer_init(&erased, CHAT__OBJECT_BYTES_MAX);
    bool worked = get_bytes(connection, room, seq, &id, &erased) &&
                  overwrite(connection, id, &erased);
    chat__buffer_release(&erased);
    return worked;
}

static bool erase_edits(struct chat__sqlite_connection *connection,
                        int64_t room, uint64_t ref)
{
    struct chat__sqlite_query query;
    bool worked = true;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_EDITS);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)ref);
    while (worked && chat__sqlite_query_row(&query))
        worked = erase_entry(connection, room,
                             chat__sqlite_query_unsigned(&query, 0));
    return chat__sqlite_query_end(&query) && worked;
}

/* Runs a statement about one message: deletes what hangs off it. */
static bool delete_of(struct chat__sqlite_connection *connection,
                      enum chat__sqlite_statement statement, int64_t room,
                      uint64_t ref)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, statement);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)ref);
    return chat__sqlite_query_execute(&query);
}

static bool delete_message(struct chat__sqlite_connection *connection,
                           int64_t room, uint64_t ref)
{
    connection->erased = true;
    return erase_entry(connection, room, ref) &&
           erase_edits(connection, room, ref) &&
           delete_of(connection, CHAT__SQLITE_EDITS_DELETE, room, ref) &&
           delete_of(connection, CHAT__SQLITE_REACTIONS_DELETE, room, ref);
}

/* ---- edits and reactions */

static bool insert_edit(struct chat__sqlite_connection *connection,
                        int64_t room, const struct chat__store_entry *entry)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_EDIT_INSERT);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)entry->ref);
    chat__sqlite_query_integer(&query, (int64_t)entry->seq);
    return chat__sqlite_query_execute(&query);
}

static bool set_reaction(struct chat__sqlite_connection *connection,
                         int64_t room, const struct chat__store_entry *entry)
{
    bool on = entry->fold == CHAT__FOLD_REACT_ON;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             on ? CHAT__SQLITE_REACTION_INSERT
                                : CHAT__SQLITE_REACTION_DELETE);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)entry->ref);
    chat__sqlite_query_text(&query, entry->emoji);
    chat__sqlite_query_integer(&query, (int64_t)entry->user);
    if (on)
        chat__sqlite_query_integer(&query, (int64_t)entry->seq);
    return chat__sqlite_query_execute(&query);
}

static bool set_change(struct chat__sqlite_connection *connection, int64_t room,
                       const struct chat__store_entry *entry)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_CHANGE_SET);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)entry->ref);
    chat__sqlite_query_integer(&query, entry->fold == CHAT__FOLD_DELETE);
    return chat__sqlite_query_execute(&query);
}

static bool apply(struct chat__sqlite_connection *connection, int64_t room,
                  const struct chat__store_entry *entry)
{
    switch (entry->fold) {
    case CHAT__FOLD_EDIT:
        return insert_edit(connection, room, entry);
    case CHAT__FOLD_DELETE:
        return delete_message(connection, room, entry->ref);
    case CHAT__FOLD_REACT_ON:
    case CHAT__FOLD_REACT_OFF:
        return set_reaction(connection, room, entry);
    case CHAT__FOLD_NONE:
        break;
    }
    return true;
}

enum chat__store_result
chat__sqlite_fold(struct chat__sqlite_connection *connection, int64_t room,
                  const struct chat__store_entry *entry)
{
    struct message message = {0};
    if (entry->fold == CHAT__FOLD_NONE)
        return CHAT__STORE_OK;
    enum chat__store_result result =
        entry->ref < entry->seq
            ? get_message(connection, room, entry->ref, &message)
            : CHAT__STORE_NOT_FOUND;
    if (result == CHAT__STORE_OK && message.deleted)
        return CHAT__STORE_NOT_FOUND;
    if (result != CHAT__STORE_OK)
        return result;
    return set_change(connection, room, entry) && apply(connection, room, entry)
               ? CHAT__STORE_OK
               : CHAT__STORE_FAILED;
}

/* ---- a reader's */

static bool count_reactions(struct chat__sqlite_connection *connection,
                            int64_t room,
                            struct chat__store_find_message *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_REACTION_COUNTS);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)request->ref);
    chat__sqlite_query_text(&query, request->emoji);
    chat__sqlite_query_integer(&query, (int64_t)request->reactor);
    if (chat__sqlite_query_row(&query)) {
        request->reactions = (size_t)chat__sqlite_query_unsigned(&query, 0);
        request->kinds = (size_t)chat__sqlite_query_unsigned(&query, 1);
        request->kind_is_on = sqlite3_column_int(query.statement, 2) > 0;
        request->is_on = sqlite3_column_int(query.statement, 3) > 0;
    }
    return chat__sqlite_query_end(&query);
}

static bool count_edits(struct chat__sqlite_connection *connection,
                        int64_t room, struct chat__store_find_message *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_EDITS_COUNT);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)request->ref);
    if (chat__sqlite_query_row(&query))
        request->edits = (size_t)chat__sqlite_query_unsigned(&query, 0);
    return chat__sqlite_query_end(&query);
}

enum chat__store_result
chat__sqlite_find_message(struct chat__sqlite_connection *connection,
                          struct chat__sqlite_job *job)
{
    struct chat__store_find_message *request = job->request;
    struct message message = {0};
    int64_t room;
    if (!chat__sqlite_find_room(connection, request->room, &room, NULL))
        return CHAT__STORE_FAILED;
    enum chat__store_result result =
        get_message(connection, room, request->ref, &message);
    if (result != CHAT__STORE_OK)
        return result;
    request->user = message.user;
    request->deleted = message.deleted;
    return (request->emoji != NULL ? count_reactions
                                   : count_edits)(connection, room, request)
               ? CHAT__STORE_OK
               : CHAT__STORE_FAILED;
}
