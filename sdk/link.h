/*
 * One WebSocket of one handle: looks the name up, tries its addresses in turn
 * until a handshake succeeds, puts frames together, and reports the end.
 *
 * Lives on the network thread, all of it but init and release. Callbacks to
 * the handler come from inside libwebsockets (opened, received, next_frame)
 * or from open and step (ended); of the link they may call only
 * chat__link_set_reading.
 *
 * The subprotocol is asked for first; a server that refuses the handshake for
 * it is tried once without.
 */
#ifndef CHAT_SDK_LINK_H
#define CHAT_SDK_LINK_H

#include "protocol/buffer.h"
#include "sdk/network.h"
#include "sdk/resolver.h"
#include "sdk/session.h"
#include "sdk/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TCP, TLS and HTTP with one address, in milliseconds. */
#define CHAT__ADDRESS_TIMEOUT_MS 10000

/* Frames written in one go before others get their turn. */
#define CHAT__FRAMES_AT_ONCE 16

struct lws;
struct lws_vhost;
struct ssl_ctx_st;

struct chat__link_handler {
    void (*opened)(void *context);
    void (*received)(void *context, const char *bytes, size_t length);
    /* Appends the next frame to send; false: nothing. */
    bool (*next_frame)(void *context, struct chat__buffer *buffer);
    /* The open link ended, or could not be opened. Once for each open. */
    void (*ended)(void *context, const struct chat__disconnect *why);
    void *context;
};

enum chat__link_state {
    CHAT__LINK_CLOSED,
    CHAT__LINK_RESOLVING,
    CHAT__LINK_CONNECTING,
    CHAT__LINK_OPEN,
    CHAT__LINK_BROKEN /* a callback reported the end; step handles it */
};

struct chat__link {
    struct chat__member *member;
    struct chat__link_handler handler;
    const struct chat__url *url;
    struct ssl_ctx_st *tls; /* NULL: plain */
    struct lws_vhost *vhost;
    struct lws *wsi;
    enum chat__link_state state;
    bool established; /* of this open: `opened` was called */
    bool reading;
    bool without_subprotocol;
    bool subprotocol_refused; /* the handshake broke where it may be why */
    struct chat__lookup *lookup;
    struct chat__addresses addresses;
    size_t address; /* the one that is tried */
    uint64_t address_due;
    struct chat__buffer in;
    struct chat__buffer out;
    int error; /* why it broke */
    unsigned close_code;
    char detail[160];
};

/* `tls` becomes the link's. `url` and `member` must outlive it. */
void chat__link_init(struct chat__link *link, struct chat__member *member,
                     const struct chat__url *url, struct ssl_ctx_st *tls,
                     const struct chat__link_handler *handler);

/* After chat__link_shutdown, or if never opened. */
void chat__link_release(struct chat__link *link);

/* Begins to connect; the link must be closed. */
void chat__link_open(struct chat__link *link, uint64_t now);

/* Ends it with a close frame where one can go out; `ended` is not called. */
void chat__link_close(struct chat__link *link);

/* Closes and gives back what belongs to the network. */
void chat__link_shutdown(struct chat__link *link);

/* Goes on with what callbacks, the lookup and the clock have brought. */
void chat__link_step(struct chat__link *link, uint64_t now);

/* When to step by time alone, UINT64_MAX: not. */
uint64_t chat__link_due(const struct chat__link *link);

/* The handler may have a frame to send. */
void chat__link_want_write(struct chat__link *link);

/* Stop or go on taking frames from the socket. */
void chat__link_set_reading(struct chat__link *link, bool reading);

#endif
