/*
 * The input of a target that reads a script: lines, each ended by '\n', which
 * may hold any other byte. A line is copied out with a NUL behind it, into
 * memory of its own size, so that a sanitizer sees a byte too many.
 */
#ifndef CHAT_TESTS_FUZZ_LINES_H
#define CHAT_TESTS_FUZZ_LINES_H

#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

struct lines {
    const uint8_t *at;
    size_t left;
};

/* The next line, for the caller to free; false at the end. */
static inline bool lines_next(struct lines *lines, char **line, size_t *length)
{
    const uint8_t *end;
    size_t whole;

    if (lines->left == 0)
        return false;
    end = memchr(lines->at, '\n', lines->left);
    *length = end != NULL ? (size_t)(end - lines->at) : lines->left;
    whole = *length + (end != NULL);
    *line = malloc(*length + 1);
    FUZZ_CHECK(*line != NULL);
    memcpy(*line, lines->at, *length);
    (*line)[*length] = '\0';
    lines->at += whole;
    lines->left -= whole;
    return true;
}

#endif
