#include "server/chatctl/chatctl.h"

#include "server/chatctl/text.h"
#include "server/standard_streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S     10
#define TIMEOUT_S_MAX 3600

/* ---- help ---- */

/* Further lines of the help are indented like the first. */
static void print_command(FILE *stream, const struct chatctl_synopsis *synopsis)
{
    fprintf(stream, "  %s%s%s\n      ", synopsis->name,
            *synopsis->usage == '\0' ? "" : " ", synopsis->usage);
    for (const char *at = synopsis->help; *at != '\0'; at++) {
        fputc(*at, stream);
        if (*at == '\n')
            fputs("      ", stream);
    }
    fputc('\n', stream);
}

static void print_option(FILE *stream, const struct chatctl_option *option)
{
    const char *value = option->placeholder == NULL ? "" : option->placeholder;

    fprintf(stream, "  %s %-*s  %s\n", option->name,
            16 - (int)strlen(option->name), value, option->help);
}

static void print_help(FILE *stream)
{
    fputs("usage: chatctl [--socket PATH | --data DIR] [--json] "
          "[--timeout SECONDS]\n               COMMAND [ARGUMENT...]\n\n",
          stream);
    for (size_t i = 0; i < CHATCTL_COMMANDS; i++)
        print_command(stream, &chatctl_synopses[i]);
    fputc('\n', stream);
    for (const struct chatctl_option *option = chatctl_options;
         option->name != NULL; option++)
        print_option(stream, option);
    fputs("  --help, --version\n", stream);
}

static const struct chatctl_synopsis *synopsis_of(const struct chatctl_row *row)
{
    return &chatctl_synopses[row - chatctl_rows];
}

int chatctl_misused(const struct chatctl_row *row)
{
    fprintf(stderr, "usage: chatctl %s %s\n", synopsis_of(row)->name,
            synopsis_of(row)->usage);
    return CHATCTL_FAILED;
}

/* ---- options of every command ---- */

static bool read_timeout(const char *value, unsigned int *timeout_s)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (*value < '0' || *value > '9' || *end != '\0' || number == 0 ||
        number > TIMEOUT_S_MAX) {
        chatctl_complain("--timeout: 1 to %d seconds", TIMEOUT_S_MAX);
        return false;
    }
    *timeout_s = (unsigned int)number;
    return true;
}

static bool set_option(struct chatctl_context *context, const char *name,
                       const char *value)
{
    if (value == NULL) {
        chatctl_complain("%s needs a value", name);
        return false;
    }
    if (strcmp(name, "--timeout") == 0)
        return read_timeout(value, &context->timeout_s);
    if (strcmp(name, "--socket") == 0)
        context->socket = value;
    else
        context->data = value;
    return true;
}

static bool takes_value(const char *word)
{
    return strcmp(word, "--socket") == 0 || strcmp(word, "--data") == 0 ||
           strcmp(word, "--timeout") == 0;
}

/* Takes the options out of the arguments, wherever they stand. */
static bool read_options(struct chatctl_context *context, int *argc,
                         char **argv)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            context->json = true;
        else if (!takes_value(argv[i]))
            argv[kept++] = argv[i];
        else if (!set_option(context, argv[i],
                             i + 1 < *argc ? argv[i + 1] : NULL))
            return false;
        else
            i++;
    }
    *argc = kept;
    if (context->socket == NULL || context->data == NULL)
        return true;
    chatctl_complain("--socket and --data exclude each other");
    return false;
}

/* ---- the command ---- */

/* How many words at the start are the command's name; 0: it is another. */
static int match(const char *command, int argc, char **argv)
{
    const char *space = strchr(command, ' ');
    size_t length = space == NULL ? strlen(command) : (size_t)(space - command);

    if (argc == 0 || strlen(argv[0]) != length ||
        strncmp(argv[0], command, length) != 0)
        return 0;
    if (space == NULL)
        return 1;
    return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int run(const struct chatctl_row *row, int argc, char **argv)
{
    struct chatctl_context context = {.timeout_s = TIMEOUT_S};

    if (asks_for_help(argc, argv)) {
        print_command(stdout, synopsis_of(row));
        return CHATCTL_OK;
    }
    if (row->run != NULL)
        return row->run(argc, argv);
    if (!read_options(&context, &argc, argv))
        return CHATCTL_FAILED;
    return chatctl_remote(&context, row, argc, argv);
}

/* Options before the name go with those behind it. */
static char **take_name_out(char **argv, int options, int words)
{
    memmove(argv + words, argv, (size_t)options * sizeof *argv);
    return argv + words;
}

static int count_options(int argc, char **argv)
{
    int count = 0;

    while (count < argc &&
           (takes_value(argv[count]) || strcmp(argv[count], "--json") == 0))
        count += takes_value(argv[count]) ? 2 : 1;
    return count < argc ? count : argc;
}

int main(int argc, char **argv)
{
    int options = count_options(argc - 1, argv + 1);
    const char *name = options + 1 < argc ? argv[options + 1] : "";

    if (!chat__standard_streams_open())
        return CHATCTL_FAILED;
    argc--;
    argv++;
    for (size_t i = 0; i < CHATCTL_COMMANDS; i++) {
        int words =
            match(chatctl_synopses[i].name, argc - options, argv + options);

        if (words > 0)
            return run(&chatctl_rows[i], argc - words,
                       take_name_out(argv, options, words));
    }
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
