/*
 * How clients reach the core: one listening socket for WebSocket, the browser
 * client and health checks, on libwebsockets and the caller's libuv loop. The
 * operator's pages (metrics, why it is not ready) have a second one with few
 * places of its own, so that a full server can still be looked at; or they are
 * on the first, for requests that no proxy has passed on.
 *
 * Life: new, then read_on and flush after each loop pass, drain, disconnect,
 * close, the loop run until it has no handles, free. The core is borrowed until
 * disconnect. Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_FRONT_H
#define CHAT_SERVER_FRONT_FRONT_H

#include "protocol/buffer.h"
#include "server/core/core.h"
#include "server/front/gateway.h"
#include "server/ops/metrics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * Sockets beyond the clients: handshakes under way and HTTP. One address may
 * have at most this many, and at most half of those there are, so that no
 * single one can keep the others out; a trusted proxy may have them all.
 */
#define CHAT__HANDSHAKES_MAX             4096
#define CHAT__HANDSHAKES_PER_ADDRESS_MAX 1024

/* A handshake that takes longer is cut off. */
#define CHAT__HANDSHAKE_TIMEOUT_S 10

/* What a client needs to ask for something once it was accepted. */
#define CHAT__FIRST_REQUEST_MS 250

/* How long a client that is being closed has to read what is left. */
#define CHAT__CLOSE_TIMEOUT_MS 5000

/* Connections to the operator's own address, at one time. */
#define CHAT__OPS_SOCKETS_MAX 32

/* A page that is made when it is asked for. */
#define CHAT__PAGE_BYTES_MAX (1024 * 1024)

struct chat__ops_page {
    unsigned int status;      /* of HTTP; 200 at first */
    const char *type;         /* a constant, to be set */
    struct chat__buffer body; /* of CHAT__PAGE_BYTES_MAX; the front's to free */
};

/* What may change while it serves. Strings are borrowed, see below. */
struct chat__front_settings {
    const char *tls_certificate; /* NULL: no TLS */
    const char *tls_key;
    const char *allowed_origins; /* NULL: same origin */
    const char *trusted_proxies; /* NULL: none */
    uint32_t connections_max;
    uint32_t handshakes_max;              /* CHAT__HANDSHAKES_MAX at most */
    uint32_t connections_per_address_max; /* 0: no limit of its own */
};

/*
 * Strings are borrowed until free, or until other settings were applied; save
 * `web`, which is read by new.
 */
struct chat__front_options {
    uv_loop_t *loop;
    struct chat__core *core;
    struct chat__metrics *metrics; /* borrowed; the front counts in it */
    const char *address;           /* numeric */
    uint16_t port;                 /* 0: a free one */
    const char *web;               /* NULL: no browser client */
    struct chat__front_settings settings;
    uint64_t seed;              /* unpredictable */
    struct chat__random random; /* names connections */
    /* Sockets that listen already, instead of the addresses; 0: none. */
    int clients_socket;
    int ops_socket;
    const char *ops_address; /* of the operator's own pages; NULL: none */
    uint16_t ops_port;       /* 0: a free one */
    bool ops_shared;         /* the operator's pages are where clients are */
    /* Makes an operator's page; false: there is none of that path. NULL: none.
     * Where the operator is not, `is_ready` answers for /readyz; NULL: always
     * until the drain. Both get `context`. */
    bool (*page)(void *context, const char *path, size_t length,
                 struct chat__ops_page *page);
    bool (*is_ready)(void *context);
    void *context;
    bool raw_writes;               /* they hold: raw_write.h */
    struct chat__gateway *gateway; /* borrowed; NULL: there is none */
    bool traces;                   /* those that others began are taken over */
};

struct chat__front;

/* NULL, with a sentence in `message`, when it cannot serve. */
struct chat__front *chat__front_new(const struct chat__front_options *options,
                                    char *message, size_t message_size);

uint16_t chat__front_port(const struct chat__front *front);
/* Of the operator's pages; 0: there are none. */
uint16_t chat__front_ops_port(const struct chat__front *front);

/* Takes what clients have sent beyond one read of the library's each. */
void chat__front_read_on(struct chat__front *front);

/* Sends what has gathered. */
void chat__front_flush(struct chat__front *front);

/* Those that listen: for clients, and for the operator where that has one. */
#define CHAT__FRONT_SOCKETS_MAX 2
size_t chat__front_sockets(const struct chat__front *front,
                           int sockets[CHAT__FRONT_SOCKETS_MAX]);

/*
 * Who connects from now on is another process's, which has the same sockets:
 * they wait in the kernel's queue until it accepts. `ops` says whether those
 * who ask for the operator's pages do as well.
 */
void chat__front_leave_queue(struct chat__front *front, bool ops);

/* From now on new clients are refused and /readyz says so. */
void chat__front_drain(struct chat__front *front);

/*
 * True when no client is left, nor, where others take the queue on, one that
 * was accepted just before and may not have been answered yet.
 */
bool chat__front_is_empty(const struct chat__front *front);
/* True when every client that is left was sent its last words. */
bool chat__front_is_told(const struct chat__front *front);
/* True when there is no place for another client. */
bool chat__front_is_full(const struct chat__front *front);

/* What there is now. */
struct chat__front_counts {
    size_t sockets;      /* accepted: clients, handshakes, HTTP */
    size_t output_bytes; /* that wait for slow readers */
};
struct chat__front_counts chat__front_counts(const struct chat__front *front);

/*
 * Takes new settings over, reading the certificate again even where its name is
 * the same. Who is connected stays, also beyond a lower limit. Whether there is
 * TLS at all must not change. False, with a sentence in `message`, when
 * something is wrong; then all stays as it was.
 */
bool chat__front_apply(struct chat__front *front,
                       const struct chat__front_settings *settings,
                       char *message, size_t message_size);

/*
 * Tells the core that all clients have gone, and takes no more of them. After
 * this the core may be freed.
 */
void chat__front_disconnect(struct chat__front *front);

/*
 * Ends the library; the loop then runs out of this front's handles. Nothing
 * else may open files meanwhile: the library closes a descriptor of its own
 * twice.
 */
void chat__front_close(struct chat__front *front);

/* After close and after the loop has ended; NULL is fine. */
void chat__front_free(struct chat__front *front);

#endif
