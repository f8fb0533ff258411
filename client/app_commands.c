#include "client/app.h"
#include "client/clock.h"
#include "client/model/command.h"
#include "client/ui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAGE     50
#define HELP_LINE_SIZE 160

/* ---- sending ---- */

/* False when the library did not take it; it has been said why. */
static bool send_text(struct chat__app *app, struct chat__room *room,
                      const char *text)
{
    char key[CHAT_KEY_SIZE];
    int error = chat_send(app->client, room->name, text, 0, key);

    if (error != CHAT_OK) {
        chat__app_notice(app, "not sent", chat_strerror(error));
        return false;
    }
    if (!chat__room_log_send(&room->log, key,
                             chat__safe_string(&app->connection.me), text,
                             chat__clock_now())) {
        chat__app_notice(app, "sent, but no memory to show it", "");
    }
    chat__room_log_clear_mark(&room->log);
    chat__app_go_to_end(app);
    return true;
}

/* ---- operations of the command table ---- */

static void join(void *target, const char *room)
{
    struct chat__app *app = target;
    struct chat__room *known = chat__room_list_find(&app->rooms, room);
    int error;

    if (known != NULL) {
        chat__app_show(app, known);
        return;
    }
    error = chat_join(app->client, room, CHAT_JOIN_CREATE, FIRST_PAGE, NULL);
    if (error == CHAT_ERROR_ARGUMENT) {
        chat__app_notice(app, "not the name of a room", room);
    } else if (error != CHAT_OK) {
        chat__app_notice(app, room, chat_strerror(error));
    } else if (app->connection.state != CHAT_STATE_ONLINE) {
        chat__app_notice(app, room, "entered once there is a connection");
    }
}

/* The room of an argument, else the focused one; or NULL, and it was said. */
static struct chat__room *room_or_focused(struct chat__app *app,
                                          const char *name)
{
    struct chat__room *room = name == NULL
                                  ? chat__room_list_focused(&app->rooms)
                                  : chat__room_list_find(&app->rooms, name);

    if (room == NULL) {
        chat__app_notice(app, "you are not in this room",
                         name == NULL ? "" : name);
    }
    return room;
}

static void leave(void *target, const char *name)
{
    struct chat__app *app = target;
    struct chat__room *room = room_or_focused(app, name);
    int error;

    if (room == NULL) {
        return;
    }
    error = chat_leave(app->client, room->name, NULL);
    if (error != CHAT_OK) {
        chat__app_notice(app, room->name, chat_strerror(error));
    }
}

static void list_rooms(void *target, const char *prefix)
{
    struct chat__app *app = target;
    int error = chat_rooms(app->client, prefix, NULL, NULL);

    if (error != CHAT_OK) {
        chat__app_notice(app, "no list", chat_strerror(error));
    }
}

static void switch_room(void *target, const char *name)
{
    struct chat__app *app = target;
    struct chat__room *room = chat__room_list_match(&app->rooms, name);

    if (room == NULL) {
        chat__app_notice(app, "you are in no such room; try /join", name);
        return;
    }
    chat__app_show(app, room);
}

static void next_unread(void *target)
{
    struct chat__app *app = target;
    struct chat__room *room = chat__room_list_next_unread(&app->rooms);

    if (room == NULL) {
        chat__app_notice(app, "nothing unread elsewhere", "");
        return;
    }
    chat__app_show(app, room);
}

static void retry(void *target)
{
    struct chat__app *app = target;
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t left = room == NULL ? 0 : room->log.pending.count;
    const struct chat__item *item;

    while (left-- > 0 && (item = chat__room_log_pending(
                              &room->log, CHAT__ITEM_FAILED)) != NULL) {
        char key[CHAT__LOG_KEY_SIZE];
        snprintf(key, sizeof(key), "%s", item->key);
        if (!send_text(app, room, item->raw)) {
            return;
        }
        chat__room_log_forget(&room->log, key);
    }
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
}

static void cancel(void *target)
{
    struct chat__app *app = target;
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    const struct chat__item *item = NULL;

    if (room != NULL) {
        item = chat__room_log_last_pending(&room->log, CHAT__ITEM_FAILED);
        if (item == NULL) {
            item = chat__room_log_last_pending(&room->log, CHAT__ITEM_SENDING);
        }
    }
    if (item == NULL) {
        chat__app_notice(app, "nothing waits to be sent here", "");
    } else if (item->state == CHAT__ITEM_FAILED) {
        chat__room_log_forget(&room->log, item->key);
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    } else if (chat_send_cancel(app->client, item->key) != CHAT_OK) {
        chat__app_notice(app, "too late", "it is on its way");
    }
}

