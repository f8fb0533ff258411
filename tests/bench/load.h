/*
 * The load generator: one thread, one epoll set, many connections to one
 * server on 127.0.0.1. See workloads.h for the work and adapter.h for the
 * protocols.
 *
 * A failure is a sentence that is kept once; from then on load_turn answers
 * false, and every loop ends.
 */
#ifndef CHAT_TESTS_BENCH_LOAD_H
#define CHAT_TESTS_BENCH_LOAD_H

#include "tests/bench/options.h"
#include "tests/bench/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_PREFIX_BYTES 5
#define LOAD_SECOND       1000000000u /* nanoseconds */
/* Without a byte from the server for so long, a run has failed. */
#define LOAD_STALL (20 * (uint64_t)LOAD_SECOND)

struct adapter;
struct connection;
struct load;

/* What a workload wants to hear; NULL: nothing. */
struct load_events {
    /* The connection is set up as its adapter does it. */
    void (*ready)(struct connection *connection);
    /* A marked message came. */
    void (*message)(struct connection *connection, const struct stamp *stamp);
    /* The request with that number, 0, 1, 2, … was answered, in `length`
     * bytes. */
    void (*reply)(struct connection *connection, uint32_t number,
                  const char *answer, size_t length);
    /* chat: an entry of the room's log came. */
    void (*entry)(struct connection *connection, uint64_t seq);
    /* The server closed; without a listener the run fails. */
    void (*closed)(struct connection *connection);
};

struct load {
    struct options options;
    const struct adapter *adapter;
    struct load_events on;
    void *workload;     /* the workload's own */
    bool wants_replies; /* messages are for their answers, not for members */
    bool hello_only;    /* chat: the set-up ends before the join */
    char prefix[LOAD_PREFIX_BYTES + 1]; /* of this run's names */
    struct connection *connections;
    size_t connection_count;
    size_t ready; /* of them, set up and open */
    int epoll;
    char *memory;
    char *area;      /* of it, what connections read into: see inbox.h */
    uint64_t now;    /* read at each wake-up and each read */
    uint64_t heard;  /* when a byte came last */
    uint64_t opened; /* connections, ever */
    uint64_t reads;
    uint64_t bytes_read;
    bool failed;
    char failure[1024];
};

/* False: see load->failure. */
bool load_init(struct load *load, const struct options *options);
void load_release(struct load *load);

/* Makes that many connections, closed yet. */
bool load_make_connections(struct load *load, size_t count);

/* Keeps the first sentence of what went wrong. */
void load_fail(struct load *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Waits for the sockets, at most until `until`, and does what they ask. */
bool load_turn(struct load *load, uint64_t until);

#endif
