/*
 * A growable run of bytes with a hard limit and a sticky failure.
 *
 * Invariants
 *   length <= capacity <= limit; data[length] is not promised to be NUL.
 *   Once an append found no memory, or would have crossed the limit, `failed`
 *   is set and every later append does nothing, so a writer checks once, at
 *   the end. The bytes already there stay as they were.
 *
 * Owned by whoever initialised it; not for use by two threads at once.
 */
#ifndef CHAT_PROTOCOL_BUFFER_H
#define CHAT_PROTOCOL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct chat__buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t limit;
    bool failed;
};

/* An empty buffer that may grow to `limit` bytes; takes no memory yet. */
void chat__buffer_init(struct chat__buffer *buffer, size_t limit);

/* Frees the bytes; the buffer is as after init, with the same limit. */
void chat__buffer_release(struct chat__buffer *buffer);

/* Forgets the bytes and the failure, keeps the memory. */
void chat__buffer_clear(struct chat__buffer *buffer);

/* For what follows only: reserve when the capacity is too small. */
bool chat__buffer_grow(struct chat__buffer *buffer, size_t more);

/* Makes room for `more` bytes; false, and failed, when that cannot be. */
static inline bool chat__buffer_reserve(struct chat__buffer *buffer,
                                        size_t more)
{
    if (!buffer->failed && more <= buffer->capacity - buffer->length)
        return true;
    return chat__buffer_grow(buffer, more);
}

/* Appends bytes that the caller then writes; NULL when that cannot be. */
static inline char *chat__buffer_extend(struct chat__buffer *buffer,
                                        size_t length)
{
    if (!chat__buffer_reserve(buffer, length))
        return NULL;
    buffer->length += length;
    return buffer->data + buffer->length - length;
}

static inline void chat__buffer_append(struct chat__buffer *buffer,
                                       const void *bytes, size_t length)
{
    if (!chat__buffer_reserve(buffer, length) || length == 0)
        return;
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
}

static inline void chat__buffer_append_byte(struct chat__buffer *buffer,
                                            char byte)
{
    if (chat__buffer_reserve(buffer, 1))
        buffer->data[buffer->length++] = byte;
}

void chat__buffer_append_string(struct chat__buffer *buffer,
                                const char *string);

/* Cuts the buffer back to `length`, which must not exceed its own. */
void chat__buffer_truncate(struct chat__buffer *buffer, size_t length);

#endif
