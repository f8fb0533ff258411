/*
 * The heart of the server: connections, users, rooms. It knows no socket, no
 * clock, no file and no thread; all of that is handed in. One core belongs to
 * one thread; every function here is called on it.
 *
 * The way of a message: a front gives the bytes of a frame to
 * chat__core_receive; the action table names the handler; a request that
 * makes an entry waits in its room; chat__core_flush, unless the room has an
 * append in flight or waits a little for others, checks the waiting ones
 * against the log and composes them to the next batch; the store commits and
 * posts a completion; the core answers the senders and puts the encoded entries
 * into the room's pending buffer; chat__core_flush hands that buffer, framed
 * once, to every connection in the room.
 *
 * docs/architecture.md has the picture.
 */
#ifndef CHAT_SERVER_CORE_CORE_H
#define CHAT_SERVER_CORE_CORE_H

#include "server/account/account.h"
#include "server/bus/bus.h"
#include "server/bus/cache.h"
#include "server/completion.h"
#include "server/core/observer.h"
#include "server/ops/metrics.h"
#include "server/store/directory.h"
#include "server/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__core;
struct chat__connection;

/*
 * What was framed once for many connections. Made, shared and freed by the
 * front whose operations these are; opaque to the core.
 */
struct chat__frame;

/* Whether an object may be lost when a connection cannot keep up. */
enum chat__delivery { CHAT__DELIVERY_DURABLE, CHAT__DELIVERY_DROPPABLE };

/* How a client's connection is doing, for its operator. */
struct chat__front_look {
    const unsigned char *address; /* CHAT__ADDRESS_BYTES; NULL: not known */
    size_t queue_bytes;           /* that wait for the client */
    int64_t idle_ms;              /* since it was last heard */
};

/*
 * How the core reaches clients; a front implements it. `handle` is what the
 * front gave to chat__core_connect. Objects are NDJSON, each ended by '\n', of
 * any number and length together: the front cuts them into frames.
 * No operation calls back into the core, and none blocks: a front whose
 * connection broke says so later, by chat__core_disconnect.
 */
struct chat__front_operations {
    /* Queues objects for one connection; the bytes are copied. */
    void (*send)(void *handle, const char *objects, size_t length,
                 enum chat__delivery delivery);
    /* Frames objects once; NULL when memory is short. */
    struct chat__frame *(*frame)(const char *objects, size_t length,
                                 enum chat__delivery delivery);
    /* Queues a frame for one connection, behind what send queued before. */
    void (*deliver)(void *handle, struct chat__frame *frame);
    /* The core needs the frame no longer. */
    void (*frame_release)(struct chat__frame *frame);
    /* NULL: nothing is known. */
    void (*look)(const void *handle, struct chat__front_look *seen);
    /* Sends what is queued, then closes with a code of docs/protocol.md. */
    void (*close)(void *handle, unsigned int code, const char *reason);

    /*
     * Only of a front whose clients have no place here: API Gateway has them,
     * and each request may come to another task. Its connections are told only
     * what is theirs alone; the relay tells the rest. The two are about a
     * ticket of chat__core_ask: what answers it, and that it is over, after
     * which the core forgets it. NULL for all other fronts.
     */
    void (*reply)(void *handle, void *ticket, const char *objects,
                  size_t length);
    void (*done)(void *handle, void *ticket);
    /* In hello's limits, 0: as everywhere. */
    uint64_t in_flight;
    uint64_t connection_ms;
};

/* Since the epoch, and since anywhere. */
struct chat__clock {
    int64_t (*wall_ms)(void *context);
    int64_t (*monotonic_us)(void *context);
    void *context;
};

/* Unpredictable bytes; they become tokens. False when there are none. */
struct chat__random {
    bool (*fill)(void *context, void *bytes, size_t length);
    void *context;
};

/* A line for the log; `event` is a fixed word, `detail` is free text. */
struct chat__core_log {
    void (*write)(void *context, const char *event, const char *detail);
    void *context;
};

/*
 * To clients that API Gateway holds, named by its connection ids. `topic` is
 * where the row was that named this one: once the connection has gone, it need
 * not stay there. Objects are copied. Neither calls back into the core.
 */
struct chat__relay {
    struct chat__directory *directory; /* borrowed; outlives the core */
    void (*post)(void *context, const char *id, const char *topic,
                 const char *objects, size_t length,
                 enum chat__delivery delivery);
    void (*close)(void *context, const char *id, unsigned int code,
                  const char *reason);
    void *context;
};

/* What may change while it serves. */
struct chat__core_settings {
    bool rate_limits;
    int64_t guest_idle_ms; /* a guest so long away leaves; 0: never */
    /* Under load, the requests of a large room wait so long for others, so that
     * they share a commit and a delivery; 0: never. */
    int64_t gather_max_ms;
};

