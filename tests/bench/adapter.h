/*
 * What a server speaks: how a connection comes into its room, how a message is
 * written, where messages and answers are in what comes back.
 *
 * A message is composed once for each publisher; for each sending it is copied,
 * and its stamp, key and id are written over it.
 */
#ifndef CHAT_TESTS_BENCH_ADAPTER_H
#define CHAT_TESTS_BENCH_ADAPTER_H

#include "protocol/buffer.h"
#include "tests/bench/connection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADAPTER_ID_BASE   1000000000u /* so that all ids have ten digits */
#define ADAPTER_ID_DIGITS 10

struct message {
    struct chat__buffer bytes;
    size_t stamp_at;
    size_t key_at; /* 0: none */
    size_t id_at;  /* 0: none */
};

struct adapter {
    const char *name;
    const char *subprotocol; /* NULL: asks for none */
    const char *path;        /* NULL: no WebSocket */
    uint8_t opcode;          /* of its frames */
    bool echoes;             /* a publisher gets its own messages */
    bool keeps_a_log;        /* it is chat.v1: tokens, entries, history */
    unsigned int in_flight;  /* unanswered messages of a publisher; 0: any */
    /* The connection is open: says the first thing. */
    void (*begin)(struct connection *connection);
    /* As inbox_handler's; may finish the set-up. */
    ptrdiff_t (*units)(struct connection *connection, const char *data,
                       size_t length, bool ends);
    /* Appends a message without a frame's header and notes where what is. */
    void (*compose)(const struct connection *connection,
                    struct message *message);
};

extern const struct adapter adapter_chat;
extern const struct adapter adapter_irc;
extern const struct adapter adapter_json;
extern const struct adapter adapter_nats;
extern const struct adapter adapter_plain;

/* Asks to join the room; its answer is that of a set-up. */
void adapter_chat_join(struct connection *connection);

/* Asks for a page of the room's log `before` or `after` an entry; its answer is
 * the request number 0. */
void adapter_chat_ask_page(struct connection *connection, const char *side,
                           uint64_t seq, uint64_t limit);
uint64_t adapter_chat_count_entries(const char *page, size_t length);

/* NULL: no such adapter. */
const struct adapter *adapter_find(const char *name);

/* A message of this connection's, framed; false without memory. */
bool message_init(struct message *message, const struct connection *connection);
void message_release(struct message *message);

/* For compose: a text of that many bytes as the options say. */
void message_append_text(struct message *message, size_t length);

/* Queues the next one on the connection. */
void message_queue(const struct message *message, struct connection *connection,
                   const struct stamp *stamp);

/* The number behind `name` in a line, or `otherwise`. */
uint64_t find_number(const char *line, size_t length, const char *name,
                     uint64_t otherwise);

/* The text behind `name`, up to the next quote; "" when there is none or it is
 * too long. */
void find_text(const char *line, size_t length, const char *name, char *text,
               size_t size);

#endif
