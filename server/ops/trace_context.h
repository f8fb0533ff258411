/*
 * The trace that somebody else began, as the headers of a request tell it: W3C
 * Trace Context (https://www.w3.org/TR/trace-context/) or AWS X-Ray's.
 *
 * Pure, any thread. What is malformed is as good as not there.
 */
#ifndef CHAT_SERVER_OPS_TRACE_CONTEXT_H
#define CHAT_SERVER_OPS_TRACE_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__TRACE_ID_BYTES 16
#define CHAT__SPAN_ID_BYTES  8

/* A tracestate has to be passed on up to here; a longer one is ignored. */
#define CHAT__TRACE_STATE_BYTES_MAX 512

/* Whether who began the trace wants it written down. */
enum chat__trace_wish {
    CHAT__TRACE_NO_WISH,
    CHAT__TRACE_SAMPLED,
    CHAT__TRACE_NOT_SAMPLED
};

/* Zeroed is none. */
struct chat__trace_context {
    bool there;
    bool has_parent; /* else the trace has no span yet */
    enum chat__trace_wish wish;
    unsigned char trace[CHAT__TRACE_ID_BYTES];
    unsigned char parent[CHAT__SPAN_ID_BYTES];
    char state[CHAT__TRACE_STATE_BYTES_MAX + 1]; /* of W3C; "": none */
};

/*
 * Takes the context of a request's headers, NULL for those that it has not. The
 * first that is well formed counts; `tracestate` goes with `traceparent` alone.
 * False, and `context` is none, when there is no such header.
 */
bool chat__trace_context_read(struct chat__trace_context *context,
                              const char *traceparent, const char *tracestate,
                              const char *amazon);

#endif
