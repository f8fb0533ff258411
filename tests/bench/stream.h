/*
 * Publishers that send into rooms, and members that get everything: what
 * `fanout`, `rooms` and their like have in common.
 *
 * Connection number room * members + place; the first `publishers` members of
 * each room send. Closed loop: each has `window` messages under way, until all
 * members have them. Open loop: messages are due at a rate, in turn by all
 * publishers, and their stamps say when they were due.
 *
 * Every delivery is checked against its publisher's sequence. The last
 * `uncounted` members of a room may get messages or not.
 */
#ifndef CHAT_TESTS_BENCH_STREAM_H
#define CHAT_TESTS_BENCH_STREAM_H

#include "tests/bench/adapter.h"
#include "tests/bench/histogram.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"
#include "tests/bench/sequence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct publisher {
    struct connection *connection;
    struct message message;
    uint32_t number;
    uint32_t sent;
    uint32_t sent_before; /* stream_begin */
    uint32_t under_way;   /* closed loop: not with all members yet */
    uint32_t unanswered;  /* where the server answers */
    uint32_t *missing; /* closed loop, ring by sequence: members without it */
    bool listed;       /* in stream->able */
};

struct stream {
    struct load *load;
    size_t rooms;
    size_t members;
    size_t publishers_each; /* of a room */
    size_t uncounted;
    struct publisher *publishers;
    size_t publisher_count;
    struct publisher **able; /* those that may have something to send */
    size_t able_count;
    uint32_t window; /* 0: open loop */
    uint32_t ring;   /* size of `missing`, a power of two */
    double interval; /* open loop: nanoseconds from one message to the next */
    uint64_t begun;  /* open loop: when the first one is due */
    uint64_t due;    /* open loop: messages that were due so far */
    bool sending;
    bool measuring;
    uint64_t deliveries;
    struct sequences sequences;
    struct histogram latency;
    struct measure from;
    struct measure to;
    /* Called about every `tick_interval` while it measures, if not NULL. */
    void (*tick)(struct stream *stream);
    uint64_t tick_interval;
};

/* Makes the connections. Release it in any case. */
bool stream_init(struct stream *stream, struct load *load, size_t rooms,
                 size_t members, size_t publishers_each);
void stream_release(struct stream *stream);

/* Opens the connections, all into their rooms. */
bool stream_open(struct stream *stream);

/* Begins to send; then stream_turn until stream_end. */
void stream_begin(struct stream *stream);

/* Sends what may be sent, waits for the sockets; false: failed. */
bool stream_turn(struct stream *stream, uint64_t until);

/* Warms up, measures, ends, as the options say; may be called again. */
bool stream_run(struct stream *stream);

/* Sends no more, waits for what is under way, counts what is lost. */
bool stream_end(struct stream *stream);

/* Deliveries that a message should make. */
size_t stream_deliveries_each(const struct stream *stream);

/* Rates, latency, and what went wrong, from `from` to `to`. */
void stream_report(const struct stream *stream);

#endif
