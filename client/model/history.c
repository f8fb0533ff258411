#include "client/model/history.h"

#include <stdlib.h>
#include <string.h>

static void end_walk(struct chat__history *history)
{
    free(history->draft);
    history->draft = NULL;
    history->at = history->count;
}

void chat__history_release(struct chat__history *history)
{
    size_t i;

    for (i = 0; i < history->count; i++) {
        free(history->lines[i]);
    }
    free(history->draft);
    memset(history, 0, sizeof(*history));
}

static void drop_oldest(struct chat__history *history)
{
    free(history->lines[0]);
    history->count--;
    memmove(history->lines, history->lines + 1,
            history->count * sizeof(history->lines[0]));
}

bool chat__history_add(struct chat__history *history, const char *line)
{
    bool repeats = history->count > 0 &&
                   strcmp(history->lines[history->count - 1], line) == 0;
    char *copy;

    if (!repeats) {
        copy = strdup(line);
        if (copy == NULL) {
            return false;
        }
        if (history->count == CHAT__HISTORY_LINES_MAX) {
            drop_oldest(history);
        }
        history->lines[history->count++] = copy;
    }
    end_walk(history);
    return true;
}

const char *chat__history_back(struct chat__history *history,
                               const char *current)
{
    if (history->at == 0) {
        return NULL;
    }
    if (history->at == history->count) {
        history->draft = strdup(current);
        if (history->draft == NULL) {
            return NULL;
        }
    }
    return history->lines[--history->at];
}

const char *chat__history_forward(struct chat__history *history)
{
    if (history->at == history->count) {
        return NULL;
    }
    history->at++;
    return history->at == history->count ? history->draft
                                         : history->lines[history->at];
}
