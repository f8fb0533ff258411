/*
 * What an entry changes of how users stand to its room, and whom it mentions,
 * inside the writer's savepoint.
 */
#include "server/store/sqlite_private.h"

static bool get_role(struct chat__sqlite_connection *connection,
                     const struct chat__sqlite_room *room, uint64_t user,
                     enum chat__role *role)
{
    struct chat__sqlite_query query;
    *role = CHAT__ROLE_NONE;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_STANDING_GET);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)user);
    if (chat__sqlite_query_row(&query))
        *role = (enum chat__role)sqlite3_column_int(query.statement, 0);
    return chat__sqlite_query_end(&query);
}

static bool delete_standing(struct chat__sqlite_connection *connection,
                            const struct chat__sqlite_room *room, uint64_t user)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_STANDING_DELETE);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return chat__sqlite_query_execute(&query);
}

static bool change_role(struct chat__sqlite_connection *connection,
                        const struct chat__sqlite_room *room,
                        const struct chat__store_standing *standing)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_STANDING_ROLE);
    chat__sqlite_query_integer(&query, standing->role);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)standing->user);
    return chat__sqlite_query_execute(&query);
}

static bool set_standing(struct chat__sqlite_connection *connection,
                         const struct chat__sqlite_room *room,
                         const struct chat__store_entry *entry,
                         const struct chat__store_standing *standing)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_STANDING_SET);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)standing->user);
    chat__sqlite_query_integer(&query, standing->role);
    chat__sqlite_query_integer(&query, (int64_t)entry->user);
    chat__sqlite_query_integer(&query, (int64_t)entry->seq);
    chat__sqlite_query_integer(&query, (int64_t)entry->n);
    return chat__sqlite_query_execute(&query);
}

static bool raise_rooms_rev(struct chat__sqlite_connection *connection,
                            uint64_t user, int64_t rooms_more)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             CHAT__SQLITE_USER_ROOMS_CHANGED);
    chat__sqlite_query_integer(&query, rooms_more);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return chat__sqlite_query_execute(&query);
}

/* A user has two lists of rooms: joined ones, and invitations. */
static bool is_same_list(enum chat__role before, enum chat__role after)
{
    return chat__role_is_member(before) == chat__role_is_member(after) &&
           (before == CHAT__ROLE_INVITED) == (after == CHAT__ROLE_INVITED);
}

/* A member who gets another role keeps the read marker. */
static bool write_standing(struct chat__sqlite_connection *connection,
                           const struct chat__sqlite_room *room,
                           const struct chat__store_entry *entry,
                           const struct chat__store_standing *standing,
                           enum chat__role before)
{
    if (standing->role == CHAT__ROLE_NONE)
        return delete_standing(connection, room, standing->user);
    if (before != CHAT__ROLE_NONE && is_same_list(before, standing->role))
        return change_role(connection, room, standing);
    return set_standing(connection, room, entry, standing);
}

static bool apply_standing(struct chat__sqlite_connection *connection,
                           struct chat__sqlite_room *room,
                           const struct chat__store_entry *entry,
                           const struct chat__store_standing *standing)
{
    enum chat__role before;
    if (!get_role(connection, room, standing->user, &before))
        return false;
    if (before == standing->role)
        return true;
    if (!write_standing(connection, room, entry, standing, before))
        return false;
    if (is_same_list(before, standing->role))
        return true;
    int more = (int)chat__role_is_member(standing->role) -
               (int)chat__role_is_member(before);
    room->members_more += more;
    if (more < 0 && !chat__sqlite_sweep_mentions(connection, room->id,
                                                 standing->user, entry->seq))
        return false;
    return raise_rooms_rev(connection, standing->user, more);
}

bool chat__sqlite_apply_standings(struct chat__sqlite_connection *connection,
                                  struct chat__sqlite_room *room,
                                  const struct chat__store_entry *entry)
{
    for (size_t i = 0; i < entry->standing_count; i++)
        if (!apply_standing(connection, room, entry, &entry->standings[i]))
            return false;
    return true;
}

static bool insert_mention(struct chat__sqlite_connection *connection,
                           const struct chat__sqlite_room *room, uint64_t seq,
                           uint64_t user)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MENTION_INSERT);
    chat__sqlite_query_integer(&query, (int64_t)seq);
    chat__sqlite_query_integer(&query, room->id);
    chat__sqlite_query_integer(&query, (int64_t)user);
    return chat__sqlite_query_execute(&query);
}

bool chat__sqlite_add_mentions(struct chat__sqlite_connection *connection,
                               const struct chat__sqlite_room *room,
                               const struct chat__store_entry *entry)
{
    for (size_t i = 0; i < entry->mention_count; i++)
        if (!insert_mention(connection, room, entry->seq, entry->mentions[i]))
            return false;
    return true;
}

bool chat__sqlite_sweep_mentions(struct chat__sqlite_connection *connection,
                                 int64_t room, uint64_t user, uint64_t seq)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_MENTIONS_DELETE);
    chat__sqlite_query_integer(&query, (int64_t)user);
    chat__sqlite_query_integer(&query, room);
    chat__sqlite_query_integer(&query, (int64_t)seq);
    return chat__sqlite_query_execute(&query);
}
