/* How the text of an input line changes; for input_line.c and input_edit.c. */
#ifndef CHAT_CLIENT_MODEL_INPUT_CHANGE_H
#define CHAT_CLIENT_MODEL_INPUT_CHANGE_H

#include "client/model/input_line.h"

/* Keeps the state before a change, so that undo finds it. */
void chat__input_remember(struct chat__input_line *input);

/*
 * Puts `length` bytes in the place of those from `start` to `end`, the cursor
 * behind them. False when that is too long, or without memory.
 */
bool chat__input_splice(struct chat__input_line *input, size_t start,
                        size_t end, const char *text, size_t length);

/* The same for all of the text. */
void chat__input_set(struct chat__input_line *input, const char *text);

#endif
