#include "client/model/width.h"
#include "client/ui/screen.h"

#include <string.h>
#include <wchar.h>

#define CLUSTER_CHARACTERS_MAX 24
#define ELLIPSIS               "\xE2\x80\xA6"

void chat__paint_blank(struct chat__strip strip)
{
    attrset(A_NORMAL);
    mvhline((int)strip.row, (int)strip.column, ' ', (int)strip.width);
}

void chat__paint_line(struct chat__strip strip)
{
    attrset(chat__screen_style(CHAT__STYLE_QUIET));
    mvhline_set((int)strip.row, (int)strip.column, WACS_HLINE,
                (int)strip.width);
}

/*
 * One cluster at a column. A character that the terminal's library is too old
 * to know has a visible stand-in of the same width.
 */
static void put_cluster(const struct chat__strip *at, const char *cluster,
                        size_t length)
{
    wchar_t wide[CLUSTER_CHARACTERS_MAX + 2];
    int count = 0;
    size_t offset = 0;

    while (offset < length && count < CLUSTER_CHARACTERS_MAX) {
        int32_t code_point;
        offset +=
            chat__code_point(cluster + offset, length - offset, &code_point);
        if (wcwidth((wchar_t)code_point) >= 0) {
            wide[count++] = (wchar_t)code_point;
            continue;
        }
        if (chat__code_point_width(code_point) > 1) {
            wide[count++] = CHAT__REPLACEMENT;
        }
        if (chat__code_point_width(code_point) > 0) {
            wide[count++] = CHAT__REPLACEMENT;
        }
    }
    mvaddnwstr((int)at->row, (int)at->column, wide, count);
}

static void advance(struct chat__strip *strip, size_t cells)
{
    strip->column += cells;
    strip->width -= cells;
}

struct chat__strip chat__paint_part(struct chat__strip strip, attr_t style,
                                    const char *bytes, size_t length)
{
    size_t fits = chat__text_fit(bytes, length, strip.width);
    bool cut = fits < length && strip.width > 0;
    size_t offset = 0;

    if (cut) {
        fits = chat__text_fit(bytes, length, strip.width - 1);
    }
    attrset(style);
    while (offset < fits) {
        size_t size = chat__cluster_length(bytes + offset, fits - offset);
        put_cluster(&strip, bytes + offset, size);
        advance(&strip, chat__text_width(bytes + offset, size));
        offset += size;
    }
    if (cut) {
        put_cluster(&strip, ELLIPSIS, sizeof(ELLIPSIS) - 1);
        advance(&strip, 1);
    }
    attrset(A_NORMAL);
    return strip;
}

struct chat__strip chat__paint(struct chat__strip strip, attr_t style,
                               const struct chat__safe_text *text)
{
    return chat__paint_part(strip, style, chat__safe_string(text),
                            text->length);
}

struct chat__strip chat__paint_own(struct chat__strip strip, attr_t style,
                                   const char *string)
{
    return chat__paint_part(strip, style, string, strlen(string));
}
