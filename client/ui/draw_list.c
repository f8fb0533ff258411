#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdio.h>

#define NUMBERED_ROOMS    10
#define INVITES_SHOWN_MAX 5

/* Rows of the list for rooms: below the heading, above the invitations. */
static size_t room_rows(const struct chat__app *app, size_t rows)
{
    size_t invites = app->invites.count;

    if (invites == 0) {
        return rows - 1;
    }
    invites = invites > INVITES_SHOWN_MAX ? INVITES_SHOWN_MAX : invites;
    return rows > invites + 4 ? rows - invites - 2 : rows - 1;
}

/* The first room that shows, so that the focused one does. */
static size_t top_room(const struct chat__app *app, size_t rows)
{
    size_t focus = app->rooms.focus;

    return focus < rows ? 0 : focus - rows + 1;
}

size_t chat__draw_list_room(const struct chat__app *app, size_t row)
{
    size_t rows = room_rows(app, chat__screen_rows());
    size_t index = top_room(app, rows) + row - 1;

    return row == 0 || row > rows || index > app->rooms.count ? app->rooms.count
                                                              : index;
}

/* How many are unread, and how many of them are for the user. */
static int write_counts(const struct chat__room *room, char *text, size_t size)
{
    if (room->mentions > 0) {
        return snprintf(text, size, " @%llu %llu ",
                        (unsigned long long)room->mentions,
                        (unsigned long long)room->unread);
    }
    return snprintf(text, size, " %llu ", (unsigned long long)room->unread);
}

static void draw_room(const struct chat__room *room, size_t index, bool focused,
                      struct chat__strip strip)
{
    attr_t style = chat__screen_style(CHAT__STYLE_PLAIN);
    attr_t quiet = chat__screen_style(CHAT__STYLE_QUIET);
    struct chat__strip name = strip, count = strip;
    char number[8] = "  ", unread[48] = "";
    int digits = 0;

    if (index < NUMBERED_ROOMS) {
        snprintf(number, sizeof(number), "%zu ", (index + 1) % 10);
    }
    if (room->unread > 0 && !focused) {
        digits = write_counts(room, unread, sizeof(unread));
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

/* A row below the rooms: the heading, then one invitation each. */
static void draw_invite(const struct chat__app *app, size_t index,
                        struct chat__strip strip)
{
    attr_t style = chat__screen_style(CHAT__STYLE_ACCENT);
    const struct chat__invite *invite;

    if (index == 0) {
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                        " Invitations");
        return;
    }
    if (index > app->invites.count) {
        return;
    }
    invite = &app->invites.list[index - 1];
    strip = chat__paint_own(strip, style, " + ");
    strip = chat__paint(strip, style, &invite->title);
    strip =
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET), " by ");
    chat__paint(strip, chat__screen_style(CHAT__STYLE_QUIET), &invite->by);
}

void chat__draw_list(const struct chat__app *app,
                     const struct chat__layout *layout)
{
    size_t rows = chat__screen_rows();
    size_t below = room_rows(app, rows) + 1, i;

    if (layout->list_width == 0) {
        return;
    }
    attrset(chat__screen_style(CHAT__STYLE_QUIET));
    mvvline_set(0, (int)layout->list_width - 1, WACS_VLINE, (int)rows);
    for (i = 0; i < rows; i++) {
        struct chat__strip strip = {i, 0, layout->list_width - 1};
        size_t index = chat__draw_list_room(app, i);
        chat__paint_blank(strip);
        if (i == 0) {
            chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                            " Rooms");
        } else if (i >= below) {
            draw_invite(app, i - below, strip);
        } else if (index < app->rooms.count) {
            draw_room(app->rooms.rooms[index], index, index == app->rooms.focus,
                      strip);
        }
    }
}
