#include "client/app.h"
#include "client/clock.h"

#include <stdio.h>
#include <string.h>

/* The library queues 256 requests; most are left to other things. */
#define CONVERSATIONS_ASKED_MAX 100

static void set_text(struct chat__safe_text *text, const char *untrusted)
{
    chat__safe_text_release(text);
    chat__safe_text_init(text, untrusted, CHAT__SAFE_LINE);
}

/* ---- the connection ---- */

/* Whoever signs in anew hears how that went. */
static void answer_sign_in(struct chat__app *app, const chat_state_event *state,
                           const char *detail)
{
    if (state->state == CHAT_STATE_CLOSED && state->error == CHAT_OK) {
        chat__app_notice(app, "signed out", "/login NAME or /quit");
    }
    if (!app->signing_in) {
        return;
    }
    if (state->state == CHAT_STATE_ONLINE) {
        app->signing_in = false;
        chat__session_forget(&app->before);
    } else if (state->state == CHAT_STATE_CLOSED) {
        app->go_back = true;
        chat__app_notice(app, "not signed in", detail);
    }
}

/* Who we are; and who is there, and how they are, may have changed. */
static void on_online(struct chat__app *app, const chat_state_event *state)
{
    struct chat__connection *connection = &app->connection;
    size_t i;

    set_text(&connection->me, state->user_name);
    snprintf(connection->me_id, sizeof(connection->me_id), "%s",
             state->user_id);
    for (i = 0; i < app->rooms.count; i++) {
        struct chat__room *room = app->rooms.rooms[i];
        room->log.me = chat__person_number(state->user_id);
        room->members_told = false;
    }
}

static void on_state(struct chat__app *app, const chat_state_event *state)
{
    struct chat__connection *connection = &app->connection;
    const char *detail = state->detail != NULL && *state->detail != '\0'
                             ? state->detail
                             : chat_strerror(state->error);

    connection->state = state->state;
    if (state->error != CHAT_OK) {
        set_text(&connection->trouble, detail);
    } else if (state->state == CHAT_STATE_ONLINE) {
        chat__safe_text_release(&connection->trouble);
    }
    if (state->state == CHAT_STATE_ONLINE) {
        on_online(app, state);
    }
    if (state->state == CHAT_STATE_WAITING) {
        connection->retry_at_ms =
            chat__clock_monotonic() + (int64_t)state->retry_ms;
    }
    answer_sign_in(app, state, detail);
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS | CHAT__DIRTY_PANE;
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
        room->mentions = told->mentions;
    }
}

/*
 * Sign-in does not tell whom one talks with. The first conversations are asked
 * for at once, the others when they are shown.
 */
static void name_conversation(struct chat__app *app, struct chat__room *room)
{
    if (!room->named && app->conversations_asked < CONVERSATIONS_ASKED_MAX) {
        app->conversations_asked++;
        chat__app_ask_members(app, room);
    }
}

