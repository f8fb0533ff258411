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
    CHAT__COMPLETE_NAME,    /* a person, in a text */
    CHAT__COMPLETE_COMMAND, /* the first word, after '/' */
    CHAT__COMPLETE_HELP,    /* the same without its slash */
    CHAT__COMPLETE_ROOM,
    CHAT__COMPLETE_INVITE,
    CHAT__COMPLETE_PERSON,  /* of a command */
    CHAT__COMPLETE_ROLE,    /* behind the person */
    CHAT__COMPLETE_MENTION, /* after '@' */
    CHAT__COMPLETE_EMOJI,   /* after ':', or of a command */
    CHAT__COMPLETE_NOTHING
};

#define CHAT__WORD_BYTES 256

struct chat__candidates {
    const char *texts[CHAT__COMPLETION_MAX]; /* borrowed */
    size_t count;
    enum chat__completion_kind kind;
    const char *inserts[CHAT__COMPLETION_MAX]; /* NULL: the text itself */
    char word[CHAT__WORD_BYTES]; /* what does not begin so is left out */
    char *copies[CHAT__COMPLETION_MAX];
    size_t copied;
};

struct chat__completion {
    char *word;                      /* what was typed; NULL: none under way */
    enum chat__completion_kind kind; /* of the word */
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

/* None yet, for the word that a Tab would complete now as this kind. */
void chat__candidates_init(struct chat__candidates *candidates,
                           enum chat__completion_kind kind,
                           const struct chat__completion *completion,
                           const struct chat__input_line *input);
void chat__candidates_release(struct chat__candidates *candidates);

/*
 * Adds what begins as the word does; ignores what does not fit any more.
 * `insert` is put into the line for it, NULL: the text.
 */
void chat__candidates_add(struct chat__candidates *candidates, const char *text,
                          const char *insert);

/* The same for a string that is made up: it is copied. */
void chat__candidates_add_format(struct chat__candidates *candidates,
                                 const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One Tab. False when nothing begins with the word. */
bool chat__completion_next(struct chat__completion *completion,
                           struct chat__input_line *input,
                           const struct chat__candidates *candidates);

#endif
