#include "server/core/actions/actions.h"

#include "server/core/action.h"
#include "server/core/publish.h"
#include "server/core/relay.h"
#include "server/core/room.h"

static void broadcast(const struct chat__operation *operation)
{
    const struct chat__user *user = operation->user;
    struct chat__buffer *scratch = &operation->core->scratch;
    struct chat__event event = {
        .kind = CHAT__EVENT_TYPING,
        .room = operation->room->name,
        .from = {.id = user->id, .name = user->name},
    };

    chat__buffer_clear(scratch);
    chat__event_encode(&event, scratch);
    chat__buffer_append_byte(scratch, '\n');
    if (scratch->failed)
        return;
    chat__room_broadcast(operation->room, user->id, scratch->data,
                         scratch->length);
    chat__publish_typing(operation->room, user->id, scratch->data,
                         scratch->length);
    chat__relay_event(operation->room, user->id, scratch->data,
                      scratch->length);
}

/* Told at most once in CHAT__TYPING_INTERVAL_MS for a user in a room. */
void chat__typing_start(struct chat__operation *operation)
{
    int64_t now = chat__monotonic_ms(operation->core);
    struct chat__membership *membership;
    struct chat__reply reply = {0};

    if (!chat__action_is_member(operation))
        return;
    membership = chat__user_membership(operation->user, operation->room);
    if (membership != NULL && now >= membership->typing_ms) {
        membership->typing_ms = now + CHAT__TYPING_INTERVAL_MS;
        broadcast(operation);
    }
    chat__operation_succeed(operation, &reply, false);
}
