#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdio.h>

#define NUMBERED_ROOMS 10

/* The first room that shows, so that the focused one does. */
static size_t top_room(const struct chat__app *app, size_t rows)
{
    size_t focus = app->rooms.focus;

    return focus < rows ? 0 : focus - rows + 1;
}

static void draw_room(const struct chat__room *room, size_t index, bool focused,
                      struct chat__strip strip)
{
    attr_t style = chat__screen_style(CHAT__STYLE_PLAIN);
    attr_t quiet = chat__screen_style(CHAT__STYLE_QUIET);
    struct chat__strip name = strip, count = strip;
    char number[8] = "  ", unread[24] = "";
    int digits = 0;

    if (index < NUMBERED_ROOMS) {
        snprintf(number, sizeof(number), "%zu ", (index + 1) % 10);
    }
    if (room->unread > 0 && !focused) {
        digits = snprintf(unread, sizeof(unread), " %llu ",
                          (unsigned long long)room->unread);
        style = chat__screen_style(CHAT__STYLE_STRONG);
    }
    if (focused) {
        style = chat__screen_style(CHAT__STYLE_CHOSEN);
        quiet = style;
        attrset(style);
        mvhline((int)strip.row, (int)strip.column, ' ' | style,
                (int)strip.width);
    }
    name = chat__paint_own(name, quiet, " ");
    name = chat__paint_own(name, quiet, number);
    name.width -= (size_t)digits;
    chat__paint(name, style, &room->title);
    count.column += count.width - (size_t)digits;
    count.width = (size_t)digits;
    chat__paint_own(count, chat__screen_style(CHAT__STYLE_ACCENT), unread);
}

void chat__draw_list(const struct chat__app *app,
                     const struct chat__layout *layout)
{
    size_t rows = chat__screen_rows();
    size_t top, i;

    if (layout->list_width == 0) {
        return;
    }
    top = top_room(app, rows - 1);
    attrset(chat__screen_style(CHAT__STYLE_QUIET));
    mvvline_set(0, (int)layout->list_width - 1, WACS_VLINE, (int)rows);
    for (i = 0; i < rows; i++) {
        struct chat__strip strip = {i, 0, layout->list_width - 1};
        size_t index = top + i - 1;
        chat__paint_blank(strip);
        if (i == 0) {
            chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                            " Rooms");
        } else if (index < app->rooms.count) {
            draw_room(app->rooms.rooms[index], index, index == app->rooms.focus,
                      strip);
        }
    }
}
