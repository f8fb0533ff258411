#include "client/model/input_change.h"
#include "client/model/width.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* ---- places in the text ---- */

static size_t cluster_left(const struct chat__input_line *input, size_t at)
{
    return chat__cluster_before(chat__input_text(input), at);
}

static size_t cluster_right(const struct chat__input_line *input, size_t at)
{
    return at + chat__cluster_length(chat__input_text(input) + at,
                                     input->length - at);
}

static bool is_word(const struct chat__input_line *input, size_t at)
{
    int32_t code_point;
    utf8proc_category_t category;

    chat__code_point(input->text + at, input->length - at, &code_point);
    category = utf8proc_category(code_point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

static size_t word_left(const struct chat__input_line *input)
{
    size_t at = input->cursor;

    while (at > 0 && !is_word(input, cluster_left(input, at))) {
        at = cluster_left(input, at);
    }
    while (at > 0 && is_word(input, cluster_left(input, at))) {
        at = cluster_left(input, at);
    }
    return at;
}

static size_t word_right(const struct chat__input_line *input)
{
    size_t at = input->cursor;

    while (at < input->length && !is_word(input, at)) {
        at = cluster_right(input, at);
    }
    while (at < input->length && is_word(input, at)) {
        at = cluster_right(input, at);
    }
    return at;
}

/* Back over spaces, then over what is none: what C-w takes. */
static size_t blank_left(const struct chat__input_line *input)
{
    const char *text = chat__input_text(input);
    size_t at = input->cursor;

    while (at > 0 && strchr(" \t\n", text[at - 1]) != NULL) {
        at--;
    }
    while (at > 0 && strchr(" \t\n", text[at - 1]) == NULL) {
        at--;
    }
    return at;
}

static size_t line_start(const struct chat__input_line *input, size_t at)
{
    const char *text = chat__input_text(input);

    while (at > 0 && text[at - 1] != '\n') {
        at--;
    }
    return at;
}

static size_t line_end(const struct chat__input_line *input, size_t at)
{
    const char *end =
        memchr(chat__input_text(input) + at, '\n', input->length - at);

    return end == NULL ? input->length : (size_t)(end - input->text);
}

/* ---- edits ---- */

static void erase(struct chat__input_line *input, size_t start, size_t end)
{
    if (start < end) {
        chat__input_remember(input);
        chat__input_splice(input, start, end, "", 0);
    }
}

/* Keeps what is erased; kills in a row gather. */
static void kill_text(struct chat__input_line *input, size_t start, size_t end)
{
    const char *text = chat__input_text(input) + start;
    bool backwards = start < input->cursor;
    const char *old = input->killing && input->killed ? input->killed : "";
    size_t old_length = strlen(old);
    size_t length = end - start;
    char *killed;

    if (length == 0 || old_length + length > CHAT__INPUT_BYTES_MAX) {
        return;
    }
    killed = malloc(old_length + length + 1);
    if (killed == NULL) {
        return;
    }
    memcpy(killed + (backwards ? length : 0), old, old_length);
    memcpy(killed + (backwards ? 0 : old_length), text, length);
    killed[old_length + length] = '\0';
    free(input->killed);
    input->killed = killed;
    erase(input, start, end);
}

static void yank(struct chat__input_line *input)
{
    if (input->killed != NULL) {
        chat__input_replace(input, input->cursor, input->killed);
    }
}

/* Swaps the clusters around the cursor; at the end the last two. */
static void transpose(struct chat__input_line *input)
{
    size_t middle = input->cursor;
    size_t start, end;
    char swapped[CHAT__INPUT_BYTES_MAX];

    if (middle == input->length) {
        middle = cluster_left(input, middle);
    }
    if (middle == 0 || middle == input->length) {
        return;
    }
    start = cluster_left(input, middle);
    end = cluster_right(input, middle);
    memcpy(swapped, input->text + middle, end - middle);
    memcpy(swapped + (end - middle), input->text + start, middle - start);
    chat__input_remember(input);
    chat__input_splice(input, start, end, swapped, end - start);
}

static void undo(struct chat__input_line *input)
{
    struct chat__input_state *state;

    if (input->undo_count == 0) {
        return;
    }
    state = &input->undo[--input->undo_count];
    chat__input_set(input, state->text);
    input->cursor = state->cursor;
    free(state->text);
}

static void use_history(struct chat__input_line *input, const char *line)
{
    if (line != NULL) {
        chat__input_set(input, line);
    }
}

/* The place in the line at `start` that is as many cells in as the cursor. */
static size_t below_or_above(const struct chat__input_line *input, size_t start)
{
    const char *text = chat__input_text(input);
    size_t own = line_start(input, input->cursor);
    size_t cells = chat__text_width(text + own, input->cursor - own);

    return start +
           chat__text_fit(text + start, line_end(input, start) - start, cells);
}

static void up(struct chat__input_line *input)
{
    size_t start = line_start(input, input->cursor);

    if (start == 0) {
        use_history(input, chat__history_back(&input->history,
                                              chat__input_text(input)));
        return;
    }
    input->cursor = below_or_above(input, line_start(input, start - 1));
}

static void down(struct chat__input_line *input)
{
    size_t end = line_end(input, input->cursor);

    if (end == input->length) {
        use_history(input, chat__history_forward(&input->history));
        return;
    }
    input->cursor = below_or_above(input, end + 1);
}

static bool move(struct chat__input_line *input, enum chat__edit edit)
{
    switch (edit) {
    case CHAT__EDIT_LEFT:
        input->cursor = cluster_left(input, input->cursor);
        return true;
    case CHAT__EDIT_RIGHT:
        input->cursor = cluster_right(input, input->cursor);
        return true;
    case CHAT__EDIT_WORD_LEFT:
        input->cursor = word_left(input);
        return true;
    case CHAT__EDIT_WORD_RIGHT:
        input->cursor = word_right(input);
        return true;
    case CHAT__EDIT_LINE_START:
        input->cursor = line_start(input, input->cursor);
        return true;
    case CHAT__EDIT_LINE_END:
        input->cursor = line_end(input, input->cursor);
        return true;
    case CHAT__EDIT_UP:
        up(input);
        return true;
    case CHAT__EDIT_DOWN:
        down(input);
        return true;
    default:
        return false;
    }
}

static bool cut(struct chat__input_line *input, enum chat__edit edit)
{
    size_t at = input->cursor;
    size_t end = line_end(input, at);

    switch (edit) {
    case CHAT__EDIT_KILL_WORD_BEFORE:
        kill_text(input, blank_left(input), at);
        return true;
    case CHAT__EDIT_KILL_WORD_AFTER:
        kill_text(input, at, word_right(input));
        return true;
    case CHAT__EDIT_KILL_LINE_START:
        kill_text(input, line_start(input, at), at);
        return true;
    case CHAT__EDIT_KILL_LINE_END:
        kill_text(input, at, end == at ? cluster_right(input, at) : end);
        return true;
    default:
        return false;
    }
}

static void change(struct chat__input_line *input, enum chat__edit edit)
{
    size_t at = input->cursor;

    switch (edit) {
    case CHAT__EDIT_DELETE_BEFORE:
        erase(input, cluster_left(input, at), at);
        break;
    case CHAT__EDIT_DELETE_AFTER:
        erase(input, at, cluster_right(input, at));
        break;
    case CHAT__EDIT_YANK:
        yank(input);
        break;
    case CHAT__EDIT_TRANSPOSE:
        transpose(input);
        break;
    case CHAT__EDIT_UNDO:
        undo(input);
        break;
    case CHAT__EDIT_CLEAR:
        erase(input, 0, input->length);
        break;
    default:
        break;
    }
}

void chat__input_edit(struct chat__input_line *input, enum chat__edit edit)
{
    bool kills = false;

    if (!move(input, edit)) {
        kills = cut(input, edit);
        if (!kills) {
            change(input, edit);
        }
    }
    input->killing = kills;
    input->typing = false;
}
