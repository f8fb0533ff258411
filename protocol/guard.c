/*
 * The strict scanner before the parser: one pass, a stack of eight levels,
 * no memory taken. It accepts exactly the objects of RFC 8259 that limits.h
 * allows, so what the parser does with anything else is never found out.
 */
#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/plain.h"
#include "protocol/text.h"

#include <string.h>

struct level {
    bool object;
    size_t members;
};

struct guard {
    const unsigned char *start;
    const unsigned char *at;
    const unsigned char *end;
    size_t values;
    size_t depth;
    struct level levels[CHAT__JSON_DEPTH_MAX];
    const char *problem;
};

static bool refuse(struct guard *guard, const char *problem)
{
    guard->problem = problem;
    return false;
}

/* The next byte, or -1 at the end. */
static int peek(const struct guard *guard)
{
    return guard->at < guard->end ? *guard->at : -1;
}

static bool take(struct guard *guard, char byte)
{
    if (peek(guard) != byte)
        return false;
    guard->at++;
    return true;
}

static bool is_space(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_space(struct guard *guard)
{
    while (is_space(peek(guard)))
        guard->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool scan_digits(struct guard *guard)
{
    const unsigned char *start = guard->at;

    while (is_digit(peek(guard)))
        guard->at++;
    return guard->at > start;
}

static bool scan_number(struct guard *guard)
{
    const unsigned char *start = guard->at;
    bool valid;

    take(guard, '-');
    valid = take(guard, '0') || scan_digits(guard);
    if (valid && take(guard, '.'))
        valid = scan_digits(guard);
    if (valid && (take(guard, 'e') || take(guard, 'E'))) {
        if (!take(guard, '+'))
            take(guard, '-');
        valid = scan_digits(guard);
    }
    if (!valid)
        return refuse(guard, "broken number");
    if (guard->at - start > CHAT__JSON_NUMBER_BYTES_MAX)
        return refuse(guard, "number too long");
    return true;
}

static int hex_digit(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* The four digits behind "\u"; -1 when they are none. */
static int scan_hex(struct guard *guard)
{
    int unit = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(guard));

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
        guard->at++;
    }
    return unit;
}

static bool scan_unicode_escape(struct guard *guard)
{
    int unit = scan_hex(guard);

    if (unit < 0)
        return refuse(guard, "broken \\u escape");
    if (unit == 0)
        return refuse(guard, "NUL");
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit < 0xdc00 && take(guard, '\\') && take(guard, 'u')) {
        unit = scan_hex(guard);
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return true;
    }
    return refuse(guard, "lone surrogate");
}

static bool scan_escape(struct guard *guard)
{
    switch (peek(guard)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        guard->at++;
        return true;
    case 'u':
        guard->at++;
        return scan_unicode_escape(guard);
    default:
        return refuse(guard, "broken escape");
    }
}

/* Up to the next quote, backslash or control. */
static bool scan_plain(struct guard *guard)
{
    size_t left = (size_t)(guard->end - guard->at);
    size_t run = chat__plain_run(guard->at, left);
    size_t valid = chat__utf8_run((const char *)guard->at, run);

    guard->at += valid;
    return valid == run || refuse(guard, "invalid UTF-8");
}

static bool scan_string(struct guard *guard)
{
    if (!take(guard, '"'))
        return refuse(guard, "string expected");
    while (scan_plain(guard)) {
        if (take(guard, '"'))
            return true;
        if (guard->at == guard->end)
            return refuse(guard, "string without an end");
        if (!take(guard, '\\'))
            return refuse(guard, "raw control character in a string");
        if (!scan_escape(guard))
            return false;
    }
    return false;
}

static bool scan_word(struct guard *guard, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(guard->end - guard->at) < length ||
        memcmp(guard->at, word, length) != 0)
        return refuse(guard, "value expected");
    guard->at += length;
    return true;
}

static bool scan_scalar(struct guard *guard)
{
    int byte = peek(guard);

    if (byte == '-' || is_digit(byte))
        return scan_number(guard);
    switch (byte) {
    case '"':
        return scan_string(guard);
    case 't':
        return scan_word(guard, "true");
    case 'f':
        return scan_word(guard, "false");
    default:
        return scan_word(guard, "null");
    }
}

/* The key and the colon of a member. */
static bool scan_key(struct guard *guard)
{
    struct level *level = &guard->levels[guard->depth - 1];

    if (++level->members > CHAT__JSON_KEYS_MAX)
        return refuse(guard, "too many keys in one object");
    skip_space(guard);
    if (!scan_string(guard))
        return false;
    skip_space(guard);
    return take(guard, ':') || refuse(guard, "':' expected");
}

static bool open_level(struct guard *guard, bool object)
{
    if (guard->depth == CHAT__JSON_DEPTH_MAX)
        return refuse(guard, "nested too deep");
    guard->levels[guard->depth++] = (struct level){.object = object};
    return true;
}

/* Closes the innermost level when its bracket is next. */
static bool close_level(struct guard *guard)
{
    skip_space(guard);
    if (!take(guard, guard->levels[guard->depth - 1].object ? '}' : ']'))
        return false;
    guard->depth--;
    return true;
}

/*
 * One value, but of an object or array only its beginning: up to where its
 * first element is due, or to its end when it is empty. `*opened` says that
 * an element is due.
 */
static bool scan_value(struct guard *guard, bool *opened)
{
    bool object;

    *opened = false;
    if (++guard->values > CHAT__JSON_VALUES_MAX)
        return refuse(guard, "too many values");
    skip_space(guard);
    object = peek(guard) == '{';
    if (!object && peek(guard) != '[')
        return scan_scalar(guard);
    guard->at++;
    if (!open_level(guard, object))
        return false;
    if (close_level(guard))
        return true;
    *opened = true;
    return !object || scan_key(guard);
}

/*
 * From the end of a value to where the next one is due, over closing
 * brackets; at the end of everything the depth is 0.
 */
static bool scan_to_next(struct guard *guard)
{
    while (guard->depth > 0) {
        if (close_level(guard))
            continue;
        if (!take(guard, ','))
            return refuse(guard, "',' or closing bracket expected");
        return !guard->levels[guard->depth - 1].object || scan_key(guard);
    }
    return true;
}

static bool scan_document(struct guard *guard)
{
    bool opened;

    skip_space(guard);
    if (peek(guard) != '{')
        return refuse(guard, "an object expected");
    do {
        if (!scan_value(guard, &opened))
            return false;
        if (!opened && !scan_to_next(guard))
            return false;
    } while (guard->depth > 0);
    skip_space(guard);
    return guard->at == guard->end || refuse(guard, "bytes after the object");
}

size_t chat__json_guard(const char *bytes, size_t length,
                        struct chat__error *error)
{
    struct guard guard = {.start = (const unsigned char *)bytes};

    if (length > CHAT__FRAME_BYTES_MAX) {
        chat__error_set(error, CHAT__ERROR_TOO_LARGE,
                        "the frame is over %d bytes, send less at once",
                        CHAT__FRAME_BYTES_MAX);
        return 0;
    }
    guard.at = guard.start;
    guard.end = guard.start + length;
    if (scan_document(&guard))
        return guard.values;
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "JSON, byte %zu: %s",
                    (size_t)(guard.at - guard.start), guard.problem);
    return 0;
}
