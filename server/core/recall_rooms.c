/*
 * What another task changed of a user's rooms, invitations and read markers:
 * the user is read as for a sign-in, which takes the lists over (user.c); then
 * the connections here are told, each room when it is loaded.
 */
#include "server/core/recall.h"

#include "server/core/action.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/sign_in.h"
#include "server/core/subscription.h"

#include <stdlib.h>
#include <string.h>

struct recall {
    struct chat__user *user; /* referenced */
    struct chat__store_sign_in sign_in;
    struct chat__sign_in in_flight;
};

/* Tells the connections how the user stands to one room. */
struct telling {
    struct chat__operation operation;
    bool refreshed; /* the room was older than the user's list */
};

static const struct chat__action_row telling_row = {
    .session = true, .size = sizeof(struct telling)};

/* ---- one room ---- */

static void end_denied(struct telling *telling)
{
    struct chat__operation *operation = &telling->operation;
    struct chat__room *room = operation->room;

    if (telling->refreshed) {
        chat__user_gone(operation->user, room);
        chat__operation_end(operation);
        return;
    }
    telling->refreshed = true;
    chat__room_refresh(room);
    chat__room_await(operation);
}

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    struct telling *telling =
        CHAT__CONTAINER(operation, struct telling, operation);
    struct chat__user *user = operation->user;
    struct chat__room *room = operation->room;

    if (result == CHAT__STORE_OK && chat__user_membership(user, room) != NULL) {
        if (!chat__role_is_member(chat__room_role(room, user->id))) {
            end_denied(telling);
            return;
        }
        chat__user_joined(user, room, NULL);
    } else if (result == CHAT__STORE_OK) {
        chat__user_tell_invitation(user, room);
    }
    chat__operation_end(operation);
}

static void tell(struct chat__user *user, const char *name)
{
    struct chat__operation *operation = chat__operation_make(
        user->core, user, &telling_row, sizeof(struct telling));

    if (operation == NULL)
        return;
    operation->room = chat__room_acquire(user->core, name);
    if (operation->room == NULL) {
        chat__operation_end(operation);
        return;
    }
    operation->loaded = room_loaded;
    if (operation->room->state == CHAT__ROOM_ABSENT)
        chat__room_refresh(operation->room);
    chat__room_await(operation);
}

/* ---- the lists ---- */

static bool has_deaf_connection(const struct chat__user *user,
                                const struct chat__room *room)
{
    for (const struct chat__connection *connection = user->connections;
         connection != NULL; connection = connection->next) {
        const struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        /* One that is to end is of an earlier membership. */
        if (connection->ready && !connection->closing &&
            !chat__connection_is_relayed(connection) &&
            (subscription == NULL || subscription->until != UINT64_MAX ||
             subscription->parting > 0))
            return true;
    }
    return false;
}

/* Names of rooms, copied: telling of one may change the lists. */
struct names {
    char (*rows)[CHAT__ROOM_NAME_BYTES_MAX + 1];
    size_t count;
    size_t capacity;
};

static void add(struct names *names, const char *name)
{
    size_t size = strlen(name) + 1;

    if (names->count < names->capacity && size <= sizeof(*names->rows))
        memcpy(names->rows[names->count++], name, size);
}

static bool has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->rows[i], name) == 0)
            return true;
    return false;
}

static bool reserve(struct names *names, size_t capacity)
{
    names->rows = calloc(capacity + 1, sizeof(*names->rows));
    names->capacity = names->rows == NULL ? 0 : capacity;
    return names->rows != NULL;
}

static void add_invitations(const struct chat__user *user, struct names *names)
{
    for (size_t i = 0; i < user->invitations.count; i++)
        add(names, user->invitations.rows[i]->room);
}

/* What is to be told: rooms that a connection does not hear, and invitations
 * that came or went. */
static void add_changes(const struct chat__user *user,
                        const struct names *before, struct names *changed)
{
    struct names after = {0};

    for (uint32_t i = 0; i < user->membership_count; i++)
        if (has_deaf_connection(user, user->memberships[i].room))
            add(changed, user->memberships[i].room->name);
    if (!reserve(&after, user->invitations.count))
        return;
    add_invitations(user, &after);
    for (size_t i = 0; i < after.count; i++)
        if (!has(before, after.rows[i]))
            add(changed, after.rows[i]);
    for (size_t i = 0; i < before->count; i++)
        if (!has(&after, before->rows[i]) && !has(changed, before->rows[i]))
            add(changed, before->rows[i]);
    free(after.rows);
}

/* Markers that were moved elsewhere. */
static void follow_markers(struct chat__user *user,
                           const struct chat__store_sign_in *sign_in)
{
    for (size_t i = 0; i < sign_in->membership_count; i++) {
        const struct chat__store_membership *row = &sign_in->memberships[i];
        struct chat__store_mark_read mark = {.read = row->read,
                                             .read_n = row->read_n,
                                             .mentions = row->mentions};
        struct chat__room *room = chat__room_find(user->core, row->room);

        if (room != NULL)
            chat__user_marked(user, room, &mark, NULL);
    }
}

/* False when not all could be taken over. */
static bool follow(struct recall *recall)
{
    struct chat__user *user = recall->user;
    struct names before = {0};
    struct names changed = {0};
    bool done = false;

    if (reserve(&before, user->invitations.count)) {
        add_invitations(user, &before);
        follow_markers(user, &recall->sign_in);
        if (chat__user_follow(user, &recall->sign_in,
                              recall->in_flight.number) &&
            reserve(&changed, user->membership_count + before.count +
                                  user->invitations.count)) {
            add_changes(user, &before, &changed);
            done = true;
        }
    }
    for (size_t i = 0; i < changed.count; i++)
        tell(user, changed.rows[i]);
    free(before.rows);
    free(changed.rows);
    return done;
}

/* ---- the read ---- */

static void user_read(struct chat__completion *completion)
{
    struct recall *recall =
        CHAT__CONTAINER(completion, struct recall, sign_in.completion);
    struct chat__user *user = recall->user;
    struct chat__core *core = user->core;
    enum chat__store_result result = recall->sign_in.result;
    bool again = result == CHAT__STORE_BUSY;

    chat__store_answered(core);
    if (result == CHAT__STORE_OK)
        again = chat__sign_in_is_old(core, &recall->in_flight, user->id) ||
                !follow(recall);
    chat__sign_in_end(core, &recall->in_flight);
    chat__store_sign_in_release(&recall->sign_in);
    free(recall);
    chat__recall_done(user, again ? CHAT__RECALL_ROOMS : 0);
    chat__user_release(user);
}

/* A token's end of 0 makes no token. */
void chat__recall_rooms(struct chat__user *user)
{
    struct chat__core *core = user->core;
    struct chat__store *store = core->options.store;
    struct recall *recall = calloc(1, sizeof(*recall));

    if (recall == NULL) {
        chat__recall_done(user, 0);
        return;
    }
    chat__user_hold(user);
    recall->user = user;
    recall->sign_in.completion.run = user_read;
    recall->sign_in.credential = CHAT__STORE_USER;
    recall->sign_in.user = user->id;
    chat__sign_in_begin(core, &recall->in_flight);
    chat__store_asked(core);
    store->operations->sign_in(store, &recall->sign_in);
}
