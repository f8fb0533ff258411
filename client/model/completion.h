/*
 * Completes the word before the cursor: Tab takes the first candidate that
 * begins with it, Tab again the next, and after the last the word as it was.
 * The only one that begins so is final: the next Tab completes the next word.
 *
 * Candidates come in the order in which they are offered; case does not
 * matter. A completion lasts while the input line stays as it left it.
 */
#ifndef CHAT_CLIENT_MODEL_COMPLETION_H
#define CHAT_CLIENT_MODEL_COMPLETION_H

#include "client/model/input_line.h"

#define CHAT__COMPLETION_MAX 128

/* What the word before the cursor is, by where it stands. */
enum chat__completion_kind {
    CHAT__COMPLETE_COMMAND, /* the first word, after '/' */
    CHAT__COMPLETE_ROOM,    /* an argument of a command, or after '#' */
    CHAT__COMPLETE_NAME     /* a person */
};

struct chat__candidates {
    const char *texts[CHAT__COMPLETION_MAX]; /* borrowed */
    size_t count;
};

struct chat__completion {
    char *word; /* what was typed; NULL: none under way */
    size_t start;
    size_t next;   /* how many candidates were offered */
    size_t length; /* of the input, and the cursor, as it was left */
    size_t cursor;
};

void chat__completion_release(struct chat__completion *completion);

/* What a Tab would complete now. */
enum chat__completion_kind
chat__completion_kind(const struct chat__completion *completion,
                      const struct chat__input_line *input);

/* Ignores what does not fit any more. */
void chat__candidates_add(struct chat__candidates *candidates,
                          const char *text);

/* One Tab. False when nothing begins with the word. */
bool chat__completion_next(struct chat__completion *completion,
                           struct chat__input_line *input,
                           const struct chat__candidates *candidates);

#endif
