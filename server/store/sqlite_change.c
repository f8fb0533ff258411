/*
 * How the messages of a page were left: read in the transaction of the page,
 * by a reader.
 */
#include "server/store/sqlite_private.h"

#include "protocol/event.h"
#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

/*
 * The text of an edit, on the heap. An edit that cannot be read leaves NULL,
 * which sends clients to the entry, rather than a room without its history.
 */
static const char *read_text(struct chat__sqlite_query *query, int column)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json =
        chat__json_parse(sqlite3_column_blob(query->statement, column),
                         chat__sqlite_query_trimmed(query, column), &error);
    char *text = NULL;
    if (json == NULL || !chat__event_parse(&event, json, &error)) {
        if (error.code == CHAT__ERROR_BUSY)
            chat__sqlite_query_fail(query, SQLITE_NOMEM);
    } else if (event.text != NULL) {
        text = strdup(event.text);
        if (text == NULL)
            chat__sqlite_query_fail(query, SQLITE_NOMEM);
    }
    chat__json_free(json);
    return text;
}

static bool read_changes(struct chat__sqlite_connection *connection,
                         struct chat__store_read_log *request, int64_t room)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_CHANGES);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)request->entries[0].seq);
    chat__sqlite_query_integer(
        &query, (int64_t)request->entries[request->count - 1].seq);
    while (chat__sqlite_query_row(&query)) {
        struct chat__change *changes = chat__sqlite_query_grow(
            &query, request->changes, request->change_count, &capacity,
            sizeof *changes);
        if (changes == NULL)
            break;
        request->changes = changes;
        struct chat__change *change = &changes[request->change_count++];
        *change = (struct chat__change){
            .ref = chat__sqlite_query_unsigned(&query, 0),
            .upto = request->upto,
            .deleted = sqlite3_column_int(query.statement, 1) != 0,
            .edit = chat__sqlite_query_unsigned(&query, 2),
        };
        if (change->edit != 0)
            change->text = read_text(&query, 3);
    }
    return chat__sqlite_query_end(&query);
}

/* Rows come by message and by emoji, so it is the last one's or a new one. */
static struct chat__reaction *find_reaction(struct chat__sqlite_query *query,
                                            struct chat__change *change)
{
    struct chat__reaction *last =
        &change
             ->reactions[change->reaction_count - (change->reactions != NULL)];
    const char *emoji = (const char *)sqlite3_column_text(query->statement, 1);
    if (emoji == NULL) {
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
        return NULL;
    }
    if (change->reaction_count > 0 && strcmp(last->emoji, emoji) == 0)
        return last;
    struct chat__reaction *reactions = reallocarray(
        change->reactions, change->reaction_count + 1, sizeof *reactions);
    if (reactions == NULL) {
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
        return NULL;
    }
    change->reactions = reactions;
    last = &reactions[change->reaction_count];
    *last = (struct chat__reaction){.emoji =
                                        chat__sqlite_query_duplicate(query, 1)};
    if (last->emoji == NULL)
        return NULL;
    change->reaction_count++;
    return last;
}

static bool add_user(struct chat__sqlite_query *query,
                     struct chat__change *change)
{
    struct chat__reaction *reaction = find_reaction(query, change);
    if (reaction == NULL)
        return false;
    uint64_t *users = reallocarray((void *)reaction->users,
                                   reaction->user_count + 1, sizeof *users);
    if (users == NULL) {
        chat__sqlite_query_fail(query, SQLITE_NOMEM);
        return false;
    }
    reaction->users = users;
    users[reaction->user_count++] = chat__sqlite_query_unsigned(query, 2);
    return true;
}

/* Both the rows and the changes are in order of ref. */
static bool read_reactions(struct chat__sqlite_connection *connection,
                           struct chat__store_read_log *request, int64_t room)
{
    struct chat__sqlite_query query;
    size_t at = 0;
    bool more = true;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_REACTIONS);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)request->changes[0].ref);
    chat__sqlite_query_integer(
        &query, (int64_t)request->changes[request->change_count - 1].ref);
    while (more && chat__sqlite_query_row(&query)) {
        uint64_t ref = chat__sqlite_query_unsigned(&query, 0);
        while (at < request->change_count && request->changes[at].ref < ref)
            at++;
        if (at == request->change_count || request->changes[at].ref != ref)
            chat__sqlite_query_fail(&query, SQLITE_CORRUPT);
        else
            more = add_user(&query, &request->changes[at]);
    }
    return chat__sqlite_query_end(&query);
}

bool chat__sqlite_read_changes(struct chat__sqlite_connection *connection,
                               struct chat__store_read_log *request,
                               int64_t room)
{
    if (request->count == 0)
        return true;
    if (!read_changes(connection, request, room))
        return false;
    return request->change_count == 0 ||
           read_reactions(connection, request, room);
}
