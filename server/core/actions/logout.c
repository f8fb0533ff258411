#include "server/core/actions/actions.h"

#include "server/core/answer.h"
#include "server/core/session.h"

#include <string.h>

static struct chat__logout_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__logout_operation, operation);
}

/* The reply goes first, then the connections whose token has ended. */
static void ended(struct chat__completion *completion)
{
    struct chat__logout_operation *logout = CHAT__CONTAINER(
        completion, struct chat__logout_operation, end.completion);
    struct chat__operation *operation = &logout->operation;
    const struct chat__store_end_tokens *end = &logout->end;
    struct chat__reply reply = {.ok = true};

    chat__operation_hears(operation);
    /* One that another logout has ended meanwhile has ended. */
    if (end->result != CHAT__STORE_OK && end->result != CHAT__STORE_NOT_FOUND) {
        chat__operation_fail(operation, end->result);
        return;
    }
    (void)chat__answer(operation, &reply, false);
    chat__sessions_close(operation->user, end->all ? NULL : end->token_hash,
                         NULL);
    chat__operation_end(operation);
}

void chat__logout_start(struct chat__operation *operation)
{
    struct chat__logout_operation *logout = of(operation);
    struct chat__store *store = operation->core->options.store;

    logout->end.completion.run = ended;
    logout->end.user = operation->user->id;
    logout->end.all = operation->request.body.logout.all;
    memcpy(logout->end.token_hash, operation->connection->token_hash,
           sizeof(logout->end.token_hash));
    chat__operation_asks(operation);
    store->operations->end_tokens(store, &logout->end);
}
