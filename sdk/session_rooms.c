#include "sdk/session_private.h"

#include "protocol/json.h"

#include <stdio.h>
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
    chat__session_forget_invitation(session, name);
    room->listed = true;
    chat__session_member_at(room, told->head);
    if (room->joined)
        return room;
    room->joined = true;
    room->read = told->read;
    room->unread = told->unread;
    room->mentions = told->mentions;
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

static bool names_an_entry(const struct chat__item *item)
{
    enum chat__action action = item->request.action;

    return action == CHAT__ACTION_EDIT || action == CHAT__ACTION_DELETE ||
           action == CHAT__ACTION_REACT;
}

/* At the seq that they name another log has another message. */
static bool drop_changes(struct chat__session *session, const char *room)
{
    struct chat__item *next;

    for (struct chat__item *item = session->outbox.first; item != NULL;
         item = next) {
        next = item->next;
        if (!names_an_entry(item) || strcmp(item->room, room) != 0)
            continue;
        if (!chat__session_emit_failed(session, item, CHAT_ERROR_EPOCH_CHANGED,
                                       "the room's log began anew"))
            return false;
        chat__outbox_remove(&session->outbox, item);
        session->changed = true;
    }
    return true;
}

bool chat__session_reset(struct chat__session *session, struct chat__room *room,
                         const char *epoch, const chat_room_event *marked)
{
    chat_room_event told = *marked;

    told.change = CHAT_ROOM_RESET;
    if (strcmp(room->timeline.epoch, epoch) != 0 &&
        !drop_changes(session, room->name))
        return false;
    if (!emit_room(session, room->name, &told, 0))
        return false;
    room->read = told.read;
    room->unread = told.unread;
    room->mentions = told.mentions;
    room->member_at = told.head;
    chat__timeline_start(&room->timeline, epoch, told.head);
    return chat__session_drain(session, room);
}

bool chat__session_reset_to(struct chat__session *session,
                            struct chat__room *room, const char *epoch,
                            uint64_t head)
{
    const chat_room_event marked = {
        .head = head,
        .read = room->read < head ? room->read : head,
    };

    return chat__session_reset(session, room, epoch, &marked);
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
    if (request != 0)
        chat__session_forget_invitation(session, name);
    if (room != NULL)
        chat__room_table_remove(&session->rooms, room);
    return true;
}

bool chat__session_removed(struct chat__session *session,
                           struct chat__room *room,
                           const struct chat__person *by)
{
    char digits[CHAT__USER_ID_SIZE];
    chat_room_event told = {
        .change = CHAT_ROOM_REMOVED,
        .head = room->timeline.last,
        .read = room->read,
        .by = chat__public_person(by, digits),
    };

    if (!emit_room(session, room->name, &told, 0))
        return false;
    chat__room_table_remove(&session->rooms, room);
    return true;
}

bool chat__session_marker(struct chat__session *session,
                          struct chat__room *room, uint64_t read,
                          uint64_t unread, uint64_t mentions)
{
    chat_room_event told = {
        .change = CHAT_ROOM_READ,
        .head = room->timeline.last,
        .read = read,
        .unread = unread,
        .mentions = mentions,
    };

    if (read <= room->read)
        return true;
    if (!emit_room(session, room->name, &told, 0))
        return false;
    room->read = read;
    room->unread = unread;
    room->mentions = mentions;
    return true;
}

/* ---- entries ---- */

/* Does an entry of this kind end the membership of this session's user? */
static bool ends_membership(const struct chat__session *session,
                            const struct chat__event *entry)
{
    switch (entry->kind) {
    case CHAT__EVENT_LEAVE:
        return entry->from.id == session->user_id;
    case CHAT__EVENT_KICK:
        return entry->user.id == session->user_id;
    case CHAT__EVENT_BAN:
        return entry->on && entry->user.id == session->user_id;
    default:
        return false;
    }
}

/*
 * Is this where one stops being a member? An end that was followed by a join
 * before the server named the room ours is only history.
 */
static bool is_end(const struct chat__session *session,
                   const struct chat__room *room,
                   const struct chat__event *entry)
{
    return entry->seq > room->member_at && ends_membership(session, entry);
}

/* The log says that this user left. The rest of a leave is its reply's. */
static bool own_leave(struct chat__session *session, struct chat__room *room,
                      const struct chat__event *event)
{
    if (chat__outbox_find_leave(&session->outbox, event->key) == NULL)
        return chat__session_left(session, room->name, 0, 0);
    chat__room_table_remove(&session->rooms, room);
    return true;
}

static void end_membership(struct chat__session *session,
                           struct chat__room *room,
                           const struct chat__event *entry)
{
    if (entry->kind == CHAT__EVENT_LEAVE)
        own_leave(session, room, entry);
    else
        chat__session_removed(session, room, &entry->from);
}

/* Shows the entry last + 1. False: no memory, or the room is gone. */
static bool apply(struct chat__session *session, struct chat__room *room,
                  const struct chat__event *entry, const char *bytes,
                  size_t length)
{
    struct chat__entry_digits digits;
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = room->name};

    chat__public_entry(&event.u.entry, entry, session->user_id, &digits, bytes,
                       length);
    if (!chat__session_emit(session, &event))
        return false;
    chat__timeline_advance(&room->timeline, session->now);
    if (is_end(session, room, entry)) {
        end_membership(session, room, entry);
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
        chat__json_free(json);
        session->starved = true;
        return false;
    }
    shown = apply(session, room, &event, bytes, length);
    chat__json_free(json);
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

void chat__session_joined_name(const struct chat__session *session,
                               const struct chat__item *item,
                               char name[CHAT__ROOM_NAME_BYTES_MAX + 1])
{
    uint64_t own = session->user_id;
    uint64_t other = item->request.body.dm.user;

    if (item->request.action == CHAT__ACTION_DM)
        snprintf(name, CHAT__ROOM_NAME_BYTES_MAX + 1, "dm.%llu.%llu",
                 (unsigned long long)(own < other ? own : other),
                 (unsigned long long)(own < other ? other : own));
    else
        snprintf(name, CHAT__ROOM_NAME_BYTES_MAX + 1, "%s", item->room);
}

bool chat__session_is_joining(const struct chat__session *session,
                              const char *room)
{
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    const struct chat__item *item;

    for (item = session->outbox.first; item != NULL; item = item->next) {
        if (item->request.action != CHAT__ACTION_JOIN &&
            item->request.action != CHAT__ACTION_DM)
            continue;
        chat__session_joined_name(session, item, name);
        if (strcmp(name, room) == 0)
            return true;
    }
    return false;
}

/*
 * Entries of a room may come before the reply that says that it is ours. They
 * are held until then.
 */
static struct chat__room *room_of_entry(struct chat__session *session,
                                        const char *name)
{
    struct chat__room *room = chat__room_table_find(&session->rooms, name);

    if (room == NULL && (session->phase == CHAT__PHASE_SIGNING_IN ||
                         chat__session_is_joining(session, name)))
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
