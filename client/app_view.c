#include "client/app.h"
#include "client/clock.h"

#define PAGE 100

struct chat__input_line *chat__app_input(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    return room == NULL || !app->opened ? &app->no_room : &room->input;
}

void chat__app_notice(struct chat__app *app, const char *what,
                      const char *detail)
{
    chat__safe_text_release(&app->notice);
    chat__safe_text_format(&app->notice, *detail == '\0' ? "%s" : "%s: %s",
                           what, detail);
    app->dirty |= CHAT__DIRTY_STATUS;
}

bool chat__app_check(struct chat__app *app, const char *what, int error)
{
    if (error != CHAT_OK) {
        chat__app_notice(app, what, chat_strerror(error));
    }
    return error == CHAT_OK;
}

struct chat__room *chat__app_room(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room == NULL) {
        chat__app_notice(app, "you are in no room", "/join ROOM enters one");
    } else if (!app->opened) {
        chat__app_notice(app, "not yet", "the first room is being entered");
        room = NULL;
    }
    return room;
}

void chat__app_print(struct chat__app *app, const char *text)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room == NULL ||
        !chat__room_log_notice(&room->log, text, chat__clock_now())) {
        chat__app_notice(app, text, "");
        return;
    }
    chat__view_bottom(&room->view, &room->log);
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
}

/* What was being typed while there was no room goes on in the first one. */
static void take_line(struct chat__app *app, struct chat__room *room)
{
    struct chat__input_line *line = &app->no_room;

    if (line->length > 0 && room->input.length == 0) {
        chat__input_insert(&room->input, chat__input_text(line), line->length);
        chat__input_edit(line, CHAT__EDIT_CLEAR);
    }
}

void chat__app_show(struct chat__app *app, struct chat__room *room)
{
    struct chat__room *left = chat__room_list_focused(&app->rooms);

    if (left != NULL && left != room) { /* nothing acts behind the scenes */
        if (chat__intent_takes_keys(&left->intent)) {
            chat__intent_end(&left->intent, &left->input);
        }
    }
    chat__completion_release(&app->completion);
    if (!app->opened) {
        take_line(app, room);
    }
    chat__room_list_focus(&app->rooms, room);
    if (room->unread > 0) {
        chat__room_log_set_mark(&room->log);
    } else {
        chat__room_log_clear_mark(&room->log);
    }
    room->refused = false;
    app->opened = true;
    app->dirty |= CHAT__DIRTY_ALL;
}

void chat__app_quit(struct chat__app *app)
{
    size_t pending = chat__room_list_pending(&app->rooms);

    if (pending > 0 && !app->keeps_outbox && !app->loss_told) {
        chat__app_notice(app, "unsent messages will be lost",
                         "quit again to end");
        app->loss_told = true;
        return;
    }
    app->quit = true;
}

/* Who and what a room is, of which sign-in tells only the name. */
static void ask_description(struct chat__app *app, struct chat__room *room)
{
    if (room->members == 0 && room->described == 0 &&
        app->connection.state == CHAT_STATE_ONLINE) {
        chat_rooms(app->client, room->name, NULL, &room->described);
    }
}

/* Where the next page is to end, 0: at the newest; false: nothing lacks. */
static bool find_page(const struct chat__room *room, struct chat__room_log *log,
                      uint64_t *before)
{
    if (!chat__room_log_at_head(log) && log->follows) {
        *before = 0;
    } else if (chat__view_wants_older(&room->view, log)) {
        *before = log->first;
    } else if (!chat__room_log_at_head(log) &&
               chat__view_wants_newer(&room->view, log)) {
        *before = log->last + 1 + PAGE;
        *before = *before > log->head ? log->head + 1 : *before;
    } else {
        return false;
    }
    return true;
}

static void ask_page(struct chat__app *app, struct chat__room *room,
                     uint64_t before)
{
    room->paging = chat_history(app->client, room->name, before, PAGE,
                                &room->page_request) == CHAT_OK;
}

/* The text of an edit that was too large for its page. */
static void ask_text(struct chat__app *app, struct chat__room *room)
{
    uint64_t seq = chat__room_log_missing(&room->log);

    if (seq == 0 || room->text_request != 0) {
        return;
    }
    if (chat_history(app->client, room->name, seq + 1, 1,
                     &room->text_request) != CHAT_OK) {
        room->text_request = 0;
    }
    room->text_seq = seq;
}

void chat__app_load(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    uint64_t before;

    if (room == NULL || !app->opened) {
        return;
    }
    if (app->layout.pane_width > 0 || (room->direct && !room->named)) {
        chat__app_ask_members(app, room);
    }
    if (room->paging || room->refused) {
        return;
    }
    ask_description(app, room);
    ask_text(app, room);
    if (find_page(room, &room->log, &before)) {
        ask_page(app, room, before);
    }
}

void chat__app_go_to(struct chat__app *app, struct chat__room *room,
                     uint64_t seq)
{
    if (chat__room_log_find(&room->log, seq) != NULL) {
        chat__view_show(&room->view, &room->log, seq);
        chat__intent_begin(&room->intent, CHAT__INTENT_SELECT, seq,
                           &room->input, NULL);
    } else if (!room->paging) {
        uint64_t before = seq + PAGE / 2;
        chat__room_log_jump(&room->log);
        room->view.scrolled = true;
        room->wanted = seq;
        ask_page(app, room,
                 before > room->log.head ? room->log.head + 1 : before);
    }
    app->dirty |= CHAT__DIRTY_ALL;
}

void chat__app_go_to_end(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room != NULL) {
        chat__view_bottom(&room->view, &room->log);
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}
