/*
 * Draws the parts of the screen from the model. Each call draws its part
 * whole; curses sends only the cells that changed.
 */
#ifndef CHAT_CLIENT_UI_DRAW_H
#define CHAT_CLIENT_UI_DRAW_H

#include "client/app.h"
#include "client/model/layout.h"

void chat__draw_list(const struct chat__app *app,
                     const struct chat__layout *layout);

/* The room that is drawn in a row of the list; none: their count. */
size_t chat__draw_list_room(const struct chat__app *app, size_t row);

/* Keeps the room's members_top where it shows something. */
void chat__draw_members(struct chat__app *app,
                        const struct chat__layout *layout);

void chat__draw_header(const struct chat__app *app,
                       const struct chat__layout *layout);

/* `app` is not const: the lines of items are counted here. */
void chat__draw_timeline(struct chat__app *app,
                         const struct chat__layout *layout);

/* `now_ms` is monotonic: the countdown and who types depend on it. */
void chat__draw_status(const struct chat__app *app,
                       const struct chat__layout *layout, int64_t now_ms);

/* Sets app->cursor_row and cursor_column as well. */
void chat__draw_input(struct chat__app *app, const struct chat__layout *layout);

void chat__draw_too_small(void);

#endif
