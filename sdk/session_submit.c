#include "sdk/session_private.h"

#include <string.h>

int chat__session_check(const struct chat__session *session,
                        const struct chat__item *item)
{
    if (session->phase == CHAT__PHASE_CLOSED)
        return CHAT_ERROR_STATE;
    if (!chat__outbox_has_room(&session->outbox, item))
        return CHAT_ERROR_FULL;
    return CHAT_OK;
}

int chat__session_submit(struct chat__session *session, struct chat__item *item)
{
    int result = chat__session_check(session, item);

    if (result != CHAT_OK)
        return result;
    if (!chat__outbox_add(&session->outbox, item))
        return CHAT_ERROR_MEMORY;
    return CHAT_OK;
}

int chat__session_cancel(struct chat__session *session, const char *key)
{
    struct chat__item *item = chat__outbox_find_message(&session->outbox, key);

    if (item == NULL || item->handed)
        return CHAT_ERROR_STATE;
    if (!chat__session_emit_failed(session, item, CHAT_ERROR_CANCELLED,
                                   "taken back")) {
        session->starved = false;
        return CHAT_ERROR_MEMORY;
    }
    chat__outbox_remove(&session->outbox, item);
    session->changed = true;
    return CHAT_OK;
}

int chat__session_typing(struct chat__session *session, const char *name,
                         uint64_t now)
{
    struct chat__room *room = chat__room_table_find(&session->rooms, name);

    if (session->phase == CHAT__PHASE_CLOSED)
        return CHAT_ERROR_STATE;
    if (session->phase != CHAT__PHASE_ONLINE || room == NULL || !room->joined ||
        now < room->typing_after)
        return CHAT_OK;
    room->typing = true;
    room->typing_after = now + CHAT__TYPING_INTERVAL_MS;
    return CHAT_OK;
}

int chat__session_read(struct chat__session *session, const char *room,
                       uint64_t seq)
{
    struct chat__request request = {.action = CHAT__ACTION_READ};
    struct chat__item *item;
    int result;

    for (item = session->outbox.first; item != NULL; item = item->next) {
        struct chat__read *read = &item->request.body.read;

        if (item->request.action != CHAT__ACTION_READ || item->in_flight ||
            strcmp(read->room, room) != 0)
            continue;
        if (seq > read->seq)
            read->seq = seq;
        return CHAT_OK;
    }
    request.body.read.room = room;
    request.body.read.seq = seq;
    item = chat__item_new(&request, 0);
    if (item == NULL)
        return CHAT_ERROR_MEMORY;
    result = chat__session_submit(session, item);
    if (result != CHAT_OK)
        chat__item_free(item);
    return result;
}

/* ---- presence ---- */

/* The request that has not gone out yet, or NULL. */
static struct chat__item *waiting_presence(const struct chat__session *session)
{
    struct chat__item *item = session->outbox.first;

    while (item != NULL &&
           (item->request.action != CHAT__ACTION_PRESENCE || item->in_flight))
        item = item->next;
    return item;
}

static struct chat__item *new_presence(enum chat__presence presence)
{
    struct chat__request request = {.action = CHAT__ACTION_PRESENCE};

    request.body.presence.state = presence;
    return chat__item_new(&request, 0);
}

int chat__session_set_presence(struct chat__session *session,
                               enum chat__presence presence)
{
    struct chat__item *item = waiting_presence(session);
    int result = CHAT_OK;

    if (session->phase == CHAT__PHASE_CLOSED)
        return CHAT_ERROR_STATE;
    if (item != NULL) {
        item->request.body.presence.state = presence;
    } else {
        item = new_presence(presence);
        if (item == NULL)
            return CHAT_ERROR_MEMORY;
        result = chat__session_submit(session, item);
        if (result != CHAT_OK)
            chat__item_free(item);
    }
    if (result == CHAT_OK)
        session->presence = presence;
    return result;
}

void chat__session_repeat_presence(struct chat__session *session)
{
    struct chat__item *item;

    if (!session->presence_due)
        return;
    session->presence_due = false;
    if (waiting_presence(session) != NULL)
        return;
    item = new_presence(session->presence);
    if (item == NULL || !chat__outbox_add(&session->outbox, item)) {
        chat__item_free(item);
        session->starved = true;
    }
}
