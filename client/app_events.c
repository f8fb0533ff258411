#include "client/app.h"
#include "client/clock.h"

#include <stdlib.h>
#include <string.h>

static bool is_focused(const struct chat__app *app,
                       const struct chat__room *room)
{
    return chat__room_list_focused(&app->rooms) == room;
}

static void set_text(struct chat__safe_text *text, const char *untrusted)
{
    chat__safe_text_release(text);
    chat__safe_text_init(text, untrusted, CHAT__SAFE_LINE);
}

/* ---- the connection ---- */

static void on_state(struct chat__app *app, const chat_state_event *state)
{
    struct chat__connection *connection = &app->connection;

    connection->state = state->state;
    if (state->error != CHAT_OK) {
        const char *detail = *state->detail != '\0'
                                 ? state->detail
                                 : chat_strerror(state->error);
        set_text(&connection->trouble, detail);
    } else if (state->state == CHAT_STATE_ONLINE) {
        chat__safe_text_release(&connection->trouble);
    }
    if (state->state == CHAT_STATE_ONLINE) {
        set_text(&connection->me, state->user_name);
    }
    if (state->state == CHAT_STATE_WAITING) {
        connection->retry_at_ms =
            chat__clock_monotonic() + (int64_t)state->retry_ms;
    }
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
}

/* ---- rooms ---- */

/* What is read here already is not unread, whatever the server still says. */
static void move_marker(struct chat__room *room, const chat_room_event *told)
{
    if (told->read > room->read_told) {
        room->read_told = told->read;
    }
    if (told->read >= room->log.read) {
        room->log.read = told->read;
        room->unread = told->unread;
    }
}

static void on_joined(struct chat__app *app, const chat_event *event)
{
    const chat_room_event *joined = &event->u.room;
    struct chat__room *room = chat__room_list_add(&app->rooms, event->room);

    if (room == NULL) {
        chat__app_notice(app, "no memory for room", event->room);
        return;
    }
    room->members = joined->members;
    move_marker(room, joined);
    if (joined->head > room->log.head) {
        room->log.head = joined->head;
    }
    if (joined->topic != NULL) {
        set_text(&room->topic, joined->topic);
    }
    room->refused = false;
    if (event->request != 0) {
        room->paging = true; /* its first page follows */
        chat__app_show(app, room);
    } else if (!app->opened && strcmp(room->name, app->options->room) == 0) {
        chat__app_show(app, room);
    }
    app->dirty |= CHAT__DIRTY_ALL;
}

static void on_room(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);

    if (event->u.room.change == CHAT_ROOM_JOINED) {
        on_joined(app, event);
        return;
    }
    if (room == NULL) {
        return;
    }
    switch (event->u.room.change) {
    case CHAT_ROOM_LEFT:
        chat__room_list_remove(&app->rooms, room);
        break;
    case CHAT_ROOM_RESET:
        chat__room_log_reset(&room->log);
        chat__view_bottom(&room->view, &room->log);
        room->log.head = event->u.room.head;
        room->log.read = event->u.room.read;
        room->read_told = event->u.room.read;
        room->paging = false;
        break;
    case CHAT_ROOM_READ:
        move_marker(room, &event->u.room);
        break;
    default:
        break;
    }
    app->dirty |= CHAT__DIRTY_ALL;
}

/* ---- entries ---- */

static enum chat__item_kind kind_of(chat_entry_kind kind)
{
    switch (kind) {
    case CHAT_ENTRY_MESSAGE:
        return CHAT__ITEM_MESSAGE;
    case CHAT_ENTRY_JOIN:
        return CHAT__ITEM_JOIN;
    case CHAT_ENTRY_LEAVE:
        return CHAT__ITEM_LEAVE;
    default:
        return CHAT__ITEM_OTHER;
    }
}

static struct chat__entry convert(const chat_entry *entry)
{
    struct chat__entry converted = {
        .kind = kind_of(entry->kind),
        .seq = entry->seq,
        .reply_to = entry->reply_to,
        .time_ms = entry->time_ms,
        .user_id = entry->user_id,
        .user_name = entry->user_name,
        .key = entry->key,
        .text = entry->text,
        .own = entry->own,
        .deleted = entry->deleted,
    };

    return converted;
}

/* Who comes and goes changes the count, where it is known. */
static void count_members(struct chat__room *room, enum chat__item_kind kind)
{
    if (room->members > 0 && kind == CHAT__ITEM_JOIN) {
        room->members++;
    }
    if (room->members > 1 && kind == CHAT__ITEM_LEAVE) {
        room->members--;
    }
}

/*
 * Who has read all and says something has read that as well: the server
 * counts it as unread else, also for this user's other screens.
 */
static void count_unread(struct chat__app *app, struct chat__room *room,
                         const struct chat__entry *entry)
{
    if (entry->kind != CHAT__ITEM_MESSAGE) {
        return;
    }
    if (!entry->own) {
        room->unread++;
        app->dirty |= CHAT__DIRTY_LIST | CHAT__DIRTY_STATUS;
    } else if (room->unread == 0) {
        room->log.read = entry->seq;
    }
}

