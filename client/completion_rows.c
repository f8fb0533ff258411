/*
 * Runs when chat-tui is built: writes what shells complete, a line for each
 * option, as packaging/completion/rows.py reads them; behind it is "key" when
 * it is a key of chat-tui.conf(5), to which a test holds the manual page.
 */
#include "client/option_table.h"

#include <stdio.h>
#include <stdlib.h>

static void write_help(const char *help)
{
    for (; *help != '\0'; help++) {
        putchar(*help == '\n' ? ' ' : *help);
    }
}

int main(void)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        printf("%s\t--%s\t%s\t",
               option->kind == CHAT__OPTION_URL ? "word" : "option",
               option->name,
               option->placeholder == NULL ? "" : option->placeholder);
        write_help(option->help);
        puts(option->in_file ? "\tkey" : "\t");
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
