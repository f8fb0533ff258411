/* invite, kick, ban, role: one user changes how another stands to the room. */
#include "server/core/actions/actions.h"

#include "server/core/lookup.h"
#include "server/core/permission.h"

static void enter(const struct chat__operation *operation,
                  enum chat__event_kind kind, enum chat__role role,
                  struct chat__outcome *outcome)
{
    const struct chat__about_operation *about =
        CHAT__CONTAINER(operation, struct chat__about_operation, operation);

    chat__outcome_enter(outcome, kind);
    outcome->event.user =
        (struct chat__person){.id = about->find.user, .name = about->find.name};
    chat__outcome_stand(outcome, about->find.user, role);
}

void chat__invite_check(const struct chat__operation *operation,
                        const struct chat__view *view,
                        struct chat__outcome *outcome)
{
    if (!chat__permit_about(operation, view, outcome))
        return;
    if (chat__role_is_member(view->other) || view->other == CHAT__ROLE_INVITED)
        outcome->verdict = CHAT__VERDICT_NONE;
    else
        enter(operation, CHAT__EVENT_INVITE, CHAT__ROLE_INVITED, outcome);
}

void chat__kick_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    if (!chat__permit_about(operation, view, outcome))
        return;
    if (!chat__role_is_member(view->other) &&
        view->other != CHAT__ROLE_INVITED) {
        outcome->verdict = CHAT__VERDICT_NONE;
        return;
    }
    enter(operation, CHAT__EVENT_KICK, CHAT__ROLE_NONE, outcome);
    outcome->event.reason = operation->request.body.kick.reason;
}

void chat__ban_check(const struct chat__operation *operation,
                     const struct chat__view *view,
                     struct chat__outcome *outcome)
{
    const struct chat__moderate *request = &operation->request.body.ban;

    if (!chat__permit_about(operation, view, outcome))
        return;
    if (request->on == (view->other == CHAT__ROLE_BANNED)) {
        outcome->verdict = CHAT__VERDICT_NONE;
        return;
    }
    enter(operation, CHAT__EVENT_BAN,
          request->on ? CHAT__ROLE_BANNED : CHAT__ROLE_NONE, outcome);
    outcome->event.on = request->on;
    outcome->event.reason = request->reason;
}

void chat__role_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    enum chat__role role = operation->request.body.role.role;

    if (!chat__permit_about(operation, view, outcome))
        return;
    if (!chat__role_is_member(view->other)) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "this user is no member of the room");
    } else if (view->other == role) {
        outcome->verdict = CHAT__VERDICT_NONE;
    } else {
        enter(operation, CHAT__EVENT_ROLE, role, outcome);
        outcome->event.role = role;
    }
}
