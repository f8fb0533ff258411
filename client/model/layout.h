/*
 * Where things are on a screen of a size: pure arithmetic.
 *
 *   list │ header              │ who     the list from CHAT__LIST_COLUMNS on,
 *        │ time  nick  text    │ is      the header from CHAT__HEADER_ROWS on
 *        │ ── status ──        │ here
 *        │ reply to ann: …     │
 *        │ › input             │
 */
#ifndef CHAT_CLIENT_MODEL_LAYOUT_H
#define CHAT_CLIENT_MODEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__SCREEN_ROWS_MIN    5
#define CHAT__SCREEN_COLUMNS_MIN 20
#define CHAT__LIST_COLUMNS       70
#define CHAT__HEADER_ROWS        8
#define CHAT__PROMPT_WIDTH       2

/* From so many columns on the pane of members shows by itself ... */
#define CHAT__PANE_COLUMNS 100
/* ... and no pane leaves less than this to the room. */
#define CHAT__MAIN_COLUMNS_MIN 30

enum chat__pane { CHAT__PANE_AUTO, CHAT__PANE_SHOWN, CHAT__PANE_HIDDEN };

/* What is to be shown, if there is room for it. */
struct chat__layout_wish {
    size_t input_lines;
    bool context;
    enum chat__pane pane;
};

struct chat__layout {
    bool too_small;     /* then all else is 0 */
    size_t list_width;  /* with its border; 0: not shown */
    size_t main_column; /* right of the list ... */
    size_t main_width;
    size_t header_rows; /* 0 or 1 */
    size_t timeline_row;
    size_t timeline_rows;
    size_t status_row;
    size_t context_rows; /* 0 or 1, above the input */
    size_t context_row;
    size_t input_row;
    size_t input_rows;
    size_t pane_column;
    size_t pane_width; /* with its border; 0: not shown */
    /* columns of the timeline, from its left */
    size_t time_width; /* 0: not shown */
    size_t nick_column;
    size_t nick_width;
    size_t text_column;
    size_t text_width;
};

void chat__layout_compute(struct chat__layout *layout, size_t rows,
                          size_t columns, const struct chat__layout_wish *wish);

#endif
