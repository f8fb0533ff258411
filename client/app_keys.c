#include "client/app.h"
#include "client/ui/draw.h"
#include "client/ui/keys.h"
#include "client/ui/screen.h"

#include <string.h>

#define WHEEL_ROWS   3
#define MEMBERS_STEP 8

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
    struct chat__room *room = chat__room_list_neighbour(&app->rooms, step);

    if (room != NULL) {
        chat__app_show(app, room);
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

static void scroll_members(struct chat__app *app, bool up, size_t step)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room == NULL) {
        return;
    }
    if (up) {
        room->members_top -=
            room->members_top < step ? room->members_top : step;
    } else {
        room->members_top += step; /* drawing stops it at the end */
    }
    app->dirty |= CHAT__DIRTY_PANE;
}

/* ---- the mouse ---- */

static bool is_in_pane(const struct chat__app *app, const struct chat__key *key)
{
    return app->layout.pane_width > 0 && key->column >= app->layout.pane_column;
}

static void turn_wheel(struct chat__app *app, const struct chat__key *key)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    bool up = key->action == CHAT__KEY_WHEEL_UP;

    if (is_in_pane(app, key)) {
        scroll_members(app, up, WHEEL_ROWS);
    } else if (room != NULL && key->column >= app->layout.main_column) {
        if (up) {
            chat__view_up(&room->view, &room->log, WHEEL_ROWS);
        } else {
            chat__view_down(&room->view, &room->log, WHEEL_ROWS);
        }
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}

static void click(struct chat__app *app, const struct chat__key *key)
{
    size_t index = chat__draw_list_room(app, key->row);

    if (key->column < app->layout.list_width && index < app->rooms.count) {
        chat__app_show(app, app->rooms.rooms[index]);
    }
}

/* ---- what keys write or do, by what is under way ---- */

static void end_secret(struct chat__app *app)
{
    chat__secret_end(&app->secret);
    chat__app_notice(app, "nothing was done", "");
    app->dirty = CHAT__DIRTY_ALL;
}

/* True when the key was for the password. */
static bool key_for_secret(struct chat__app *app, const struct chat__key *key)
{
    struct chat__secret *secret = &app->secret;

    if (secret->purpose == CHAT__SECRET_NONE) {
        return false;
    }
    switch (key->action) {
    case CHAT__KEY_TEXT:
        if (!chat__secret_type(secret, key->text, key->length)) {
            chat__app_notice(app, "a password is not that long", "");
        }
        return true;
    case CHAT__KEY_EDIT:
        chat__secret_erase(secret, key->edit != CHAT__EDIT_DELETE_BEFORE);
        return true;
    case CHAT__KEY_ACCEPT:
        chat__app_secret(app);
        return true;
    case CHAT__KEY_SUSPEND:
    case CHAT__KEY_REDRAW:
    case CHAT__KEY_RESIZE:
        return false;
    case CHAT__KEY_INTERRUPT:
    case CHAT__KEY_ESCAPE:
        end_secret(app);
        return true;
    default:
        return true;
    }
}

static void act_on_text(struct chat__app *app, const struct chat__key *key)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t i;

    for (i = 0; i < key->length; i++) {
        if (chat__intent_takes_keys(&room->intent)) {
            chat__app_act(app, key->text[i]);
        } else { /* the keys before it have begun to write */
            chat__input_insert(&room->input, key->text + i, key->length - i);
            return;
        }
    }
}

/* True when the key acted on the selected message. What is pasted never does.
 */
static bool key_for_intent(struct chat__app *app, const struct chat__key *key)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room == NULL || !chat__intent_takes_keys(&room->intent)) {
        return false;
    }
    if (key->action == CHAT__KEY_TEXT && !key->pasted) {
        act_on_text(app, key);
        return true;
    }
    if (key->action == CHAT__KEY_EDIT &&
        (key->edit == CHAT__EDIT_UP || key->edit == CHAT__EDIT_DOWN)) {
        chat__app_select(app, key->edit == CHAT__EDIT_UP);
        return true;
    }
    switch (key->action) {
    case CHAT__KEY_ACCEPT:
        chat__app_act(app, 'g');
        return true;
    case CHAT__KEY_TEXT:
    case CHAT__KEY_EDIT:
    case CHAT__KEY_NEWLINE:
    case CHAT__KEY_COMPLETE:
    case CHAT__KEY_INTERRUPT:
    case CHAT__KEY_ESCAPE:
        chat__app_relent(app);
        return key->action == CHAT__KEY_ESCAPE ||
               key->action == CHAT__KEY_INTERRUPT;
    default:
        return false;
    }
}

/* A digit chooses one of the emoji that are offered. */
static bool key_for_offer(struct chat__app *app, const struct chat__key *key)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    const char *emoji;

    if (room == NULL || room->intent.kind != CHAT__INTENT_REACT ||
        room->input.length > 0 || key->action != CHAT__KEY_TEXT ||
        key->length != 1 || key->pasted) {
        return false;
    }
    emoji = chat__intent_offer(key->text[0]);
    if (emoji == NULL) {
        return false;
    }
    chat__input_insert(&room->input, emoji, strlen(emoji));
    chat__app_accept(app);
    return true;
}

static void interrupt(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__input_line *input = chat__app_input(app);

    if (room != NULL && room->intent.kind != CHAT__INTENT_NONE) {
        chat__app_relent(app);
    } else if (input->length > 0) {
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
    if (room != NULL && app->opened && !app->options->no_typing &&
        room->intent.kind != CHAT__INTENT_REACT &&
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
    case CHAT__KEY_WHEEL_UP:
    case CHAT__KEY_WHEEL_DOWN:
        turn_wheel(app, key);
        break;
    case CHAT__KEY_CLICK:
        click(app, key);
        break;
    case CHAT__KEY_MEMBERS:
        chat__app_list_members(app, NULL);
        break;
    case CHAT__KEY_MEMBERS_UP:
    case CHAT__KEY_MEMBERS_DOWN:
        scroll_members(app, key->action == CHAT__KEY_MEMBERS_UP, MEMBERS_STEP);
        break;
    default:
        break;
    }
}

static void act_on_messages(struct chat__app *app, const struct chat__key *key)
{
    switch (key->action) {
    case CHAT__KEY_SELECT_ABOVE:
    case CHAT__KEY_SELECT_BELOW:
        chat__app_select(app, key->action == CHAT__KEY_SELECT_ABOVE);
        break;
    case CHAT__KEY_EDIT_LAST:
        chat__app_edit(app, NULL);
        break;
    case CHAT__KEY_ESCAPE:
        chat__app_relent(app);
        break;
    default:
        act_on_rooms(app, key);
        break;
    }
}

/* Ctrl-C quits only when it comes twice in a row. */
void chat__app_key(struct chat__app *app, const struct chat__key *key)
{
    if (key->action != CHAT__KEY_INTERRUPT) {
        app->quit_asked = false;
    }
    if (key->action != CHAT__KEY_RESIZE && key->action != CHAT__KEY_NONE &&
        app->notice.length > 0) {
        chat__safe_text_release(&app->notice);
        app->dirty |= CHAT__DIRTY_STATUS;
    }
    if (key_for_secret(app, key) || key_for_intent(app, key) ||
        key_for_offer(app, key)) {
        return;
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
        act_on_messages(app, key);
        break;
    }
}
