#include "protocol/frame.h"
#include "protocol/limits.h"

#include <string.h>

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

bool chat__frame_next(const char **frame, size_t *length, const char **object,
                      size_t *object_length)
{
    while (*length > 0) {
        const char *line = *frame;
        const char *newline = memchr(line, '\n', *length);
        size_t line_length = newline ? (size_t)(newline - line) : *length;
        size_t taken = newline ? line_length + 1 : line_length;

        *frame += taken;
        *length -= taken;
        if (!is_blank(line, line_length)) {
            *object = line;
            *object_length = line_length;
            return true;
        }
    }
    return false;
}

size_t chat__frame_cut(const char *objects, size_t length)
{
    size_t cut = CHAT__FRAME_BYTES_MAX;

    if (length <= CHAT__FRAME_BYTES_MAX)
        return length;
    while (cut > 0 && objects[cut - 1] != '\n')
        cut--;
    if (cut > 0)
        return cut;
    for (cut = CHAT__FRAME_BYTES_MAX; cut < length; cut++)
        if (objects[cut] == '\n')
            return cut + 1;
    return length;
}
