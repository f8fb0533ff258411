/*
 * As much of WebSocket as the floor needs: the upgrade, and whole frames in
 * and out. Nothing is checked; a peer that breaks the protocol is dropped.
 *
 * No state of its own; any thread.
 */
#ifndef CHAT_TESTS_BENCH_FLOOR_WIRE_H
#define CHAT_TESTS_BENCH_FLOOR_WIRE_H

#include "protocol/buffer.h"

enum floor_opcode {
    FLOOR_TEXT = 0x1,
    FLOOR_CLOSE = 0x8,
    FLOOR_PING = 0x9,
    FLOOR_PONG = 0xA
};

/* A frame of a client; the payload lies in the bytes that were read. */
struct floor_frame {
    unsigned int opcode;
    char *payload;
    size_t length;
};

/*
 * The head of a request at the start of `bytes`, answered into `answer`:
 * how many bytes it has, 0 while it is not whole, -1 for no upgrade.
 */
ptrdiff_t floor_upgrade(const char *bytes, size_t length,
                        struct chat__buffer *answer);

/*
 * Takes the frame at the start of `bytes` and unmasks it there: how many
 * bytes it has, 0 while it is not whole.
 */
size_t floor_take_frame(char *bytes, size_t length, struct floor_frame *frame);

/* Appends an unmasked frame of the payload and `pad` spaces behind it. */
void floor_put_frame(struct chat__buffer *buffer, enum floor_opcode opcode,
                     const char *payload, size_t length, size_t pad);

#endif
