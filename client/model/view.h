/*
 * What of a room's log is on the screen: rows of a width and a height, laid
 * out upwards from the bottom one, with those who came and went folded. Only
 * items that show are laid out; how many lines an item takes is kept in it
 * until the width changes.
 *
 * The bottom row is the newest one while the view follows, else it is held by
 * the item's ordinal, so nothing moves under a reader when entries arrive,
 * older ones are loaded, or the window is resized.
 */
#ifndef CHAT_CLIENT_MODEL_VIEW_H
#define CHAT_CLIENT_MODEL_VIEW_H

#include "client/model/room_log.h"
#include "client/model/wrap.h"

struct chat__view {
    bool scrolled;
    int64_t ordinal; /* the bottom row while scrolled: its item ... */
    size_t row;      /* ... and the row in it */
    size_t width;    /* of a message's text */
    size_t height;
};

enum chat__row_kind {
    CHAT__ROW_BLANK,
    CHAT__ROW_DAY,    /* a new day begins: `item` */
    CHAT__ROW_MARK,   /* what follows is new */
    CHAT__ROW_REPLY,  /* what the text answers to: `answered` */
    CHAT__ROW_TEXT,   /* `line` of `text` */
    CHAT__ROW_BADGES, /* the item's reactions */
    CHAT__ROW_NOTE    /* the item's note */
};

struct chat__row {
    enum chat__row_kind kind;
    const struct chat__item *item;      /* valid until the log changes */
    const struct chat__safe_text *text; /* as the item */
    const struct chat__item *answered;  /* as the item; NULL: it is not held */
    struct chat__line line;
    bool first; /* of the item's text */
};

/* Sets the size; both are at least 1. */
void chat__view_resize(struct chat__view *view, size_t width, size_t height);

/*
 * Fills `rows`, view->height of them, from the top; blank ones come first.
 * Returns how many entries are above the top row.
 */
size_t chat__view_rows(const struct chat__view *view,
                       struct chat__room_log *log, struct chat__row *rows);

/* Rows up (older) or down (newer); stops at both ends. */
void chat__view_up(struct chat__view *view, struct chat__room_log *log,
                   size_t rows);
void chat__view_down(struct chat__view *view, struct chat__room_log *log,
                     size_t rows);

/* To the oldest entry held, and to the newest. */
void chat__view_top(struct chat__view *view, struct chat__room_log *log);
void chat__view_bottom(struct chat__view *view, struct chat__room_log *log);

/* Scrolls so far that the entry with this seq shows, if it is held. */
void chat__view_show(struct chat__view *view, struct chat__room_log *log,
                     uint64_t seq);

/*
 * Whether what is held ends less than two screens above or below the view and
 * the room has more there.
 */
bool chat__view_wants_older(const struct chat__view *view,
                            struct chat__room_log *log);
bool chat__view_wants_newer(const struct chat__view *view,
                            struct chat__room_log *log);

/* The newest seq that shows, 0: none. */
uint64_t chat__view_newest(const struct chat__view *view,
                           struct chat__room_log *log);

#endif
