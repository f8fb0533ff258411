/*
 * One connection to the server: socket, upgrade, what it reads and writes.
 *
 * Its adapter sets it up after connection_open, step by step, and calls
 * connection_is_ready at the end. Output is queued, and written by
 * connection_flush; what the socket does not take waits.
 */
#ifndef CHAT_TESTS_BENCH_CONNECTION_H
#define CHAT_TESTS_BENCH_CONNECTION_H

#include "protocol/buffer.h"
#include "tests/bench/inbox.h"
#include "tests/bench/load.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTION_OUTPUT_MAX  (8 * 1024 * 1024)
#define CONNECTION_FRAME_BYTES 8 /* the header of a client's frame, at most */
#define CONNECTION_TOKEN_MAX   64
#define CONNECTION_EPOCH_MAX   32

enum connection_state {
    CONNECTION_CLOSED,
    CONNECTION_CONNECTING,
    CONNECTION_UPGRADING,
    CONNECTION_OPEN,
};

struct connection {
    struct load *load;
    int fd;
    enum connection_state state;
    bool ready;
    bool waits_to_write;
    int receive_bytes;   /* of the kernel's buffer; 0: as it likes */
    uint16_t close_code; /* what the server gave for closing */
    uint32_t room;       /* by number */
    uint32_t place;      /* among the members of its room */
    uint32_t answered;   /* requests, where answers come in their order */
    void *user;          /* the workload's own */
    struct inbox inbox;
    struct chat__buffer output;
    size_t written; /* bytes of the output */
    bool resumed;   /* chat: the server sends what was missed */
    uint64_t seq;   /* chat: the newest entry that it has */
    char token[CONNECTION_TOKEN_MAX + 1];
    char epoch[CONNECTION_EPOCH_MAX + 1];
};

size_t connection_number(const struct connection *connection);

/* The name of its room, unique to this run. */
void connection_room(const struct connection *connection, char *name,
                     size_t size);

/* Begins to connect; what goes wrong fails the run. */
void connection_open(struct connection *connection);

/* Closes the socket, forgets what it read and wrote. */
void connection_close(struct connection *connection);

/* What epoll said about it. */
void connection_act(struct connection *connection, uint32_t events);

/* Reads nothing until it is told otherwise. */
void connection_pause(struct connection *connection, bool pause);

/* For adapters: the set-up, or its next part, is over. */
void connection_is_ready(struct connection *connection);

/* Queues bytes as they are. */
void connection_queue(struct connection *connection, const void *bytes,
                      size_t length);

/* Queues what the format gives, as one WebSocket frame where those are used. */
void connection_say(struct connection *connection, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void connection_flush(struct connection *connection);

/* Writes the header of a client's frame, masked with zeros, which leaves the
 * payload as it is; returns its length. */
size_t connection_frame(char header[CONNECTION_FRAME_BYTES], uint8_t opcode,
                        size_t length);

#endif
