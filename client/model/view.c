#include "client/model/view.h"
#include "client/model/fold.h"

#include <stdlib.h>
#include <string.h>

#define PREFETCH_SCREENS 2

/*
 * Runs may be so many that a full log has not enough rows. So much of it is
 * enough then: the one side is not filled with what the other one loses.
 */
#define ENOUGH_ABOVE(log) ((log)->entries_max / 4 * 3)
#define ENOUGH_BELOW(log) ((log)->entries_max / 8)

/* A row of the log: the first item of a run and the row in it. */
struct place {
    size_t index;
    size_t row;
};

void chat__view_resize(struct chat__view *view, size_t width, size_t height)
{
    view->width = width == 0 ? 1 : width;
    view->height = height == 0 ? 1 : height;
}

/* ---- the rows of one run: day, mark, reply, text, badges, note ---- */

static size_t text_rows(struct chat__item *item, size_t width)
{
    if (item->lines_width != width) {
        item->lines = chat__wrap_count(chat__fold_text(item), width);
        item->lines_width = width;
    }
    return item->lines;
}

static size_t item_rows(struct chat__room_log *log, size_t index, size_t width)
{
    struct chat__item *item = chat__room_log_item(log, index);

    chat__fold(log, index);
    return (size_t)chat__begins_day(log, index) +
           (size_t)chat__begins_new(log, index) +
           (size_t)(item->reply_to != 0) + text_rows(item, width) +
           (size_t)(item->badges.length > 0) + (size_t)(item->note.length > 0);
}

/* Where rows go: the item's row `next` to rows[at + next], if it is there. */
struct target {
    struct chat__row *rows;
    const struct chat__item *item;
    const struct chat__item *answered;
    int64_t at;
    int64_t end;
    int64_t next;
};

static void emit(struct target *target, enum chat__row_kind kind,
                 const struct chat__line *line, bool first)
{
    int64_t place = target->at + target->next++;

    if (place >= 0 && place < target->end) {
        struct chat__row *row = &target->rows[place];
        row->kind = kind;
        row->item = target->item;
        row->answered = target->answered;
        row->text = chat__fold_text(target->item);
        row->first = first;
        if (line != NULL) {
            row->line = *line;
        }
    }
}

/* Puts an item's rows so that row 0 of it would be at rows[at]. */
static void emit_item(struct chat__room_log *log, size_t index, size_t width,
                      struct target *target)
{
    struct chat__item *item = chat__room_log_item(log, index);
    struct chat__wrap wrap;
    struct chat__line line;
    bool first = true;

    chat__fold(log, index);
    target->item = item;
    target->next = 0;
    if (chat__begins_day(log, index)) {
        emit(target, CHAT__ROW_DAY, NULL, false);
    }
    if (chat__begins_new(log, index)) {
        emit(target, CHAT__ROW_MARK, NULL, false);
    }
    if (item->reply_to != 0) {
        target->answered = chat__room_log_find(log, item->reply_to);
        emit(target, CHAT__ROW_REPLY, NULL, false);
    }
    chat__wrap_init(&wrap, chat__fold_text(item), width);
    while (chat__wrap_next(&wrap, &line)) {
        emit(target, CHAT__ROW_TEXT, &line, first);
        first = false;
    }
    if (item->badges.length > 0) {
        emit(target, CHAT__ROW_BADGES, NULL, false);
    }
    if (item->note.length > 0) {
        emit(target, CHAT__ROW_NOTE, NULL, false);
    }
}

/* ---- the bottom row ---- */

static struct place newest_place(const struct chat__view *view,
                                 struct chat__room_log *log)
{
    size_t index = chat__fold_start(log, chat__room_log_count(log) - 1);
    struct place place = {index, item_rows(log, index, view->width) - 1};

    return place;
}

/* The log must not be empty. */
static struct place bottom_place(const struct chat__view *view,
                                 struct chat__room_log *log)
{
    struct place place;
    size_t rows;

    if (!view->scrolled) {
        return newest_place(view, log);
    }
    place.index =
        chat__fold_start(log, chat__room_log_index(log, view->ordinal));
    rows = item_rows(log, place.index, view->width);
    place.row = view->row < rows ? view->row : rows - 1;
    return place;
}

/* Moves up by at most `rows`; returns how many were there. */
static size_t move_up(const struct chat__view *view, struct chat__room_log *log,
                      struct place *place, size_t rows)
{
    size_t moved = 0;

    while (moved < rows) {
        size_t step = rows - moved;
        if (step <= place->row) {
            place->row -= step;
            return rows;
        }
        if (place->index == 0) {
            moved += place->row;
            place->row = 0;
            return moved;
        }
        moved += place->row + 1;
        place->index = chat__fold_start(log, place->index - 1);
        place->row = item_rows(log, place->index, view->width) - 1;
    }
    return moved;
}

/* Moves down by at most `rows`; returns how many were there. */
static size_t move_down(const struct chat__view *view,
                        struct chat__room_log *log, struct place *place,
                        size_t rows)
{
    size_t count = chat__room_log_count(log);
    size_t wanted = rows, next;

    while (rows > 0) {
        size_t left =
            item_rows(log, place->index, view->width) - 1 - place->row;
        if (rows <= left) {
            place->row += rows;
            return wanted;
        }
        next = chat__fold_end(log, place->index);
        if (next == count) {
            place->row += left;
            return wanted - rows + left;
        }
        rows -= left + 1;
        place->index = next;
        place->row = 0;
    }
    return wanted;
}

