#include "client/model/command.h"

#include <string.h>

#define BLANK " \t\n"

static const struct chat__command commands[CHAT__COMMAND_COUNT] = {
    {"accept", "[ROOM]", "Enter a room that you are invited to.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_INVITE, CHAT__COMMAND_ACCEPT},
    {"away", "", "Show others that you are away; also after --away-after.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_AWAY},
    {"back", "", "Show others that you are here again.", CHAT__ARGUMENT_NONE,
     CHAT__TAKES_NOTHING, CHAT__COMMAND_BACK},
    {"ban", "USER [REASON]", "Keep somebody out of the room.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_PERSON, CHAT__COMMAND_BAN},
    {"cancel", "",
     "Take back the newest message of the room that is not sent yet.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_CANCEL},
    {"decline", "[ROOM]", "Say no to an invitation.", CHAT__ARGUMENT_OPTIONAL,
     CHAT__TAKES_INVITE, CHAT__COMMAND_DECLINE},
    {"delete", "", "Delete the selected message, else your newest one.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_DELETE},
    {"dm", "USER", "Talk with somebody alone.", CHAT__ARGUMENT_REQUIRED,
     CHAT__TAKES_PERSON, CHAT__COMMAND_DM},
    {"dnd", "", "Ask not to be disturbed; mentions do not ring.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_DND},
    {"edit", "[TEXT]", "Write the selected message anew, else your newest one.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_TEXT, CHAT__COMMAND_EDIT},
    {"help", "[COMMAND]", "Show the commands, or one of them.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_COMMAND, CHAT__COMMAND_HELP},
    {"invite", "USER", "Let somebody into the room.", CHAT__ARGUMENT_REQUIRED,
     CHAT__TAKES_PERSON, CHAT__COMMAND_INVITE},
    {"join", "ROOM", "Enter a room; it is made when there is none.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_ROOM, CHAT__COMMAND_JOIN},
    {"kick", "USER [REASON]", "Take somebody out of the room.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_PERSON, CHAT__COMMAND_KICK},
    {"leave", "[ROOM]", "Leave this room, or another one.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_ROOM, CHAT__COMMAND_LEAVE},
    {"login", "NAME", "Sign in to an account; the password is asked for.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_TEXT, CHAT__COMMAND_LOGIN},
    {"logout", "[all]", "Sign out; with all, everywhere you are signed in.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_NOTHING, CHAT__COMMAND_LOGOUT},
    {"members", "[LIST]",
     "Show or hide who is here; LIST is invited or banned.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_NOTHING, CHAT__COMMAND_MEMBERS},
    {"next", "", "Go to the next room with something unread, mentions first.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_NEXT},
    {"password", "", "Change the password of your account.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_PASSWORD},
    {"private", "ROOM",
     "Make a room that only those can enter whom you invite.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_ROOM, CHAT__COMMAND_PRIVATE},
    {"quit", "", "End chat-tui. What is not sent yet is kept for next time.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_QUIT},
    {"react", "[EMOJI]",
     "Put an emoji on the selected message, else the newest, or take it off.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_EMOJI, CHAT__COMMAND_REACT},
    {"register", "NAME", "Make an account; the password is asked for.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_TEXT, CHAT__COMMAND_REGISTER},
    {"reply", "[TEXT]", "Answer the selected message, else the newest one.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_TEXT, CHAT__COMMAND_REPLY},
    {"retry", "", "Send the messages of the room again that were refused.",
     CHAT__ARGUMENT_NONE, CHAT__TAKES_NOTHING, CHAT__COMMAND_RETRY},
    {"role", "USER ROLE", "Make somebody a member, moderator or owner.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_PERSON, CHAT__COMMAND_ROLE},
    {"rooms", "[PREFIX]", "List the public rooms of the server.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_ROOM, CHAT__COMMAND_ROOMS},
    {"switch", "ROOM",
     "Show one of your rooms; the start of its name is enough.",
     CHAT__ARGUMENT_REQUIRED, CHAT__TAKES_ROOM, CHAT__COMMAND_SWITCH},
    {"topic", "[TEXT]", "Show the topic or set it; a single - takes it away.",
     CHAT__ARGUMENT_OPTIONAL, CHAT__TAKES_TEXT, CHAT__COMMAND_TOPIC},
    {"unban", "USER", "Lift a ban.", CHAT__ARGUMENT_REQUIRED,
     CHAT__TAKES_PERSON, CHAT__COMMAND_UNBAN},
};

const struct chat__command *chat__command_at(size_t index)
{
    return &commands[index];
}

const struct chat__command *chat__command_find(const char *name)
{
    size_t i;

    if (*name == '/') {
        name++;
    }
    for (i = 0; i < CHAT__COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Ends the first word of a line; what follows, without blanks around it. */
static char *split(char *line)
{
    char *argument = line + strcspn(line, BLANK);
    size_t length;

    if (*argument != '\0') {
        *argument++ = '\0';
    }
    argument += strspn(argument, BLANK);
    length = strlen(argument);
    while (length > 0 && strchr(BLANK, argument[length - 1]) != NULL) {
        argument[--length] = '\0';
    }
    return argument;
}

enum chat__command_result chat__command_parse(char *line,
                                              struct chat__command_line *parsed)
{
    const struct chat__command *command;
    char *argument;

    memset(parsed, 0, sizeof(*parsed));
    if (line[0] != '/' || line[1] == '/') {
        return CHAT__COMMAND_NONE;
    }
    argument = split(line + 1);
    command = chat__command_find(line + 1);
    if (command == NULL) {
        return CHAT__COMMAND_UNKNOWN;
    }
    parsed->command = command;
    if (*argument == '#' && (command->takes == CHAT__TAKES_ROOM ||
                             command->takes == CHAT__TAKES_INVITE)) {
        argument++; /* people write #room; the name has no such sign */
    }
    if (*argument != '\0') {
        parsed->argument = argument;
    }
    if ((command->argument == CHAT__ARGUMENT_REQUIRED && *argument == '\0') ||
        (command->argument == CHAT__ARGUMENT_NONE && *argument != '\0')) {
        return CHAT__COMMAND_USAGE;
    }
    return CHAT__COMMAND_FOUND;
}

const char *chat__command_message(const char *line)
{
    return line[0] == '/' && line[1] == '/' ? line + 1 : line;
}
