#include "sdk/session_private.h"

#include <stdio.h>
#include <stdlib.h>

static chat_entry_kind public_kind(enum chat__event_kind kind)
{
    switch (kind) {
    case CHAT__EVENT_MESSAGE:
        return CHAT_ENTRY_MESSAGE;
    case CHAT__EVENT_JOIN:
        return CHAT_ENTRY_JOIN;
    case CHAT__EVENT_LEAVE:
        return CHAT_ENTRY_LEAVE;
    default:
        return CHAT_ENTRY_OTHER;
    }
}

static const char *or_empty(const char *string)
{
    return string != NULL ? string : "";
}

void chat__session_public_entry(const struct chat__session *session,
                                chat_entry *entry,
                                const struct chat__event *event,
                                char id_text[CHAT__USER_ID_SIZE],
                                const char *bytes, size_t length)
{
    id_text[0] = '\0';
    if (event->from.id != 0)
        snprintf(id_text, CHAT__USER_ID_SIZE, "%llu",
                 (unsigned long long)event->from.id);
    *entry = (chat_entry){
        .kind = public_kind(event->kind),
        .seq = event->seq,
        .number = event->n,
        .time_ms = event->ts,
        .user_id = id_text,
        .user_name = or_empty(event->from.name),
        .key = or_empty(event->key),
        .text = event->text,
        .reply_to = event->reply_to,
        .deleted = event->deleted,
        .own = event->from.id != 0 && event->from.id == session->user_id,
        .json = bytes,
        .json_length = length,
    };
}

/* ---- pages that the program asked for ---- */

/* The public entries of a page and the digits that they point to. */
struct shown {
    chat_entry entries[CHAT__PAGE_ENTRIES_MAX];
    const chat_entry *pointers[CHAT__PAGE_ENTRIES_MAX];
    char id_texts[CHAT__PAGE_ENTRIES_MAX][CHAT__USER_ID_SIZE];
    size_t count;
};

/* False: an entry is not one, and the page cannot be trusted. */
static bool read_page(const struct chat__session *session,
                      const struct chat__page *page,
                      const struct chat__slice *slices, uint64_t last,
                      struct shown *shown)
{
    struct chat__event event;
    struct chat__error error;
    const cJSON *json;
    size_t i = 0;

    cJSON_ArrayForEach(json, page->entries_json)
    {
        if (!chat__event_parse(&event, json, &error) ||
            !chat__event_is_entry(&event))
            return false;
        if (event.seq <= last) {
            chat__session_public_entry(session, &shown->entries[shown->count],
                                       &event, shown->id_texts[shown->count],
                                       slices[i].bytes, slices[i].length);
            shown->pointers[shown->count] = &shown->entries[shown->count];
            shown->count++;
        }
        i++;
    }
    return true;
}

bool chat__session_emit_page(struct chat__session *session, const char *room,
                             const struct chat__page *page,
                             const struct chat__slice *slices, uint64_t last,
                             uint64_t request)
{
    struct shown *shown = calloc(1, sizeof(*shown));
    chat_event event = {.type = CHAT_EVENT_HISTORY, .request = request};
    bool emitted = false;

    if (shown == NULL) {
        session->starved = true;
        return false;
    }
    if (!read_page(session, page, slices, last, shown)) {
        chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                           "a page with a wrong entry");
        goto out;
    }
    event.room = room;
    event.u.history = (chat_history_event){
        .entries = shown->pointers,
        .count = shown->count,
        .first = page->first,
        .head = page->head,
        .more = page->more,
    };
    emitted = chat__session_emit(session, &event);
out:
    free(shown);
    return emitted;
}

/* ---- pages that fill a gap ---- */

/* Offers the entries; false when the page or the room is not to be used. */
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
        chat__session_reset(session, room, room->timeline.epoch, page->head);
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
