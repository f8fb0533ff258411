#include "server/core/actions/actions.h"

/*
 * One who is no member gets one answer, whether the room exists or hides. One
 * who is invited declines.
 */
void chat__leave_check(const struct chat__operation *operation,
                       const struct chat__view *view,
                       struct chat__outcome *outcome)
{
    if (!view->exists || (!chat__role_is_member(view->role) &&
                          view->role != CHAT__ROLE_INVITED)) {
        outcome->verdict = CHAT__VERDICT_NONE;
        return;
    }
    chat__outcome_enter(outcome, CHAT__EVENT_LEAVE);
    chat__outcome_stand(outcome, operation->user->id, CHAT__ROLE_NONE);
}
