#include "server/core/actions/actions.h"

#include "server/core/action.h"
#include "server/core/permission.h"
#include "server/core/presence.h"
#include "server/core/room.h"

static struct chat__members_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__members_operation,
                           operation);
}

static void answer(struct chat__members_operation *members)
{
    struct chat__operation *operation = &members->operation;
    const struct chat__store_list_members *list = &members->list;
    struct chat__member_row rows[CHAT__MEMBERS_PAGE_MAX];
    struct chat__reply reply = {0};
    size_t count = list->count;

    if (count > CHAT__MEMBERS_PAGE_MAX)
        count = CHAT__MEMBERS_PAGE_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct chat__store_member_row *row = &list->rows[i];

        rows[i] = (struct chat__member_row){
            .id = row->user,
            .name = row->name,
            .role =
                chat__role_is_member(row->role) ? row->role : CHAT__ROLE_NONE,
            .presence = chat__user_presence(operation->core, row->user),
        };
    }
    reply.body.members.members = rows;
    reply.body.members.member_count = count;
    reply.body.members.more = list->more;
    chat__operation_succeed(operation, &reply, false);
}

/* False when it has refused the operation. */
static bool permit(struct chat__operation *operation)
{
    const struct chat__room *room = operation->room;

    if (!chat__action_is_member(operation))
        return false;
    if (operation->request.body.members.list == CHAT__MEMBER_LIST_MEMBERS ||
        chat__may(CHAT__ACTION_MEMBERS, room->private_room,
                  chat__room_role(room, operation->user->id)))
        return true;
    chat__operation_refuse(operation, CHAT__ERROR_FORBIDDEN,
                           "this list is for moderators");
    return false;
}

static void listed(struct chat__completion *completion)
{
    struct chat__members_operation *members = CHAT__CONTAINER(
        completion, struct chat__members_operation, list.completion);
    struct chat__operation *operation = &members->operation;

    chat__operation_hears(operation);
    if (members->list.result != CHAT__STORE_OK)
        chat__operation_fail(operation, members->list.result);
    /* The user may have been kicked meanwhile. */
    else if (permit(operation))
        answer(members);
}

static void release(struct chat__operation *operation)
{
    chat__store_list_members_release(&of(operation)->list);
}

void chat__members_start(struct chat__operation *operation)
{
    struct chat__store_list_members *list = &of(operation)->list;
    const struct chat__members_request *request =
        &operation->request.body.members;
    struct chat__store *store = operation->core->options.store;

    if (!permit(operation))
        return;
    operation->release = release;
    list->completion.run = listed;
    list->room = operation->room->name;
    list->list = request->list;
    list->after = request->after;
    list->limit = CHAT__MEMBERS_PAGE_MAX;
    chat__operation_asks(operation);
    store->operations->list_members(store, list);
}