static void on_entry(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    struct chat__entry entry = convert(&event->u.entry);
    bool is_new;

    if (room == NULL) {
        return;
    }
    is_new = entry.seq > room->log.head;
    if (!chat__room_log_append(&room->log, &entry)) {
        chat__app_notice(app, "no memory for a message in", room->name);
    }
    if (is_new) {
        count_unread(app, room, &entry);
        count_members(room, entry.kind);
    }
    chat__typing_remove(&room->typing, entry.user_id);
    if (is_focused(app, room)) {
        app->dirty |=
            CHAT__DIRTY_HEADER | CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}

static void on_history(struct chat__app *app, const chat_event *event)
{
    const chat_history_event *page = &event->u.history;
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    struct chat__entry *entries;
    size_t i;

    if (room == NULL) {
        return;
    }
    room->paging = false;
    entries = calloc(page->count + 1, sizeof(*entries));
    for (i = 0; entries != NULL && i < page->count; i++) {
        entries[i] = convert(page->entries[i]);
    }
    if (entries == NULL ||
        !chat__room_log_page(&room->log, entries, page->count, page->first,
                             page->head)) {
        chat__app_notice(app, "no memory for the history of", room->name);
    }
    free(entries);
    if (is_focused(app, room)) {
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}

/* ---- answers ---- */

/* The room that a request asked to describe; NULL: it was the user's. */
static struct chat__room *described_room(const struct chat__app *app,
                                         uint64_t request)
{
    size_t i;

    for (i = 0; request != 0 && i < app->rooms.count; i++) {
        if (app->rooms.rooms[i]->described == request) {
            return app->rooms.rooms[i];
        }
    }
    return NULL;
}

/*
 * The message is durable. Its entry takes it out of the pending ones; when
 * the log is past that entry already, it will not come again.
 */
static void on_sent(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);

    if (room != NULL && event->u.sent.seq <= room->log.head) {
        chat__room_log_forget(&room->log, event->u.sent.key);
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}

static void on_failed(struct chat__app *app, const chat_event *event)
{
    const chat_failed_event *failed = &event->u.failed;
    const char *detail =
        *failed->detail != '\0' ? failed->detail : chat_strerror(failed->error);
    struct chat__room *room =
        event->room == NULL ? NULL
                            : chat__room_list_find(&app->rooms, event->room);

    if (described_room(app, event->request) != NULL) {
        return;
    }
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    if (failed->key == NULL) {
        app->opened = true; /* if it was the first room: it is not coming */
        if (room != NULL) {
            room->paging = false;
            room->refused = true;
        }
        chat__app_notice(app, event->room == NULL ? "refused" : event->room,
                         detail);
    } else if (room != NULL && failed->error == CHAT_ERROR_CANCELLED) {
        chat__room_log_forget(&room->log, failed->key);
    } else if (room != NULL) {
        chat__room_log_fail(&room->log, failed->key, detail);
    }
}

/* A private room is in no list, and stays as it is. */
static void describe_room(struct chat__app *app, struct chat__room *room,
                          const chat_rooms_event *rooms)
{
    size_t i;

    for (i = 0; i < rooms->count && room->members == 0; i++) {
        if (strcmp(rooms->rooms[i]->room, room->name) == 0) {
            room->members = rooms->rooms[i]->members;
            set_text(&room->topic, rooms->rooms[i]->topic);
        }
    }
    app->dirty |= CHAT__DIRTY_HEADER;
}

static void on_rooms(struct chat__app *app, const chat_event *event)
{
    const chat_rooms_event *rooms = &event->u.rooms;
    struct chat__room *described = described_room(app, event->request);
    size_t i;

    if (described != NULL) {
        describe_room(app, described, rooms);
        return;
    }
    if (rooms->count == 0) {
        chat__app_print(app, "No such public room.");
    }
    for (i = 0; i < rooms->count; i++) {
        const chat_room_summary *room = rooms->rooms[i];
        struct chat__safe_text line;
        chat__safe_text_format(&line, "#%-20s %4llu %s%s%s", room->room,
                               (unsigned long long)room->members,
                               room->members == 1 ? "member " : "members",
                               room->topic == NULL ? "" : "  ",
                               room->topic == NULL ? "" : room->topic);
        chat__app_print(app, chat__safe_string(&line));
        chat__safe_text_release(&line);
    }
    if (rooms->more) {
        chat__app_print(app, "There are more: /rooms PREFIX narrows the list.");
    }
}

static void on_typing(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);

    if (room != NULL) {
        chat__typing_add(&room->typing, event->u.typing.user_id,
                         event->u.typing.user_name, chat__clock_monotonic());
        app->dirty |= CHAT__DIRTY_STATUS;
    }
}

void chat__app_event(chat_client *client, const chat_event *event,
                     void *user_data)
{
    struct chat__app *app = user_data;

    (void)client;
    switch (event->type) {
    case CHAT_EVENT_STATE:
        on_state(app, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        on_room(app, event);
        break;
    case CHAT_EVENT_ENTRY:
        on_entry(app, event);
        break;
    case CHAT_EVENT_HISTORY:
        on_history(app, event);
        break;
    case CHAT_EVENT_ROOMS:
        on_rooms(app, event);
        break;
    case CHAT_EVENT_SENT:
        on_sent(app, event);
        break;
    case CHAT_EVENT_FAILED:
        on_failed(app, event);
        break;
    case CHAT_EVENT_TYPING:
        on_typing(app, event);
        break;
    default:
        break;
    }
}
