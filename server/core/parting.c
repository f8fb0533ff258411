#include "server/core/parting.h"

#include "protocol/json.h"
#include "server/core/answer.h"
#include "server/core/user.h"

static bool ends_membership(const struct chat__event *event, uint64_t user)
{
    switch (event->kind) {
    case CHAT__EVENT_LEAVE:
        return event->from.id == user;
    case CHAT__EVENT_KICK:
        return event->user.id == user;
    case CHAT__EVENT_BAN:
        return event->user.id == user && event->on;
    default:
        return false;
    }
}

bool chat__parting_find(struct chat__parting *parting,
                        const struct chat__store_read_log *read, uint64_t from,
                        uint64_t user)
{
    for (size_t i = 0; i < read->count; i++) {
        struct chat__error error = {0};

        if (read->entries[i].seq < from)
            continue;
        *parting = (struct chat__parting){
            .index = i,
            .json = chat__json_parse(read->entries[i].bytes,
                                     read->entries[i].length, &error)};
        if (parting->json != NULL &&
            chat__event_parse(&parting->event, parting->json, &error) &&
            ends_membership(&parting->event, user))
            return true;
        chat__parting_release(parting);
    }
    return false;
}

void chat__parting_tell(const struct chat__parting *parting,
                        struct chat__connection *connection,
                        const struct chat__room *room)
{
    struct chat__event told = chat__membership_ended(room, NULL);

    told.head = parting->event.seq;
    if (parting->event.kind != CHAT__EVENT_LEAVE) {
        told.state = CHAT__MEMBERSHIP_REMOVED;
        told.by = parting->event.from;
    }
    chat__tell(connection, &told);
}

void chat__parting_release(struct chat__parting *parting)
{
    chat__json_free(parting->json);
    parting->json = NULL;
}
