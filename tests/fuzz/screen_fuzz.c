/*
 * Whatever strangers write, on a screen of any size. What chat-tui would show
 * is safe for a terminal (checked here by the Unicode character database, not
 * by the code under test), and every line fits its width. The first line of the
 * input is a size, ROWS COLUMNS; each of the others an entry of a room: a name,
 * a tab, a text.
 */
#include "tests/fuzz/lines.h"

#include "client/model/layout.h"
#include "client/model/view.h"
#include "client/model/width.h"

#include <utf8proc.h>

#define ROWS_MAX  200
#define MARKS_MAX 8

/* May a terminal get it? Joiners only where letters need them. */
static bool is_harmless(int32_t code_point)
{
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_CF:
        return code_point == 0x200C || code_point == 0x200D ||
               utf8proc_get_property(code_point)->boundclass ==
                   UTF8PROC_BOUNDCLASS_PREPEND;
    default:
        return true;
    }
}

static bool is_mark(int32_t code_point)
{
    utf8proc_category_t category = utf8proc_category(code_point);

    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

static void check_safe(const struct chat__safe_text *safe, bool lines)
{
    const uint8_t *bytes = (const uint8_t *)chat__safe_string(safe);
    size_t marks = 0;

    FUZZ_CHECK(strlen((const char *)bytes) == safe->length);
    for (size_t at = 0; at < safe->length;) {
        int32_t code_point;
        utf8proc_ssize_t length = utf8proc_iterate(
            bytes + at, (utf8proc_ssize_t)(safe->length - at), &code_point);

        FUZZ_CHECK(length > 0);
        FUZZ_CHECK(is_harmless(code_point) || (lines && code_point == '\n'));
        marks = is_mark(code_point) ? marks + 1 : 0;
        FUZZ_CHECK(marks <= MARKS_MAX);
        at += (size_t)length;
    }
}

static void check_text(const char *untrusted, enum chat__safe_kind kind)
{
    struct chat__safe_text safe;

    FUZZ_CHECK(chat__safe_text_init(&safe, untrusted, kind));
    check_safe(&safe, kind == CHAT__SAFE_TEXT);
    chat__safe_text_release(&safe);
}

static void check_lines(const struct chat__safe_text *text, size_t width)
{
    struct chat__wrap wrap;
    struct chat__line line;
    size_t count = 0, end = 0;

    chat__wrap_init(&wrap, text, width);
    while (chat__wrap_next(&wrap, &line)) {
        const char *at = chat__safe_string(text) + line.offset;

        FUZZ_CHECK(line.offset >= end);
        end = line.offset + line.length;
        FUZZ_CHECK(end <= text->length);
        FUZZ_CHECK(line.width == chat__text_width(at, line.length));
        FUZZ_CHECK(line.width <= width ||
                   chat__cluster_length(at, line.length) == line.length);
        count++;
    }
    FUZZ_CHECK(count > 0 && count == chat__wrap_count(text, width));
}

static void check_layout(const struct chat__layout *layout, size_t rows,
                         size_t columns)
{
    FUZZ_CHECK(layout->main_column + layout->main_width + layout->pane_width ==
               columns);
    FUZZ_CHECK(layout->list_width == layout->main_column);
    FUZZ_CHECK(layout->text_width > 0 &&
               layout->text_column + layout->text_width <= layout->main_width);
    FUZZ_CHECK(layout->timeline_rows > 0);
    FUZZ_CHECK(layout->timeline_row + layout->timeline_rows ==
               layout->status_row);
    FUZZ_CHECK(layout->status_row + 1 == layout->context_row);
    FUZZ_CHECK(layout->context_row + layout->context_rows == layout->input_row);
    FUZZ_CHECK(layout->input_row + layout->input_rows == rows);
}

static void check_row(const struct chat__row *row, size_t width)
{
    if (row->kind != CHAT__ROW_TEXT)
        return;
    FUZZ_CHECK(row->line.offset + row->line.length <= row->text->length);
    check_lines(row->text, width);
}

static void check_view(struct chat__room_log *log, size_t width, size_t height)
{
    struct chat__view view = {0};
    struct chat__row rows[ROWS_MAX];

    chat__view_resize(&view, width, height);
    chat__view_rows(&view, log, rows);
    for (size_t i = 0; i < height; i++)
        check_row(&rows[i], width);
    chat__view_up(&view, log, height / 2 + 1);
    chat__view_rows(&view, log, rows);
    chat__view_resize(&view, width / 2 + 1, height);
    chat__view_rows(&view, log, rows);
    chat__view_top(&view, log);
    chat__view_rows(&view, log, rows);
    chat__view_bottom(&view, log);
    FUZZ_CHECK(chat__room_log_count(log) == 0 ||
               rows[height - 1].kind != CHAT__ROW_BLANK);
}

static void add_entry(struct chat__room_log *log, char *line)
{
    char *tab = strchr(line, '\t');
    struct chat__entry entry = {
        .kind = CHAT__ITEM_MESSAGE,
        .seq = log->last + 1,
        .reply_to = log->last / 2,
        .time_ms = (int64_t)log->last * 40000000,
        .user_id = "7",
        .user_name = line,
        .key = "k",
        .text = tab != NULL ? tab + 1 : NULL,
    };

    if (tab != NULL)
        *tab = '\0';
    else
        entry.kind = *line == '-' ? CHAT__ITEM_LEAVE : CHAT__ITEM_JOIN;
    check_text(line, CHAT__SAFE_LINE);
    if (entry.text != NULL)
        check_text(entry.text, CHAT__SAFE_TEXT);
    FUZZ_CHECK(chat__room_log_append(log, &entry));
}

static void fill(struct chat__room_log *log, struct lines *lines)
{
    char *line;
    size_t length;

    while (lines_next(lines, &line, &length)) {
        /* A text has lines, which the script cannot have. */
        for (char *at = line; *at != '\0'; at++)
            if (*at == '\v')
                *at = '\n';
        add_entry(log, line);
        free(line);
    }
}

/* Which of the wishes it is follows from the size. */
static void show(struct chat__room_log *log, size_t rows, size_t columns)
{
    const struct chat__layout_wish wish = {
        .input_lines = rows / 4,
        .context = columns % 2 == 1,
        .pane = (enum chat__pane)(rows % 3),
    };
    struct chat__layout layout;

    chat__layout_compute(&layout, rows, columns, &wish);
    if (layout.too_small)
        return;
    check_layout(&layout, rows, columns);
    check_view(log, layout.text_width, layout.timeline_rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines lines = {data, size};
    struct chat__room_log log;
    unsigned int rows = 24, columns = 80;
    char *line;
    size_t length;

    if (!lines_next(&lines, &line, &length))
        return 0;
    (void)sscanf(line, "%3u %3u", &rows, &columns);
    free(line);
    chat__room_log_init(&log);
    log.follows = true;
    fill(&log, &lines);
    show(&log, rows % ROWS_MAX, columns);
    chat__room_log_release(&log);
    return 0;
}
