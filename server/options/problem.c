#include "server/options/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ESCAPE_BYTES 4 /* \xNN */

static char *escaped(const char *text, size_t length)
{
    char *result = malloc(length * ESCAPE_BYTES + 1);
    char *end = result;

    if (result == NULL)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte >= 0x20 && byte < 0x7F)
            *end++ = (char)byte;
        else
            end += snprintf(end, ESCAPE_BYTES + 1, "\\x%02x", byte);
    }
    *end = '\0';
    return result;
}

bool chat__problems_add(struct chat__problems *problems, const char *format,
                        ...)
{
    char *text;
    va_list arguments;
    int length;

    if (problems->count++ >= CHAT__PROBLEMS_MAX)
        return false;
    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return false;
    problems->lines[problems->count - 1] = escaped(text, (size_t)length);
    free(text);
    return false;
}

size_t chat__problems_kept(const struct chat__problems *problems)
{
    return problems->count < CHAT__PROBLEMS_MAX ? problems->count
                                                : CHAT__PROBLEMS_MAX;
}

const char *chat__problems_line(const struct chat__problems *problems,
                                size_t index)
{
    const char *line = problems->lines[index];

    return line != NULL ? line : "out of memory";
}

void chat__problems_release(struct chat__problems *problems)
{
    for (size_t i = 0; i < chat__problems_kept(problems); i++)
        free(problems->lines[i]);
    *problems = (struct chat__problems){0};
}
