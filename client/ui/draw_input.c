#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdlib.h>

#define PROMPT "\xE2\x80\xBA " /* a small angle */

static void draw_line(struct chat__app *app, const struct chat__layout *layout)
{
    size_t width = layout->main_width - CHAT__PROMPT_WIDTH;
    struct chat__input_row *rows = calloc(layout->input_rows, sizeof(*rows));
    size_t made = 0, i;

    if (rows != NULL) {
        made = chat__input_rows(chat__app_input(app), width, rows,
                                layout->input_rows);
    }
    for (i = 0; i < layout->input_rows; i++) {
        struct chat__strip strip = {layout->input_row + i, layout->main_column,
                                    layout->main_width};
        chat__paint_blank(strip);
        if (i == 0) {
            chat__paint_own(strip, chat__screen_style(CHAT__STYLE_QUIET),
                            PROMPT);
        }
        if (i < made) {
            strip.column += CHAT__PROMPT_WIDTH;
            strip.width = width;
            chat__paint(strip, A_NORMAL, &rows[i].text);
            if (rows[i].has_cursor) {
                app->cursor_row = strip.row;
                app->cursor_column = strip.column + rows[i].cursor;
            }
            chat__safe_text_release(&rows[i].text);
        }
    }
    free(rows);
}

/* What the line is for, above it. */
static void draw_context(const struct chat__app *app,
                         const struct chat__layout *layout)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    struct chat__strip strip = {layout->context_row, layout->main_column,
                                layout->main_width};
    attr_t style = chat__screen_style(CHAT__STYLE_ACCENT);
    struct chat__safe_text text = {NULL, 0};

    if (layout->context_rows == 0) {
        return;
    }
    chat__paint_blank(strip);
    if (app->secret.purpose != CHAT__SECRET_NONE) {
        chat__safe_text_format(&text, "%s%s%s (not shown; Esc leaves)",
                               chat__secret_prompt(&app->secret),
                               *app->secret.name == '\0' ? "" : " of ",
                               app->secret.name);
    } else if (room != NULL) {
        chat__intent_describe(&room->intent, &room->log,
                              chat__input_text(&room->input), &text);
    }
    strip = chat__paint_own(strip, style, " ");
    chat__paint(strip, style, &text);
    chat__safe_text_release(&text);
}

/* A password is typed: nothing of it shows, not even how long it is. */
static void draw_secret(struct chat__app *app,
                        const struct chat__layout *layout)
{
    struct chat__strip strip = {layout->input_row, layout->main_column,
                                layout->main_width};

    chat__paint_blank(strip);
    strip =
        chat__paint_own(strip, chat__screen_style(CHAT__STYLE_ACCENT), PROMPT);
    app->cursor_row = strip.row;
    app->cursor_column = strip.column;
}

void chat__draw_input(struct chat__app *app, const struct chat__layout *layout)
{
    draw_context(app, layout);
    if (app->secret.purpose != CHAT__SECRET_NONE) {
        draw_secret(app, layout);
    } else {
        draw_line(app, layout);
    }
}

void chat__draw_too_small(void)
{
    struct chat__strip strip = {0, 0, chat__screen_columns()};

    erase();
    chat__paint_own(strip, A_NORMAL, "too small");
}
