#include "server/core/actions/actions.h"

static struct chat__rooms_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__rooms_operation, operation);
}

static void listed(struct chat__completion *completion)
{
    struct chat__rooms_operation *rooms = CHAT__CONTAINER(
        completion, struct chat__rooms_operation, list.completion);
    const struct chat__store_list_rooms *list = &rooms->list;
    struct chat__room_summary summaries[CHAT__ROOMS_PAGE_MAX];
    struct chat__reply reply = {0};
    size_t count = list->count;

    chat__operation_hears(&rooms->operation);
    if (list->result != CHAT__STORE_OK) {
        chat__operation_fail(&rooms->operation, list->result);
        return;
    }
    if (count > CHAT__ROOMS_PAGE_MAX)
        count = CHAT__ROOMS_PAGE_MAX;
    for (size_t i = 0; i < count; i++)
        summaries[i] =
            (struct chat__room_summary){.room = list->rows[i].room,
                                        .topic = list->rows[i].topic,
                                        .members = list->rows[i].members};
    reply.body.rooms.rooms = summaries;
    reply.body.rooms.room_count = count;
    reply.body.rooms.more = list->more;
    chat__operation_succeed(&rooms->operation, &reply, false);
}

static void release(struct chat__operation *operation)
{
    chat__store_list_rooms_release(&of(operation)->list);
}

void chat__rooms_start(struct chat__operation *operation)
{
    struct chat__store_list_rooms *list = &of(operation)->list;
    struct chat__store *store = operation->core->options.store;

    operation->release = release;
    list->completion.run = listed;
    list->prefix = operation->request.body.rooms.prefix;
    list->after = operation->request.body.rooms.after;
    list->limit = CHAT__ROOMS_PAGE_MAX;
    chat__operation_asks(operation);
    store->operations->list_rooms(store, list);
}
