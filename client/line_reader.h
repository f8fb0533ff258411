/*
 * Lines out of a descriptor, without ever waiting for more than one read.
 *
 * A line is at most CHAT__LINE_BYTES_MAX long; of a longer one the rest is
 * passed over, and it is handed out as `too_long`. A last line without '\n'
 * counts. Owned by whoever initialised it, by zeroing.
 */
#ifndef CHAT_CLIENT_LINE_READER_H
#define CHAT_CLIENT_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__LINE_BYTES_MAX (8 * 1024)

struct chat__input_text {
    const char *text; /* NUL-terminated; valid until the next call */
    size_t length;    /* more than strlen(text) when a NUL is in it */
    uint64_t number;  /* from 1 */
    bool too_long;
};

struct chat__line_reader {
    char bytes[2 * CHAT__LINE_BYTES_MAX];
    size_t start;
    size_t end;
    uint64_t number;
    bool skipping; /* the rest of a line that is too long */
    bool ended;    /* the descriptor is at its end */
};

/* One read; false on an error of the descriptor, with errno. */
bool chat__line_reader_fill(struct chat__line_reader *reader, int descriptor);

/* The next whole line; false when there is none yet, or none any more. */
bool chat__line_reader_next(struct chat__line_reader *reader,
                            struct chat__input_text *line);

#endif
