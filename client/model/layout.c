#include "client/model/layout.h"

#include <string.h>

#define LIST_WIDTH_MIN  18
#define LIST_WIDTH_MAX  28
#define LIST_SHARE      5 /* of the columns */
#define PANE_WIDTH_MIN  16
#define PANE_WIDTH_MAX  24
#define PANE_SHARE      6 /* of the columns */
#define INPUT_SHARE     3 /* of the rows */
#define TIME_WIDTH      5
#define GAP             2
#define MARGIN          1
#define TIME_COLUMNS    44
#define NICK_WIDTH_TINY 5
#define NICK_WIDTH      9
#define NICK_WIDTH_WIDE 14
#define NICK_COLUMNS    30
#define WIDE_COLUMNS    64

static size_t clamp(size_t value, size_t low, size_t high)
{
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

static size_t nick_width(size_t columns)
{
    if (columns < NICK_COLUMNS) {
        return NICK_WIDTH_TINY;
    }
    return columns < WIDE_COLUMNS ? NICK_WIDTH : NICK_WIDTH_WIDE;
}

/* The pane of members, right of all. */
static void take_pane(struct chat__layout *layout, size_t columns,
                      enum chat__pane pane)
{
    size_t width = clamp(columns / PANE_SHARE, PANE_WIDTH_MIN, PANE_WIDTH_MAX);
    bool wanted = pane == CHAT__PANE_SHOWN ||
                  (pane == CHAT__PANE_AUTO && columns >= CHAT__PANE_COLUMNS);

    if (wanted &&
        columns >= layout->list_width + CHAT__MAIN_COLUMNS_MIN + width) {
        layout->pane_width = width;
        layout->pane_column = columns - width;
    }
}

static void divide_columns(struct chat__layout *layout, size_t columns,
                           enum chat__pane pane)
{
    if (columns >= CHAT__LIST_COLUMNS) {
        layout->list_width =
            clamp(columns / LIST_SHARE, LIST_WIDTH_MIN, LIST_WIDTH_MAX);
    }
    take_pane(layout, columns, pane);
    layout->main_column = layout->list_width;
    layout->main_width = columns - layout->list_width - layout->pane_width;
    layout->nick_width = nick_width(layout->main_width);
    if (layout->main_width >= TIME_COLUMNS) {
        layout->time_width = TIME_WIDTH;
        layout->nick_column = MARGIN + TIME_WIDTH + 1;
        layout->text_column = layout->nick_column + layout->nick_width + GAP;
    } else {
        layout->text_column = layout->nick_width + 1;
    }
    layout->text_width = layout->main_width - layout->text_column;
    if (layout->time_width > 0) {
        layout->text_width -= MARGIN;
    }
}

void chat__layout_compute(struct chat__layout *layout, size_t rows,
                          size_t columns, const struct chat__layout_wish *wish)
{
    memset(layout, 0, sizeof(*layout));
    if (rows < CHAT__SCREEN_ROWS_MIN || columns < CHAT__SCREEN_COLUMNS_MIN) {
        layout->too_small = true;
        return;
    }
    divide_columns(layout, columns, wish->pane);
    layout->header_rows = rows >= CHAT__HEADER_ROWS ? 1 : 0;
    layout->input_rows = clamp(wish->input_lines, 1, rows / INPUT_SHARE);
    layout->input_row = rows - layout->input_rows;
    layout->context_rows = wish->context ? 1 : 0;
    layout->context_row = layout->input_row - layout->context_rows;
    layout->status_row = layout->context_row - 1;
    layout->timeline_row = layout->header_rows;
    layout->timeline_rows = layout->status_row - layout->timeline_row;
}
