/*
 * What the files of the front share: the front itself, and the session, which
 * the library keeps for each HTTP or WebSocket connection.
 *
 * A listener is a listening socket and what came by it: one is for clients; one
 * of its own, if there is one, for who operates the server.
 *
 * A session is OPEN while the core may send to it, CLOSING while what is left
 * goes out before the close frame. Then the library has it and nothing may be
 * written: LEAVING while close frames are exchanged, BROKEN when there is
 * nobody to exchange them with.
 * `connection` is NULL before the handshake and once the core was told that
 * the client has gone.
 */
#ifndef CHAT_SERVER_FRONT_SESSION_H
#define CHAT_SERVER_FRONT_SESSION_H

#include "server/front/address.h"
#include "server/front/assets.h"
#include "server/front/front.h"
#include "server/front/origin.h"
#include "server/front/output.h"
#include "server/front/proxy.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>

#define CHAT__CLOSE_REASON_BYTES 64

/*
 * What the library reads at a time, and keeps for every client; larger messages
 * come in pieces.
 */
#define CHAT__RECEIVE_BYTES 256

enum chat__session_state {
    CHAT__SESSION_HTTP,
    CHAT__SESSION_OPEN,
    CHAT__SESSION_CLOSING,
    CHAT__SESSION_LEAVING,
    CHAT__SESSION_BROKEN
};

/* A client's message while it comes in pieces. */
struct chat__pieces {
    size_t count;
    size_t length;
    size_t capacity;
    char bytes[];
};

struct chat__session {
    struct chat__front *front;
    struct lws *wsi;
    enum chat__session_state state;

    /* HTTP: the rest of a body that is on its way */
    const char *body;
    size_t body_left;
    char *page; /* what `body` is in, when it is the session's to free */
    struct chat__exchange *exchange; /* API Gateway's; NULL: none */
    bool body_too_large;             /* for a frame: it is read past */

    /* WebSocket */
    struct chat__connection *connection;
    uint64_t id; /* random, names the connection: core/observer.h */
    struct chat__address *client; /* whom a proxy speaks for; NULL: the peer */
    struct chat__output output;
    size_t place;                    /* in the front's sessions */
    struct chat__session *next;      /* in the front's list of dirty ones ... */
    struct chat__session **link;     /* ... NULL when not in it */
    struct chat__session *next_busy; /* in the front's list of busy ones */
    bool busy;
    uint32_t pass;  /* the front's when it was last read from ... */
    uint32_t burst; /* ... what came in it: of the newest read ... */
    uint32_t taken; /* ... and of all */
    struct chat__pieces *pieces; /* NULL: no message has begun */
    int64_t heard_ms;            /* when the peer was last heard ... */
    int64_t pinged_ms;           /* ... and pinged */
    int64_t close_by_ms;         /* CLOSING: when patience ends */
    bool close_heard;            /* the peer's close frame */
    unsigned int close_code;
    char *close_reason; /* owned; NULL: none, or no memory for it */
};

struct chat__listener {
    struct chat__front *front;
    uv_poll_t poll;
    int socket; /* -1: none */
    uint16_t port;
    size_t sockets;
    /* What a socket counts for in place of its peer's address; no vhost tells
     * listeners apart, since the library picks it by the header Host. */
    struct chat__address everybody;
};

struct chat__front {
    struct chat__front_options options;
    struct chat__assets assets;
    struct chat__origins origins;
    struct chat__proxies proxies;
    struct chat__addresses addresses;
    struct chat__address *adopting; /* handed to the library, not taken yet */
    struct chat__output_pool pool;
    unsigned char *framing; /* of LWS_PRE and a payload; NULL: raw writes */
    struct chat__frame *ping;
    struct chat__session **sessions; /* the clients */
    uint32_t session_places;         /* connections_max at least */
    uint32_t handshake_places;       /* that the library keeps */
    size_t session_count;
    size_t sweep_place;
    struct chat__session *dirty; /* have something to flush */
    struct chat__session *busy; /* may have sent more than one read takes ... */
    struct chat__session **busy_end; /* ... first come, first served */
    uint32_t pass;                   /* of the loop, counted */
    bool draining;
    bool left_queue;
    int64_t accepted_ms; /* the last socket was */

    struct chat__listener clients;
    struct chat__listener ops; /* for the operator; may have no socket */
    uv_timer_t sweep;
    struct lws_context *context; /* NULL once the library has ended */
    struct lws_vhost *vhost;
    struct chat__credentials *credentials; /* that handshakes take */
    SSL_CTX *tls; /* the vhost's, which clients have and the operator not */
};

/* settings.c: of the front's options; see chat__front_apply. */
bool chat__settings_init(struct chat__front *front, char *message,
                         size_t message_size);

/* listener.c: accepts sockets, counts them, hands them to the library. */
void chat__listener_init(struct chat__listener *listener,
                         struct chat__front *front);
