#include "client/ui/draw.h"
#include "client/ui/screen.h"

#include <stdlib.h>

#define PROMPT "\xE2\x80\xBA " /* a small angle */

void chat__draw_input(struct chat__app *app, const struct chat__layout *layout)
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

void chat__draw_too_small(void)
{
    struct chat__strip strip = {0, 0, chat__screen_columns()};

    erase();
    chat__paint_own(strip, A_NORMAL, "too small");
}
