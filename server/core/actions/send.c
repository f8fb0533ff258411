#include "server/core/actions/actions.h"

#include "server/core/permission.h"

#include <string.h>

/* Who of those that it mentions is a member at this entry. */
static void count_mentions(struct chat__send_operation *send,
                           const struct chat__view *view,
                           struct chat__outcome *outcome)
{
    const struct chat__send *request = &send->operation.request.body.send;

    outcome->mentions = send->mentions;
    for (size_t i = 0; i < request->mention_count; i++)
        if (chat__role_is_member(chat__view_role(view, request->mentions[i])))
            send->mentions[outcome->mention_count++] = request->mentions[i];
}

void chat__send_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    const struct chat__send *request = &operation->request.body.send;
    struct chat__event *event = &outcome->event;

    if (!chat__permit_member(view, outcome))
        return;
    if (request->reply_to > view->head) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "reply_to names no entry of this room");
        return;
    }
    chat__outcome_enter(outcome, CHAT__EVENT_MESSAGE);
    event->text = request->text;
    event->reply_to = request->reply_to;
    memcpy(event->mentions, request->mentions, sizeof(event->mentions));
    event->mention_count = request->mention_count;
    count_mentions(
        CHAT__CONTAINER(operation, struct chat__send_operation, operation),
        view, outcome);
}
