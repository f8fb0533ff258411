/*
 * Runs when chatctl is built: writes what shells complete, a line each for its
 * commands and options, as packaging/completion/rows.py reads them.
 */
#include "server/chatctl/synopsis.h"

#include <stdio.h>
#include <stdlib.h>

static void write_row(const char *kind, const char *name, const char *value,
                      const char *help)
{
    printf("%s\t%s\t%s\t", kind, name, value == NULL ? "" : value);
    for (; *help != '\0'; help++)
        putchar(*help == '\n' ? ' ' : *help);
    putchar('\n');
}

int main(void)
{
    for (size_t i = 0; i < CHATCTL_COMMANDS; i++)
        write_row("command", chatctl_synopses[i].name,
                  chatctl_synopses[i].usage, chatctl_synopses[i].help);
    for (const struct chatctl_option *option = chatctl_options;
         option->name != NULL; option++)
        write_row("option", option->name, option->placeholder, option->help);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
