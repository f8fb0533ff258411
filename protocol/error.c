#include "protocol/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MEMORY_RETRY_MS 1000

static const char *const names[CHAT__ERROR_COUNT] = {
    [CHAT__ERROR_NONE] = "none",
    [CHAT__ERROR_BAD_REQUEST] = "bad_request",
    [CHAT__ERROR_UNAUTHORIZED] = "unauthorized",
    [CHAT__ERROR_HELLO_REQUIRED] = "hello_required",
    [CHAT__ERROR_FORBIDDEN] = "forbidden",
    [CHAT__ERROR_NOT_FOUND] = "not_found",
    [CHAT__ERROR_NAME_TAKEN] = "name_taken",
    [CHAT__ERROR_KEY_CONFLICT] = "key_conflict",
    [CHAT__ERROR_EPOCH_CHANGED] = "epoch_changed",
    [CHAT__ERROR_TOO_LARGE] = "too_large",
    [CHAT__ERROR_RATE_LIMITED] = "rate_limited",
    [CHAT__ERROR_BUSY] = "busy",
    [CHAT__ERROR_STORAGE] = "storage",
    [CHAT__ERROR_VERSION] = "version",
    [CHAT__ERROR_UNKNOWN] = "unknown",
};

const char *chat__error_name(enum chat__error_code code)
{
    if ((unsigned int)code >= CHAT__ERROR_COUNT)
        return names[CHAT__ERROR_UNKNOWN];
    return names[code];
}

enum chat__error_code chat__error_from_name(const char *name)
{
    /* "none" and "unknown" are no codes of the wire. */
    for (int code = CHAT__ERROR_BAD_REQUEST; code < CHAT__ERROR_UNKNOWN; code++)
        if (strcmp(names[code], name) == 0)
            return (enum chat__error_code)code;
    return CHAT__ERROR_UNKNOWN;
}

/* Takes off a character that the end of the array cut in two. */
static void trim_cut_character(char *message)
{
    size_t length = strlen(message);
    size_t start = length;
    unsigned char lead;
    size_t whole;

    while (start > 0 && ((unsigned char)message[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    lead = (unsigned char)message[--start];
    whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (length - start < whole)
        message[start] = '\0';
}

__attribute__((format(printf, 3, 0))) static void
fill(struct chat__error *error, enum chat__error_code code, const char *format,
     va_list arguments)
{
    int length;

    error->code = code;
    length =
        vsnprintf(error->message, sizeof(error->message), format, arguments);
    if (length < 0)
        error->message[0] = '\0';
    else if ((size_t)length >= sizeof(error->message))
        trim_cut_character(error->message);
}

void chat__error_set(struct chat__error *error, enum chat__error_code code,
                     const char *format, ...)
{
    va_list arguments;

    error->temporary = false;
    error->retry_ms = 0;
    va_start(arguments, format);
    fill(error, code, format, arguments);
    va_end(arguments);
}

void chat__error_set_temporary(struct chat__error *error,
                               enum chat__error_code code, uint32_t retry_ms,
                               const char *format, ...)
{
    va_list arguments;

    error->temporary = true;
    error->retry_ms = retry_ms;
    va_start(arguments, format);
    fill(error, code, format, arguments);
    va_end(arguments);
}

void chat__error_set_memory(struct chat__error *error)
{
    chat__error_set_temporary(error, CHAT__ERROR_BUSY, MEMORY_RETRY_MS,
                              "memory is short, try again");
}
