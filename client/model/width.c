#include "client/model/width.h"

#include <utf8proc.h>

size_t chat__code_point(const char *text, size_t length, int32_t *code_point)
{
    utf8proc_ssize_t bytes = utf8proc_iterate(
        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, code_point);
    if (bytes <= 0) {
        *code_point = CHAT__REPLACEMENT;
        return 1;
    }
    return (size_t)bytes;
}

bool chat__is_utf8(const char *text, size_t length)
{
    utf8proc_int32_t code_point = 1;
    utf8proc_ssize_t bytes = 1;

    while (length > 0 && bytes > 0 && code_point != 0) {
        bytes = utf8proc_iterate((const utf8proc_uint8_t *)text,
                                 (utf8proc_ssize_t)length, &code_point);
        text += bytes > 0 ? bytes : 0;
        length -= bytes > 0 ? (size_t)bytes : 0;
    }
    return bytes > 0 && code_point != 0;
}

static bool is_between(int32_t value, int32_t low, int32_t high)
{
    return value >= low && value <= high;
}

/* Where the terminal's libc and utf8proc differ, the terminal is right. */
size_t chat__code_point_width(int32_t code_point)
{
    const utf8proc_property_t *property = utf8proc_get_property(code_point);

    /* vowels and final consonants join the syllable before them */
    if (is_between(code_point, 0x1160, 0x11FF) ||
        is_between(code_point, 0xD7B0, 0xD7FF)) {
        return 0;
    }
    if (is_between(code_point, 0x3248, 0x324F) ||
        is_between(code_point, 0x4DC0, 0x4DFF)) {
        return 2;
    }
    if (property->category == UTF8PROC_CATEGORY_MC ||
        property->boundclass == UTF8PROC_BOUNDCLASS_PREPEND) {
        return 1;
    }
    return (size_t)property->charwidth;
}

size_t chat__cluster_length(const char *text, size_t length)
{
    int32_t previous, next;
    utf8proc_int32_t state = 0;
    size_t offset;

    if (length == 0) {
        return 0;
    }
    offset = chat__code_point(text, length, &previous);
    while (offset < length) {
        size_t bytes = chat__code_point(text + offset, length - offset, &next);
        if (utf8proc_grapheme_break_stateful(previous, next, &state)) {
            break;
        }
        offset += bytes;
        previous = next;
    }
    return offset;
}

size_t chat__cluster_before(const char *text, size_t offset)
{
    size_t start = 0;

    while (start < offset) {
        size_t bytes = chat__cluster_length(text + start, offset - start);
        if (start + bytes >= offset) {
            break;
        }
        start += bytes;
    }
    return start;
}

size_t chat__text_width(const char *text, size_t length)
{
    size_t width = 0;
    size_t offset = 0;

    while (offset < length) {
        int32_t code_point;
        offset += chat__code_point(text + offset, length - offset, &code_point);
        width += chat__code_point_width(code_point);
    }
    return width;
}

size_t chat__text_fit(const char *text, size_t length, size_t cells)
{
    size_t offset = 0;

    while (offset < length) {
        size_t bytes = chat__cluster_length(text + offset, length - offset);
        size_t width = chat__text_width(text + offset, bytes);
        if (width > cells) {
            break;
        }
        cells -= width;
        offset += bytes;
    }
    return offset;
}
