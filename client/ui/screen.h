/*
 * The terminal: curses set up and given back, colours, and painting of safe
 * text in cells. All of curses is in client/ui/; one thread.
 */
#ifndef CHAT_CLIENT_UI_SCREEN_H
#define CHAT_CLIENT_UI_SCREEN_H

#include "client/model/layout.h"
#include "client/model/text_safe.h"

#define NCURSES_NOMACROS /* else `move`, `erase`, … are taken everywhere */
#include <curses.h>
#include <stdint.h>

/* What a text is; the colours and attributes follow. */
enum chat__style {
    CHAT__STYLE_PLAIN,
    CHAT__STYLE_QUIET,  /* times, borders, who came and went */
    CHAT__STYLE_STRONG, /* headings, the own name */
    CHAT__STYLE_ACCENT, /* what is new */
    CHAT__STYLE_ERROR,
    CHAT__STYLE_GOOD,  /* who is here */
    CHAT__STYLE_CHOSEN /* the room on the screen, in the list */
};

/* Takes the terminal over. False: it is none that can be drawn on. */
bool chat__screen_start(bool use_mouse);

/* The terminal's bell. */
void chat__screen_ring(void);

/* Gives it back as it was; fine when it was never taken. */
void chat__screen_stop(void);

/* Stops, lets the shell go on, and takes over again when called back. */
void chat__screen_suspend(void);

/* Sizes in cells. */
size_t chat__screen_rows(void);
size_t chat__screen_columns(void);

/* Draws all of it anew at the next flush. */
void chat__screen_redraw(void);

/* Sends what has changed. The cursor is left at row, column. */
void chat__screen_flush(size_t row, size_t column);

/* What was typed: as get_wch, ERR when there is nothing. */
int chat__screen_get(wint_t *code);

/* ---- painting ---- */

/* Room on the screen: one row, from a column on. */
struct chat__strip {
    size_t row;
    size_t column;
    size_t width;
};

/* The attributes of a style, and those of a person's name. */
attr_t chat__screen_style(enum chat__style style);
attr_t chat__screen_name_style(uint32_t author);

/* Fills with spaces, or with a line. */
void chat__paint_blank(struct chat__strip strip);
void chat__paint_line(struct chat__strip strip);

/*
 * Paints from the left of a strip and returns what is left of it. What does
 * not fit ends in an ellipsis. `bytes` are part of a safe text.
 */
struct chat__strip chat__paint_part(struct chat__strip strip, attr_t style,
                                    const char *bytes, size_t length);
struct chat__strip chat__paint(struct chat__strip strip, attr_t style,
                               const struct chat__safe_text *text);

/* The same for a string of the program's own. */
struct chat__strip chat__paint_own(struct chat__strip strip, attr_t style,
                                   const char *string);

#endif
