#include "server/core/actions/actions.h"

#include "server/core/action.h"
#include "server/core/publish.h"
#include "server/core/relay.h"
#include "server/core/room.h"

static void ask(struct chat__read_operation *read);

/* The newest mention that is counted here; the store's count is as old. */
static uint64_t mentioned(const struct chat__operation *operation)
{
    const struct chat__membership *membership =
        chat__user_membership(operation->user, operation->room);

    return membership == NULL ? 0 : membership->mentioned;
}

/* The user's other connections, when this moves the marker that is known. */
static void tell(const struct chat__operation *operation,
                 const struct chat__store_mark_read *mark)
{
    struct chat__user *user = operation->user;
    const struct chat__membership *membership =
        chat__user_membership(user, operation->room);
    bool moved = membership != NULL && membership->read < mark->read;
    struct chat__event event;

    chat__user_marked(user, operation->room, mark, operation->connection);
    if (!moved)
        return;
    chat__publish_user(operation->core, user->id);
    event = chat__membership_read(membership);
    chat__relay_tell(operation->core, user->id, operation->connection, &event);
}

static void answer(struct chat__read_operation *read)
{
    struct chat__operation *operation = &read->operation;
    const struct chat__store_mark_read *mark = &read->mark;
    struct chat__room *room = operation->room;
    struct chat__reply reply = {0};

    tell(operation, mark);
    reply.body.read.seq = mark->read;
    reply.body.read.mentions = mark->mentions;
    if (room->n > mark->read_n)
        reply.body.read.unread = room->n - mark->read_n;
    chat__operation_succeed(operation, &reply, false);
}

static void marked(struct chat__completion *completion)
{
    struct chat__read_operation *read = CHAT__CONTAINER(
        completion, struct chat__read_operation, mark.completion);
    struct chat__operation *operation = &read->operation;

    chat__operation_hears(operation);
    if (read->mark.result != CHAT__STORE_OK)
        chat__operation_fail(operation, read->mark.result);
    else if (read->mentioned != mentioned(operation))
        ask(read); /* which moves the marker no further */
    else
        answer(read);
}

static void ask(struct chat__read_operation *read)
{
    struct chat__operation *operation = &read->operation;
    struct chat__store *store = operation->core->options.store;

    read->mentioned = mentioned(operation);
    chat__operation_asks(operation);
    store->operations->mark_read(store, &read->mark);
}

void chat__read_start(struct chat__operation *operation)
{
    struct chat__read_operation *read =
        CHAT__CONTAINER(operation, struct chat__read_operation, operation);
    uint64_t seq = operation->request.body.read.seq;
    uint64_t head = operation->room->head;

    if (!chat__action_is_member(operation))
        return;
    read->mark.completion.run = marked;
    read->mark.room = operation->room->name;
    read->mark.user = operation->user->id;
    read->mark.seq = seq < head ? seq : head;
    ask(read);
}