/* Holds the view at a bottom row, or lets it follow from the last one. */
static void hold(struct chat__view *view, struct chat__room_log *log,
                 struct place place)
{
    struct place newest = newest_place(view, log);

    view->scrolled = place.index != newest.index || place.row != newest.row ||
                     !chat__room_log_at_head(log);
    view->ordinal = chat__room_log_ordinal(log, place.index);
    view->row = place.row;
    log->follows = !view->scrolled;
}

/* ---- the view ---- */

size_t chat__view_rows(const struct chat__view *view,
                       struct chat__room_log *log, struct chat__row *rows)
{
    struct target target = {.rows = rows, .end = (int64_t)view->height};
    struct place place;
    size_t index;
    int64_t below = (int64_t)view->height; /* rows[below] is laid out */

    memset(rows, 0, view->height * sizeof(*rows));
    if (chat__room_log_count(log) == 0) {
        return 0;
    }
    place = bottom_place(view, log);
    index = place.index;
    target.at = below - 1 - (int64_t)place.row;
    emit_item(log, index, view->width, &target);
    below = target.at;
    while (below > 0 && index > 0) {
        index = chat__fold_start(log, index - 1);
        target.at = below - (int64_t)item_rows(log, index, view->width);
        target.end = below;
        emit_item(log, index, view->width, &target);
        below = target.at;
    }
    return index;
}

static bool is_enough_above(const struct chat__room_log *log,
                            struct place bottom)
{
    return bottom.index >= ENOUGH_ABOVE(log);
}

static bool is_enough_below(struct chat__room_log *log, struct place bottom)
{
    size_t below =
        chat__room_log_count(log) - chat__fold_end(log, bottom.index);

    return below >= ENOUGH_BELOW(log);
}

void chat__view_up(struct chat__view *view, struct chat__room_log *log,
                   size_t rows)
{
    struct place bottom, top;
    size_t possible;

    if (chat__room_log_count(log) == 0) {
        return;
    }
    bottom = bottom_place(view, log);
    top = bottom;
    move_up(view, log, &top, view->height - 1);
    possible = move_up(view, log, &top, rows);
    if (possible == 0 && chat__room_log_has_older(log) &&
        is_enough_above(log, bottom)) {
        possible = rows; /* else what is above is never loaded */
    }
    move_up(view, log, &bottom, possible);
    hold(view, log, bottom);
}

void chat__view_down(struct chat__view *view, struct chat__room_log *log,
                     size_t rows)
{
    struct place bottom;

    if (chat__room_log_count(log) == 0) {
        return;
    }
    bottom = bottom_place(view, log);
    move_down(view, log, &bottom, rows);
    hold(view, log, bottom);
}

void chat__view_top(struct chat__view *view, struct chat__room_log *log)
{
    chat__view_up(view, log, SIZE_MAX / 2);
}

void chat__view_bottom(struct chat__view *view, struct chat__room_log *log)
{
    view->scrolled = false;
    log->follows = true;
}

bool chat__view_wants_older(const struct chat__view *view,
                            struct chat__room_log *log)
{
    struct place place;
    size_t wanted = view->height * (PREFETCH_SCREENS + 1);

    if (!chat__room_log_has_older(log)) {
        return false;
    }
    if (chat__room_log_count(log) == 0) {
        return true;
    }
    place = bottom_place(view, log);
    return !is_enough_above(log, place) &&
           move_up(view, log, &place, wanted) < wanted;
}

bool chat__view_wants_newer(const struct chat__view *view,
                            struct chat__room_log *log)
{
    struct place place;
    size_t wanted = view->height * PREFETCH_SCREENS;

    if (chat__room_log_at_head(log)) {
        return false;
    }
    if (chat__room_log_count(log) == 0) {
        return true;
    }
    place = bottom_place(view, log);
    return !is_enough_below(log, place) &&
           move_down(view, log, &place, wanted) < wanted;
}

/* The place in the middle of the view, or as near as the log has it. */
static void show_in_middle(struct chat__view *view, struct chat__room_log *log,
                           size_t index)
{
    struct place top = {chat__fold_start(log, index), 0};
    struct place bottom;

    move_up(view, log, &top, view->height / 2);
    bottom = top;
    move_down(view, log, &bottom, view->height - 1);
    hold(view, log, bottom);
}

void chat__view_show(struct chat__view *view, struct chat__room_log *log,
                     uint64_t seq)
{
    const struct chat__item *item = chat__room_log_find(log, seq);
    struct chat__row *rows;
    size_t i;

    if (item == NULL) {
        return;
    }
    rows = calloc(view->height, sizeof(*rows));
    if (rows == NULL) {
        return;
    }
    chat__view_rows(view, log, rows);
    for (i = 0; i < view->height; i++) {
        if (rows[i].item == item && rows[i].first) {
            break;
        }
    }
    if (i == view->height) {
        show_in_middle(view, log, chat__room_log_place(log, seq));
    }
    free(rows);
}

uint64_t chat__view_newest(const struct chat__view *view,
                           struct chat__room_log *log)
{
    size_t end;

    if (chat__room_log_count(log) == 0) {
        return 0;
    }
    end = chat__fold_end(log, bottom_place(view, log).index);
    return end >= log->entries.count ? log->last : chat__seq_before(log, end);
}
