#include "protocol/buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 256

void chat__buffer_init(struct chat__buffer *buffer, size_t limit)
{
    *buffer = (struct chat__buffer){.limit = limit};
}

void chat__buffer_release(struct chat__buffer *buffer)
{
    free(buffer->data);
    chat__buffer_init(buffer, buffer->limit);
}

void chat__buffer_clear(struct chat__buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}

/* Doubling, so that a run of appends is linear; never past the limit. */
static size_t grown_capacity(const struct chat__buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity;

    if (capacity < CAPACITY_MIN)
        capacity = CAPACITY_MIN;
    while (capacity < needed && capacity <= buffer->limit / 2)
        capacity *= 2;
    if (capacity < needed || capacity > buffer->limit)
        capacity = buffer->limit;
    return capacity;
}

bool chat__buffer_grow(struct chat__buffer *buffer, size_t more)
{
    size_t capacity;
    char *data;

    if (buffer->failed)
        return false;
    if (more > buffer->limit - buffer->length) {
        buffer->failed = true;
        return false;
    }
    capacity = grown_capacity(buffer, buffer->length + more);
    data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void chat__buffer_append_string(struct chat__buffer *buffer, const char *string)
{
    chat__buffer_append(buffer, string, strlen(string));
}

void chat__buffer_truncate(struct chat__buffer *buffer, size_t length)
{
    assert(length <= buffer->length);
    buffer->length = length;
}
