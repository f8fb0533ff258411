#include "client/options.h"

#include "client/config_file.h"
#include "client/option_value.h"

#include <chat/client.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What getopt returns of the first row. */
#define FIRST_ROW 256

/* ---- help ---- */

#define HELP_COLUMN 21

static void print_option(const struct chat__option *option)
{
    int width = printf("  --%s", option->name);

    if (option->placeholder != NULL) {
        width += printf(" %s", option->placeholder);
    }
    if (width >= HELP_COLUMN) {
        putchar('\n');
        width = 0;
    }
    printf("%*s", HELP_COLUMN - width, "");
    for (const char *at = option->help; *at != '\0'; at++) {
        putchar(*at);
        if (*at == '\n') {
            printf("%*s", HELP_COLUMN, "");
        }
    }
    putchar('\n');
}

static void print_help(void)
{
    puts("usage: chat-tui [OPTION...] [URL]\n"
         "\n"
         "Joins the chat rooms of a server. URL is ws[s]://HOST[:PORT]/PATH,\n"
         "by default " CHAT__DEFAULT_URL ".\n");
    for (size_t i = 0; i < chat__option_count; i++) {
        if (chat__option_table[i].kind != CHAT__OPTION_URL) {
            print_option(&chat__option_table[i]);
        }
    }
    puts("\nMost may also be in the file of chat-tui.conf(5); --no-bell=off "
         "and\n"
         "the like take back what it says.");
}

/* ---- the command line ---- */

static int argument_of(const struct chat__option *option)
{
    if (option->kind == CHAT__OPTION_FLAG && option->in_file) {
        return optional_argument;
    }
    return option->placeholder != NULL ? required_argument : no_argument;
}

/* Ended by one without a name; the URL is no option for getopt. */
static void make_getopt_table(struct option table[CHAT__OPTIONS_MAX + 1])
{
    memset(table, 0, (CHAT__OPTIONS_MAX + 1) * sizeof(*table));
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        if (option->kind != CHAT__OPTION_URL) {
            *table++ = (struct option){.name = option->name,
                                       .has_arg = argument_of(option),
                                       .val = FIRST_ROW + (int)i};
        }
    }
}

static enum chat__options_result run_command(const char *name)
{
    if (strcmp(name, "help") == 0) {
        print_help();
    } else {
        printf("chat-tui %s\n", chat_version());
    }
    return CHAT__OPTIONS_DONE;
}

static enum chat__options_result take(struct chat__options *options, size_t row,
                                      const char *text)
{
    const struct chat__option *option = &chat__option_table[row];
    char problem[CHAT__OPTION_PROBLEM_BYTES];

    if (option->kind == CHAT__OPTION_COMMAND) {
        return run_command(option->name);
    }
    options->said[row] = true;
    if (chat__option_set(options, option, text, problem)) {
        return CHAT__OPTIONS_RUN;
    }
    fprintf(stderr, "chat-tui: --%s %s\n", option->name, problem);
    return CHAT__OPTIONS_WRONG;
}

static enum chat__options_result take_url(struct chat__options *options,
                                          const char *text)
{
    size_t row = 0;

    while (chat__option_table[row].kind != CHAT__OPTION_URL) {
        row++;
    }
    return take(options, row, text);
}

static enum chat__options_result read_arguments(struct chat__options *options,
                                                int argc, char **argv)
{
    struct option table[CHAT__OPTIONS_MAX + 1];
    enum chat__options_result result = CHAT__OPTIONS_RUN;
    int id;

    make_getopt_table(table);
    while (result == CHAT__OPTIONS_RUN &&
           (id = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (id < FIRST_ROW) { /* getopt has said what is wrong */
            fputs("Try chat-tui --help.\n", stderr);
            return CHAT__OPTIONS_WRONG;
        }
        result = take(options, (size_t)(id - FIRST_ROW), optarg);
    }
    if (result == CHAT__OPTIONS_RUN && optind < argc) {
        result = take_url(options, argv[optind++]);
    }
    if (result == CHAT__OPTIONS_RUN && optind < argc) {
        fputs("chat-tui: more than one URL\n", stderr);
        return CHAT__OPTIONS_WRONG;
    }
    return result;
}

/* ---- both ---- */

/* What does not go with what. */
static const char *find_conflict(const struct chat__options *options)
{
    bool has_account = options->user != NULL;

    if (has_account && options->name != NULL) {
        return "--user and --name are two people";
    }
    if (!has_account && (options->registers || options->password_command)) {
        return "--register and --password-command need --user";
    }
    if (has_account && options->headless && !options->password_command) {
        return "--headless with --user needs --password-command";
    }
    return NULL;
}

enum chat__options_result chat__options_parse(struct chat__options *options,
                                              int argc, char **argv)
{
    enum chat__options_result result;
    const char *conflict;

    memset(options, 0, sizeof(*options));
    options->url = CHAT__DEFAULT_URL;
    options->room = CHAT__DEFAULT_ROOM;
    options->timeout = CHAT__DEFAULT_TIMEOUT;
    result = read_arguments(options, argc, argv);
    if (result != CHAT__OPTIONS_RUN) {
        return result;
    }
    if (!chat__config_file_read(options)) {
        return CHAT__OPTIONS_WRONG;
    }
    conflict = find_conflict(options);
    if (conflict != NULL) {
        fprintf(stderr, "chat-tui: %s\n", conflict);
        return CHAT__OPTIONS_WRONG;
    }
    return CHAT__OPTIONS_RUN;
}

void chat__options_release(struct chat__options *options)
{
    for (size_t i = 0; i < CHAT__OPTIONS_MAX; i++) {
        free(options->texts[i]);
        options->texts[i] = NULL;
    }
}
