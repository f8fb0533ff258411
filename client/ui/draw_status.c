#include "client/model/width.h"
#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdio.h>
#include <string.h>

#define MIDDLE_DOT     " \xC2\xB7 "
#define ARROW_DOWN     "\xE2\x86\x93 "
#define FRAGMENT_BYTES 96

void chat__draw_header(const struct chat__app *app,
                       const struct chat__layout *layout)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    attr_t quiet = chat__screen_style(CHAT__STYLE_QUIET);
    struct chat__strip strip = {0, layout->main_column, layout->main_width};
    char members[FRAGMENT_BYTES];

    if (layout->header_rows == 0) {
        return;
    }
    chat__paint_blank(strip);
    if (room == NULL) {
        return;
    }
    strip = chat__paint_own(strip, chat__screen_style(CHAT__STYLE_STRONG),
                            room->named ? " " : " #");
    strip = chat__paint(strip, chat__screen_style(CHAT__STYLE_STRONG),
                        &room->title);
    if (room->members > 0) {
        snprintf(members, sizeof(members), "  %llu member%s",
                 (unsigned long long)room->members,
                 room->members == 1 ? "" : "s");
        strip = chat__paint_own(strip, quiet, members);
    }
    if (room->topic.length > 0) {
        strip = chat__paint_own(strip, quiet, MIDDLE_DOT);
        chat__paint(strip, quiet, &room->topic);
    }
}

static const char *describe_presence(chat_presence_state presence)
{
    switch (presence) {
    case CHAT_PRESENCE_AWAY:
        return "away";
    case CHAT_PRESENCE_DND:
        return "do not disturb";
    default:
        return "online";
    }
}

/* "online", "connecting", "offline, again in 5 s". */
static void describe_state(const struct chat__app *app, int64_t now_ms,
                           char *text, size_t size)
{
    const struct chat__connection *connection = &app->connection;
    int64_t left = connection->retry_at_ms - now_ms;

    switch (connection->state) {
    case CHAT_STATE_ONLINE:
        snprintf(text, size, "%s", describe_presence(app->presence));
        break;
    case CHAT_STATE_WAITING:
        left = left < 0 ? 0 : (left + 999) / 1000;
        snprintf(text, size, "offline, again in %lld s", (long long)left);
        break;
    case CHAT_STATE_CLOSED:
        snprintf(text, size, "closed");
        break;
    default:
        snprintf(text, size, "connecting");
        break;
    }
}

static struct chat__strip draw_connection(const struct chat__app *app,
                                          struct chat__strip strip,
                                          int64_t now_ms)
{
    const struct chat__connection *connection = &app->connection;
    bool online = connection->state == CHAT_STATE_ONLINE;
    attr_t quiet = chat__screen_style(CHAT__STYLE_QUIET);
    attr_t state_style = online ? quiet : chat__screen_style(CHAT__STYLE_ERROR);
    size_t pending = chat__room_list_pending(&app->rooms);
    char text[FRAGMENT_BYTES];

    strip = chat__paint_own(strip, quiet, " ");
    if (connection->me.length > 0) {
        strip = chat__paint(strip, chat__screen_style(CHAT__STYLE_STRONG),
                            &connection->me);
        strip = chat__paint_own(strip, quiet, MIDDLE_DOT);
    }
    describe_state(app, now_ms, text, sizeof(text));
    strip = chat__paint_own(strip, state_style, text);
    if (pending > 0) {
        snprintf(text, sizeof(text), MIDDLE_DOT "%zu not sent yet", pending);
        strip = chat__paint_own(strip, quiet, text);
    }
    if (!online && connection->trouble.length > 0) {
        strip = chat__paint_own(strip, quiet, MIDDLE_DOT);
        strip = chat__paint(strip, quiet, &connection->trouble);
    }
    return chat__paint_own(strip, quiet, " ");
}

/* What waits in rooms that the list does not show. */
static void describe_elsewhere(const struct chat__app *app,
                               struct chat__safe_text *text)
{
    unsigned long long unread = chat__room_list_unread(&app->rooms);
    unsigned long long mentions = chat__room_list_mentions(&app->rooms);
    size_t invites = app->invites.count;

    if (mentions > 0) {
        chat__safe_text_format(text, "@%llu, %llu unread elsewhere", mentions,
                               unread);
    } else if (unread > 0) {
        chat__safe_text_format(text, "%llu unread elsewhere", unread);
    } else if (invites > 0) {
        chat__safe_text_format(text, "%zu invitation%s", invites,
                               invites == 1 ? "" : "s");
    }
}

/* What is said on the right: how far one has scrolled, who types. */
static void describe_room(const struct chat__app *app,
                          const struct chat__layout *layout,
                          struct chat__safe_text *text)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    memset(text, 0, sizeof(*text));
    if (room != NULL && room->view.scrolled && room->unread > 0) {
        chat__safe_text_format(text, ARROW_DOWN "%llu new",
                               (unsigned long long)room->unread);
    } else if (room != NULL && room->view.scrolled) {
        chat__safe_text_format(text, "%s", ARROW_DOWN "newer");
    } else if (room != NULL && room->typing.count > 0) {
        chat__typing_describe(&room->typing, text);
    } else if (layout->list_width == 0) {
        describe_elsewhere(app, text);
    }
}

static void draw_right(struct chat__strip left,
                       const struct chat__safe_text *text, attr_t style)
{
    size_t width = chat__text_width(chat__safe_string(text), text->length) + 2;

    if (text->length == 0 || left.width < 4) {
        return;
    }
    if (width + 1 < left.width) {
        left.column += left.width - width - 1;
        left.width = width;
    }
    left = chat__paint_own(left, style, " ");
    left = chat__paint(left, style, text);
    chat__paint_own(left, style, " ");
}

void chat__draw_status(const struct chat__app *app,
                       const struct chat__layout *layout, int64_t now_ms)
{
    struct chat__strip strip = {layout->status_row, layout->main_column,
                                layout->main_width};
    struct chat__safe_text text;

    chat__paint_line(strip);
    if (app->notice.length > 0) {
        attr_t style = chat__screen_style(CHAT__STYLE_ACCENT);
        strip = chat__paint_own(strip, style, " ");
        strip = chat__paint(strip, style, &app->notice);
        chat__paint_own(strip, style, " ");
        return;
    }
    describe_room(app, layout, &text);
    strip = draw_connection(app, strip, now_ms);
    draw_right(strip, &text, chat__screen_style(CHAT__STYLE_ACCENT));
    chat__safe_text_release(&text);
}