struct chat__core_options {
    /* Borrowed, as the strings below are: they outlive the core. */
    struct chat__store *store;
    struct chat__clock clock;
    struct chat__random random;
    struct chat__core_log log;
    struct chat__metrics *metrics; /* borrowed; the core counts in it */
    /* Ended by NULL; NULL: nobody watches. */
    const struct chat__observer *const *observers;
    const char *server_version;
    const char *server_color; /* NULL: none */
    const char *server_task;
    /* Borrowed; NULL: nobody has an account. */
    const struct chat__accounts *accounts;
    uint64_t in_flight; /* keyed requests of a connection in one room */
    /* Borrowed; NULL: no other task writes, or none tells. */
    struct chat__bus *bus;
    struct chat__cache *cache; /* borrowed; NULL: none */
    bool shared;               /* other servers write to the store as well */
    const struct chat__relay *relay; /* borrowed; NULL: none */
    struct chat__core_settings settings;
};

/* NULL when memory is short. Starts to make the room `lobby`. */
struct chat__core *chat__core_new(const struct chat__core_options *options);

/* Takes new settings over; nobody is closed for them. */
void chat__core_apply(struct chat__core *core,
                      const struct chat__core_settings *settings);

/*
 * Frees the core. Connections must have been disconnected and the store's
 * completions must have run: chat__core_idle says whether they have.
 */
void chat__core_free(struct chat__core *core);

/* True when the store owes the core no answer, nor a flush would ask it. */
bool chat__core_idle(const struct chat__core *core);

/* A client's address as limits count it: one host, be it IPv4 or IPv6. */
#define CHAT__ADDRESS_BYTES 16

/* Who comes. */
struct chat__peer {
    const unsigned char *address; /* CHAT__ADDRESS_BYTES; NULL: not known */
    uint64_t id; /* random, names the connection for observers */
    const struct chat__remote_context *remote; /* copied; NULL: none */
    /* API Gateway's id of it, borrowed for its life; NULL: it has none. */
    const char *name;
};

/*
 * A client has come. NULL when memory is short. The connection belongs to the
 * core until chat__core_disconnect.
 */
struct chat__connection *
chat__core_connect(struct chat__core *core,
                   const struct chat__front_operations *front, void *handle,
                   const struct chat__peer *peer);

/*
 * Whose address it has, learned after it came, from the directory, which is
 * told it again with the session: other tasks need it too. One that is known
 * already stays. When memory is short it stays unknown.
 */
void chat__core_keep_address(struct chat__connection *connection,
                             const unsigned char address[CHAT__ADDRESS_BYTES]);

/*
 * One whole client frame. `remote` is what its front knows of this request
 * alone; NULL: nothing.
 */
void chat__core_receive(struct chat__connection *connection, const char *bytes,
                        size_t length,
                        const struct chat__remote_context *remote);

/* The same for a request whose front wants to know its answer, and its end. */
void chat__core_ask(struct chat__connection *connection, const char *bytes,
                    size_t length, const struct chat__remote_context *remote,
                    void *ticket);

/*
 * Signs a connection in that said hello to another task, by the token that it
 * did so with; `done` is told of the ticket, with or without a session then.
 */
void chat__core_adopt(struct chat__connection *connection,
                      const unsigned char token_hash[CHAT__TOKEN_HASH_BYTES],
                      void *ticket);

/* Since the epoch, as the core counts it. */
int64_t chat__core_wall_ms(const struct chat__core *core);

/* Its hello was answered, here or before it was adopted. */
bool chat__core_has_session(const struct chat__connection *connection);

/*
 * The client has gone, or the server has closed it by `code` and `reason`;
 * without a code it went by itself. `connection` and `handle` are not used
 * after this.
 */
void chat__core_disconnect(struct chat__connection *connection,
                           unsigned int code, const char *reason);

/*
 * Appends the requests and delivers the entries that have gathered in rooms.
 * Call it after each loop pass. Returns the milliseconds after which it wants
 * to be called though nothing happens, INT64_MAX: none.
 */
int64_t chat__core_flush(struct chat__core *core);

/*
 * Does what time asks for, such as closing connections that said no hello.
 * Returns the milliseconds until it wants to be called again.
 */
int64_t chat__core_tick(struct chat__core *core);

/*
 * Tells every client, by the event `drain`, to come again elsewhere at a time
 * within `spread_ms`; all are served as before.
 */
void chat__core_announce_drain(struct chat__core *core, const char *reason,
                               uint64_t spread_ms);

/*
 * Stops taking requests: connections are told to come back (close code 4001),
 * appends in flight are finished.
 */
void chat__core_drain(struct chat__core *core);

/* Another task told something, over the bus; nothing of it is kept. */
void chat__core_notice(struct chat__core *core,
                       const struct chat__bus_notice *notice);

/* What is there now. */
struct chat__core_counts {
    size_t connections; /* with and without a session */
    size_t sessions;
    size_t users;
    size_t rooms;         /* in memory */
    size_t waiting_bytes; /* keyed requests that are not answered */
    bool lobby_failed;    /* the store would not make it; it is tried again */
};
struct chat__core_counts chat__core_counts(const struct chat__core *core);

#endif
