#include "sdk/session_private.h"

#include "protocol/json.h"

#include <string.h>

bool chat__session_ordered(const struct chat__session *session)
{
    return session->outbox.in_flight_max > 1;
}

/* ---- the rooms of the program ---- */

static bool emit_room(struct chat__session *session, const char *room,
                      const chat_room_event *told, uint64_t request)
{
    chat_event event = {.type = CHAT_EVENT_ROOM, .request = request};

    event.room = room;
    event.u.room = *told;
    return chat__session_emit(session, &event);
}

void chat__session_member_at(struct chat__room *room, uint64_t head)
{
    if (head > room->member_at)
        room->member_at = head;
}

struct chat__room *chat__session_joined(struct chat__session *session,
                                        const char *name, const char *epoch,
                                        const chat_room_event *told,
                                        uint64_t request)
{
    struct chat__room *room = chat__room_table_enter(&session->rooms, name);

    if (room == NULL) {
        session->starved = true;
        return NULL;
    }
    if (!emit_room(session, name, told, request))
        return NULL;
    room->listed = true;
    chat__session_member_at(room, told->head);
    if (room->joined)
        return room;
    room->joined = true;
    room->read = told->read;
    room->unread = told->unread;
    chat__timeline_start(&room->timeline, epoch, told->head);
    return room;
}

bool chat__session_found(struct chat__session *session, const char *name,
                         const char *epoch, const chat_room_event *told)
{
    struct chat__room *room =
        chat__session_joined(session, name, epoch, told, 0);

    return room != NULL && chat__session_drain(session, room);
}

bool chat__session_reset(struct chat__session *session, struct chat__room *room,
                         const char *epoch, uint64_t head)
{
    chat_room_event told = {
        .change = CHAT_ROOM_RESET,
        .head = head,
        .read = room->read < head ? room->read : head,
    };

    if (!emit_room(session, room->name, &told, 0))
        return false;
    room->read = told.read;
    room->unread = 0;
    room->member_at = head;
    chat__timeline_start(&room->timeline, epoch, head);
    return chat__session_drain(session, room);
}

bool chat__session_left(struct chat__session *session, const char *name,
                        uint64_t head, uint64_t request)
{
    struct chat__room *room = chat__room_table_find(&session->rooms, name);
    bool joined = room != NULL && room->joined;
    chat_room_event told = {.change = CHAT_ROOM_LEFT, .head = head};

    if (joined) {
        told.head = room->timeline.last;
        told.read = room->read;
    }
    if ((joined || request != 0) && !emit_room(session, name, &told, request))
        return false;
    if (room != NULL)
        chat__room_table_remove(&session->rooms, room);
    return true;
}

bool chat__session_marker(struct chat__session *session,
                          struct chat__room *room, uint64_t read,
                          uint64_t unread)
{
    chat_room_event told = {
        .change = CHAT_ROOM_READ,
        .head = room->timeline.last,
        .read = read,
        .unread = unread,
    };

    if (read <= room->read)
        return true;
    if (!emit_room(session, room->name, &told, 0))
        return false;
    room->read = read;
    room->unread = unread;
    return true;
}

/* ---- entries ---- */

/*
 * Is this where one stops being a member? A leave that was followed by a join
 * before the server named the room ours is only history.
 */
static bool is_end(const struct chat__session *session,
                   const struct chat__room *room,
                   const struct chat__event *entry)
{
    return entry->kind == CHAT__EVENT_LEAVE &&
           entry->from.id == session->user_id && entry->seq > room->member_at;
}

/* The log says that this user left. The rest of a leave is its reply's. */
static bool own_leave(struct chat__session *session, struct chat__room *room,
                      const struct chat__event *event)
{
    if (chat__outbox_find_key(&session->outbox, CHAT__ACTION_LEAVE,
                              event->key) == NULL)
        return chat__session_left(session, room->name, 0, 0);
    chat__room_table_remove(&session->rooms, room);
    return true;
}

/* Shows the entry last + 1. False: no memory, or the room is gone. */
static bool apply(struct chat__session *session, struct chat__room *room,
                  const struct chat__event *entry, const char *bytes,
                  size_t length)
{
    char id_text[CHAT__USER_ID_SIZE];
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = room->name};

    chat__session_public_entry(session, &event.u.entry, entry, id_text, bytes,
                               length);
    if (!chat__session_emit(session, &event))
        return false;
    chat__timeline_advance(&room->timeline, session->now);
    if (is_end(session, room, entry)) {
        own_leave(session, room, entry);
        return false;
    }
    return true;
}

