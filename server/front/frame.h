/*
 * Bytes that are framed once (RFC 6455) and sent to many.
 *
 * A frame is immutable and counts its references; making one gives the first.
 * It holds one or more whole, unmasked, final text frames, each with a payload
 * of at most CHAT__FRAME_BYTES_MAX bytes, cut between objects. Writers may
 * stop only where one of these frames ends, because the library may put a
 * control frame of its own there: chat__frame_slice knows the places.
 *
 * The core sees `struct chat__frame` as an opaque type. Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_FRAME_H
#define CHAT_SERVER_FRONT_FRAME_H

#include <stdbool.h>
#include <stddef.h>

struct chat__frame {
    size_t references;
    size_t length;
    size_t count; /* of WebSocket frames in it */
    bool droppable;
    unsigned char bytes[];
};

/* NDJSON as text frames: how long they are together, 0 when it has an object
 * that no frame can hold; and the frames themselves. */
size_t chat__frame_framed_length(const char *objects, size_t length);
/* Returns how many they are. */
size_t chat__frame_put(unsigned char *at, const char *objects, size_t length);

/* NDJSON to text frames; NULL when memory is short. */
struct chat__frame *chat__frame_new(const char *objects, size_t length,
                                    bool droppable);

/* A WebSocket ping; it has a payload, for an empty pong is not reported. */
struct chat__frame *chat__frame_new_ping(void);

struct chat__frame *chat__frame_reference(struct chat__frame *frame);

/* Drops one reference; NULL is fine. */
void chat__frame_release(struct chat__frame *frame);

/* The text frame or ping that begins at `at`; returns where it ends. */
struct chat__frame_part {
    bool ping;
    const unsigned char *payload;
    size_t length;
};
const unsigned char *chat__frame_read(const unsigned char *at,
                                      struct chat__frame_part *part);

/* The length of the one that begins at `offset`, with its header. */
size_t chat__frame_first(const struct chat__frame *frame, size_t offset);

/*
 * How many bytes from `offset`, where a text frame begins, are whole text
 * frames of no more than `maximum` bytes together; 0 when not even one is.
 */
size_t chat__frame_slice(const struct chat__frame *frame, size_t offset,
                         size_t maximum);

#endif
