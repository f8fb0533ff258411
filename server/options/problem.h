/*
 * What is wrong with a configuration: sentences for the operator, each behind
 * its place and without an end of line. Bytes that a terminal might act on are
 * shown as \xNN. At most CHAT__PROBLEMS_MAX are kept, all are counted.
 *
 * A zeroed struct is empty; release frees the lines.
 */
#ifndef CHAT_SERVER_OPTIONS_PROBLEM_H
#define CHAT_SERVER_OPTIONS_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__PROBLEMS_MAX 100

struct chat__problems {
    size_t count;
    char *lines[CHAT__PROBLEMS_MAX]; /* NULL where memory was short */
};

/* Always false. */
bool chat__problems_add(struct chat__problems *problems, const char *format,
                        ...) __attribute__((format(printf, 2, 3)));

/* How many lines there are to print. */
size_t chat__problems_kept(const struct chat__problems *problems);
const char *chat__problems_line(const struct chat__problems *problems,
                                size_t index);

void chat__problems_release(struct chat__problems *problems);

#endif
