#include "server/core/actions/actions.h"

#include "server/core/room.h"

/* One who is no member gets one answer, whether the room exists or hides. */
void chat__leave_check(const struct chat__operation *operation,
                       const struct chat__view *view,
                       struct chat__outcome *outcome)
{
    (void)operation;
    if (!view->exists || view->role == CHAT__ROLE_NONE) {
        outcome->verdict = CHAT__VERDICT_NONE;
        return;
    }
    outcome->verdict = CHAT__VERDICT_ENTRY;
    outcome->event.kind = CHAT__EVENT_LEAVE;
    outcome->effect = CHAT__EFFECT_MEMBER_DROP;
    outcome->role = CHAT__ROLE_NONE;
}

void chat__leave_committed(struct chat__operation *operation,
                           const struct chat__committed *entry)
{
    struct chat__reply reply = {
        .body.entry = {.seq = entry->seq, .ts = entry->ts, .dup = entry->dup}};

    chat__operation_succeed(operation, &reply, false);
}

void chat__leave_unchanged(struct chat__operation *operation)
{
    struct chat__reply reply = {0};

    chat__operation_succeed(operation, &reply, false);
}
