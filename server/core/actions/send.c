#include "server/core/actions/actions.h"

#include "server/core/room.h"

void chat__send_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    const struct chat__send *send = &operation->request.body.send;

    if (!view->exists ||
        (view->role == CHAT__ROLE_NONE && view->private_room)) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such room");
    } else if (view->role == CHAT__ROLE_NONE) {
        chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                             "you are no member of this room: join it");
    } else if (send->reply_to > view->head) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "reply_to names no entry of this room");
    } else {
        outcome->verdict = CHAT__VERDICT_ENTRY;
        outcome->event.kind = CHAT__EVENT_MESSAGE;
        outcome->event.text = send->text;
        outcome->event.reply_to = send->reply_to;
    }
}

void chat__send_committed(struct chat__operation *operation,
                          const struct chat__committed *entry)
{
    struct chat__reply reply = {
        .body.entry = {.seq = entry->seq, .ts = entry->ts, .dup = entry->dup}};

    chat__operation_succeed(operation, &reply, false);
}
