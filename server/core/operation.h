/*
 * An operation is one request of a client from its arrival to its answer.
 *
 * THE RULE against use after free: what waits for the store never holds a
 * connection, only an operation does, and a connection that goes away sets
 * `connection` of all its operations to NULL (they are linked in it). So after
 * every completion `connection` is either alive or NULL; answering NULL does
 * nothing. Everything else that an operation points to it holds by reference:
 * `user` and `room` live until chat__operation_end. Subscriptions and their
 * reads follow the same rule (subscription.h).
 *
 * Life: made by the action table, moved through at most one queue at a time
 * (`after`), ended exactly once; ending frees it. A keyed operation whose
 * client has gone is carried out all the same.
 */
#ifndef CHAT_SERVER_CORE_OPERATION_H
#define CHAT_SERVER_CORE_OPERATION_H

#include "protocol/reply.h"
#include "protocol/request.h"
#include "server/core/observe.h"
#include "server/core/state.h"

struct chat__action_row;

struct chat__operation {
    const struct chat__action_row *row;
    struct chat__core *core;
    struct chat__connection *connection; /* NULL: the client has gone */
    void *ticket;                        /* the front's; NULL: none */
    struct chat__operation *previous;    /* in the connection */
    struct chat__operation *next;
    struct chat__user *user;       /* who asked; NULL before hello */
    struct chat__room *room;       /* NULL unless it is about one */
    struct chat__operation *after; /* in the queue where it waits */
    /* Called when `room` is loaded, with OK, NOT_FOUND, BUSY or FAILED. */
    void (*loaded)(struct chat__operation *operation,
                   enum chat__store_result result);
    void (*release)(struct chat__operation *operation); /* NULL: nothing */
    /* Hears the reply of one that no client asked for; NULL: nobody does. */
    void (*answered)(struct chat__operation *operation,
                     const struct chat__reply *reply);
    struct chat__request request;
    int64_t began_us;     /* monotonic */
    size_t waiting_bytes; /* counted in the core's until the end */
    bool looking;         /* the store looks something up for it: lookup.h */
    bool joining;         /* counted in the user's */
    bool checked_again; /* since it was checked, other servers' entries came */
    enum chat__store_result looked;                /* how that went */
    unsigned char digest[CHAT__BODY_DIGEST_BYTES]; /* keyed */
    struct chat__observation observation;
};

struct chat__operation_queue {
    struct chat__operation *first;
    struct chat__operation *last;
    size_t count;
};

void chat__operation_push(struct chat__operation_queue *queue,
                          struct chat__operation *operation);
/* NULL when the queue is empty. */
struct chat__operation *
chat__operation_pop(struct chat__operation_queue *queue);
/* Puts all of `front` before what is in `queue`; empties `front`. */
void chat__operation_prepend(struct chat__operation_queue *queue,
                             struct chat__operation_queue *front);

/* One of nobody's connection, of `size` bytes; NULL when memory is short. */
struct chat__operation *chat__operation_make(struct chat__core *core,
                                             struct chat__user *user,
                                             const struct chat__action_row *row,
                                             size_t size);

/* Takes over the request when it succeeds; NULL when memory is short. */
struct chat__operation *chat__operation_new(struct chat__connection *connection,
                                            const struct chat__action_row *row,
                                            struct chat__request *request);

/* After its append: tells it of its entry, which answers and ends it. */
void chat__operation_committed(struct chat__operation *operation,
                               const struct chat__committed *entry);

/* Frees it, and lets a connection that drains go when this was its last. */
void chat__operation_end(struct chat__operation *operation);

/* Answer, then end. */
void chat__operation_succeed(struct chat__operation *operation,
                             struct chat__reply *reply, bool from_end);
void chat__operation_refuse(struct chat__operation *operation,
                            enum chat__error_code code, const char *message);
void chat__operation_refuse_with(struct chat__operation *operation,
                                 const struct chat__error *error);
/* With what a store's result other than OK means to a client. */
void chat__operation_fail(struct chat__operation *operation,
                          enum chat__store_result result);

/* Around each request to the store: what it owes is counted. */
static inline void chat__store_asked(struct chat__core *core)
{
    core->outstanding++;
}

static inline void chat__store_answered(struct chat__core *core)
{
    core->outstanding--;
}

/* The same where one operation asks and nothing else waits for the answer. */
void chat__operation_asks(struct chat__operation *operation);
void chat__operation_hears(struct chat__operation *operation);

#endif
