/*
 * Appends to a store by three writers at once, each to a room of its own, with
 * entries of the protocol, so that `chatctl verify` can judge what is left.
 * What a batch was refused is tried again until it is in. Every batch that was
 * acknowledged is noted with the position of the medium's tape at that moment.
 */
#ifndef CHAT_TESTS_CRASH_WORKLOAD_H
#define CHAT_TESTS_CRASH_WORKLOAD_H

#include "tests/store/harness.h"

#define WORKLOAD_ROOMS       3
#define WORKLOAD_BATCH_MAX   4
#define WORKLOAD_EVENT_BYTES 2048
#define WORKLOAD_ACKS_MAX    8192

struct workload_writer {
    struct asked_append batch; /* first: completions are of it */
    char events[WORKLOAD_BATCH_MAX][WORKLOAD_EVENT_BYTES];
    uint64_t head; /* acknowledged */
    uint64_t user;
    size_t position; /* of the tape, when the store answered */
    int room;
    int left; /* batches to do */
};

struct workload_ack {
    size_t position;
    uint64_t head;
    int room;
};

struct workload {
    struct harness *harness;
    struct chat__completion_sink sink; /* the harness's */
    struct workload_writer writers[WORKLOAD_ROOMS];
    struct workload_ack acks[WORKLOAD_ACKS_MAX];
    size_t ack_count;
    size_t refused;
    uint64_t random;
    void (*between)(struct workload *workload); /* after an answer, or NULL */
};

extern const char *const workload_rooms[WORKLOAD_ROOMS];

/* Takes over the sink of the harness, whose store is closed. */
void workload_init(struct workload *workload, struct harness *harness,
                   uint64_t seed);
void workload_release(struct workload *workload);

/* With an open store: each writer appends so many batches. */
void workload_run(struct workload *workload, int batches);

/* What was acknowledged of a room when the tape was at `position`. */
uint64_t workload_acked(const struct workload *workload, int room,
                        size_t position);

/*
 * Each room's head by the store that is open, then one batch more to each,
 * which must go in. Returns how many rooms have less than was acknowledged.
 */
size_t workload_resume(const struct workload *workload, size_t position);

/* The findings of verify in the harness's file, the first in its message. */
size_t workload_verify(struct harness *harness);

#endif
