#include "sdk/session_private.h"

#include <stdlib.h>

/*
 * Rows and the pointers to them, as the public events have lists: one zeroed
 * block, the pointers first. NULL, and starved, when there is no memory.
 */
static void *allocate(struct chat__session *session, size_t count,
                      size_t row_size)
{
    void *block = calloc(count + 1, sizeof(void *) + row_size);

    if (block == NULL)
        session->starved = true;
    return block;
}

bool chat__session_emit_rooms(struct chat__session *session,
                              const struct chat__item *item,
                              const struct chat__rooms_ok *ok)
{
    chat_event event = {.type = CHAT_EVENT_ROOMS, .request = item->number};
    const chat_room_summary **pointers =
        allocate(session, ok->room_count, sizeof(chat_room_summary));
    chat_room_summary *rooms;
    bool emitted;

    if (pointers == NULL)
        return false;
    rooms = (chat_room_summary *)(pointers + ok->room_count);
    for (size_t i = 0; i < ok->room_count; i++) {
        rooms[i] = (chat_room_summary){
            .room = ok->rooms[i].room,
            .topic = ok->rooms[i].topic,
            .members = ok->rooms[i].members,
        };
        pointers[i] = &rooms[i];
    }
    event.u.rooms = (chat_rooms_event){
        .rooms = pointers, .count = ok->room_count, .more = ok->more};
    emitted = chat__session_emit(session, &event);
    free(pointers);
    return emitted;
}

struct member {
    chat_member public_form;
    char id[CHAT__USER_ID_SIZE];
};

static chat_member_list public_list(enum chat__member_list list)
{
    switch (list) {
    case CHAT__MEMBER_LIST_INVITED:
        return CHAT_MEMBERS_INVITED;
    case CHAT__MEMBER_LIST_BANNED:
        return CHAT_MEMBERS_BANNED;
    default:
        return CHAT_MEMBERS;
    }
}

bool chat__session_emit_members(struct chat__session *session,
                                const struct chat__item *item,
                                const struct chat__members_ok *ok)
{
    chat_event event = {.type = CHAT_EVENT_MEMBERS,
                        .request = item->number,
                        .room = item->room};
    const chat_member **pointers =
        allocate(session, ok->member_count, sizeof(struct member));
    struct member *members;
    bool emitted;

    if (pointers == NULL)
        return false;
    members = (struct member *)(pointers + ok->member_count);
    for (size_t i = 0; i < ok->member_count; i++) {
        const struct chat__member_row *row = &ok->members[i];

        members[i].public_form = (chat_member){
            .user_id = chat__public_id(row->id, members[i].id),
            .user_name = row->name,
            .role = chat__public_role(row->role),
            .presence = chat__public_presence(row->presence),
        };
        pointers[i] = &members[i].public_form;
    }
    event.u.members = (chat_members_event){
        .list = public_list(item->request.body.members.list),
        .members = pointers,
        .count = ok->member_count,
        .more = ok->more,
    };
    emitted = chat__session_emit(session, &event);
    free(pointers);
    return emitted;
}

struct user {
    chat_user_presence public_form;
    char id[CHAT__USER_ID_SIZE];
};

bool chat__session_emit_presence(struct chat__session *session,
                                 const struct chat__event *presence)
{
    chat_event event = {.type = CHAT_EVENT_PRESENCE, .room = presence->room};
    const chat_user_presence **pointers =
        allocate(session, presence->presence_count, sizeof(struct user));
    struct chat__user_presence theirs;
    const cJSON *json = NULL;
    struct user *users;
    size_t count = 0;
    bool emitted;

    if (pointers == NULL)
        return false;
    users = (struct user *)(pointers + presence->presence_count);
    while (count < presence->presence_count &&
           (json = chat__event_next_presence(presence, json, &theirs)) !=
               NULL) {
        users[count].public_form = (chat_user_presence){
            .user_id = chat__public_id(theirs.id, users[count].id),
            .state = chat__public_presence(theirs.presence),
        };
        pointers[count] = &users[count].public_form;
        count++;
    }
    event.u.presence = (chat_presence_event){.users = pointers, .count = count};
    emitted = chat__session_emit(session, &event);
    free(pointers);
    return emitted;
}
