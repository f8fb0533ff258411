/*
 * Notices as they pass through a Redis: all of a loop pass in one packet, with
 * one seal. Pure; for one thread.
 *
 *     version 1 byte | task 8 | number 8 | notices | seal 16
 *     a notice: kind 1 byte | length 4 | body; numbers are big-endian
 *
 * A kind is its place in enum chat__bus_kind, which thus keeps its order.
 *
 * Tasks of two versions may run at once. A packet of another version, and a
 * notice of a kind that is not known, are passed over; so are bytes at the end
 * of a body, which a later version may add. The number grows with each packet
 * of a task: a packet that comes again is known by it.
 */
#ifndef CHAT_SERVER_BUS_PACKET_H
#define CHAT_SERVER_BUS_PACKET_H

#include "protocol/buffer.h"
#include "protocol/limits.h"
#include "server/bus/bus.h"
#include "server/bus/seal.h"

#define CHAT__PACKET_BYTES_MAX (256 * 1024)
/* Longer objects are left out: who hears of entries reads them. */
#define CHAT__PACKET_OBJECTS_MAX (128 * 1024)

/* ---- to write one ---- */

struct chat__packet {
    struct chat__buffer buffer;
    size_t count;
};

void chat__packet_init(struct chat__packet *packet);
void chat__packet_release(struct chat__packet *packet);
void chat__packet_clear(struct chat__packet *packet);

/* False, and nothing was added, when it has no place in this packet. */
bool chat__packet_add(struct chat__packet *packet,
                      const struct chat__bus_notice *notice);

/* Ends it, with any number of notices. False when memory is short. */
bool chat__packet_seal(struct chat__packet *packet, struct chat__sealer *sealer,
                       const char *channel, uint64_t task, uint64_t number);

/* ---- to read one ---- */

enum chat__packet_result {
    CHAT__PACKET_OK,
    CHAT__PACKET_UNKNOWN, /* of another version, or of another kind */
    CHAT__PACKET_REFUSED, /* not sealed by a task, or damaged */
    CHAT__PACKET_END
};

struct chat__packet_reader {
    uint64_t task;
    uint64_t number;
    const unsigned char *at; /* in the bytes that were opened */
    const unsigned char *end;
};

/* `notice` points into this and into the bytes that were opened. */
struct chat__packet_notice {
    struct chat__bus_notice notice;
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
};

/* OK: the reader has its task and number, and stands before the notices. */
enum chat__packet_result chat__packet_open(struct chat__packet_reader *reader,
                                           const void *bytes, size_t length,
                                           struct chat__sealer *sealer,
                                           const char *channel);

/* After UNKNOWN it goes on, after REFUSED it does not. */
enum chat__packet_result chat__packet_next(struct chat__packet_reader *reader,
                                           struct chat__packet_notice *notice);

#endif
