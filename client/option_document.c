/*
 * Runs when chat-tui is built: writes a line for each option, of its name, the
 * placeholder of its value, whether it is a key of chat-tui.conf(5) (key), and
 * its help, with tabs between them. Completion is made of this, and a test
 * holds the manual pages to it.
 */
#include "client/option_table.h"

#include <stdio.h>
#include <stdlib.h>

static void write_help(const char *help)
{
    for (; help != NULL && *help != '\0'; help++) {
        putchar(*help == '\n' ? ' ' : *help);
    }
}

int main(void)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        printf("%s\t%s\t%s\t", option->name,
               option->placeholder == NULL ? "" : option->placeholder,
               option->in_file ? "key" : "");
        write_help(option->help);
        putchar('\n');
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