/* Takes over a socket that listens already. */
bool chat__listener_inherit(struct chat__listener *listener, int descriptor,
                            char *message, size_t message_size);
/* Binds; `address` is numeric. */
bool chat__listener_open(struct chat__listener *listener, const char *address,
                         uint16_t port, char *message, size_t message_size);
/* Takes its place in the loop; false when that cannot be. */
bool chat__listener_watch(struct chat__listener *listener);
/* Accepts; also after a pause. Starting twice is fine, as is no socket. */
void chat__listener_start(struct chat__listener *listener);
/* Accepts no more; then closes the socket. */
void chat__listener_stop(struct chat__listener *listener);
void chat__listener_close(struct chat__listener *listener);
bool chat__listener_is_ops(const struct chat__front *front, struct lws *wsi);
void chat__listener_socket_gone(struct chat__front *front, struct lws *wsi);

/* The library's list of status codes lacks it. */
#define CHAT__HTTP_UPGRADE_REQUIRED 426

/* Who may stand behind a request. */
enum chat__asker {
    CHAT__ASKER_CLIENT,
    CHAT__ASKER_OPERATOR,
    CHAT__ASKER_EITHER /* where they share an address */
};

/* http.c: results are those of the library's callback. */
extern const struct lws_protocol_vhost_options *const chat__http_headers;
extern const struct lws_protocol_vhost_options *const chat__http_headers_tls;
int chat__http_request(struct chat__session *session, struct lws *wsi,
                       enum chat__asker asker, const char *path, size_t length);
int chat__http_writable(struct chat__session *session, struct lws *wsi);
void chat__http_release(struct chat__session *session);
/* Any number of bytes with 200, which are copied; `name`: one more header. */
int chat__http_answer(struct chat__session *session, struct lws *wsi,
                      const char *name, const char *value, const char *body,
                      size_t length);
/* A request that some proxy passes on for another. */
bool chat__http_is_forwarded(struct lws *wsi);
/* Answers a request with a line of text, after which it is closed. */
int chat__http_refuse(struct lws *wsi, unsigned int status, const char *text);

/* gateway_request.c: results are those of the library's callback. */
int chat__gateway_request(struct chat__session *session, struct lws *wsi,
                          const char *path, size_t length);
int chat__gateway_body(struct chat__session *session, const char *bytes,
                       size_t length);
int chat__gateway_body_end(struct chat__session *session, struct lws *wsi);
int chat__gateway_writable(struct chat__session *session, struct lws *wsi);
/* Its request has gone; nobody waits for the answer. */
void chat__gateway_gone(struct chat__session *session);

/* upgrade.c: 0 when the request may become a WebSocket. */
int chat__upgrade_check(struct chat__front *front, struct lws *wsi);
/* Names the connection and adds that name to the answer; nonzero on failure. */
int chat__upgrade_answer(struct chat__session *session,
                         struct lws_process_html_args *headers);
/* What is told of the connection: its id by a trusted proxy, its trace by
 * anybody. False when nothing. */
bool chat__upgrade_remote(const struct chat__front *front, struct lws *wsi,
                          struct chat__remote_context *remote);
/* The client that a trusted proxy names; false when it is the peer itself. */
bool chat__upgrade_client(const struct chat__front *front, struct lws *wsi,
                          struct in6_addr *client);

/* The loop's. */
static inline int64_t chat__front_now_ms(const struct chat__front *front)
{
    return (int64_t)uv_now(front->options.loop);
}

/* receive.c: results are those of the library's callback. */

/* Of RFC 6455, 7.4.1. */
enum { CHAT__CLOSE_UNACCEPTABLE = 1003, CHAT__CLOSE_TOO_LARGE = 1009 };

int chat__websocket_receive(struct chat__session *session, const char *bytes,
                            size_t length);
void chat__websocket_heard(struct chat__session *session);
/* Drops what has come of a message; nothing more is read on. */
void chat__websocket_forget(struct chat__session *session);

/* websocket.c: the same. */
enum chat__output_written
chat__websocket_write(void *handle, const unsigned char *bytes, size_t length);
int chat__websocket_open(struct chat__session *session);
/* A close that the front itself decides on, with its event before it. */
void chat__websocket_close(struct chat__session *session, unsigned int code,
                           const char *reason);
/* The payload of the peer's close frame, which the library answers. */
int chat__websocket_close_heard(struct chat__session *session,
                                const unsigned char *payload, size_t length);
int chat__websocket_writable(struct chat__session *session);
void chat__websocket_flush(struct chat__session *session);
void chat__websocket_sweep(struct chat__session *session, int64_t now_ms);
/* The peer is going or gone: the core sends no more. */
void chat__websocket_leave(struct chat__session *session);
void chat__websocket_release(struct chat__session *session);

#endif
