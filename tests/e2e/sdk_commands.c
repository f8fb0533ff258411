#include "tests/e2e/sdk_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAGE    50
#define ARGUMENTS_MAX 4

typedef int command_function(chat_client *client, char **argument);

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

static int send_text(chat_client *client, char **argument)
{
    return chat_send(client, argument[0], argument[2], number(argument[1]),
                     NULL);
}

static int edit(chat_client *client, char **argument)
{
    return chat_edit(client, argument[0], number(argument[1]), argument[2],
                     NULL);
}

static int erase(chat_client *client, char **argument)
{
    return chat_delete(client, argument[0], number(argument[1]), NULL);
}

static int react(chat_client *client, char **argument)
{
    return chat_react(client, argument[0], number(argument[1]), argument[3],
                      strcmp(argument[2], "on") == 0, NULL);
}

static int topic(chat_client *client, char **argument)
{
    return chat_topic(client, argument[0], argument[1], NULL);
}

static int invite(chat_client *client, char **argument)
{
    return chat_invite(client, argument[0], argument[1], NULL);
}

static int kick(chat_client *client, char **argument)
{
    return chat_kick(client, argument[0], argument[1], NULL, NULL);
}

static int ban(chat_client *client, char **argument)
{
    return chat_ban(client, argument[0], argument[1],
                    strcmp(argument[2], "on") == 0, NULL, NULL);
}

static int role(chat_client *client, char **argument)
{
    return chat_set_role(client, argument[0], argument[1],
                         (chat_role)number(argument[2]), NULL);
}

static int talk(chat_client *client, char **argument)
{
    return chat_dm(client, argument[0], FIRST_PAGE, NULL);
}

static int join(chat_client *client, char **argument)
{
    return chat_join(client, argument[0], CHAT_JOIN_CREATE, FIRST_PAGE, NULL);
}

static int join_private(chat_client *client, char **argument)
{
    return chat_join(client, argument[0], CHAT_JOIN_CREATE | CHAT_JOIN_PRIVATE,
                     FIRST_PAGE, NULL);
}

static int leave(chat_client *client, char **argument)
{
    return chat_leave(client, argument[0], NULL);
}

static int members(chat_client *client, char **argument)
{
    return chat_members(client, argument[0], CHAT_MEMBERS, NULL, NULL);
}

static int history(chat_client *client, char **argument)
{
    return chat_history(client, argument[0], number(argument[1]), FIRST_PAGE,
                        NULL);
}

static int read_up_to(chat_client *client, char **argument)
{
    return chat_read(client, argument[0], number(argument[1]));
}

static int presence(chat_client *client, char **argument)
{
    return chat_presence(client, (chat_presence_state)number(argument[0]));
}

/* Who it is, for a second connection of the same user. */
static int token(chat_client *client, char **argument)
{
    char text[65];
    int error = chat_client_token(client, text, sizeof(text));

    (void)argument;
    if (error == CHAT_OK)
        printf("{\"token\":\"%s\"}\n", text);
    return error;
}

/* The last argument goes to the end of the line. */
static const struct {
    const char *name;
    size_t arguments;
    command_function *run;
} commands[] = {
    {"ban", 3, ban},              /* ROOM USER on|off */
    {"delete", 2, erase},         /* ROOM REF */
    {"dm", 1, talk},              /* USER */
    {"edit", 3, edit},            /* ROOM REF TEXT */
    {"history", 2, history},      /* ROOM BEFORE */
    {"invite", 2, invite},        /* ROOM USER */
    {"join", 1, join},            /* ROOM */
    {"kick", 2, kick},            /* ROOM USER */
    {"leave", 1, leave},          /* ROOM */
    {"members", 1, members},      /* ROOM */
    {"presence", 1, presence},    /* NUMBER of chat_presence_state */
    {"private", 1, join_private}, /* ROOM */
    {"react", 4, react},          /* ROOM REF on|off EMOJI */
    {"read", 2, read_up_to},      /* ROOM SEQ */
    {"role", 3, role},            /* ROOM USER NUMBER of chat_role */
    {"send", 3, send_text},       /* ROOM REPLY_TO TEXT */
    {"token", 0, token},          /* – */
    {"topic", 2, topic},          /* ROOM TOPIC, which may be empty */
};

/* False when there are too few. */
static int split(char *line, size_t count, char **argument)
{
    for (size_t i = 0; i < count; i++) {
        if (line == NULL)
            return 0;
        argument[i] = line;
        line = i + 1 < count ? strchr(line, ' ') : NULL;
        if (line != NULL)
            *line++ = '\0';
    }
    return 1;
}

int run_command(chat_client *client, char *line)
{
    char *argument[ARGUMENTS_MAX] = {NULL};
    char *rest = strchr(line, ' ');

    if (rest != NULL)
        *rest++ = '\0';
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, line + 1) == 0)
            return split(rest, commands[i].arguments, argument)
                       ? commands[i].run(client, argument)
                       : CHAT_ERROR_ARGUMENT;
    }
    return CHAT_ERROR_ARGUMENT;
}
