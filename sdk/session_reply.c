#include "sdk/session_private.h"

#include <string.h>

/* A refusal that names no time is not repeated at once. */
#define RETRY_MIN_MS 50

int chat__session_error(enum chat__error_code code)
{
    switch (code) {
    case CHAT__ERROR_NONE:
        return CHAT_OK;
    case CHAT__ERROR_BAD_REQUEST:
        return CHAT_ERROR_BAD_REQUEST;
    case CHAT__ERROR_UNAUTHORIZED:
    case CHAT__ERROR_HELLO_REQUIRED:
        return CHAT_ERROR_UNAUTHORIZED;
    case CHAT__ERROR_FORBIDDEN:
        return CHAT_ERROR_FORBIDDEN;
    case CHAT__ERROR_NOT_FOUND:
        return CHAT_ERROR_NOT_FOUND;
    case CHAT__ERROR_NAME_TAKEN:
        return CHAT_ERROR_NAME_TAKEN;
    case CHAT__ERROR_KEY_CONFLICT:
        return CHAT_ERROR_KEY_CONFLICT;
    case CHAT__ERROR_EPOCH_CHANGED:
        return CHAT_ERROR_EPOCH_CHANGED;
    case CHAT__ERROR_TOO_LARGE:
        return CHAT_ERROR_TOO_LARGE;
    case CHAT__ERROR_RATE_LIMITED:
        return CHAT_ERROR_RATE_LIMITED;
    case CHAT__ERROR_BUSY:
        return CHAT_ERROR_BUSY;
    case CHAT__ERROR_STORAGE:
        return CHAT_ERROR_STORAGE;
    case CHAT__ERROR_VERSION:
        return CHAT_ERROR_VERSION;
    default:
        return CHAT_ERROR_SERVER;
    }
}

/* Is CHAT_EVENT_SENT its answer? */
static bool makes_sent(const struct chat__item *item)
{
    switch (item->request.action) {
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
    case CHAT__ACTION_LEAVE:
        return false;
    default:
        return item->key != NULL;
    }
}

bool chat__session_emit_failed(struct chat__session *session,
                               const struct chat__item *item, int error,
                               const char *detail)
{
    chat_event event = {.type = CHAT_EVENT_FAILED, .request = item->number};

    event.room = item->room;
    event.u.failed.error = error;
    event.u.failed.detail = detail;
    event.u.failed.key = makes_sent(item) ? item->key : NULL;
    return chat__session_emit(session, &event);
}

bool chat__session_emit_done(struct chat__session *session,
                             const struct chat__item *item)
{
    chat_event event = {.type = CHAT_EVENT_DONE, .request = item->number};

    return chat__session_emit(session, &event);
}

/* A join failed: what was held for the room has nobody to go to. */
static void forget_pending_room(struct chat__session *session,
                                const struct chat__item *item)
{
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    struct chat__room *room;

    chat__session_joined_name(session, item, name);
    room = chat__room_table_find(&session->rooms, name);
    if (room != NULL && !room->joined)
        chat__room_table_remove(&session->rooms, room);
}

/* Each of these tells the answer; false: no memory, keep the item. */

static bool refused(struct chat__session *session, struct chat__item *item,
                    const struct chat__error *error)
{
    enum chat__action action = item->request.action;

    if (!chat__session_emit_failed(
            session, item, chat__session_error(error->code), error->message))
        return false;
    if (error->code == CHAT__ERROR_EPOCH_CHANGED)
        chat__session_ping_all(session);
    if (action == CHAT__ACTION_JOIN || action == CHAT__ACTION_DM)
        forget_pending_room(session, item);
    return true;
}

static bool sent(struct chat__session *session, struct chat__item *item,
                 const struct chat__send_ok *ok)
{
    chat_event event = {.type = CHAT_EVENT_SENT, .request = item->number};

    event.room = item->room;
    event.u.sent.key = item->key;
    event.u.sent.seq = ok->seq;
    event.u.sent.time_ms = ok->ts;
    return chat__session_emit(session, &event);
}

/*
 * One is a member. A room that is followed already goes on where it stands:
 * the page ends there, and what is behind it comes as entries.
 */