static void print_command(struct chat__app *app,
                          const struct chat__command *command)
{
    char usage[HELP_LINE_SIZE], line[2 * HELP_LINE_SIZE];

    snprintf(usage, sizeof(usage), "/%s %s", command->name, command->usage);
    snprintf(line, sizeof(line), "%-16s %s", usage, command->help);
    chat__app_print(app, line);
}

static void print_keys(struct chat__app *app)
{
    size_t i;

    for (i = 0; i < chat__binding_count(); i++) {
        const struct chat__binding *binding = chat__binding_at(i);
        if (binding->help != NULL) {
            char line[HELP_LINE_SIZE];
            snprintf(line, sizeof(line), "%-16s %s", binding->name,
                     binding->help);
            chat__app_print(app, line);
        }
    }
}

static void help(void *target, const char *name)
{
    struct chat__app *app = target;
    const struct chat__command *command;
    size_t i;

    if (name != NULL && strcmp(name, "keys") == 0) {
        print_keys(app);
        return;
    }
    if (name != NULL) {
        command = chat__command_find(name);
        if (command == NULL) {
            chat__app_notice(app, "no such command", name);
        } else {
            print_command(app, command);
        }
        return;
    }
    for (i = 0; i < chat__command_count(); i++) {
        print_command(app, chat__command_at(i));
    }
    chat__app_print(app, "/help keys       Show the keys.");
}

static void quit(void *target)
{
    chat__app_quit(target);
}

static const struct chat__command_operations operations = {
    .join = join,
    .leave = leave,
    .list_rooms = list_rooms,
    .switch_room = switch_room,
    .next_unread = next_unread,
    .retry = retry,
    .cancel = cancel,
    .help = help,
    .quit = quit,
};

/* ---- Enter ---- */

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

/* True when the line has been dealt with and may go. */
static bool deal_with(struct chat__app *app, const char *text)
{
    char usage[HELP_LINE_SIZE];
    const struct chat__command *command;
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    switch (chat__command_run(text, &operations, app, &command)) {
    case CHAT__COMMAND_DONE:
        return true;
    case CHAT__COMMAND_UNKNOWN:
        chat__app_notice(app, "no such command",
                         "/help lists them, //text sends /text");
        return false;
    case CHAT__COMMAND_USAGE:
        snprintf(usage, sizeof(usage), "/%s %s", command->name, command->usage);
        chat__app_notice(app, "usage", usage);
        return false;
    default:
        break;
    }
    if (room == NULL) {
        chat__app_notice(app, "you are in no room", "/join ROOM enters one");
        return false;
    }
    return send_text(app, room, chat__command_message(text));
}

void chat__app_accept(struct chat__app *app)
{
    struct chat__input_line *input = chat__app_input(app);
    char *text;

    if (is_blank(chat__input_text(input))) {
        return;
    }
    text = strdup(chat__input_text(input));
    if (text == NULL) {
        chat__app_notice(app, "not sent", chat_strerror(CHAT_ERROR_MEMORY));
        return;
    }
    if (deal_with(app, text)) {
        chat__input_accept(input);
    }
    free(text);
    app->dirty |= CHAT__DIRTY_INPUT;
}

/* ---- Tab ---- */

static void add_names(struct chat__candidates *candidates,
                      struct chat__room *room)
{
    size_t i = room == NULL ? 0 : chat__room_log_count(&room->log);

    while (i > 0) { /* who spoke last comes first */
        const struct chat__item *item = chat__room_log_item(&room->log, --i);
        const char *name = chat__safe_string(&item->name);
        bool known = item->own || *name == '\0';
        size_t j;
        for (j = 0; !known && j < candidates->count; j++) {
            known = strcmp(candidates->texts[j], name) == 0;
        }
        if (!known) {
            chat__candidates_add(candidates, name);
        }
    }
}

static void add_commands(struct chat__candidates *candidates, char (*names)[32])
{
    size_t i;

    for (i = 0; i < chat__command_count(); i++) {
        snprintf(names[i], sizeof(names[i]), "/%s", chat__command_at(i)->name);
        chat__candidates_add(candidates, names[i]);
    }
}

void chat__app_complete(struct chat__app *app)
{
    struct chat__input_line *input = chat__app_input(app);
    struct chat__candidates candidates = {.count = 0};
    char commands[CHAT__COMPLETION_MAX][32];
    size_t i;

    switch (chat__completion_kind(&app->completion, input)) {
    case CHAT__COMPLETE_COMMAND:
        add_commands(&candidates, commands);
        break;
    case CHAT__COMPLETE_ROOM:
        for (i = 0; i < app->rooms.count; i++) {
            chat__candidates_add(&candidates, app->rooms.rooms[i]->name);
        }
        break;
    case CHAT__COMPLETE_NAME:
        add_names(&candidates, chat__room_list_focused(&app->rooms));
        break;
    }
    chat__completion_next(&app->completion, input, &candidates);
    app->dirty |= CHAT__DIRTY_INPUT;
}
