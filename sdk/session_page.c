#include "sdk/session_private.h"

#include <stdio.h>

/* ---- pages that the program asked for ---- */

bool chat__session_emit_page(struct chat__session *session, const char *room,
                             const struct chat__page *page,
                             const struct chat__slice *slices, uint64_t last,
                             uint64_t request)
{
    chat_event event = {.type = CHAT_EVENT_HISTORY, .request = request};
    struct chat__public_page shown;
    bool emitted = false;
    int result =
        chat__public_page_init(&shown, page, slices, last, session->user_id);

    event.room = room;
    event.u.history = (chat_history_event){
        .entries = shown.pointers,
        .count = shown.count,
        .first = page->first,
        .head = page->head,
        .more = page->more,
        .changes = shown.change_pointers,
        .change_count = shown.change_count,
    };
    if (result == CHAT_OK)
        emitted = chat__session_emit(session, &event);
    else if (result == CHAT_ERROR_MEMORY)
        session->starved = true;
    else
        chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                           "a page with a wrong entry");
    chat__public_page_release(&shown);
    return emitted;
}

/* ---- pages that fill a gap ---- */

/*
 * Offers the entries; false when the page or the room is not to be used. The
 * page's changes are not: each entry that they fold comes by itself.
 */
static bool offer_page(struct chat__session *session, struct chat__room **room,
                       const struct chat__page *page,
                       const struct chat__slice *slices)
{
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    struct chat__event event;
    struct chat__error error;
    const cJSON *json;
    size_t i = 0;

    snprintf(name, sizeof(name), "%s", (*room)->name);
    cJSON_ArrayForEach(json, page->entries_json)
    {
        if (!chat__event_parse(&event, json, &error) ||
            !chat__event_is_entry(&event)) {
            chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                               "a page with a wrong entry");
            return false;
        }
        event.room = name;
        chat__session_entry(session, &event, slices[i].bytes, slices[i].length);
        if (session->starved)
            return false;
        /* One's own leave takes the room away. */
        *room = chat__room_table_find(&session->rooms, name);
        if (*room == NULL)
            return false;
        i++;
    }
    return true;
}

static void fill_gap(struct chat__session *session, struct chat__room *room,
                     const struct chat__page *page,
                     const struct chat__slice *slices)
{
    uint64_t before = room->timeline.last;

    if (page->first > before + 1) {
        chat__session_reset_to(session, room, room->timeline.epoch, page->head);
        return;
    }
    if (!offer_page(session, &room, page, slices))
        return;
    chat__timeline_learn_head(&room->timeline, page->head, session->now);
    chat__timeline_page_done(&room->timeline, room->timeline.last > before,
                             session->now);
}

void chat__session_page_reply(struct chat__session *session,
                              struct chat__room *room,
                              const struct chat__reply *reply,
                              const struct chat__slice *slices)
{
    enum chat__error_code code = reply->error.code;

    if (reply->ok) {
        fill_gap(session, room, &reply->body.history.page, slices);
        return;
    }
    if (code == CHAT__ERROR_FORBIDDEN || code == CHAT__ERROR_NOT_FOUND) {
        chat__session_left(session, room->name, 0, 0);
        return;
    }
    if (code == CHAT__ERROR_EPOCH_CHANGED)
        chat__session_ping_all(session);
    chat__timeline_page_failed(
        &room->timeline, reply->error.temporary ? reply->error.retry_ms : 0,
        session->now);
}
