/* The command line and the environment. */
#include "server/options/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void chat__option_unknown(struct chat__problems *problems, const char *begin,
                          const char *mark, const char *name, size_t length)
{
    const struct chat__option *nearest = chat__option_nearest(name, length);

    if (nearest != NULL && (*mark != '\0' || chat__option_in_file(nearest)))
        chat__problems_add(problems, "%s '%s%.*s'; did you mean '%s%s'?", begin,
                           mark, (int)length, name, mark, nearest->name);
    else
        chat__problems_add(problems, "%s '%s%.*s'", begin, mark, (int)length,
                           name);
}

/* What stands behind a name that is unknown is its value, as far as one sees.
 */
static void pass_over_value(int argc, const char *const *argv, int *index)
{
    if (*index < argc && argv[*index][0] != '-')
        (*index)++;
}

static void read_option(struct chat__options *options,
                        const struct chat__option *option, const char *value,
                        struct chat__problems *problems)
{
    if (option->kind != CHAT__OPTION_COMMAND && value == NULL)
        chat__problems_add(problems, "--%s: needs a value", option->name);
    else if (option->kind != CHAT__OPTION_COMMAND)
        chat__option_say(options, option, value, CHAT__SOURCE_ARGUMENT,
                         problems);
    else if (value != NULL)
        chat__problems_add(problems, "--%s: takes no value", option->name);
    else
        options->command = option->command;
}

/* One `--name value`, `--name=value` or `--name`; `index` moves past it. */
static void read_argument(struct chat__options *options, int *index,
                          struct chat__problems *problems)
{
    const char *argument = options->argv[(*index)++];
    const struct chat__option *option;
    const char *value = NULL;
    size_t length;

    if (strcmp(argument, "-h") == 0)
        argument = "--help";
    length = strcspn(argument, "=");
    if (strncmp(argument, "--", 2) != 0 || length <= 2) {
        chat__problems_add(problems, "unknown argument '%s'", argument);
        return;
    }
    option = chat__option_find(argument + 2, length - 2);
    if (option == NULL) {
        chat__option_unknown(problems, "unknown option", "--", argument + 2,
                             length - 2);
        if (argument[length] != '=')
            pass_over_value(options->argc, options->argv, index);
        return;
    }
    if (argument[length] == '=')
        value = argument + length + 1;
    else if (option->kind != CHAT__OPTION_COMMAND && *index < options->argc)
        value = options->argv[(*index)++];
    read_option(options, option, value, problems);
}

bool chat__options_read_arguments(struct chat__options *options,
                                  struct chat__problems *problems)
{
    for (int i = 1; i < options->argc;) {
        read_argument(options, &i, problems);
        if (options->command == CHAT__COMMAND_HELP ||
            options->command == CHAT__COMMAND_VERSION)
            return false;
    }
    return true;
}

void chat__options_read_environment(struct chat__options *options,
                                    struct chat__problems *problems)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];
        char variable[CHAT__OPTION_NAME_BYTES];
        const char *value;

        chat__option_variable(option, variable);
        value = *variable == '\0' ? NULL : getenv(variable);
        if (value != NULL && *value != '\0' && options->said[i].text == NULL)
            chat__option_say(options, option, value, CHAT__SOURCE_ENVIRONMENT,
                             problems);
    }
}

/* "MAX_CONNECTIONS" as "max-connections"; false when it is too long for one. */
static bool option_name(const char *variable, size_t length,
                        char name[CHAT__OPTION_NAME_BYTES])
{
    if (length >= CHAT__OPTION_NAME_BYTES)
        return false;
    for (size_t i = 0; i < length; i++)
        name[i] =
            (char)(variable[i] == '_' ? '-'
                                      : tolower((unsigned char)variable[i]));
    name[length] = '\0';
    return true;
}

static void look_at_variable(const char *variable, size_t length,
                             struct chat__problems *problems)
{
    const size_t prefix = sizeof CHAT__OPTION_VARIABLE_PREFIX - 1;
    char name[CHAT__OPTION_NAME_BYTES], meant[CHAT__OPTION_NAME_BYTES] = "";
    const struct chat__option *option = NULL;

    if (option_name(variable + prefix, length - prefix, name)) {
        option = chat__option_find(name, length - prefix);
        if (option != NULL && option->kind != CHAT__OPTION_COMMAND)
            return;
        option = chat__option_nearest(name, length - prefix);
    }
    if (option != NULL)
        chat__option_variable(option, meant);
    if (*meant != '\0')
        chat__problems_add(problems,
                           "%.*s: no option reads it; did you mean '%s'?",
                           (int)length, variable, meant);
    else
        chat__problems_add(problems, "%.*s: no option reads it", (int)length,
                           variable);
}

void chat__options_stray_variables(struct chat__problems *problems)
{
    const size_t prefix = sizeof CHAT__OPTION_VARIABLE_PREFIX - 1;

    *problems = (struct chat__problems){0};
    for (char **at = environ; *at != NULL; at++)
        if (strncmp(*at, CHAT__OPTION_VARIABLE_PREFIX, prefix) == 0)
            look_at_variable(*at, strcspn(*at, "="), problems);
}