static bool joined(struct chat__session *session, struct chat__item *item,
                   const struct chat__join_ok *ok,
                   const struct chat__slice *slices)
{
    struct chat__room *room = chat__room_table_find(&session->rooms, ok->room);
    chat_room_event told = {
        .change = CHAT_ROOM_JOINED,
        .head = ok->page.head,
        .members = ok->members,
        .topic = ok->topic,
        .role = chat__public_role(ok->role),
    };

    if (room != NULL && room->joined &&
        strcmp(room->timeline.epoch, ok->epoch) != 0 &&
        !chat__session_reset_to(session, room, ok->epoch, ok->page.head))
        return false;
    if (room != NULL && room->joined) {
        told.head = room->timeline.last;
        told.read = room->read;
        told.unread = room->unread;
        told.mentions = room->mentions;
        chat__session_member_at(room, ok->page.head);
        chat__timeline_learn_head(&room->timeline, ok->page.head, session->now);
    }
    room =
        chat__session_joined(session, ok->room, ok->epoch, &told, item->number);
    return room != NULL &&
           chat__session_emit_page(session, ok->room, &ok->page, slices,
                                   told.head, item->number) &&
           chat__session_drain(session, room);
}

/* A server that answers for another room than was asked is not to be used. */
static bool answers_its_room(struct chat__session *session,
                             const struct chat__item *item,
                             const struct chat__join_ok *ok)
{
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];

    chat__session_joined_name(session, item, name);
    if (strcmp(name, ok->room) == 0)
        return true;
    chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                       "the answer to a join is about another room");
    return false;
}

static bool paged(struct chat__session *session, struct chat__item *item,
                  const struct chat__history_ok *ok,
                  const struct chat__slice *slices)
{
    const struct chat__room *room =
        chat__room_table_find(&session->rooms, item->room);
    uint64_t last =
        room != NULL && room->joined ? room->timeline.last : CHAT__INTEGER_MAX;

    return chat__session_emit_page(session, item->room, &ok->page, slices, last,
                                   item->number);
}

static bool marked(struct chat__session *session, struct chat__item *item,
                   const struct chat__read_ok *ok)
{
    struct chat__room *room =
        chat__room_table_find(&session->rooms, item->room);

    return room == NULL || !room->joined ||
           chat__session_marker(session, room, ok->seq, ok->unread,
                                ok->mentions);
}

static bool password_changed(struct chat__session *session,
                             const struct chat__item *item,
                             const struct chat__password_ok *ok)
{
    chat__session_take_token(session, ok->token);
    return chat__session_emit_done(session, item);
}

static bool answered(struct chat__session *session, struct chat__item *item,
                     const struct chat__reply *reply,
                     const struct chat__slice *slices)
{
    switch (item->request.action) {
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        return answers_its_room(session, item, &reply->body.join) &&
               joined(session, item, &reply->body.join, slices);
    case CHAT__ACTION_LEAVE:
        return chat__session_left(session, item->room, reply->body.entry.seq,
                                  item->number);
    case CHAT__ACTION_PASSWORD:
        return password_changed(session, item, &reply->body.password);
    case CHAT__ACTION_HISTORY:
        return paged(session, item, &reply->body.history, slices);
    case CHAT__ACTION_ROOMS:
        return chat__session_emit_rooms(session, item, &reply->body.rooms);
    case CHAT__ACTION_MEMBERS:
        return chat__session_emit_members(session, item, &reply->body.members);
    case CHAT__ACTION_READ:
        return marked(session, item, &reply->body.read);
    default:
        return !makes_sent(item) || sent(session, item, &reply->body.entry);
    }
}

void chat__session_item_reply(struct chat__session *session,
                              struct chat__item *item,
                              const struct chat__reply *reply,
                              const struct chat__slice *slices)
{
    uint32_t id = item->request.id;
    bool message = chat__item_is_message(item);
    uint64_t wait = reply->error.retry_ms;
    bool told;

    chat__backoff_reset(&session->unsure);
    session->hellos = 0;
    if (!reply->ok && reply->error.temporary) {
        chat__outbox_refused(&session->outbox, item,
                             wait > RETRY_MIN_MS ? wait : RETRY_MIN_MS,
                             session->now);
        return;
    }
    if (reply->ok && item->request.action == CHAT__ACTION_LOGOUT) {
        chat__session_logged_out(session);
        return;
    }
    told = reply->ok ? answered(session, item, reply, slices)
                     : refused(session, item, &reply->error);
    /* A page that could not be read has ended the attempt and the request. */
    if (!told || chat__outbox_find(&session->outbox, id) != item)
        return;
    chat__outbox_remove(&session->outbox, item);
    session->changed = session->changed || message;
}
