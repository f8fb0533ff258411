#include "client/model/command.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES_MAX     32
#define ARGUMENT_BYTES_MAX 256

static void run_cancel(const struct chat__command_operations *operations,
                       void *target, const char *argument)
{
    (void)argument;
    operations->cancel(target);
}

static void run_help(const struct chat__command_operations *operations,
                     void *target, const char *argument)
{
    operations->help(target, argument);
}

/* People write #room; the name has no such sign. */
static const char *room_of(const char *argument)
{
    return argument != NULL && *argument == '#' ? argument + 1 : argument;
}

static void run_join(const struct chat__command_operations *operations,
                     void *target, const char *argument)
{
    operations->join(target, room_of(argument));
}

static void run_leave(const struct chat__command_operations *operations,
                      void *target, const char *argument)
{
    operations->leave(target, room_of(argument));
}

static void run_next(const struct chat__command_operations *operations,
                     void *target, const char *argument)
{
    (void)argument;
    operations->next_unread(target);
}

static void run_quit(const struct chat__command_operations *operations,
                     void *target, const char *argument)
{
    (void)argument;
    operations->quit(target);
}

static void run_retry(const struct chat__command_operations *operations,
                      void *target, const char *argument)
{
    (void)argument;
    operations->retry(target);
}

static void run_rooms(const struct chat__command_operations *operations,
                      void *target, const char *argument)
{
    operations->list_rooms(target, room_of(argument));
}

static void run_switch(const struct chat__command_operations *operations,
                       void *target, const char *argument)
{
    operations->switch_room(target, room_of(argument));
}

static const struct chat__command commands[] = {
    {"cancel", "",
     "Take back the newest message of the room that is not sent yet.",
     CHAT__ARGUMENT_NONE, run_cancel},
    {"help", "[COMMAND]", "Show the commands, or one of them.",
     CHAT__ARGUMENT_OPTIONAL, run_help},
    {"join", "ROOM", "Enter a room; it is made when there is none.",
     CHAT__ARGUMENT_REQUIRED, run_join},
    {"leave", "[ROOM]", "Leave this room, or another one.",
     CHAT__ARGUMENT_OPTIONAL, run_leave},
    {"next", "", "Go to the next room with something unread.",
     CHAT__ARGUMENT_NONE, run_next},
    {"quit", "", "End chat-tui. What is not sent yet is kept for next time.",
     CHAT__ARGUMENT_NONE, run_quit},
    {"retry", "", "Send the messages of the room again that were refused.",
     CHAT__ARGUMENT_NONE, run_retry},
    {"rooms", "[PREFIX]", "List the public rooms of the server.",
     CHAT__ARGUMENT_OPTIONAL, run_rooms},
    {"switch", "ROOM",
     "Show one of your rooms; the start of its name is enough.",
     CHAT__ARGUMENT_REQUIRED, run_switch},
};

size_t chat__command_count(void)
{
    return sizeof(commands) / sizeof(commands[0]);
}

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
    for (i = 0; i < chat__command_count(); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* A command line in its two words; both are cut at their bounds. */
struct words {
    char name[NAME_BYTES_MAX];
    char argument[ARGUMENT_BYTES_MAX];
};

static void split(const char *line, struct words *words)
{
    size_t length = strcspn(line, " ");
    const char *argument = line + length + strspn(line + length, " ");
    size_t end = strlen(argument);

    while (end > 0 && argument[end - 1] == ' ') {
        end--;
    }
    snprintf(words->name, sizeof(words->name), "%.*s", (int)length, line);
    snprintf(words->argument, sizeof(words->argument), "%.*s", (int)end,
             argument);
}

enum chat__command_result
chat__command_run(const char *line,
                  const struct chat__command_operations *operations,
                  void *target, const struct chat__command **found)
{
    const struct chat__command *command;
    struct words words;
    bool has_argument;

    if (line[0] != '/' || line[1] == '/') {
        return CHAT__COMMAND_NONE;
    }
    split(line + 1, &words);
    command = chat__command_find(words.name);
    if (found != NULL) {
        *found = command;
    }
    if (command == NULL) {
        return CHAT__COMMAND_UNKNOWN;
    }
    has_argument = words.argument[0] != '\0';
    if ((command->argument == CHAT__ARGUMENT_REQUIRED && !has_argument) ||
        (command->argument == CHAT__ARGUMENT_NONE && has_argument)) {
        return CHAT__COMMAND_USAGE;
    }
    command->run(operations, target, has_argument ? words.argument : NULL);
    return CHAT__COMMAND_DONE;
}

const char *chat__command_message(const char *line)
{
    return line[0] == '/' && line[1] == '/' ? line + 1 : line;
}
