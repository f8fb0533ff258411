#include "client/model/match.h"
#include "client/model/width.h"

#include <string.h>
#include <utf8proc.h>

static int32_t next_folded(const char **text, size_t *left)
{
    int32_t code_point;
    size_t bytes = chat__code_point(*text, *left, &code_point);

    *text += bytes;
    *left -= bytes;
    return utf8proc_tolower(code_point);
}

size_t chat__match_length(const char *text, const char *prefix)
{
    const char *start = text;
    size_t text_left = strlen(text), prefix_left = strlen(prefix);

    while (prefix_left > 0 && text_left > 0) {
        if (next_folded(&text, &text_left) !=
            next_folded(&prefix, &prefix_left)) {
            return 0;
        }
    }
    return prefix_left == 0 ? (size_t)(text - start) : 0;
}

bool chat__begins_with(const char *text, const char *prefix)
{
    return *prefix == '\0' || chat__match_length(text, prefix) > 0;
}

bool chat__is_same_name(const char *a, const char *b)
{
    return *a == '\0' ? *b == '\0' : chat__match_length(a, b) == strlen(a);
}

int chat__compare_names(const char *a, const char *b)
{
    const char *left = a, *right = b;
    size_t left_bytes = strlen(a), right_bytes = strlen(b);

    while (left_bytes > 0 && right_bytes > 0) {
        int32_t x = next_folded(&left, &left_bytes);
        int32_t y = next_folded(&right, &right_bytes);
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    if (left_bytes != right_bytes) {
        return left_bytes < right_bytes ? -1 : 1;
    }
    return strcmp(a, b);
}

bool chat__ends_word(const char *text)
{
    int32_t code_point;

    if (*text == '\0') {
        return true;
    }
    chat__code_point(text, strlen(text), &code_point);
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
        return false;
    default:
        return true;
    }
}
