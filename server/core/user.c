#include "server/core/user.h"

#include "server/core/connection.h"
#include "server/core/recall.h"
#include "server/core/room.h"
#include "server/core/sign_in.h"

#include <stdlib.h>
#include <string.h>

struct chat__user *chat__user_find(const struct chat__core *core, uint64_t id)
{
    struct chat__table_link *link =
        chat__table_find(&core->users, chat__hash_integer(id));

    /* The hash is a bijection of the id. */
    return link == NULL ? NULL : CHAT__CONTAINER(link, struct chat__user, link);
}

static void free_user(struct chat__user *user)
{
    for (uint32_t i = 0; i < user->membership_count; i++)
        chat__room_release(user->memberships[i].room);
    free(user->memberships);
    chat__invitations_release(&user->invitations);
    free(user);
}

/* Takes the room's reference over; NULL when memory is short. */
static struct chat__membership *add_membership(struct chat__user *user,
                                               struct chat__room *room)
{
    struct chat__membership *membership;

    if (room == NULL || !chat__user_reserve(user)) {
        chat__room_release(room);
        return NULL;
    }
    membership = &user->memberships[user->membership_count++];
    *membership = (struct chat__membership){.room = room};
    return membership;
}

/*
 * A marker beyond the head that is known here was set elsewhere. Behind the
 * same marker mentions only grow; some may have come in a log that was read.
 */
static void follow_marker(struct chat__membership *membership,
                          const struct chat__store_membership *row)
{
    if (row->read == membership->read && row->mentions > membership->mentions)
        membership->mentions = row->mentions;
    if (row->read <= membership->room->head || row->read <= membership->read)
        return;
    membership->read = row->read;
    membership->read_n = row->read_n;
    membership->mentions = row->mentions;
}

static bool list_membership(struct chat__user *user,
                            const struct chat__store_membership *row)
{
    struct chat__room *room = chat__room_acquire(user->core, row->room);
    struct chat__membership *membership =
        room == NULL ? NULL : chat__user_membership(user, room);

    if (membership != NULL) {
        chat__room_release(room);
        follow_marker(membership, row);
    } else if (room != NULL && room->batch != NULL && user->references > 0) {
        /* The append in flight may be the one that says so, and it tells the
         * user's other connections. */
        chat__room_release(room);
        user->behind = true;
        return true;
    } else {
        membership = add_membership(user, room);
        if (membership == NULL)
            return false;
        membership->read = row->read;
        membership->read_n = row->read_n;
        membership->mentions = row->mentions;
    }
    membership->listed = true;
    return true;
}

/* Each room of the sign-in has a membership after this, and is `listed`. */
static bool add_memberships(struct chat__user *user,
                            const struct chat__store_sign_in *sign_in)
{
    for (size_t i = 0; i < sign_in->membership_count; i++)
        if (!list_membership(user, &sign_in->memberships[i]))
            return false;
    return true;
}

static bool add_invitations(struct chat__user *user,
                            const struct chat__store_sign_in *sign_in)
{
    for (size_t i = 0; i < sign_in->invite_count; i++)
        if (!chat__invitations_add(&user->invitations, sign_in->invites[i].room,
                                   sign_in->invites[i].by,
                                   sign_in->invites[i].by_name))
            return false;
    return true;
}

/*
 * Another server may have changed what a user who is in memory here is a
 * member of. What this core knows better, or is about to learn, stays: a
 * commit since the sign-in was asked for, or an append in flight.
 */
static bool follow_store(struct chat__user *user,
                         const struct chat__store_sign_in *sign_in,
                         uint64_t number)
{
    user->behind = user->changed >= number || user->joining > 0;
    if (user->behind)
        return true;
    for (uint32_t i = 0; i < user->membership_count; i++)
        user->memberships[i].listed = false;
    if (!add_memberships(user, sign_in))
        return false;
    for (uint32_t i = user->membership_count; i > 0; i--) {
        const struct chat__membership *membership = &user->memberships[i - 1];

        if (membership->listed)
            continue;
        if (membership->room->batch == NULL)
            chat__user_gone(user, membership->room);
        else
            user->behind = true;
    }
    chat__invitations_release(&user->invitations);
    user->changed = user->core->sign_in_number;
    return add_invitations(user, sign_in);
}

bool chat__user_follow(struct chat__user *user,
                       const struct chat__store_sign_in *sign_in,
                       uint64_t number)
{
    return follow_store(user, sign_in, number) && !user->behind;
}

static struct chat__user *new_user(struct chat__core *core,
                                   const struct chat__store_sign_in *sign_in)
{
    size_t size = strlen(sign_in->name) + 1;
    struct chat__user *user = calloc(1, sizeof(*user) + size);

    if (user == NULL)
        return NULL;
    memcpy(user->name, sign_in->name, size);
    user->core = core;
    user->id = sign_in->user;
    user->guest = sign_in->guest;
    user->changed = core->sign_in_number;
    if (!add_memberships(user, sign_in) || !add_invitations(user, sign_in) ||
        !chat__table_insert(&core->users, &user->link,
                            chat__hash_integer(user->id))) {
        free_user(user);
        return NULL;
    }
    return user;
}

struct chat__user *chat__user_acquire(struct chat__core *core,
                                      const struct chat__store_sign_in *sign_in,
                                      uint64_t number)
{
    struct chat__user *user = chat__user_find(core, sign_in->user);

    if (user == NULL)
        user = new_user(core, sign_in);
    else if (!follow_store(user, sign_in, number))
        return NULL;
    if (user != NULL) {
        chat__user_hold(user);
        chat__recall_signed_in(user, number);
    }
    return user;
}

void chat__user_hold(struct chat__user *user)
{
    user->references++;
}

static void queue_idle(struct chat__user *user)
{
    struct chat__core *core = user->core;

    user->idle = true;
    user->after = NULL;
    if (core->idle_last == NULL)
        core->idle_first = user;
    else
        core->idle_last->after = user;
    core->idle_last = user;
}

void chat__user_sweep(struct chat__core *core)
{
    while (core->idle_first != NULL) {
        struct chat__user *user = core->idle_first;

        if (core->sign_in_first != NULL &&
            core->sign_in_first->number <= user->idle_since)
            return;
        core->idle_first = user->after;
        if (core->idle_first == NULL)
            core->idle_last = NULL;
        user->idle = false;
        if (user->references == 0) {
            if (!user->forgotten)
                chat__table_remove(&core->users, &user->link);
            free_user(user);
        }
    }
}

void chat__user_release(struct chat__user *user)
{
    if (user == NULL || --user->references > 0)
        return;
    user->idle_since = user->core->sign_in_number;
    if (!user->idle)
        queue_idle(user);
    chat__user_sweep(user->core);
}

void chat__user_forget(struct chat__user *user)
{
    struct chat__core *core = user->core;

    for (struct chat__connection *connection = user->connections;
         connection != NULL; connection = connection->next)
        chat__connection_give_up(connection);
    if (user->forgotten)
        return;
    chat__table_remove(&core->users, &user->link);
    user->forgotten = true;
    chat__sign_in_changed(core, user->id);
}
