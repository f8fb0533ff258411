/*
 * Follows some requests on their way: which of them, and what spans come of it.
 *
 *     send                  SERVER    read from the socket .. delivered
 *       wait                INTERNAL  .. given to the store, with its batch
 *       append              CLIENT    .. on disk
 *       deliver             PRODUCER  .. written to the sockets of the room
 *
 * An append and a delivery are shared by the requests of a batch. Each request
 * that is followed has a span of its own for them, so that its trace says where
 * the time went; how many shared it is an attribute. A request that makes no
 * entry has one span, and one named `store` when it went there.
 *
 * Which: a share of all, by chance. Where a trusted caller said whether its
 * trace is written down, that decides instead; what others say does not count,
 * since they could have us follow everything. A trace that somebody else began
 * goes on by its id, whoever that was.
 *
 * No span has text, names of users, keys, tokens or passwords.
 *
 * Loop thread only. What a caller has to do for a request that is not followed
 * is one call of chat__tracer_wants, a few nanoseconds.
 */
#ifndef CHAT_SERVER_OPS_TRACE_H
#define CHAT_SERVER_OPS_TRACE_H

#include "protocol/limits.h"
#include "server/ops/trace_export.h"

/* Requests that wait for their delivery at the end of the pass; beyond it they
 * have no span for it. */
#define CHAT__TRACE_WAITING_MAX 512

/* Times are monotonic, in microseconds; see `now_us` of the options. */
struct chat__traced {
    const struct chat__trace_context *context; /* NULL: none */
    const char *action;
    const char *room;   /* NULL: about none */
    const char *result; /* name of an error; NULL: it was done */
    bool failed;        /* and it is the server's fault */
    int64_t began_us;
    int64_t ended_us;
    int64_t store_began_us; /* 0: it was not there */
    int64_t store_ended_us;
    uint64_t seq;      /* of its entry; 0: none */
    uint64_t appended; /* entries of the append that made it; 0: none did */
};

/* The entries first..last of a room were handed to its listeners. */
struct chat__traced_delivery {
    const char *room;
    uint64_t first;
    uint64_t last;
    uint64_t connections;
    int64_t began_us;
};

struct chat__tracer_options {
    struct chat__trace_export *export; /* borrowed until free */
    const char *store;                 /* such as "sqlite" */
    double sample;                     /* the share, 0 to 1 */
    uint64_t seed;                     /* by chance */
    /* The clock of all times here. */
    int64_t (*now_us)(void *context);
};

struct chat__tracer;

/* NULL when memory is short. */
struct chat__tracer *
chat__tracer_new(const struct chat__tracer_options *options);
void chat__tracer_free(struct chat__tracer *tracer);

void chat__tracer_set_sample(struct chat__tracer *tracer, double sample);

/* Decides whether a request is followed; `context` may be NULL. */
bool chat__tracer_wants(struct chat__tracer *tracer,
                        const struct chat__trace_context *context);

/* A request that is followed was answered. */
void chat__tracer_request(struct chat__tracer *tracer,
                          const struct chat__traced *traced);

void chat__tracer_delivered(struct chat__tracer *tracer,
                            const struct chat__traced_delivery *delivery);

/* All that was handed over is written: the end of a loop pass. */
void chat__tracer_flush(struct chat__tracer *tracer);

#endif
