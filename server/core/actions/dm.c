/* dm: the room of two users, made when need be, and both members of it. */
#include "server/core/actions/actions.h"

static bool is_full(const struct chat__user *user)
{
    return user->membership_count + user->joining >= CHAT__USER_ROOMS_MAX;
}

/*
 * The store counted the rooms of one who is not in memory when it was asked:
 * the limit may be passed by as many as were in flight at once.
 */
static bool is_other_full(const struct chat__join_operation *dm)
{
    const struct chat__store_find_user *find = &dm->about.find;
    const struct chat__user *other =
        chat__user_find(dm->about.operation.core, find->user);

    return other != NULL ? is_full(other) : find->rooms >= CHAT__USER_ROOMS_MAX;
}

/* False when it has refused. */
static bool check_places(const struct chat__join_operation *dm,
                         const struct chat__view *view,
                         struct chat__outcome *outcome)
{
    if (!chat__role_is_member(view->role) && is_full(dm->about.operation.user))
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "you are in 500 rooms: leave one first");
    else if (!chat__role_is_member(view->other) && is_other_full(dm))
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "the other user is in 500 rooms");
    else
        return true;
    return false;
}

static void enter(const struct chat__join_operation *dm,
                  const struct chat__view *view, struct chat__outcome *outcome)
{
    const struct chat__store_find_user *other = &dm->about.find;
    uint64_t user = dm->about.operation.user->id;

    chat__outcome_enter(outcome, CHAT__EVENT_JOIN);
    outcome->event.with =
        (struct chat__person){.id = other->user, .name = other->name};
    if (!chat__role_is_member(view->role))
        chat__outcome_stand(outcome, user, CHAT__ROLE_MEMBER);
    if (!chat__role_is_member(view->other))
        chat__outcome_stand(outcome, other->user, CHAT__ROLE_MEMBER);
    outcome->create = !view->exists;
    outcome->private_room = true;
}

void chat__dm_check(const struct chat__operation *operation,
                    const struct chat__view *view,
                    struct chat__outcome *outcome)
{
    const struct chat__join_operation *dm = CHAT__CONTAINER(
        operation, struct chat__join_operation, about.operation);

    if (dm->about.find.result == CHAT__STORE_NOT_FOUND ||
        dm->about.find.user == operation->user->id)
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such other user");
    else if (view->exists && chat__role_is_member(view->role) &&
             chat__role_is_member(view->other))
        outcome->verdict = CHAT__VERDICT_CURRENT;
    else if (check_places(dm, view, outcome))
        enter(dm, view, outcome);
}
