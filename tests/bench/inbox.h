/*
 * What a connection reads: WebSocket frames of a server, or a bare stream,
 * taken apart into units that the server's protocol defines.
 *
 * The bytes are read into an area that all connections share. What a read ends
 * in the middle of (a frame's header, a unit) is kept, and is put right before
 * the next bytes, over bytes that have been taken already, so that every unit
 * is seen in one piece and hardly anything is copied. The area therefore has
 * INBOX_HEADROOM bytes before it that anybody may overwrite.
 */
#ifndef CHAT_TESTS_BENCH_INBOX_H
#define CHAT_TESTS_BENCH_INBOX_H

#include "protocol/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_HEADROOM   (128 * 1024)
#define INBOX_UNIT_MAX   (64 * 1024)
#define INBOX_HEADER_MAX 10

enum inbox_opcode {
    INBOX_CLOSE = 8,
    INBOX_PING = 9,
    INBOX_PONG = 10,
};

struct inbox_frames {
    char header[INBOX_HEADER_MAX]; /* the begin of one, kept */
    uint8_t header_length;
    uint8_t opcode;
    bool final;
    uint8_t control_length;
    uint64_t left; /* bytes of the frame that have not come */
    char control[125];
};

struct inbox {
    bool framed; /* WebSocket frames; else a bare stream */
    struct inbox_frames frames;
    struct chat__buffer rest; /* the begin of a unit */
};

struct inbox_handler {
    /*
     * Takes whole units off the front and says how many bytes they were; `ends`
     * when no byte of this message will follow. A negative value is an error.
     */
    ptrdiff_t (*units)(void *context, const char *data, size_t length,
                       bool ends);
    void (*control)(void *context, enum inbox_opcode opcode, const char *data,
                    size_t length);
};

void inbox_init(struct inbox *inbox, bool framed);
void inbox_release(struct inbox *inbox);

/* False: the bytes break a rule of framing, or a unit was refused. */
bool inbox_receive(struct inbox *inbox, char *area, size_t length,
                   const struct inbox_handler *handler, void *context);

#endif
