/*
 * What --headless writes: one JSON object a line on a stream, flushed line by
 * line. DEL and C1 controls, which JSON lets stand in a string, are escaped,
 * so that the output may go to a terminal; it is the same JSON.
 *
 * All return false when the stream has failed.
 */
#ifndef CHAT_CLIENT_JSON_LINES_H
#define CHAT_CLIENT_JSON_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An entry as the wire has it. */
bool chat__json_lines_entry(FILE *stream, const char *json, size_t length);

/* {"sent":{"line":…,"key":…,"seq":…}} */
bool chat__json_lines_sent(FILE *stream, uint64_t line, const char *key,
                           uint64_t seq);

/* {"failed":{"line":…,"code":…,"message":…}} for a chat_error. */
bool chat__json_lines_failed(FILE *stream, uint64_t line, int error,
                             const char *message);

#endif
