#include "client/app.h"
#include "client/clock.h"

#define PAGE 100

struct chat__input_line *chat__app_input(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    return room == NULL ? &app->no_room : &room->input;
}

void chat__app_notice(struct chat__app *app, const char *what,
                      const char *detail)
{
    chat__safe_text_release(&app->notice);
    chat__safe_text_format(&app->notice, *detail == '\0' ? "%s" : "%s: %s",
                           what, detail);
    app->dirty |= CHAT__DIRTY_STATUS;
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

void chat__app_show(struct chat__app *app, struct chat__room *room)
{
    chat__completion_release(&app->completion);
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

void chat__app_load(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__room_log *log;
    uint64_t before;

    if (room == NULL || room->paging || room->refused || !app->opened) {
        return;
    }
    ask_description(app, room);
    log = &room->log;
    if (!chat__room_log_at_head(log) && log->follows) {
        before = 0;
    } else if (chat__view_wants_older(&room->view, log)) {
        before = log->first;
    } else if (!chat__room_log_at_head(log) &&
               chat__view_wants_newer(&room->view, log)) {
        before = log->last + 1 + PAGE;
        before = before > log->head ? log->head + 1 : before;
    } else {
        return;
    }
    room->paging =
        chat_history(app->client, room->name, before, PAGE, NULL) == CHAT_OK;
}

void chat__app_go_to_end(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room != NULL) {
        chat__view_bottom(&room->view, &room->log);
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}
