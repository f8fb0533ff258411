/* What the tables say of a room and of those who stand to it. */
#include "server/verify/tables_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Users whose items are read at once. */
#define USERS_AT_ONCE 64

/* ---- the snapshot ---- */

static bool is_text(const char *one, const char *other)
{
    return strcmp(one == NULL ? "" : one, other == NULL ? "" : other) == 0;
}

static bool is_same(const struct chat__dynamodb_room *one,
                    const struct chat__dynamodb_room *other)
{
    if (one->private_room != other->private_room || one->n != other->n ||
        one->last_ts != other->last_ts ||
        one->standing_count != other->standing_count ||
        strcmp(one->epoch, other->epoch) != 0 ||
        !is_text(one->topic, other->topic))
        return false;
    for (size_t i = 0; i < one->standing_count; i++)
        if (one->standings[i].user != other->standings[i].user ||
            one->standings[i].role != other->standings[i].role)
            return false;
    return true;
}

/* The log has been read up to the end of a chunk. */
void chat__verify_table_snapshot(struct chat__verify_log *log)
{
    if (log->compared || !log->whole || log->room->head < log->snapshot->head)
        return;
    log->compared = true;
    if (log->room->head > log->snapshot->head)
        FIND(log->tables, "snapshot", log->name, log->snapshot->head,
             "the room's snapshot is of there, where no chunk ends");
    else if (!is_same(log->room, log->snapshot))
        FIND(log->tables, "snapshot", log->name, log->snapshot->head,
             "the room's snapshot is not what the log makes of it");
}

/* ---- the list of rooms ---- */

static cJSON *get_listed(struct chat__verify_log *log, const char *list)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    chat__dynamodb_body_begin(&body, log->tables->store->prefix, "rooms");
    chat__write_object(writer, "Key");
    chat__dynamodb_string(writer, "list", list);
    chat__dynamodb_string(writer, "room", log->name);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    return chat__verify_ask(log->tables, "GetItem", &body);
}

static void check_listed(struct chat__verify_log *log, const cJSON *item)
{
    const struct chat__dynamodb_room *room = log->room;
    uint64_t members = chat__dynamodb_room_members(room);
    uint64_t listed = chat__dynamodb_get_number(item, "members");

    if (item == NULL)
        FIND(log->tables, "room", log->name, 0, "the list of rooms has it not");
    else if (!room->private_room && members != listed)
        FIND(log->tables, "room", log->name, 0,
             "the list of rooms says members %" PRIu64
             ", and there are %" PRIu64,
             listed, members);
    else if (!room->private_room &&
             !is_text(chat__dynamodb_get_string(item, "topic"), room->topic))
        FIND(log->tables, "room", log->name, 0,
             "its topic in the list of rooms is not the one that the log set");
}

void chat__verify_table_room(struct chat__verify_log *log)
{
    bool is_private = log->room->private_room;
    cJSON *own = get_listed(log, is_private ? "private" : "public");
    cJSON *other = get_listed(log, is_private ? "public" : "private");

    if (!log->compared)
        FIND(log->tables, "seq", log->name, log->room->head,
             "the entries behind it are missing up to that of the room's "
             "snapshot, %" PRIu64,
             log->snapshot->head);
    if (!log->tables->failed) {
        check_listed(log, cJSON_GetObjectItemCaseSensitive(own, "Item"));
        if (cJSON_GetObjectItemCaseSensitive(other, "Item") != NULL)
            FIND(log->tables, "room", log->name, 0,
                 "it is %s, and in the other list as well",
                 is_private ? "private" : "public");
    }
    cJSON_Delete(own);
    cJSON_Delete(other);
}

/* ---- users ---- */

struct looked_at {
    struct chat__verify_log *log;
    const struct chat__verify_stood *stood;
};

static void item_read(void *context, const struct chat__dynamodb_answer *answer)
{
    const struct looked_at *looked = context;
    const struct chat__verify_stood *stood = looked->stood;
    struct chat__verify_log *log = looked->log;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    uint64_t role = chat__dynamodb_get_number(item, "role");
    uint64_t at = chat__dynamodb_get_number(item, "at");
    uint64_t mark = chat__dynamodb_get_number(item, "mark");

    if (answer->outcome != CHAT__DYNAMODB_OK)
        return;
    if (at < stood->at)
        FIND(log->tables, "member", log->name, stood->at,
             "user %" PRIu64 " has the role %d since there by the log, and the "
             "table of users knows how it was at %" PRIu64,
             stood->user, (int)stood->role, at);
    else if (role != (uint64_t)stood->role || at > stood->at)
        FIND(log->tables, "member", log->name, 0,
             "user %" PRIu64 " has the role %" PRIu64 ", and by the log %d",
             stood->user, role, (int)stood->role);
    else if (chat__dynamodb_get_number(item, "base") != stood->base ||
             chat__dynamodb_get_number(item, "base_n") != stood->base_n)
        FIND(log->tables, "marker", log->name, stood->base,
             "user %" PRIu64 " has read up to there by joining, and the table "
             "of users does not say so",
             stood->user);
    if (mark > log->room->head)
        FIND(log->tables, "marker", log->name, mark,
             "user %" PRIu64 " has read up to there, where the log is not yet",
             stood->user);
    if (!chat__verify_is_user(log->tables, stood->user))
        FIND(log->tables, "reference", log->name, stood->at,
             "user %" PRIu64 " stands to it, who is not there", stood->user);
}

static void check_some(struct chat__verify_log *log, size_t from, size_t to)
{
    struct looked_at looked[USERS_AT_ONCE];
    struct chat__dynamodb_group group;

    chat__verify_group_begin(log->tables, &group);
    for (size_t i = from; i < to; i++) {
        struct chat__dynamodb_body body;

        looked[i - from] = (struct looked_at){log, &log->stood[i]};
        chat__dynamodb_body_begin(&body, log->tables->store->prefix, "users");
        chat__dynamodb_user_room_key(&body.writer, log->stood[i].user,
                                     log->name);
        chat__write_bool(&body.writer, "ConsistentRead", true);
        chat__dynamodb_group_ask(&group, "GetItem", &body, item_read,
                                 &looked[i - from]);
    }
    chat__verify_await(log->tables, &group);
}

void chat__verify_table_users(struct chat__verify_log *log)
{
    const struct chat__verify_room *room =
        chat__verify_find_room(log->tables, log->name);

    for (size_t i = 0; i < log->stood_count && !log->tables->failed;
         i += USERS_AT_ONCE)
        check_some(log, i,
                   log->stood_count - i < USERS_AT_ONCE ? log->stood_count
                                                        : i + USERS_AT_ONCE);
    if (room != NULL && room->items > log->room->standing_count)
        FIND(log->tables, "member", log->name, 0,
             "%" PRIu64 " users stand to it in the table of users, and by the "
             "log %zu",
             room->items, log->room->standing_count);
}
