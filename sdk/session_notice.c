#include "sdk/session_private.h"

#include <string.h>

static void typing(struct chat__session *session, const struct chat__room *room,
                   const struct chat__event *event)
{
    char digits[CHAT__USER_ID_SIZE];
    chat_event told = {.type = CHAT_EVENT_TYPING, .room = room->name};

    if (event->from.id == session->user_id)
        return;
    told.u.typing.user_id = chat__public_id(event->from.id, digits);
    told.u.typing.user_name = event->from.name;
    chat__session_emit(session, &told);
}

static void member_now(struct chat__session *session, struct chat__room *room,
                       const struct chat__event *event)
{
    chat_room_event told = {
        .change = CHAT_ROOM_JOINED,
        .head = event->head,
        .read = event->read,
        .unread = event->unread,
        .mentions = event->mentions_unread,
    };

    if (room == NULL) {
        chat__session_found(session, event->room, event->epoch, &told);
        return;
    }
    room->listed = true;
    chat__session_member_at(room, event->head);
    if (strcmp(room->timeline.epoch, event->epoch) != 0) {
        chat__session_reset(session, room, event->epoch, &told);
        return;
    }
    chat__timeline_learn_head(&room->timeline, event->head, session->now);
    chat__session_marker(session, room, event->read, event->unread,
                         event->mentions_unread);
}

/* The membership or the invitation ended, unless that is old news. */
static void member_no_more(struct chat__session *session,
                           struct chat__room *room,
                           const struct chat__event *event)
{
    bool removal = event->state == CHAT__MEMBERSHIP_REMOVED;

    if (room == NULL)
        chat__session_uninvited(session, event->room,
                                removal ? CHAT_ROOM_REMOVED : CHAT_ROOM_LEFT,
                                &event->by);
    else if (strcmp(room->timeline.epoch, event->epoch) == 0 &&
             event->head <= room->member_at)
        return;
    else if (removal)
        chat__session_removed(session, room, &event->by);
    else
        chat__session_left(session, event->room, 0, 0);
}

/* `room` is NULL when the program is not in it. */
static void membership(struct chat__session *session, struct chat__room *room,
                       const struct chat__event *event)
{
    if (event->state == CHAT__MEMBERSHIP_JOINED)
        member_now(session, room, event);
    else if (event->state != CHAT__MEMBERSHIP_INVITED)
        member_no_more(session, room, event);
    else if (room == NULL)
        chat__session_invited(session, event->room, &event->by);
}

void chat__session_notice(struct chat__session *session,
                          const struct chat__event *event)
{
    struct chat__room *room;

    if (event->room == NULL)
        return;
    room = chat__room_table_find(&session->rooms, event->room);
    if (room != NULL && !room->joined)
        room = NULL;
    if (event->kind == CHAT__EVENT_MEMBERSHIP)
        membership(session, room, event);
    else if (room == NULL)
        return;
    else if (event->kind == CHAT__EVENT_TYPING)
        typing(session, room, event);
    else if (event->kind == CHAT__EVENT_PRESENCE)
        chat__session_emit_presence(session, event);
    else if (event->kind == CHAT__EVENT_READ)
        chat__session_marker(session, room, event->read, event->unread,
                             event->mentions_unread);
}
