#include "sdk/slices.h"

#include <stdbool.h>
#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

static void skip_space(struct cursor *cursor)
{
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) != NULL)
        cursor->at++;
}

/* The next byte that is not white space, 0 at the end. */
static char peek(struct cursor *cursor)
{
    skip_space(cursor);
    return cursor->at < cursor->end ? *cursor->at : '\0';
}

static void skip_string(struct cursor *cursor)
{
    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '"')
            break;
        if (*cursor->at == '\\')
            cursor->at++;
    }
    if (cursor->at < cursor->end)
        cursor->at++;
}

/* Passes over one value, whatever it is. */
static void skip_value(struct cursor *cursor)
{
    int depth = 0;

    do {
        char byte = peek(cursor);

        if (byte == '"') {
            skip_string(cursor);
            continue;
        }
        if (byte == '{' || byte == '[')
            depth++;
        if (byte == '}' || byte == ']')
            depth--;
        cursor->at++;
        while (depth == 0 && cursor->at < cursor->end &&
               strchr(",]} \t\r\n", *cursor->at) == NULL &&
               strchr("{}[]", byte) == NULL)
            cursor->at++;
    } while (depth > 0 && cursor->at < cursor->end);
}

/* Moves from an object's brace to the value of `key`; false: not there. */
static bool enter_member(struct cursor *cursor, const char *key)
{
    size_t length = strlen(key);

    if (peek(cursor) != '{')
        return false;
    cursor->at++;
    while (peek(cursor) == '"') {
        const char *name = cursor->at + 1;
        size_t name_length;

        skip_string(cursor);
        name_length = (size_t)(cursor->at - name) - 1;
        if (peek(cursor) == ':')
            cursor->at++;
        if (name_length == length && memcmp(name, key, length) == 0)
            return true;
        skip_value(cursor);
        if (peek(cursor) == ',')
            cursor->at++;
    }
    return false;
}

size_t chat__slices_of_entries(const char *object, size_t length,
                               struct chat__slice *slices, size_t maximum)
{
    struct cursor cursor = {.at = object, .end = object + length};
    size_t count = 0;

    if (!enter_member(&cursor, "ok") || !enter_member(&cursor, "entries") ||
        peek(&cursor) != '[')
        return 0;
    cursor.at++;
    while (peek(&cursor) == '{') {
        const char *start = cursor.at;

        skip_value(&cursor);
        if (count < maximum)
            slices[count] = (struct chat__slice){
                .bytes = start, .length = (size_t)(cursor.at - start)};
        count++;
        if (peek(&cursor) == ',')
            cursor.at++;
    }
    return count;
}
