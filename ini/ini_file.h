/*
 * Files of `name = value` lines without sections, for a reader who is told of
 * every mistake in its line. inih does the reading; it would tell of the first
 * wrong line alone, and cut a long one in two.
 *
 * A line that begins with ; or # is a comment. An indented line gives the name
 * before it a further value. Nothing is kept; any thread.
 */
#ifndef CHAT_INI_INI_FILE_H
#define CHAT_INI_INI_FILE_H

#include <stdbool.h>

struct chat__ini_visitor {
    void *context;
    /* Strings are valid during the call. Lines count from 1. */
    void (*value)(void *context, int line, const char *name, const char *value);
    void (*problem)(void *context, int line, const char *what);
};

/*
 * False when the file cannot be opened, or be read to its end: errno has why.
 */
bool chat__ini_read(const char *path, const struct chat__ini_visitor *visitor);

#endif
