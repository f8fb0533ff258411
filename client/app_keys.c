#include "client/app.h"
#include "client/ui/keys.h"
#include "client/ui/screen.h"

static void scroll_timeline(struct chat__app *app, enum chat__key_action action)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t page;

    if (room == NULL) {
        return;
    }
    page = room->view.height > 2 ? room->view.height - 1 : 1;
    switch (action) {
    case CHAT__KEY_PAGE_UP:
        chat__view_up(&room->view, &room->log, page);
        break;
    case CHAT__KEY_PAGE_DOWN:
        chat__view_down(&room->view, &room->log, page);
        break;
    case CHAT__KEY_TOP:
        chat__view_top(&room->view, &room->log);
        break;
    default:
        chat__view_bottom(&room->view, &room->log);
        break;
    }
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
}

/* Home and End belong to the line while something is in it. */
static void home_or_end(struct chat__app *app, enum chat__key_action action)
{
    struct chat__input_line *input = chat__app_input(app);
    bool home = action == CHAT__KEY_HOME;

    if (input->length > 0) {
        chat__input_edit(input,
                         home ? CHAT__EDIT_LINE_START : CHAT__EDIT_LINE_END);
        app->dirty |= CHAT__DIRTY_INPUT;
    } else {
        scroll_timeline(app, home ? CHAT__KEY_TOP : CHAT__KEY_BOTTOM);
    }
}

static void step_room(struct chat__app *app, int step)
{
    chat__room_list_step(&app->rooms, step);
    if (app->rooms.count > 0) {
        chat__app_show(app, chat__room_list_focused(&app->rooms));
    }
}

static void show_number(struct chat__app *app, size_t number)
{
    if (number < app->rooms.count) {
        chat__app_show(app, app->rooms.rooms[number]);
    }
}

static void show_unread(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_next_unread(&app->rooms);

    if (room != NULL) {
        chat__app_show(app, room);
    }
}

static void interrupt(struct chat__app *app)
{
    struct chat__input_line *input = chat__app_input(app);

    if (input->length > 0) {
        chat__input_edit(input, CHAT__EDIT_CLEAR);
        app->dirty |= CHAT__DIRTY_INPUT;
    } else if (app->quit_asked) {
        chat__app_quit(app);
    } else {
        chat__app_notice(app, "Ctrl-C again quits", "");
        app->quit_asked = true;
    }
}

static void write_text(struct chat__app *app, const char *text, size_t length)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__input_line *input = chat__app_input(app);

    if (!chat__input_insert(input, text, length)) {
        chat__app_notice(app, "the message is as long as it may be", "");
    }
    if (room != NULL && !app->options->no_typing &&
        *chat__input_text(input) != '/') {
        chat_typing(app->client, room->name);
    }
    app->dirty |= CHAT__DIRTY_INPUT;
}

static void act_on_rooms(struct chat__app *app, const struct chat__key *key)
{
    switch (key->action) {
    case CHAT__KEY_NEXT_ROOM:
        step_room(app, 1);
        break;
    case CHAT__KEY_PREVIOUS_ROOM:
        step_room(app, -1);
        break;
    case CHAT__KEY_NEXT_UNREAD:
        show_unread(app);
        break;
    case CHAT__KEY_ROOM:
        show_number(app, key->number);
        break;
    case CHAT__KEY_PAGE_UP:
    case CHAT__KEY_PAGE_DOWN:
    case CHAT__KEY_TOP:
    case CHAT__KEY_BOTTOM:
        scroll_timeline(app, key->action);
        break;
    case CHAT__KEY_HOME:
    case CHAT__KEY_END:
        home_or_end(app, key->action);
        break;
    default:
        break;
    }
}

/* Ctrl-C quits only when it comes twice in a row. */
void chat__app_key(struct chat__app *app, const struct chat__key *key)
{
    if (key->action != CHAT__KEY_INTERRUPT) {
        app->quit_asked = false;
    }
    if (key->action != CHAT__KEY_RESIZE && app->notice.length > 0) {
        chat__safe_text_release(&app->notice);
        app->dirty |= CHAT__DIRTY_STATUS;
    }
    switch (key->action) {
    case CHAT__KEY_TEXT:
        write_text(app, key->text, key->length);
        break;
    case CHAT__KEY_NEWLINE:
        write_text(app, "\n", 1);
        break;
    case CHAT__KEY_EDIT:
        chat__input_edit(chat__app_input(app), key->edit);
        app->dirty |= CHAT__DIRTY_INPUT;
        break;
    case CHAT__KEY_ACCEPT:
        chat__app_accept(app);
        break;
    case CHAT__KEY_COMPLETE:
        chat__app_complete(app);
        break;
    case CHAT__KEY_INTERRUPT:
        interrupt(app);
        break;
    case CHAT__KEY_SUSPEND:
        chat__screen_suspend();
        app->dirty = CHAT__DIRTY_ALL;
        break;
    case CHAT__KEY_REDRAW:
    case CHAT__KEY_RESIZE:
        chat__screen_redraw();
        app->dirty = CHAT__DIRTY_ALL;
        break;
    default:
        act_on_rooms(app, key);
        break;
    }
}
