/*
 * The line that is being written: text, cursor, kill buffer, undo, history.
 *
 * Invariants
 *   The text is UTF-8 as it will be sent, NUL-terminated, at most
 *   CHAT__INPUT_BYTES_MAX long, without control characters but '\n' and '\t'.
 *   The cursor stands between clusters.
 *
 * What does not fit or finds no memory is not inserted; nothing fails
 * half-way. Owned by whoever initialised it, by zeroing.
 */
#ifndef CHAT_CLIENT_MODEL_INPUT_LINE_H
#define CHAT_CLIENT_MODEL_INPUT_LINE_H

#include "client/model/history.h"
#include "client/model/text_safe.h"

#define CHAT__INPUT_BYTES_MAX (8 * 1024)
#define CHAT__INPUT_UNDO_MAX  64

enum chat__edit {
    CHAT__EDIT_NONE,
    CHAT__EDIT_LEFT,
    CHAT__EDIT_RIGHT,
    CHAT__EDIT_WORD_LEFT,
    CHAT__EDIT_WORD_RIGHT,
    CHAT__EDIT_LINE_START,
    CHAT__EDIT_LINE_END,
    CHAT__EDIT_UP,   /* a line up, on the first one back in history */
    CHAT__EDIT_DOWN, /* a line down, on the last one forward in history */
    CHAT__EDIT_DELETE_BEFORE,
    CHAT__EDIT_DELETE_AFTER,
    CHAT__EDIT_KILL_WORD_BEFORE,
    CHAT__EDIT_KILL_WORD_AFTER,
    CHAT__EDIT_KILL_LINE_START,
    CHAT__EDIT_KILL_LINE_END,
    CHAT__EDIT_YANK,
    CHAT__EDIT_TRANSPOSE,
    CHAT__EDIT_UNDO,
    CHAT__EDIT_CLEAR
};

/* A state to go back to. */
struct chat__input_state {
    char *text;
    size_t cursor;
};

struct chat__input_line {
    char *text; /* NULL while nothing was ever written */
    size_t length;
    size_t cursor;
    char *killed;
    bool killing; /* the last edit killed: the next kill adds to it */
    bool typing;  /* the last edit typed: the next one shares its undo */
    struct chat__input_state undo[CHAT__INPUT_UNDO_MAX];
    size_t undo_count;
    struct chat__history history;
};

void chat__input_release(struct chat__input_line *input);

/* Never NULL. */
const char *chat__input_text(const struct chat__input_line *input);

/*
 * Inserts at the cursor; line ends become '\n', other controls go. False when
 * it does not fit.
 */
bool chat__input_insert(struct chat__input_line *input, const char *text,
                        size_t length);

/* Replaces the bytes from `start` to the cursor, as one undo step. */
void chat__input_replace(struct chat__input_line *input, size_t start,
                         const char *text);

void chat__input_edit(struct chat__input_line *input, enum chat__edit edit);

/* The text was sent: into the history, and the line is empty. */
void chat__input_accept(struct chat__input_line *input);

/* ---- showing ---- */

/* One row of the box that shows the input. */
struct chat__input_row {
    struct chat__safe_text text; /* fits the width */
    bool has_cursor;
    size_t cursor; /* in cells */
};

/* Lines of the text, at least 1. */
size_t chat__input_lines(const struct chat__input_line *input);

/*
 * Lays out `count` rows of `width` cells around the cursor; a line that is
 * longer is shown from where the cursor can be seen. Returns how many rows
 * were made; the caller releases each with chat__safe_text_release.
 */
size_t chat__input_rows(const struct chat__input_line *input, size_t width,
                        struct chat__input_row *rows, size_t count);

#endif
