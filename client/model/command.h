/*
 * What is typed behind a slash. One table has each command's name, arguments,
 * help and handler; /help, completion and the manual come from it.
 *
 * Handlers only check arguments and call the operations of whoever runs the
 * command, so the table is tested without a server.
 */
#ifndef CHAT_CLIENT_MODEL_COMMAND_H
#define CHAT_CLIENT_MODEL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* What commands do. `room` NULL: the one on the screen. */
struct chat__command_operations {
    void (*join)(void *target, const char *room);
    void (*leave)(void *target, const char *room);
    void (*list_rooms)(void *target, const char *prefix);
    void (*switch_room)(void *target, const char *room);
    void (*next_unread)(void *target);
    void (*retry)(void *target);
    void (*cancel)(void *target);
    void (*help)(void *target, const char *command);
    void (*quit)(void *target);
};

enum chat__command_argument {
    CHAT__ARGUMENT_NONE,
    CHAT__ARGUMENT_OPTIONAL,
    CHAT__ARGUMENT_REQUIRED
};

struct chat__command {
    const char *name;
    const char *usage; /* of the argument, such as "[ROOM]"; maybe "" */
    const char *help;  /* one sentence */
    enum chat__command_argument argument;
    void (*run)(const struct chat__command_operations *operations, void *target,
                const char *argument);
};

enum chat__command_result {
    CHAT__COMMAND_NONE, /* the line is a message, see chat__command_message */
    CHAT__COMMAND_DONE,
    CHAT__COMMAND_UNKNOWN,
    CHAT__COMMAND_USAGE /* the argument is missing, or there is one too many */
};

size_t chat__command_count(void);
const struct chat__command *chat__command_at(size_t index);

/* NULL: no such command. A slash before the name does not matter. */
const struct chat__command *chat__command_find(const char *name);

/* Runs a line when it is a command. `found`, if not NULL, gets its row. */
enum chat__command_result
chat__command_run(const char *line,
                  const struct chat__command_operations *operations,
                  void *target, const struct chat__command **found);

/* What is to be sent for a line that is no command: "//x" says "/x". */
const char *chat__command_message(const char *line);

#endif
