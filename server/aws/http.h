/*
 * An HTTP client on the loop: libcurl's multi interface, driven by libuv's
 * sockets and timers. Nothing blocks: names are resolved on threads of
 * libcurl's, and one that is still asking when its request ends is left to end
 * by itself.
 *
 * A call is one request. Its `done` is called once, on the loop and never
 * before `chat__http_start` has returned; the call is gone then. A call that
 * is cancelled, or that the client's end cuts off, has no `done`. Inside
 * `done` calls may be started and cancelled, but the client not closed.
 *
 * Bounds: calls at a time, bytes of a response, time to connect and in all.
 * Connections are kept and used again. HTTP/1.1; certificates are checked; no
 * redirection is followed, no proxy of the environment asked. Nothing is
 * retried, which is for those who know what may be repeated.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_AWS_HTTP_H
#define CHAT_SERVER_AWS_HTTP_H

#include "server/aws/credentials.h"

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define CHAT__HTTP_CONNECT_TIMEOUT_MS 3000

/* A request has so many headers of its own at most. */
#define CHAT__HTTP_HEADERS_MAX 8

struct chat__http_options {
    uv_loop_t *loop;
    size_t calls_max;       /* at a time */
    size_t connections_max; /* open or kept */
    const char *user_agent; /* borrowed for the client's life, as is the next */
    const char *ca_file;    /* NULL: the system's authorities */
};

/*
 * With signature version 4 (sign.h) of all the request's own headers, the host,
 * the date and the token. The path goes on the wire as it stands in the URL.
 */
struct chat__http_signing {
    const char *service;
    const char *region;
    const struct chat__credentials *credentials;
};

enum chat__http_result {
    CHAT__HTTP_ANSWERED, /* with any status */
    CHAT__HTTP_TIMED_OUT,
    CHAT__HTTP_TOO_LARGE, /* an answer beyond the limit */
    CHAT__HTTP_FAILED     /* no connection, or it broke */
};

struct chat__http_response {
    enum chat__http_result result;
    unsigned int status; /* 0 unless answered */
    const char *body;    /* valid during `done`; not terminated */
    size_t length;
    int64_t retry_after_ms; /* of the header; 0: none */
    const char *header;     /* the value of the wanted one; NULL: none */
    const char *message;    /* what went wrong, a sentence; never NULL */
};

struct chat__http_request {
    const char *method;         /* GET, POST or DELETE */
    const char *url;            /* http or https */
    const char *const *headers; /* "Name: value"; ended by NULL, or NULL */
    /* Of a POST; borrowed until `done`. From 1 MiB on the library asks first
     * whether it may come, which costs a round trip. */
    const char *body;
    size_t body_length;
    const struct chat__http_signing *signing; /* NULL: as it is */
    const char *wanted_header; /* of the response; NULL: none; borrowed */
    size_t response_bytes_max;
    uint32_t timeout_ms; /* in all */
    void (*done)(void *context, const struct chat__http_response *response);
    void *context;
};

struct chat__http;
struct chat__http_call;

/* NULL when memory is short. */
struct chat__http *chat__http_new(const struct chat__http_options *options);

/* NULL when there are too many calls, the URL is none, or memory is short. */
struct chat__http_call *
chat__http_start(struct chat__http *http,
                 const struct chat__http_request *request);

void chat__http_cancel(struct chat__http_call *call);

/*
 * Cuts off what runs; NULL is fine. The loop must run until it has closed the
 * handles, the last of which frees the client.
 */
void chat__http_close(struct chat__http *http);

#endif
