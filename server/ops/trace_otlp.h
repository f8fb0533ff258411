/*
 * Spans as OTLP/HTTP's JSON has them
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): names in
 * lowerCamelCase, ids in hexadecimal, 64 bit numbers as strings, enumerations
 * as numbers.
 *
 * A request's body is begun once, gets its spans one by one and is ended; the
 * bytes then are the body. Errors are the buffer's. Pure.
 */
#ifndef CHAT_SERVER_OPS_TRACE_OTLP_H
#define CHAT_SERVER_OPS_TRACE_OTLP_H

#include "protocol/buffer.h"
#include "server/ops/trace_context.h"

#include <stdint.h>

/* What end appends. */
#define CHAT__OTLP_END_BYTES 8

/* Of opentelemetry/proto/trace/v1/trace.proto. */
enum chat__span_kind {
    CHAT__SPAN_INTERNAL = 1,
    CHAT__SPAN_SERVER = 2,
    CHAT__SPAN_CLIENT = 3,
    CHAT__SPAN_PRODUCER = 4
};

struct chat__span_attribute {
    const char *key;  /* NULL: left out */
    const char *text; /* NULL: it is the number */
    uint64_t number;
};

#define CHAT__SPAN_ATTRIBUTES_MAX 8

struct chat__span {
    const char *name;
    enum chat__span_kind kind;
    const unsigned char *trace;  /* CHAT__TRACE_ID_BYTES */
    const unsigned char *id;     /* CHAT__SPAN_ID_BYTES */
    const unsigned char *parent; /* NULL: it begins the trace */
    const char *state;           /* of W3C; "": none */
    int64_t began_ns;            /* since the epoch */
    int64_t ended_ns;
    bool failed; /* and it is the server's fault */
    struct chat__span_attribute attributes[CHAT__SPAN_ATTRIBUTES_MAX];
    size_t attribute_count;
};

/* Does nothing once there are CHAT__SPAN_ATTRIBUTES_MAX. */
void chat__span_text(struct chat__span *span, const char *key,
                     const char *text);
void chat__span_number(struct chat__span *span, const char *key,
                       uint64_t number);

/* Who makes the spans: service.version and service.instance.id. */
void chat__otlp_begin(struct chat__buffer *body, const char *version,
                      const char *task);
void chat__otlp_span(struct chat__buffer *body, const struct chat__span *span,
                     bool first);
void chat__otlp_end(struct chat__buffer *body);

#endif
