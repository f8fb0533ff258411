/* An operator's act in a room: the request that a member would have sent. */
#include "server/core/admin_private.h"

#include "server/core/action.h"
#include "server/core/lookup.h"
#include "server/core/room.h"
#include "server/core/secret.h"

#define KEY_BYTES 12

/* The request in the operator's name. */
struct room_act {
    struct chat__about_operation about;
    struct chat__admin_work *work;
    char key[CHAT__BASE64URL_SIZE(KEY_BYTES)];
};

static struct room_act *room_act_of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct room_act, about.operation);
}

static void answered(struct chat__operation *operation,
                     const struct chat__reply *reply)
{
    struct chat__admin_act *act = room_act_of(operation)->work->act;

    act->error = reply->error;
    act->seq = reply->ok ? reply->body.entry.seq : 0;
    act->changed = act->seq != 0;
}

static void room_act_ended(struct chat__operation *operation)
{
    chat__admin_finish(room_act_of(operation)->work);
}

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    if (result == CHAT__STORE_OK)
        operation->row->start(operation);
    else
        chat__operation_fail(operation, result);
}

static enum chat__action action_of(const struct chat__admin_act *act)
{
    switch (act->kind) {
    case CHAT__ADMIN_KICK:
        return CHAT__ACTION_KICK;
    case CHAT__ADMIN_ROLE:
        return CHAT__ACTION_ROLE;
    default:
        return CHAT__ACTION_BAN;
    }
}

static void fill_request(struct room_act *room_act)
{
    const struct chat__admin_act *act = room_act->work->act;
    struct chat__operation *operation = &room_act->about.operation;
    struct chat__moderate moderate = {
        .room = operation->room->name,
        .key = room_act->key,
        .user = act->matches[0].user,
        .on = act->kind == CHAT__ADMIN_BAN,
        .reason = act->reason,
        .role = act->role,
    };

    operation->request.action = action_of(act);
    if (act->kind == CHAT__ADMIN_KICK)
        operation->request.body.kick = moderate;
    else if (act->kind == CHAT__ADMIN_ROLE)
        operation->request.body.role = moderate;
    else
        operation->request.body.ban = moderate;
}

/* NULL when memory is short. */
static struct room_act *new_room_act(struct chat__admin_work *work,
                                     struct chat__user *user)
{
    const struct chat__action_row *row = &chat__actions[action_of(work->act)];
    struct room_act *room_act = (struct room_act *)chat__operation_make(
        work->core, user, row, sizeof(*room_act));
    struct chat__operation *operation;

    if (room_act == NULL)
        return NULL;
    operation = &room_act->about.operation;
    room_act->work = work;
    operation->room = chat__room_acquire(work->core, work->act->room);
    if (operation->room == NULL ||
        !chat__random_name(work->core, room_act->key, KEY_BYTES)) {
        chat__operation_end(operation);
        return NULL;
    }
    operation->release = room_act_ended;
    operation->answered = answered;
    operation->loaded = room_loaded;
    fill_request(room_act);
    return room_act;
}

static void operator_found(struct chat__admin_operator *search,
                           enum chat__store_result result)
{
    struct chat__admin_work *work =
        CHAT__CONTAINER(search, struct chat__admin_work, search);
    struct chat__user *user = search->user;
    struct room_act *room_act;

    if (result != CHAT__STORE_OK) {
        chat__admin_fail(work, result == CHAT__STORE_NOT_FOUND
                                   ? CHAT__STORE_FAILED
                                   : result);
        return;
    }
    room_act = new_room_act(work, user);
    chat__user_release(user);
    if (room_act == NULL)
        chat__admin_fail(work, CHAT__STORE_BUSY);
    else
        chat__room_await(&room_act->about.operation);
}

void chat__admin_act_in_room(struct chat__admin_work *work)
{
    work->search.core = work->core;
    work->search.found = operator_found;
    chat__admin_operator_find(&work->search);
}
