#include "server/options/options.h"

#include "server/options/text.h"

static void print_option(FILE *stream, const struct chat__option *option)
{
    char variable[CHAT__OPTION_NAME_BYTES];

    chat__option_variable(option, variable);
    if (*variable == '\0')
        fprintf(stream, "  --%s\n", option->name);
    else
        fprintf(stream, "  --%s %s    (%s)\n", option->name,
                option->placeholder, variable);
    chat__text_wrap(stream, "      ", option->help);
    if (option->standard != NULL)
        fprintf(stream, "      default: %s\n", option->standard);
}

void chat__options_print_help(FILE *stream)
{
    fputs("Usage: chatd [--OPTION VALUE]...\n"
          "Serves chat rooms to terminals and browsers.\n\n"
          "Options, by strength: command line, environment, --config.\n",
          stream);
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        if (i == 0 || option[-1].group != option->group)
            fprintf(stream, "\n%s\n", chat__option_group_titles[option->group]);
        print_option(stream, option);
    }
    fputs("\nSIGTERM and SIGINT drain and stop, SIGHUP reloads the "
          "configuration.\n",
          stream);
}
