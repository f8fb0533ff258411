#include "server/core/actions/actions.h"

#include "server/core/permission.h"

void chat__topic_check(const struct chat__operation *operation,
                       const struct chat__view *view,
                       struct chat__outcome *outcome)
{
    if (!chat__permit(operation, view, outcome))
        return;
    chat__outcome_enter(outcome, CHAT__EVENT_TOPIC);
    outcome->event.topic = operation->request.body.topic.topic;
}
