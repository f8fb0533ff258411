#include "server/core/actions/actions.h"

#include "server/core/permission.h"

/* False when it has refused one who may not come in, or to whom it hides. */
static bool admit(const struct chat__operation *operation,
                  const struct chat__view *view, struct chat__outcome *outcome)
{
    const struct chat__join *join = &operation->request.body.join;
    const struct chat__user *user = operation->user;
    bool hides = chat__room_hides(view->private_room, view->role);

    if (chat__room_is_dm(operation->room->name) ||
        (!view->exists && !join->create) || (hides && !join->create))
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such room; create makes it");
    else if (hides)
        chat__outcome_refuse(outcome, CHAT__ERROR_NAME_TAKEN,
                             "this name is taken, choose another");
    else if (view->role == CHAT__ROLE_BANNED)
        chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                             "you are banned from this room");
    else if (user->membership_count + user->joining >= CHAT__USER_ROOMS_MAX)
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "you are in 500 rooms: leave one first");
    else
        return true;
    return false;
}

void chat__join_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    enum chat__role role = view->exists ? CHAT__ROLE_MEMBER : CHAT__ROLE_OWNER;

    /* A member gets the page, by whatever key, and subscribed in this step:
     * after a look for the key it might be no member any more. */
    if (view->exists && chat__role_is_member(view->role)) {
        outcome->verdict = CHAT__VERDICT_CURRENT;
        return;
    }
    if (!admit(operation, view, outcome))
        return;
    chat__outcome_enter(outcome, CHAT__EVENT_JOIN);
    chat__outcome_stand(outcome, operation->user->id, role);
    outcome->create = !view->exists;
    outcome->private_room = operation->request.body.join.private_room;
}
