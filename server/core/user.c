#include "server/core/user.h"

#include "server/core/connection.h"
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

static bool add_memberships(struct chat__user *user,
                            const struct chat__store_sign_in *sign_in)
{
    if (sign_in->membership_count == 0)
        return true;
    user->memberships =
        calloc(sign_in->membership_count, sizeof(*user->memberships));
    if (user->memberships == NULL)
        return false;
    user->membership_capacity = (uint32_t)sign_in->membership_count;
    for (size_t i = 0; i < sign_in->membership_count; i++) {
        const struct chat__store_membership *row = &sign_in->memberships[i];
        struct chat__membership *membership = &user->memberships[i];

        membership->room = chat__room_acquire(user->core, row->room);
        if (membership->room == NULL)
            return false;
        user->membership_count++;
        membership->read = row->read;
        membership->read_n = row->read_n;
        membership->mentions = row->mentions;
    }
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
    if (!add_memberships(user, sign_in) || !add_invitations(user, sign_in) ||
        !chat__table_insert(&core->users, &user->link,
                            chat__hash_integer(user->id))) {
        free_user(user);
        return NULL;
    }
    return user;
}

struct chat__user *chat__user_acquire(struct chat__core *core,
                                      const struct chat__store_sign_in *sign_in)
{
    struct chat__user *user = chat__user_find(core, sign_in->user);

    if (user == NULL)
        user = new_user(core, sign_in);
    if (user != NULL)
        chat__user_hold(user);
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
