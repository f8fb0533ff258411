/*
 * Server frames: one or more JSON objects, each ended by '\n' (NDJSON); a
 * last object without '\n' counts.
 */
#ifndef CHAT_PROTOCOL_FRAME_H
#define CHAT_PROTOCOL_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes the next object off a frame. `*frame` and `*length` move past it;
 * false at the end. Blank lines are passed over.
 */
bool chat__frame_next(const char **frame, size_t *length, const char **object,
                      size_t *object_length);

/*
 * How many of the first `length` bytes of NDJSON fit one frame: the largest
 * run of whole objects that does not exceed CHAT__FRAME_BYTES_MAX, at least
 * one object. `objects` ends with '\n'.
 */
size_t chat__frame_cut(const char *objects, size_t length);

#endif
