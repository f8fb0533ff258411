#include "server/core/actions/actions.h"

#include "server/core/presence.h"

void chat__presence_start(struct chat__operation *operation)
{
    struct chat__reply reply = {0};

    chat__presence_set(operation->user, operation->request.body.presence.state);
    chat__operation_succeed(operation, &reply, false);
}
