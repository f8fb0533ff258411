/*
 * Sends spans to a collector by OTLP/HTTP, in JSON.
 *
 * A span is encoded when it is added, into the batch that is being gathered;
 * one batch is sent at a time, a little later or when enough has gathered. A
 * collector that is slow or asks to wait gets the same batch again a few times;
 * meanwhile spans gather up to a limit, beyond which they are dropped and
 * counted. So a collector that is down costs two batches of memory and a line
 * of the log a minute.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_OPS_TRACE_EXPORT_H
#define CHAT_SERVER_OPS_TRACE_EXPORT_H

#include "server/aws/credentials.h"
#include "server/aws/http.h"
#include "server/ops/trace_otlp.h"

/* What gathers at most, and what is sent without waiting for more. */
#define CHAT__TRACE_BATCH_BYTES_MAX (512 * 1024)
#define CHAT__TRACE_BATCH_BYTES     (64 * 1024)

/* How long the last spans of a server that ends may take. */
#define CHAT__TRACE_FINISH_MS 2000

/* Pointers are borrowed until close. */
struct chat__trace_export_options {
    uv_loop_t *loop;
    struct chat__http *http;
    const char *endpoint;       /* the whole URL */
    const char *const *headers; /* of every request; ended by NULL */
    const char *version;
    const char *task;
    /* With which each request is signed for AWS's `service`; NULL: not. */
    const struct chat__credential_source *credentials;
    const char *service;
    const char *region;
};

/* Spans. */
struct chat__trace_counts {
    uint64_t sent;
    uint64_t dropped; /* there was no place for them */
    uint64_t failed;  /* the collector did not take them */
};

struct chat__trace_export;

/* NULL when memory is short. */
struct chat__trace_export *
chat__trace_export_new(const struct chat__trace_export_options *options);

void chat__trace_export_add(struct chat__trace_export *export,
                            const struct chat__span *span);

struct chat__trace_counts
chat__trace_export_counts(const struct chat__trace_export *export);

/* Sends what there is, once and in time; is_finished says when that is over. */
void chat__trace_export_finish(struct chat__trace_export *export);
bool chat__trace_export_is_finished(const struct chat__trace_export *export);

/* NULL is fine. The loop must run until it has closed a handle. */
void chat__trace_export_close(struct chat__trace_export *export);

#endif
