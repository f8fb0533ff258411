/*
 * Writes JSON straight into a buffer, without a tree: an entry is encoded on
 * the hot path, its bytes are embedded in pages as they are, and pages are cut
 * by bytes. Reading goes through cJSON (json.h).
 *
 * The writer keeps only whether a comma is due. Nesting is the caller's, who
 * closes what was opened. Errors are the buffer's: check buffer->failed once.
 * A NULL string member is left out, so optional members need no `if`.
 */
#ifndef CHAT_PROTOCOL_WRITER_H
#define CHAT_PROTOCOL_WRITER_H

#include "protocol/buffer.h"

#include <stdint.h>

/* What a control character takes at most. */
#define CHAT__WRITER_ESCAPE_BYTES 6

struct chat__writer {
    struct chat__buffer *buffer;
    bool comma;
};

void chat__writer_init(struct chat__writer *writer,
                       struct chat__buffer *buffer);

/* `key` NULL: an element of an array, or the outermost value. */
void chat__write_object(struct chat__writer *writer, const char *key);
void chat__write_object_end(struct chat__writer *writer);
void chat__write_array(struct chat__writer *writer, const char *key);
void chat__write_array_end(struct chat__writer *writer);

void chat__write_string(struct chat__writer *writer, const char *key,
                        const char *value);
void chat__write_uint(struct chat__writer *writer, const char *key,
                      uint64_t value);
void chat__write_int(struct chat__writer *writer, const char *key,
                     int64_t value);
void chat__write_bool(struct chat__writer *writer, const char *key, bool value);

/* How many bytes the value takes between its quotes. */
size_t chat__writer_string_bytes(const char *value);

/* A user id travels as a string of digits. */
void chat__write_id(struct chat__writer *writer, const char *key, uint64_t id);

/* Bytes that are JSON already, embedded as they are. */
void chat__write_raw(struct chat__writer *writer, const char *key,
                     const char *json, size_t length);

#endif
