#include "client/app.h"
#include "client/ui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_LINE_SIZE 160

/* ---- help ---- */

static void print_command(struct chat__app *app,
                          const struct chat__command *command)
{
    char usage[HELP_LINE_SIZE], line[2 * HELP_LINE_SIZE];

    snprintf(usage, sizeof(usage), "/%s %s", command->name, command->usage);
    snprintf(line, sizeof(line), "%-21s %s", usage, command->help);
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

static bool help(struct chat__app *app, const char *name)
{
    const struct chat__command *command;
    size_t i;

    if (name != NULL && strcmp(name, "keys") == 0) {
        print_keys(app);
        return true;
    }
    if (name != NULL) {
        command = chat__command_find(name);
        if (command == NULL) {
            chat__app_notice(app, "no such command", name);
            return false;
        }
        print_command(app, command);
        return true;
    }
    for (i = 0; i < CHAT__COMMAND_COUNT; i++) {
        print_command(app, chat__command_at(i));
    }
    chat__app_print(app, "/help keys            Show the keys.");
    return true;
}

static bool quit(struct chat__app *app, const char *argument)
{
    (void)argument;
    chat__app_quit(app);
    return true;
}

/* ---- Enter ---- */

static chat__app_command *const handlers[CHAT__COMMAND_COUNT] = {
    [CHAT__COMMAND_ACCEPT] = chat__app_accept_invite,
    [CHAT__COMMAND_AWAY] = chat__app_away,
    [CHAT__COMMAND_BACK] = chat__app_back,
    [CHAT__COMMAND_BAN] = chat__app_ban,
    [CHAT__COMMAND_CANCEL] = chat__app_cancel,
    [CHAT__COMMAND_DECLINE] = chat__app_decline,
    [CHAT__COMMAND_DELETE] = chat__app_delete,
    [CHAT__COMMAND_DM] = chat__app_dm,
    [CHAT__COMMAND_DND] = chat__app_dnd,
    [CHAT__COMMAND_EDIT] = chat__app_edit,
    [CHAT__COMMAND_HELP] = help,
    [CHAT__COMMAND_INVITE] = chat__app_invite,
    [CHAT__COMMAND_JOIN] = chat__app_join,
    [CHAT__COMMAND_KICK] = chat__app_kick,
    [CHAT__COMMAND_LEAVE] = chat__app_leave,
    [CHAT__COMMAND_LOGIN] = chat__app_login,
    [CHAT__COMMAND_LOGOUT] = chat__app_logout,
    [CHAT__COMMAND_MEMBERS] = chat__app_list_members,
    [CHAT__COMMAND_NEXT] = chat__app_next,
    [CHAT__COMMAND_PASSWORD] = chat__app_password,
    [CHAT__COMMAND_PRIVATE] = chat__app_private,
    [CHAT__COMMAND_QUIT] = quit,
    [CHAT__COMMAND_REACT] = chat__app_react,
    [CHAT__COMMAND_REGISTER] = chat__app_register,
    [CHAT__COMMAND_REPLY] = chat__app_reply,
    [CHAT__COMMAND_RETRY] = chat__app_retry,
    [CHAT__COMMAND_ROLE] = chat__app_role,
    [CHAT__COMMAND_ROOMS] = chat__app_rooms,
    [CHAT__COMMAND_SWITCH] = chat__app_switch,
    [CHAT__COMMAND_TOPIC] = chat__app_topic,
    [CHAT__COMMAND_UNBAN] = chat__app_unban,
};

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

/*
 * The line is given back to the room first: the command may take it for
 * something else. What was not dealt with comes back to be written anew.
 */
static void run(struct chat__app *app, const struct chat__command_line *line,
                const char *text)
{
    const struct chat__room *room;

    chat__input_accept(chat__app_input(app));
    if (!handlers[line->command->id](app, line->argument)) {
        chat__input_insert(chat__app_input(app), text, strlen(text));
        return;
    }
    room = chat__room_list_focused(&app->rooms);
    if (room != NULL && room->intent.kind == CHAT__INTENT_COMMAND) {
        chat__app_relent(app);
    }
}

static void send_line(struct chat__app *app, const char *text)
{
    if (chat__app_send(app, text)) {
        chat__input_accept(chat__app_input(app));
        chat__app_relent(app);
    }
}

/* `line` is a copy of the text that a command is read from. */
static void deal_with(struct chat__app *app, const char *text, char *line)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__command_line parsed;
    char usage[HELP_LINE_SIZE];

    if (room != NULL && room->intent.kind == CHAT__INTENT_EDIT) {
        send_line(app, text);
        return;
    }
    switch (chat__command_parse(line, &parsed)) {
    case CHAT__COMMAND_FOUND:
        run(app, &parsed, text);
        break;
    case CHAT__COMMAND_UNKNOWN:
        chat__app_notice(app, "no such command",
                         "/help lists them, //text sends /text");
        break;
    case CHAT__COMMAND_USAGE:
        snprintf(usage, sizeof(usage), "/%s %s", parsed.command->name,
                 parsed.command->usage);
        chat__app_notice(app, "usage", usage);
        break;
    default:
        send_line(app, text);
    }
}

void chat__app_accept(struct chat__app *app)
{
    const char *written = chat__input_text(chat__app_input(app));
    char *text, *line;

    if (is_blank(written)) {
        return;
    }
    text = strdup(written);
    line = strdup(written);
    if (text == NULL || line == NULL) {
        chat__app_notice(app, "not sent", chat_strerror(CHAT_ERROR_MEMORY));
    } else {
        deal_with(app, text, line);
    }
    free(text);
    free(line);
    app->dirty |= CHAT__DIRTY_INPUT;
}
