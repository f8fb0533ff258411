#include "server/core/lookup.h"

#include "server/core/action.h"
#include "server/core/user.h"

static struct chat__about_operation *about_of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__about_operation, operation);
}

static struct chat__target_operation *
target_of(const struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__target_operation, operation);
}

/* ---- the queue ---- */

static void pass_on(struct chat__operation *operation)
{
    operation->user->looking--;
    if (operation->looked == CHAT__STORE_OK ||
        operation->looked == CHAT__STORE_NOT_FOUND)
        chat__operation_push(&operation->room->waiting, operation);
    else
        chat__operation_fail(operation, operation->looked);
}

void chat__look_up_advance(struct chat__room *room)
{
    /* Refusing the last one would let go of the room. */
    chat__room_hold(room);
    while (room->looking.first != NULL && !room->looking.first->looking)
        pass_on(chat__operation_pop(&room->looking));
    /* It may have failed to load anew while the store was looking. */
    if (room->state == CHAT__ROOM_UNLOADED && room->waiting.count > 0)
        chat__room_reload(room);
    else
        chat__append_pump(room);
    chat__room_release(room);
}

static void looked_up(struct chat__operation *operation,
                      enum chat__store_result result)
{
    chat__operation_hears(operation);
    operation->looking = false;
    operation->looked = result;
    chat__append_gather(operation->room);
}

/* ---- the user that it is about ---- */

static void about_looked_up(struct chat__completion *completion)
{
    struct chat__about_operation *about = CHAT__CONTAINER(
        completion, struct chat__about_operation, find.completion);

    looked_up(&about->operation, about->find.result);
}

void chat__about_start(struct chat__operation *operation)
{
    struct chat__about_operation *about = about_of(operation);
    struct chat__store *store = operation->core->options.store;

    operation->looking = true;
    if (!chat__append_enter(operation))
        return;
    about->find.completion.run = about_looked_up;
    about->find.user = chat__action_user(operation);
    chat__operation_asks(operation);
    store->operations->find_user(store, &about->find);
}

/* ---- the message that it is about ---- */

static void target_looked_up(struct chat__completion *completion)
{
    struct chat__target_operation *target = CHAT__CONTAINER(
        completion, struct chat__target_operation, find.completion);

    looked_up(&target->operation, target->find.result);
}

static void ask(struct chat__target_operation *target)
{
    struct chat__operation *operation = &target->operation;
    struct chat__store *store = operation->core->options.store;

    target->head = operation->room->head;
    target->find = (struct chat__store_find_message){
        .completion.run = target_looked_up,
        .room = operation->room->name,
        .ref = chat__action_ref(operation),
    };
    if (operation->request.action == CHAT__ACTION_REACT) {
        target->find.reactor = operation->user->id;
        target->find.emoji = operation->request.body.react.emoji;
    }
    chat__operation_asks(operation);
    store->operations->find_message(store, &target->find);
}

static void release(struct chat__operation *operation)
{
    chat__deletions_unwatch(&operation->room->deletions);
}

void chat__target_start(struct chat__operation *operation)
{
    operation->release = release;
    chat__deletions_watch(&operation->room->deletions);
    operation->looking = true;
    if (chat__append_enter(operation))
        ask(target_of(operation));
}

bool chat__target_is_stale(const struct chat__operation *operation)
{
    return operation->row->ref_at != 0 &&
           target_of(operation)->head < operation->room->deletions.since;
}

void chat__look_up_again(struct chat__room *room)
{
    struct chat__operation_queue again = room->waiting;

    room->waiting = (struct chat__operation_queue){0};
    for (struct chat__operation *operation = again.first; operation != NULL;
         operation = operation->after) {
        operation->user->looking++;
        operation->looking = chat__target_is_stale(operation);
        if (operation->looking)
            ask(target_of(operation));
    }
    chat__operation_prepend(&room->looking, &again);
}
