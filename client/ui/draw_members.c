#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdio.h>
#include <string.h>

#define SIGN_ONLINE "\xE2\x97\x8F" /* a full circle */
#define SIGN_AWAY   "\xE2\x97\x8B" /* an empty one */
#define SIGN_DND    "\xC3\x97"     /* a cross */

static void draw_presence(struct chat__strip strip,
                          enum chat__presence presence)
{
    switch (presence) {
    case CHAT__PRESENCE_ONLINE:
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_GOOD),
                        SIGN_ONLINE);
        break;
    case CHAT__PRESENCE_AWAY:
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                        SIGN_AWAY);
        break;
    case CHAT__PRESENCE_DND:
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ERROR), SIGN_DND);
        break;
    case CHAT__PRESENCE_OFFLINE:
        break;
    }
}

static const char *sign_of(enum chat__rank rank)
{
    switch (rank) {
    case CHAT__RANK_OWNER:
        return "@";
    case CHAT__RANK_MODERATOR:
        return "+";
    default:
        return " ";
    }
}

static void draw_member(struct chat__strip strip,
                        const struct chat__person *person, bool me)
{
    bool is_here = person->presence != CHAT__PRESENCE_OFFLINE;
    attr_t style =
        chat__screen_style(is_here ? CHAT__STYLE_PLAIN : CHAT__STYLE_QUIET);
    struct chat__strip sign = {strip.row, strip.column + 1, 1};

    if (me) {
        style = chat__screen_style(CHAT__STYLE_STRONG);
    }
    draw_presence(sign, person->presence);
    strip.column += 3;
    strip.width -= 3;
    strip = chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ACCENT),
                            sign_of(person->rank));
    chat__paint(strip, style, &person->name);
}

static void draw_heading(struct chat__strip strip,
                         const struct chat__room *room)
{
    char text[48];

    snprintf(text, sizeof(text), " Members %zu%s", room->people.members,
             room->members_told ? "" : "\xE2\x80\xA6");
    chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET), text);
}

void chat__draw_members(struct chat__app *app,
                        const struct chat__layout *layout)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t rows = chat__screen_rows(), left, i;

    if (layout->pane_width == 0 || room == NULL) {
        return;
    }
    left =
        room->people.members < rows - 1 ? 0 : room->people.members - (rows - 1);
    room->members_top = room->members_top > left ? left : room->members_top;
    attrset(chat__screen_style(CHAT__STYLE_QUIET));
    mvvline_set(0, (int)layout->pane_column, WACS_VLINE, (int)rows);
    for (i = 0; i < rows; i++) {
        struct chat__strip strip = {i, layout->pane_column + 1,
                                    layout->pane_width - 1};
        size_t index = room->members_top + i - 1;
        chat__paint_blank(strip);
        if (i == 0) {
            draw_heading(strip, room);
        } else if (index < room->people.members) {
            const struct chat__person *person = &room->people.data[index];
            draw_member(strip, person,
                        strcmp(person->id, app->connection.me_id) == 0);
        }
    }
}