/* Shows a held entry, which was parsed once before and is read anew. */
static bool apply_held(struct chat__session *session, struct chat__room *room,
                       const char *bytes, size_t length)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(bytes, length, &error);
    bool shown;

    if (json == NULL || !chat__event_parse(&event, json, &error)) {
        cJSON_Delete(json);
        session->starved = true;
        return false;
    }
    shown = apply(session, room, &event, bytes, length);
    cJSON_Delete(json);
    return shown;
}

bool chat__session_drain(struct chat__session *session, struct chat__room *room)
{
    const char *bytes;
    size_t length;

    while (chat__timeline_next_held(&room->timeline, &bytes, &length)) {
        if (!apply_held(session, room, bytes, length))
            return !session->starved;
    }
    return true;
}

/*
 * Entries of a room may come before the reply that says that it is ours. They
 * are held until then.
 */
static struct chat__room *room_of_entry(struct chat__session *session,
                                        const char *name)
{
    struct chat__room *room = chat__room_table_find(&session->rooms, name);

    if (room == NULL &&
        (session->phase == CHAT__PHASE_SIGNING_IN ||
         chat__outbox_has(&session->outbox, CHAT__ACTION_JOIN, name)))
        room = chat__room_table_enter(&session->rooms, name);
    return room;
}

void chat__session_entry(struct chat__session *session,
                         const struct chat__event *event, const char *bytes,
                         size_t length)
{
    struct chat__room *room;

    if (event->room == NULL)
        return;
    room = room_of_entry(session, event->room);
    if (room == NULL)
        return;
    if (chat__timeline_offer(&room->timeline, event->seq, bytes, length,
                             chat__session_ordered(session),
                             session->now) != CHAT__VERDICT_APPLY)
        return;
    if (apply(session, room, event, bytes, length))
        chat__session_drain(session, room);
}

/* ---- events without seq ---- */

static void typing(struct chat__session *session,
                   const struct chat__event *event)
{
    struct chat__room *room =
        chat__room_table_find(&session->rooms, event->room);
    char id_text[CHAT__USER_ID_SIZE];
    chat_event told = {.type = CHAT_EVENT_TYPING, .room = event->room};
    chat_entry person;

    if (room == NULL || !room->joined || event->from.id == session->user_id)
        return;
    chat__session_public_entry(session, &person, event, id_text, "", 0);
    told.u.typing.user_id = person.user_id;
    told.u.typing.user_name = person.user_name;
    chat__session_emit(session, &told);
}

static void member_now(struct chat__session *session,
                       const struct chat__event *event)
{
    struct chat__room *room =
        chat__room_table_find(&session->rooms, event->room);
    chat_room_event told = {
        .change = CHAT_ROOM_JOINED,
        .head = event->head,
        .read = event->read,
        .unread = event->unread,
    };

    if (room == NULL || !room->joined) {
        chat__session_found(session, event->room, event->epoch, &told);
        return;
    }
    room->listed = true;
    chat__session_member_at(room, event->head);
    if (strcmp(room->timeline.epoch, event->epoch) != 0)
        chat__session_reset(session, room, event->epoch, event->head);
    else
        chat__timeline_learn_head(&room->timeline, event->head, session->now);
    chat__session_marker(session, room, event->read, event->unread);
}

static void membership(struct chat__session *session,
                       const struct chat__event *event)
{
    if (event->state == CHAT__MEMBERSHIP_JOINED)
        member_now(session, event);
    else
        chat__session_left(session, event->room, 0, 0);
}

void chat__session_notice(struct chat__session *session,
                          const struct chat__event *event)
{
    struct chat__room *room;

    if (event->room == NULL)
        return;
    switch (event->kind) {
    case CHAT__EVENT_TYPING:
        typing(session, event);
        break;
    case CHAT__EVENT_READ:
        room = chat__room_table_find(&session->rooms, event->room);
        if (room != NULL && room->joined)
            chat__session_marker(session, room, event->read, event->unread);
        break;
    case CHAT__EVENT_MEMBERSHIP:
        membership(session, event);
        break;
    default:
        break;
    }
}
