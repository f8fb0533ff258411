/* The file of --config. */
#include "server/options/private.h"

#include "ini/ini_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct chat__options *options;
    struct chat__problems *problems;
    const char *path;
    int lines[CHAT__OPTIONS_MAX]; /* where each option stood first; 0: not */
};

/* The next line of a list joins what stood before. */
static void join(struct reader *reader, char **text, const char *value)
{
    char *joined;

    if (asprintf(&joined, "%s,%s", *text, value) < 0) {
        chat__problems_add(reader->problems, "out of memory");
        return;
    }
    free(*text);
    *text = joined;
}

static void take(struct reader *reader, int at,
                 const struct chat__option *option, const char *value)
{
    struct chat__option_said *said = chat__option_said(reader->options, option);
    int *line = &reader->lines[option - chat__option_table];

    if (*line != 0 && option->kind != CHAT__OPTION_LIST) {
        chat__problems_add(reader->problems,
                           "%s:%d: %s: stands there twice, first in line %d",
                           reader->path, at, option->name, *line);
    } else if (*line != 0 && said->source == CHAT__SOURCE_FILE) {
        join(reader, &said->text, value);
    } else if (said->text == NULL) {
        chat__option_say(reader->options, option, value, CHAT__SOURCE_FILE,
                         reader->problems);
        said->line = at;
    }
    if (*line == 0)
        *line = at;
}

static void on_value(void *context, int line, const char *name,
                     const char *value)
{
    struct reader *reader = context;
    const struct chat__option *option = chat__option_find(name, strlen(name));
    char *begin;

    if (option != NULL && chat__option_in_file(option)) {
        take(reader, line, option, value);
        return;
    }
    if (asprintf(&begin, "%s:%d: unknown option", reader->path, line) < 0) {
        chat__problems_add(reader->problems, "out of memory");
        return;
    }
    chat__option_unknown(reader->problems, begin, "", name, strlen(name));
    free(begin);
}

static void on_problem(void *context, int line, const char *what)
{
    const struct reader *reader = context;

    chat__problems_add(reader->problems, "%s:%d: %s", reader->path, line, what);
}

void chat__options_read_file(struct chat__options *options,
                             struct chat__problems *problems)
{
    struct reader reader = {.options = options,
                            .problems = problems,
                            .path = chat__options_file(options)};
    struct chat__ini_visitor visitor = {
        .context = &reader, .value = on_value, .problem = on_problem};

    if (reader.path == NULL)
        return;
    if (!chat__ini_read(reader.path, &visitor))
        chat__problems_add(problems, "%s: cannot be read: %s", reader.path,
                           strerror(errno));
}
