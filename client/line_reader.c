#include "client/line_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool chat__line_reader_fill(struct chat__line_reader *reader, int descriptor)
{
    ssize_t got;

    memmove(reader->bytes, reader->bytes + reader->start,
            reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    /* one byte is kept for the NUL of a last line */
    got = read(descriptor, reader->bytes + reader->end,
               sizeof(reader->bytes) - 1 - reader->end);
    if (got < 0) {
        return errno == EINTR || errno == EAGAIN;
    }
    reader->end += (size_t)got;
    reader->ended = got == 0;
    return true;
}

static void hand_out(struct chat__line_reader *reader, size_t length,
                     struct chat__input_text *line)
{
    line->text = reader->bytes + reader->start;
    line->length = length;
    line->number = ++reader->number;
    line->too_long = length > CHAT__LINE_BYTES_MAX;
    reader->bytes[reader->start + length] = '\0';
}

/* Passes over the rest of a long line; true when its end was found. */
static bool skip(struct chat__line_reader *reader)
{
    char *start = reader->bytes + reader->start;
    char *newline = memchr(start, '\n', reader->end - reader->start);

    reader->start =
        newline == NULL ? reader->end : (size_t)(newline + 1 - reader->bytes);
    reader->skipping = newline == NULL;
    return newline != NULL;
}

bool chat__line_reader_next(struct chat__line_reader *reader,
                            struct chat__input_text *line)
{
    size_t length;
    char *newline;

    if (reader->skipping && !skip(reader)) {
        return false;
    }
    length = reader->end - reader->start;
    newline = memchr(reader->bytes + reader->start, '\n', length);
    if (newline != NULL) {
        length = (size_t)(newline - (reader->bytes + reader->start));
        hand_out(reader, length, line);
        reader->start += length + 1;
        return true;
    }
    if (length > CHAT__LINE_BYTES_MAX) {
        hand_out(reader, length, line);
        reader->start = reader->end;
        reader->skipping = true;
        return true;
    }
    if (!reader->ended || length == 0) {
        return false;
    }
    hand_out(reader, length, line);
    reader->start = reader->end;
    return true;
}
