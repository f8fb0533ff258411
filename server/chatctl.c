#include "server/chatctl.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *arguments;
    const char *help;
    chatctl_command *run;
} commands[] = {
    {"backup", "[--data DIR] [--force] [--no-verify] [--json] FILE",
     "copies the database into a file; also while chatd uses it",
     chatctl_backup},
    {"verify", "[--json] FILE",
     "checks a database file; reads only, also while chatd uses it",
     chatctl_verify},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static void print_help(FILE *stream)
{
    fputs("usage: chatctl COMMAND [ARGUMENT...]\n\n", stream);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(stream, "  %s %s\n      %s\n", commands[i].name,
                commands[i].arguments, commands[i].help);
    fputs("\n  --help, --version\n", stream);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (strcmp(name, "--help") == 0) {
        print_help(stdout);
        return CHATCTL_OK;
    }
    if (strcmp(name, "--version") == 0) {
        puts("chatctl " CHAT_VERSION);
        return CHATCTL_OK;
    }
    print_help(stderr);
    return CHATCTL_FAILED;
}
