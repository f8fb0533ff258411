/*
 * A bare broadcaster over WebSocket: what the machine itself can do. It does
 * not parse, check or remember; it frames once and sends.
 *
 * A client joins one room with the frame "J<room>" (answer: "J"), says
 * "P<room> <payload>" to send the payload to all of a room, also to itself,
 * and "A<payload>" to have the payload answered.
 *
 * A pass is what one epoll_wait brings. What is said in a pass leaves
 *   at once, one send for each message and receiver   (FLOOR_DIRECT)
 *   at its end, one send for each receiver            (FLOOR_COALESCE)
 *   the same, after all of it is in a file and synced (FLOOR_DURABLE)
 *
 * It serves 127.0.0.1 until it is killed; floor_options.h has its options. Once
 * it listens, standard error gets {"event":"listening","port":N}.
 *
 * Rooms stay until the process ends. A room does not own its members, the loop
 * does. A connection that ends in a pass is freed at the pass's end, so that
 * nothing that a pass holds goes away under it. One thread.
 */
#ifndef CHAT_TESTS_BENCH_FLOOR_H
#define CHAT_TESTS_BENCH_FLOOR_H

#include "protocol/buffer.h"

#include <stdint.h>
#include <sys/queue.h>

#define FLOOR_UNSENT_MAX (8u << 20) /* one who lags further is dropped */

enum floor_mode { FLOOR_DIRECT, FLOOR_COALESCE, FLOOR_DURABLE };

struct floor_connection {
    int socket;
    bool upgraded;
    bool dead; /* in `dying` of the loop */
    bool answering;
    bool waits_to_write;
    struct chat__buffer unread; /* the start of a frame */
    struct chat__buffer unsent;
    struct chat__buffer answers; /* of this pass */
    struct floor_room *room;
    size_t place; /* among the members of the room */
    SLIST_ENTRY(floor_connection) next_dying;
    SLIST_ENTRY(floor_connection) next_answering;
};

SLIST_HEAD(floor_connections, floor_connection);

struct floor_room {
    struct floor_connection **members;
    size_t count;
    size_t capacity;
    struct chat__buffer pending; /* frames */
    SLIST_ENTRY(floor_room) next_dirty;
    SLIST_ENTRY(floor_room) next; /* of the same bucket */
    size_t name_length;
    char name[];
};

SLIST_HEAD(floor_rooms, floor_room);

/* The room of that name, made when absent; NULL when memory is short. */
struct floor_room *floor_find_room(const char *name, size_t length);

/* Leaves the room it was in. */
void floor_join(struct floor_connection *connection, struct floor_room *room);
void floor_leave(struct floor_connection *connection);

#endif
