/*
 * Takes over what may change while the server runs. The options are loaded
 * anew, as for a start, and looked at whole before anything of them counts;
 * what needs a restart keeps its value, with a warning.
 */
#include "server/options/check.h"
#include "server/server_private.h"

#include <stdio.h>
#include <string.h>

enum change {
    UNCHANGED,
    TAKEN_OVER,
    NEEDS_RESTART,
};

/* By row of the table. */
struct changes {
    enum change of[CHAT__OPTIONS_MAX];
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* With TLS and without it are two kinds of server. */
static bool is_tls_of_another_kind(const struct chat__options *now,
                                   const struct chat__options *next,
                                   const struct chat__option *option)
{
    return option->group == CHAT__GROUP_TLS &&
           (now->tls_certificate == NULL) != (next->tls_certificate == NULL);
}

static void find_changes(const struct chat__options *now,
                         const struct chat__options *next,
                         struct changes *changes)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        if (same_text(chat__options_text(now, option),
                      chat__options_text(next, option)))
            changes->of[i] = UNCHANGED;
        else if (option->reloads && !is_tls_of_another_kind(now, next, option))
            changes->of[i] = TAKEN_OVER;
        else
            changes->of[i] = NEEDS_RESTART;
    }
}

/*
 * What needs a restart stays, and so does what is as it was: parts of the
 * server have borrowed its text. Doing it twice does nothing.
 */
static void hold_back(struct chat__options *now, struct chat__options *next,
                      const struct changes *changes)
{
    for (size_t i = 0; i < chat__option_count; i++)
        if (changes->of[i] != TAKEN_OVER)
            chat__options_exchange(now, next, &chat__option_table[i]);
}

/* The part that can fail comes first. */
static bool apply(struct chat__server *server,
                  const struct chat__options *options, char *message,
                  size_t size)
{
    struct chat__front_settings front = chat__server_front_settings(options);
    struct chat__core_settings core = chat__server_core_settings(options);

    if (!chat__front_apply(server->front, &front, message, size))
        return false;
    chat__core_apply(server->core, &core);
    chat__server_reload_traces(server, options->trace_sample);
    chat__log_set_level(options->log_level);
    return true;
}

static void log_value(struct chat__log_line *line, const char *key,
                      const struct chat__options *options,
                      const struct chat__option *option)
{
    const char *text = chat__options_text(options, option);

    if (text != NULL && !option->secret)
        chat__log_string(line, key, text);
}

static void log_change(const struct chat__option *option,
                       const struct chat__options *before,
                       const struct chat__options *after,
                       enum chat__log_level level, const char *event)
{
    struct chat__log_line line;

    chat__log_begin(&line, level, event);
    chat__log_string(&line, "option", option->name);
    log_value(&line, "before", before, option);
    log_value(&line, "after", after, option);
    chat__log_end(&line);
}

/* What was held back stands in `now`, and what counts in `next`. */
static void log_changes(const struct chat__options *now,
                        const struct chat__options *next,
                        const struct changes *changes)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        if (changes->of[i] == TAKEN_OVER)
            log_change(option, now, next, CHAT__LOG_INFO, "option_changed");
        if (changes->of[i] == NEEDS_RESTART)
            log_change(option, next, now, CHAT__LOG_WARNING, "restart_needed");
    }
    chat__log_write(CHAT__LOG_INFO, "reloaded", NULL);
}

/* Always false: the first line goes to who asked, all go to the log. */
static bool refuse(const struct chat__problems *problems, char *message,
                   size_t size)
{
    for (size_t i = 0; i < chat__problems_kept(problems); i++)
        chat__log_write(CHAT__LOG_ERROR, "reload_failed",
                        chat__problems_line(problems, i));
    snprintf(message, size, "%s%s", chat__problems_line(problems, 0),
             problems->count > 1 ? "; chatd --check-config tells of more" : "");
    return false;
}

/* `next` is fine in itself. After this it has what does not count any more. */
static bool take_over(struct chat__server *server, struct chat__options *next,
                      char *message, size_t size)
{
    struct chat__options *now = server->options;
    struct chat__options before;
    struct changes changes;

    find_changes(now, next, &changes);
    hold_back(now, next, &changes);
    if (!apply(server, next, message, size)) {
        hold_back(now, next, &changes);
        chat__log_write(CHAT__LOG_ERROR, "reload_failed", message);
        return false;
    }
    log_changes(now, next, &changes);
    before = *now;
    *now = *next;
    *next = before;
    return true;
}

bool chat__server_reload(struct chat__server *server, char *message,
                         size_t size)
{
    struct chat__options next;
    struct chat__problems problems;
    bool done;

    chat__options_load(&next, server->options->argc, server->options->argv,
                       &problems);
    chat__options_check(&next, &problems);
    done = problems.count == 0 ? take_over(server, &next, message, size)
                               : refuse(&problems, message, size);
    chat__problems_release(&problems);
    chat__options_release(&next);
    return done;
}
