/*
 * What was sent from an input line, oldest first, and a walk through it.
 * Owns its strings; bounded, the oldest go first.
 */
#ifndef CHAT_CLIENT_MODEL_HISTORY_H
#define CHAT_CLIENT_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__HISTORY_LINES_MAX 100

struct chat__history {
    char *lines[CHAT__HISTORY_LINES_MAX];
    size_t count;
    size_t at;   /* count: not walking */
    char *draft; /* what stood in the line when the walk began */
};

void chat__history_release(struct chat__history *history);

/* Ends a walk and keeps a copy of the line, unless it repeats the last. */
bool chat__history_add(struct chat__history *history, const char *line);

/*
 * One line back or forward. `current` is kept when the walk begins and comes
 * back at its end. NULL: there is none, or no memory.
 */
const char *chat__history_back(struct chat__history *history,
                               const char *current);
const char *chat__history_forward(struct chat__history *history);

#endif
