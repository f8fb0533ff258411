#include "client/config_file.h"

#include "client/model/text_safe.h"
#include "client/option_value.h"
#include "ini/ini_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "chat-tui/chat-tui.conf"

struct reader {
    struct chat__options *options;
    const char *path;
    int lines[CHAT__OPTIONS_MAX]; /* where each option stands; 0: nowhere */
    bool whole;                   /* no mistake so far */
};

/* `line` 0: it is about the file. */
static void complain(struct reader *reader, int line, const char *what,
                     const char *name)
{
    struct chat__safe_text text;
    char place[16] = "";

    reader->whole = false;
    if (line > 0) {
        snprintf(place, sizeof(place), ":%d", line);
    }
    chat__safe_text_format(&text, "%s%s: %s%s%s", reader->path, place, name,
                           *name == '\0' ? "" : ": ", what);
    fprintf(stderr, "chat-tui: %s\n", chat__safe_string(&text));
    chat__safe_text_release(&text);
}

static const struct chat__option *find(const char *name)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        if (chat__option_table[i].in_file &&
            strcmp(chat__option_table[i].name, name) == 0) {
            return &chat__option_table[i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

static void on_value(void *context, int line, const char *name,
                     const char *value)
{
    struct reader *reader = context;
    const struct chat__option *option = find(name);
    size_t row = option == NULL ? 0 : (size_t)(option - chat__option_table);

    if (option == NULL) {
        complain(reader, line, "no option of this file; see chat-tui.conf(5)",
                 name);
    } else if (reader->lines[row] != 0) {
        complain(reader, line, "stands there twice", name);
    } else {
        reader->lines[row] = line;
        reader->options->texts[row] = strdup(value);
        if (reader->options->texts[row] == NULL) {
            complain(reader, line, "no memory", name);
        }
    }
}

static void on_problem(void *context, int line, const char *what)
{
    complain(context, line, what, "");
}

/* ---- what counts ---- */

static bool says_who(const struct chat__options *options)
{
    bool says = false;

    for (size_t i = 0; i < chat__option_count; i++) {
        says = says || (options->said[i] &&
                        chat__option_table[i].about != CHAT__ABOUT_OTHERS);
    }
    return says;
}

/* Whether the command line names a server that is not the file's. */
static bool is_elsewhere(const struct chat__options *options)
{
    const struct chat__option *url = find("url");
    size_t row = (size_t)(url - chat__option_table);
    const char *text = options->texts[row];

    return options->said[row] &&
           strcmp(options->url, text == NULL ? CHAT__DEFAULT_URL : text) != 0;
}

static bool counts(const struct chat__options *options, size_t row)
{
    enum chat__option_about about = chat__option_table[row].about;

    return !options->said[row] &&
           (about == CHAT__ABOUT_OTHERS || !says_who(options)) &&
           (about != CHAT__ABOUT_ACCOUNT || !is_elsewhere(options));
}

/* Values are looked at whether they count or not. */
static void apply(struct reader *reader)
{
    struct chat__options ignored = *reader->options;

    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];
        const char *text = reader->options->texts[i];
        char problem[CHAT__OPTION_PROBLEM_BYTES];

        if (text != NULL &&
            !chat__option_set(counts(reader->options, i) ? reader->options
                                                         : &ignored,
                              option, text, problem)) {
            complain(reader, reader->lines[i], problem, option->name);
        }
    }
}

/* ---- the file ---- */

/* False: there can be none. */
static bool find_own(char path[PATH_MAX])
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int written = 0;

    if (config != NULL && *config == '/') {
        written = snprintf(path, PATH_MAX, "%s/" FILE_NAME, config);
    } else if (home != NULL && *home == '/') {
        written = snprintf(path, PATH_MAX, "%s/.config/" FILE_NAME, home);
    }
    return written > 0 && written < PATH_MAX;
}

bool chat__config_file_read(struct chat__options *options)
{
    char own[PATH_MAX];
    struct reader reader = {
        .options = options, .path = options->config, .whole = true};
    struct chat__ini_visitor visitor = {
        .context = &reader, .value = on_value, .problem = on_problem};

    if (reader.path == NULL && !find_own(own)) {
        return true;
    }
    if (reader.path == NULL) {
        reader.path = own;
    }
    if (chat__ini_read(reader.path, &visitor)) {
        apply(&reader);
    } else if ((errno != ENOENT && errno != ENOTDIR) ||
               options->config != NULL) {
        complain(&reader, 0, strerror(errno), "");
    }
    return reader.whole;
}
