#include "server/chatctl/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#define NUMBER_BYTES    32
#define COMPLAINT_BYTES 1024

static void append_escaped(struct chat__buffer *buffer, const char *bytes,
                           size_t length)
{
    char escape[NUMBER_BYTES];

    for (size_t i = 0; i < length; i++) {
        snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)bytes[i]);
        chat__buffer_append_string(buffer, escape);
    }
}

/* How many bytes the character takes; `point` is -1 for what is no UTF-8. */
static size_t decode(const char *text, size_t length, utf8proc_int32_t *point)
{
    utf8proc_ssize_t taken = utf8proc_iterate((const utf8proc_uint8_t *)text,
                                              (utf8proc_ssize_t)length, point);

    if (taken > 0)
        return (size_t)taken;
    *point = -1;
    return 1;
}

static bool is_mark(utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);

    return category == UTF8PROC_CATEGORY_MN ||
           category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

static bool is_drawn(utf8proc_int32_t point, bool at_start)
{
    if (point < 0 || point == '\\')
        return false;
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    default:
        return !at_start || !is_mark(point);
    }
}

void chatctl_text(struct chat__buffer *buffer, const char *text)
{
    size_t length = strlen(text);

    for (size_t at = 0; at < length;) {
        utf8proc_int32_t point;
        size_t taken = decode(text + at, length - at, &point);

        if (is_drawn(point, at == 0))
            chat__buffer_append(buffer, text + at, taken);
        else
            append_escaped(buffer, text + at, taken);
        at += taken;
    }
}

size_t chatctl_text_width(const char *text, size_t length)
{
    size_t width = 0;

    for (size_t at = 0; at < length;) {
        utf8proc_int32_t point;

        at += decode(text + at, length - at, &point);
        width += point < 0 ? 1 : (size_t)utf8proc_charwidth(point);
    }
    return width;
}

void chatctl_text_duration(struct chat__buffer *buffer, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    char text[NUMBER_BYTES];
    size_t i = 0;

    /* Two of a unit at least: 90 s says more than 1 min. */
    while (i + 1 < sizeof units / sizeof *units &&
           seconds < 2 * units[i].seconds)
        i++;
    snprintf(text, sizeof text, "%" PRIu64 " %s", seconds / units[i].seconds,
             units[i].name);
    chat__buffer_append_string(buffer, text);
}

void chatctl_text_bytes(struct chat__buffer *buffer, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    char text[NUMBER_BYTES];
    double value = (double)bytes;
    size_t i = 0;

    for (; value >= 1024 && i + 1 < sizeof units / sizeof *units; i++)
        value /= 1024;
    snprintf(text, sizeof text, i == 0 ? "%.0f %s" : "%.1f %s", value,
             units[i]);
    chat__buffer_append_string(buffer, text);
}

void chatctl_text_json(struct chat__buffer *buffer, const char *json,
                       size_t length)
{
    for (size_t at = 0; at < length;) {
        char escape[NUMBER_BYTES];
        utf8proc_int32_t point;
        size_t taken = decode(json + at, length - at, &point);

        if (point >= ' ' && point < 0x7F)
            chat__buffer_append_byte(buffer, json[at]);
        else {
            if (point < 0)
                point = 0xFFFD;
            if (point < 0x10000)
                snprintf(escape, sizeof escape, "\\u%04x", (unsigned)point);
            else
                snprintf(escape, sizeof escape, "\\u%04x\\u%04x",
                         0xD800 + ((unsigned)(point - 0x10000) >> 10),
                         0xDC00 + ((unsigned)(point - 0x10000) & 0x3FF));
            chat__buffer_append_string(buffer, escape);
        }
        at += taken;
    }
}

void chatctl_complain(const char *format, ...)
{
    char text[COMPLAINT_BYTES];
    struct chat__buffer safe;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    chat__buffer_init(&safe, sizeof text * 4);
    chatctl_text(&safe, text);
    fprintf(stderr, "chatctl: %.*s\n", (int)safe.length,
            safe.data == NULL ? "" : safe.data);
    chat__buffer_release(&safe);
}
