/*
 * What is typed behind a slash. One table has each command's name, arguments,
 * help, and what its argument is; /help, completion and the manual come from
 * it. Who runs a command is up to the caller.
 */
#ifndef CHAT_CLIENT_MODEL_COMMAND_H
#define CHAT_CLIENT_MODEL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* By name: the row of each in the table. */
enum chat__command_id {
    CHAT__COMMAND_ACCEPT,
    CHAT__COMMAND_AWAY,
    CHAT__COMMAND_BACK,
    CHAT__COMMAND_BAN,
    CHAT__COMMAND_CANCEL,
    CHAT__COMMAND_DECLINE,
    CHAT__COMMAND_DELETE,
    CHAT__COMMAND_DM,
    CHAT__COMMAND_DND,
    CHAT__COMMAND_EDIT,
    CHAT__COMMAND_HELP,
    CHAT__COMMAND_INVITE,
    CHAT__COMMAND_JOIN,
    CHAT__COMMAND_KICK,
    CHAT__COMMAND_LEAVE,
    CHAT__COMMAND_LOGIN,
    CHAT__COMMAND_LOGOUT,
    CHAT__COMMAND_MEMBERS,
    CHAT__COMMAND_NEXT,
    CHAT__COMMAND_PASSWORD,
    CHAT__COMMAND_PRIVATE,
    CHAT__COMMAND_QUIT,
    CHAT__COMMAND_REACT,
    CHAT__COMMAND_REGISTER,
    CHAT__COMMAND_REPLY,
    CHAT__COMMAND_RETRY,
    CHAT__COMMAND_ROLE,
    CHAT__COMMAND_ROOMS,
    CHAT__COMMAND_SWITCH,
    CHAT__COMMAND_TOPIC,
    CHAT__COMMAND_UNBAN,
    CHAT__COMMAND_COUNT
};

enum chat__command_argument {
    CHAT__ARGUMENT_NONE,
    CHAT__ARGUMENT_OPTIONAL,
    CHAT__ARGUMENT_REQUIRED
};

/* What the argument begins with. */
enum chat__command_takes {
    CHAT__TAKES_NOTHING, /* that could be completed */
    CHAT__TAKES_ROOM,
    CHAT__TAKES_INVITE, /* a room that one is invited to */
    CHAT__TAKES_PERSON,
    CHAT__TAKES_TEXT,
    CHAT__TAKES_EMOJI,
    CHAT__TAKES_COMMAND
};

struct chat__command {
    const char *name;
    const char *usage; /* of the arguments, such as "USER [REASON]"; or "" */
    const char *help;  /* one sentence */
    enum chat__command_argument argument;
    enum chat__command_takes takes;
    enum chat__command_id id;
};

enum chat__command_result {
    CHAT__COMMAND_NONE, /* the line is a message, see chat__command_message */
    CHAT__COMMAND_FOUND,
    CHAT__COMMAND_UNKNOWN,
    CHAT__COMMAND_USAGE /* the argument is missing, or there is one too many */
};

struct chat__command_line {
    const struct chat__command *command; /* FOUND, USAGE */
    const char *argument;                /* in the line; NULL: none */
};

const struct chat__command *chat__command_at(size_t index);

/* NULL: no such command. A slash before the name does not matter. */
const struct chat__command *chat__command_find(const char *name);

/* Takes a line apart, in its place. */
enum chat__command_result
chat__command_parse(char *line, struct chat__command_line *parsed);

/* What is to be sent for a line that is no command: "//x" says "/x". */
const char *chat__command_message(const char *line);

#endif
