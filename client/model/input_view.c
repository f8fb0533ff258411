#include "client/model/input_line.h"
#include "client/model/width.h"

#include <stdlib.h>
#include <string.h>

/* One line of the text, between line ends. */
struct span {
    const char *text;
    size_t length;
};

static struct span line_at(const char *text, size_t index)
{
    struct span span = {text, 0};

    while (index > 0) {
        span.text = strchr(span.text, '\n') + 1;
        index--;
    }
    span.length = strcspn(span.text, "\n");
    return span;
}

static size_t count_lines(const char *text, size_t length)
{
    size_t lines = 1;
    size_t i;

    for (i = 0; i < length; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

size_t chat__input_lines(const struct chat__input_line *input)
{
    return count_lines(chat__input_text(input), input->length);
}

/* Cells of a part of a line as it is shown. */
static size_t shown_width(const char *text, size_t length)
{
    char safe[CHAT__SAFE_CLUSTER_BYTES];
    size_t width = 0, offset = 0;

    while (offset < length) {
        size_t bytes = chat__cluster_length(text + offset, length - offset);
        size_t made = chat__safe_cluster(text + offset, bytes, safe);
        width += chat__text_width(safe, made);
        offset += bytes;
    }
    return width;
}

/*
 * The cells to leave out on the left, so that the cursor shows: it jumps by
 * half a width, which keeps the text still while one writes.
 */
static size_t scroll(size_t cursor, size_t width)
{
    size_t half = width / 2 == 0 ? 1 : width / 2;

    if (cursor < width) {
        return 0;
    }
    return (cursor - width) / half * half + half;
}

/* Shows a line from `skip` cells on, at most `width` of them. */
static bool show(struct span line, size_t skip, size_t width,
                 struct chat__safe_text *text)
{
    char safe[CHAT__SAFE_CLUSTER_BYTES];
    size_t at = 0, offset = 0;

    text->length = 0;
    text->bytes = malloc(line.length * 4 + CHAT__SAFE_CLUSTER_BYTES);
    if (text->bytes == NULL) {
        return false;
    }
    while (offset < line.length) {
        size_t bytes =
            chat__cluster_length(line.text + offset, line.length - offset);
        size_t made = chat__safe_cluster(line.text + offset, bytes, safe);
        size_t cells = chat__text_width(safe, made);
        if (at + cells > skip + width) {
            break;
        }
        if (at >= skip) {
            memcpy(text->bytes + text->length, safe, made);
            text->length += made;
        } else if (at + cells > skip) { /* the half of a wide one */
            text->bytes[text->length++] = ' ';
        }
        at += cells;
        offset += bytes;
    }
    text->bytes[text->length] = '\0';
    return true;
}

size_t chat__input_rows(const struct chat__input_line *input, size_t width,
                        struct chat__input_row *rows, size_t count)
{
    const char *text = chat__input_text(input);
    size_t lines = chat__input_lines(input);
    size_t current = count_lines(text, input->cursor) - 1;
    size_t top = current < count ? 0 : current - count + 1;
    size_t made = 0;

    while (made < count && top + made < lines) {
        struct span line = line_at(text, top + made);
        struct chat__input_row *row = &rows[made];
        size_t skip = 0;
        memset(row, 0, sizeof(*row));
        if (top + made == current) {
            size_t before = (size_t)(text + input->cursor - line.text);
            size_t cells = shown_width(line.text, before);
            skip = scroll(cells, width);
            row->has_cursor = true;
            row->cursor = cells - skip;
        }
        if (!show(line, skip, width, &row->text)) {
            break;
        }
        made++;
    }
    return made;
}
