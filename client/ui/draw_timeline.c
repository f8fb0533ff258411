#include "client/model/width.h"
#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIGN_JOIN    "\xE2\x86\x92" /* -> */
#define SIGN_LEAVE   "\xE2\x86\x90"
#define SIGN_NOTICE  "\xC2\xB7"
#define SIGN_SENDING "\xE2\x80\xA6"
#define SIGN_FAILED  "!"
#define SIGN_MENTION "@"
#define SIGN_CHOSEN  "\xE2\x80\xBA"  /* a small angle */
#define SIGN_REPLY   "\xE2\x86\xB3 " /* down and to the right */
#define NEW          " new "

/* A heading in the middle of a line. */
static void draw_rule(struct chat__strip strip, const char *heading,
                      attr_t style)
{
    size_t width = chat__text_width(heading, strlen(heading));

    chat__paint_line(strip);
    if (width + 2 > strip.width) {
        strip.column++;
        strip.width -= 2;
    } else {
        strip.column += (strip.width - width) / 2;
        strip.width = width;
    }
    chat__paint_own(strip, style, heading);
}

static bool local_time(const struct chat__item *item, struct tm *local)
{
    time_t seconds = (time_t)(item->time_ms / 1000);

    return localtime_r(&seconds, local) != NULL;
}

static void draw_day(const struct chat__item *item, struct chat__strip strip)
{
    char text[128];
    struct tm local;

    if (local_time(item, &local) &&
        strftime(text, sizeof(text), " %A, %e %B %Y ", &local) > 0) {
        draw_rule(strip, text, chat__screen_style(CHAT__STYLE_QUIET));
    }
}

static void draw_time(const struct chat__item *item, struct chat__strip strip)
{
    char text[16];
    struct tm local;

    if (item->kind != CHAT__ITEM_NOTICE && strip.width > 0 &&
        local_time(item, &local) &&
        strftime(text, sizeof(text), "%H:%M", &local) > 0) {
        strip.column++; /* the margin */
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET), text);
    }
}

/* The right end of the column of names; long names end in an ellipsis. */
static void draw_right_aligned(struct chat__strip strip, attr_t style,
                               const struct chat__safe_text *name)
{
    size_t width = chat__text_width(chat__safe_string(name), name->length);

    if (width < strip.width) {
        strip.column += strip.width - width;
        strip.width = width;
    }
    chat__paint(strip, style, name);
}

static const char *sign_of(const struct chat__item *item)
{
    if (item->mixed) {
        return SIGN_NOTICE;
    }
    switch (item->kind) {
    case CHAT__ITEM_JOIN:
        return SIGN_JOIN;
    case CHAT__ITEM_LEAVE:
        return SIGN_LEAVE;
    case CHAT__ITEM_MESSAGE:
        return NULL;
    default:
        return SIGN_NOTICE;
    }
}

static void draw_who(const struct chat__item *item, struct chat__strip strip)
{
    const char *sign = sign_of(item);
    attr_t style = chat__screen_name_style(item->author);

    if (sign != NULL) {
        strip.column += strip.width - 1;
        strip.width = 1;
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET), sign);
        return;
    }
    if (item->own) {
        style = chat__screen_style(CHAT__STYLE_STRONG);
    } else if (item->mentions_me) {
        style = chat__screen_style(CHAT__STYLE_ACCENT);
    }
    draw_right_aligned(strip, style, &item->name);
}

/* Whether something is about to be done with the item. */
static bool is_chosen(const struct chat__room *room,
                      const struct chat__item *item)
{
    return room->intent.kind != CHAT__INTENT_NONE && item->seq != 0 &&
           room->intent.seq == item->seq;
}

/* Between the name and the text: how far an own message is, or for whom. */
static void draw_state(const struct chat__room *room,
                       const struct chat__item *item, struct chat__strip strip)
{
    if (is_chosen(room, item)) {
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ACCENT),
                        SIGN_CHOSEN);
    } else if (item->mentions_me) {
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ACCENT),
                        SIGN_MENTION);
    } else if (item->state == CHAT__ITEM_SENDING ||
               chat__room_log_is_changing(&room->log, item->seq)) {
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                        SIGN_SENDING);
    } else if (item->state == CHAT__ITEM_FAILED) {
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ERROR),
                        SIGN_FAILED);
    }
}

static attr_t text_style(const struct chat__room *room,
                         const struct chat__item *item)
{
    bool is_plain = item->kind == CHAT__ITEM_NOTICE ||
                    (item->kind == CHAT__ITEM_MESSAGE && !item->deleted &&
                     item->state != CHAT__ITEM_SENDING);

    if (is_chosen(room, item)) {
        return chat__screen_style(CHAT__STYLE_CHOSEN);
    }
    return chat__screen_style(is_plain ? CHAT__STYLE_PLAIN : CHAT__STYLE_QUIET);
}