/* The answer to a join is shown, but not between a line and its Enter. */
static void show_joined(struct chat__app *app, struct chat__room *room)
{
    if (app->opened && chat__app_input(app)->length > 0) {
        chat__app_notice(app, "you are in", room->name);
    } else {
        chat__app_show(app, room);
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
    room->log.me = chat__person_number(app->connection.me_id);
    room->members = joined->members;
    move_marker(room, joined);
    if (joined->head > room->log.head) {
        room->log.head = joined->head;
    }
    if (joined->topic != NULL) {
        set_text(&room->topic, joined->topic);
    }
    room->refused = false;
    if (chat__invites_remove(&app->invites, event->room)) {
        chat__app_notice(app, "you are in", room->name);
    }
    if (room->direct) {
        name_conversation(app, room);
    }
    if (event->request != 0) {
        room->paging = true; /* its first page follows */
        room->page_request = 0;
        show_joined(app, room);
    } else if (!app->opened && strcmp(room->name, app->options->room) == 0) {
        chat__app_show(app, room);
    }
    app->dirty |= CHAT__DIRTY_ALL;
}

static const char *name_of(const chat_person *person)
{
    return person->name == NULL ? "somebody" : person->name;
}

static void on_invited(struct chat__app *app, const chat_event *event)
{
    const char *by = name_of(&event->u.room.by);
    struct chat__safe_text notice;

    if (!chat__invites_add(&app->invites, event->room, by)) {
        return;
    }
    chat__safe_text_format(&notice, "%s invites you to #%s", by, event->room);
    chat__app_notice(app, chat__safe_string(&notice), "/accept or /decline");
    chat__safe_text_release(&notice);
    app->dirty |= CHAT__DIRTY_ALL;
}

/* One is no member of the room any more, or not invited. */
static void on_gone(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    bool removed = event->u.room.change == CHAT_ROOM_REMOVED;

    if (chat__invites_remove(&app->invites, event->room)) {
        chat__app_notice(app,
                         removed ? "the invitation was taken back" : "declined",
                         event->room);
    }
    if (room != NULL && removed) {
        struct chat__safe_text notice;
        chat__safe_text_format(&notice, "%s removed you from #%s",
                               name_of(&event->u.room.by), event->room);
        chat__app_notice(app, chat__safe_string(&notice), "");
        chat__safe_text_release(&notice);
    }
    if (room != NULL) {
        chat__completion_release(&app->completion);
        chat__room_list_remove(&app->rooms, room);
    }
    app->dirty |= CHAT__DIRTY_ALL;
}

static void on_reset(struct chat__room *room, const chat_room_event *reset)
{
    chat__intent_end(&room->intent, &room->input);
    chat__room_log_reset(&room->log);
    chat__view_bottom(&room->view, &room->log);
    room->log.head = reset->head;
    room->log.read = reset->read;
    room->read_told = reset->read;
    room->unread = reset->unread;
    room->mentions = reset->mentions;
    room->topic_seq = 0;
    room->members_told = false;
    room->paging = false;
    room->wanted = 0;
}

static void on_room(struct chat__app *app, const chat_event *event)
{
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);

    app->dirty |= CHAT__DIRTY_ALL;
    switch (event->u.room.change) {
    case CHAT_ROOM_JOINED:
        on_joined(app, event);
        break;
    case CHAT_ROOM_INVITED:
        on_invited(app, event);
        break;
    case CHAT_ROOM_LEFT:
    case CHAT_ROOM_REMOVED:
        on_gone(app, event);
        break;
    case CHAT_ROOM_RESET:
        if (room != NULL) {
            on_reset(room, &event->u.room);
        }
        break;
    case CHAT_ROOM_READ:
        if (room != NULL) {
            move_marker(room, &event->u.room);
        }
        break;
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

/* The message, or the change of one, is not in the outbox any more. */
static void fail_sent(struct chat__app *app, struct chat__room *room,
                      const chat_failed_event *failed, const char *detail)
{
    if (failed->error == CHAT_ERROR_CANCELLED) {
        chat__room_log_forget(&room->log, failed->key);
    } else if (chat__room_log_has_asked(&room->log, failed->key)) {
        chat__room_log_forget(&room->log, failed->key);
        chat__app_notice(app, "refused", detail);
    } else if (!chat__room_log_fail(&room->log, failed->key, detail)) {
        chat__app_notice(app, room->name, detail); /* of an earlier run */
    }
}

/* A page of the room, of any kind, does not come. */
static void fail_page(struct chat__room *room, uint64_t request)
{
    if (room->paging &&
        (request == room->page_request || room->page_request == 0)) {
        room->paging = false;
        room->refused = true;
        room->wanted = 0;
        chat__view_bottom(&room->view, &room->log);
    }
    if (request == room->members_request) {
        room->members_request = 0;
        room->members_told = true;
    }
}

/* If it was the first room that failed, it is not coming: another one is. */
static void give_up_first(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (!app->opened && room != NULL) {
        chat__app_show(app, room);
    }
    app->opened = true;
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
    if (room != NULL && failed->key != NULL && event->request == 0) {
        fail_sent(app, room, failed, detail);
        return;
    }
    if (event->request != 0 && event->request == app->password_request) {
        app->password_request = 0;
        chat__app_notice(app, "the password stays as it is", detail);
        return;
    }
    give_up_first(app);
    if (room != NULL) {
        if (event->request != 0 && event->request == room->text_request) {
            return; /* the edit is shown without its text */
        }
        fail_page(room, event->request);
    }
    chat__app_notice(app, event->room == NULL ? "refused" : event->room,
                     detail);
}

static void on_done(struct chat__app *app, const chat_event *event)
{
    if (event->request != 0 && event->request == app->password_request) {
        app->password_request = 0;
        chat__app_notice(app, "the password is changed",
                         "your other sessions have ended");
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
        chat__app_entry(app, event);
        break;
    case CHAT_EVENT_HISTORY:
        chat__app_history(app, event);
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
    case CHAT_EVENT_MEMBERS:
        chat__app_members(app, event);
        break;
    case CHAT_EVENT_PRESENCE:
        chat__app_presence(app, event);
        break;
    case CHAT_EVENT_DONE:
        on_done(app, event);
        break;
    default:
        break;
    }
}
