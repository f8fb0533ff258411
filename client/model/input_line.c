#include "client/model/input_change.h"
#include "client/model/width.h"

#include <stdlib.h>
#include <string.h>

void chat__input_release(struct chat__input_line *input)
{
    while (input->undo_count > 0) {
        free(input->undo[--input->undo_count].text);
    }
    chat__history_release(&input->history);
    free(input->text);
    free(input->killed);
    memset(input, 0, sizeof(*input));
}

const char *chat__input_text(const struct chat__input_line *input)
{
    return input->text == NULL ? "" : input->text;
}

/* ---- changing the text ---- */

void chat__input_remember(struct chat__input_line *input)
{
    struct chat__input_state *undo = input->undo;
    char *copy = strdup(chat__input_text(input));

    if (copy == NULL) {
        return;
    }
    if (input->undo_count == CHAT__INPUT_UNDO_MAX) {
        free(undo[0].text);
        input->undo_count--;
        memmove(undo, undo + 1, input->undo_count * sizeof(*undo));
    }
    undo[input->undo_count].text = copy;
    undo[input->undo_count].cursor = input->cursor;
    input->undo_count++;
}

bool chat__input_splice(struct chat__input_line *input, size_t start,
                        size_t end, const char *text, size_t length)
{
    size_t tail = input->length - end;
    size_t changed = start + length + tail;
    char *bytes;

    if (changed > CHAT__INPUT_BYTES_MAX) {
        return false;
    }
    bytes = malloc(changed + 1);
    if (bytes == NULL) {
        return false;
    }
    memcpy(bytes, chat__input_text(input), start);
    memcpy(bytes + start, text, length);
    memcpy(bytes + start + length, chat__input_text(input) + end, tail);
    bytes[changed] = '\0';
    free(input->text);
    input->text = bytes;
    input->length = changed;
    input->cursor = start + length;
    return true;
}

void chat__input_set(struct chat__input_line *input, const char *text)
{
    chat__input_splice(input, 0, input->length, text, strlen(text));
}

/* ---- what may be in the text ---- */

/* Reads one character of an insertion; its bytes, 0 to leave it out. */
static size_t accept(const char *text, size_t length, size_t *read)
{
    int32_t code_point;

    *read = chat__code_point(text, length, &code_point);
    if (code_point == '\n' || code_point == '\t') {
        return *read;
    }
    if (code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F)) {
        return 0;
    }
    if (code_point == CHAT__REPLACEMENT && *read == 1) {
        return 0;
    }
    return *read;
}

/* Copies what is accepted; `clean` has as many bytes as `text`. */
static size_t clean_up(const char *text, size_t length, char *clean)
{
    size_t offset = 0, written = 0;

    while (offset < length) {
        size_t read, bytes;
        if (text[offset] == '\r') {
            offset++;
            if (offset == length || text[offset] != '\n') {
                clean[written++] = '\n';
            }
            continue;
        }
        bytes = accept(text + offset, length - offset, &read);
        memcpy(clean + written, text + offset, bytes);
        written += bytes;
        offset += read;
    }
    return written;
}

/* A mark that was typed belongs to the cluster before it. */
static void settle_cursor(struct chat__input_line *input)
{
    const char *text = chat__input_text(input);
    size_t start = chat__cluster_before(text, input->cursor);
    size_t end =
        start + chat__cluster_length(text + start, input->length - start);

    if (input->cursor > start && end > input->cursor) {
        input->cursor = end;
    }
}

bool chat__input_insert(struct chat__input_line *input, const char *text,
                        size_t length)
{
    bool goes_on = input->typing && length > 0 && *text != ' ';
    bool done = false;
    char *clean;

    if (length > CHAT__INPUT_BYTES_MAX) {
        return false;
    }
    clean = malloc(length + 1);
    if (clean == NULL) {
        return false;
    }
    length = clean_up(text, length, clean);
    if (input->length + length <= CHAT__INPUT_BYTES_MAX) {
        if (!goes_on) {
            chat__input_remember(input);
        }
        done = chat__input_splice(input, input->cursor, input->cursor, clean,
                                  length);
        settle_cursor(input);
        input->typing = true;
        input->killing = false;
    }
    free(clean);
    return done;
}

void chat__input_replace(struct chat__input_line *input, size_t start,
                         const char *text)
{
    chat__input_remember(input);
    chat__input_splice(input, start, input->cursor, text, strlen(text));
    input->typing = false;
    input->killing = false;
}

void chat__input_accept(struct chat__input_line *input)
{
    chat__history_add(&input->history, chat__input_text(input));
    while (input->undo_count > 0) {
        free(input->undo[--input->undo_count].text);
    }
    chat__input_set(input, "");
    input->typing = false;
    input->killing = false;
}