/* A line of an item; what the program added to it is quiet. */
static void draw_words(const struct chat__room *room,
                       const struct chat__row *row, struct chat__strip strip)
{
    const struct chat__item *item = row->item;
    const char *text = chat__safe_string(row->text) + row->line.offset;
    size_t end = row->line.offset + row->line.length;
    size_t added = item->edited && end > item->body ? end - item->body : 0;

    added = added > row->line.length ? row->line.length : added;
    strip = chat__paint_part(strip, text_style(room, item), text,
                             row->line.length - added);
    chat__paint_part(strip, chat__screen_style(CHAT__STYLE_QUIET),
                     text + row->line.length - added, added);
}

static void draw_text(const struct chat__room *room,
                      const struct chat__row *row,
                      const struct chat__layout *layout, size_t screen_row)
{
    const struct chat__item *item = row->item;
    size_t left = layout->main_column;
    struct chat__strip time = {screen_row, left, layout->time_width};
    struct chat__strip who = {screen_row, left + layout->nick_column,
                              layout->nick_width};
    struct chat__strip state = {screen_row, who.column + who.width, 1};
    struct chat__strip text = {screen_row, left + layout->text_column,
                               layout->text_width};

    if (row->first) {
        draw_time(item, time);
        draw_who(item, who);
        draw_state(room, item, state);
    }
    draw_words(room, row, text);
}

/* The start of what is answered, above the answer. */
static void draw_reply(const struct chat__item *answered,
                       struct chat__strip strip)
{
    attr_t style = chat__screen_style(CHAT__STYLE_QUIET);
    const char *text;
    size_t length;

    strip = chat__paint_own(strip, style, SIGN_REPLY);
    if (answered == NULL) {
        chat__paint_own(strip, style, "an older message");
        return;
    }
    if (answered->kind == CHAT__ITEM_MESSAGE) {
        strip = chat__paint(strip, style, &answered->name);
        strip = chat__paint_own(strip, style, ": ");
    }
    text = chat__safe_string(&answered->text);
    length = strcspn(text, "\n");
    chat__paint_part(strip, style, text,
                     length > answered->body ? answered->body : length);
}

static void draw_row(const struct chat__room *room, const struct chat__row *row,
                     const struct chat__layout *layout, size_t screen_row)
{
    struct chat__strip strip = {screen_row, layout->main_column,
                                layout->main_width};

    chat__paint_blank(strip);
    switch (row->kind) {
    case CHAT__ROW_DAY:
        draw_day(row->item, strip);
        break;
    case CHAT__ROW_MARK:
        draw_rule(strip, NEW, chat__screen_style(CHAT__STYLE_ACCENT));
        break;
    case CHAT__ROW_REPLY:
        strip.column += layout->text_column;
        strip.width = layout->text_width;
        draw_reply(row->answered, strip);
        break;
    case CHAT__ROW_TEXT:
        draw_text(room, row, layout, screen_row);
        break;
    case CHAT__ROW_BADGES:
        strip.column += layout->text_column;
        strip.width = layout->text_width;
        chat__paint(strip, chat__screen_style(CHAT__STYLE_PLAIN),
                    &row->item->badges);
        break;
    case CHAT__ROW_NOTE:
        strip.column += layout->text_column;
        strip.width = layout->text_width;
        chat__paint(strip, chat__screen_style(CHAT__STYLE_ERROR),
                    &row->item->note);
        break;
    case CHAT__ROW_BLANK:
        break;
    }
}

static void draw_welcome(const struct chat__app *app,
                         const struct chat__layout *layout)
{
    struct chat__strip strip = {layout->timeline_row +
                                    layout->timeline_rows / 2,
                                layout->main_column, layout->main_width};
    bool online = app->connection.state == CHAT_STATE_ONLINE;

    strip = chat__paint_own(strip, A_NORMAL, " ");
    chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                    online ? "You are in no room: /join ROOM enters one."
                           : "One moment: no server has answered yet.");
}

void chat__draw_timeline(struct chat__app *app,
                         const struct chat__layout *layout)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__row *rows = calloc(layout->timeline_rows, sizeof(*rows));
    size_t i;

    if (rows == NULL) {
        return;
    }
    if (room != NULL) {
        chat__view_resize(&room->view, layout->text_width,
                          layout->timeline_rows);
        chat__view_rows(&room->view, &room->log, rows);
    }
    for (i = 0; i < layout->timeline_rows; i++) {
        draw_row(room, &rows[i], layout, layout->timeline_row + i);
    }
    if (room == NULL) {
        draw_welcome(app, layout);
    }
    free(rows);
}
