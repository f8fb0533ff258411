/*
 * Breaks a text into lines of a width in cells: at spaces, beside wide
 * characters, and inside a word only when it is longer than a line. Spaces at
 * a break are swallowed, spaces that begin a line of the text are kept.
 *
 * The walk takes no memory; a line points into the text. A line is wider than
 * asked for only when its one cluster is.
 */
#ifndef CHAT_CLIENT_MODEL_WRAP_H
#define CHAT_CLIENT_MODEL_WRAP_H

#include "client/model/text_safe.h"

struct chat__line {
    size_t offset;
    size_t length;
    size_t width;
};

struct chat__wrap {
    const char *text;
    size_t length;
    size_t width;
    size_t offset;
    bool done;
};

/* `width` 0 is taken as 1. The text is borrowed. */
void chat__wrap_init(struct chat__wrap *wrap,
                     const struct chat__safe_text *text, size_t width);

/* The next line; false at the end. An empty text has one empty line. */
bool chat__wrap_next(struct chat__wrap *wrap, struct chat__line *line);

size_t chat__wrap_count(const struct chat__safe_text *text, size_t width);

#endif
