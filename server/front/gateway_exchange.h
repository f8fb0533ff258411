/*
 * One request of API Gateway: the ticket of what it asks the core. It is
 * referenced by its HTTP session, by its seat while it waits there, and by the
 * core while it works on it; whoever is last frees it.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_EXCHANGE_H
#define CHAT_SERVER_FRONT_GATEWAY_EXCHANGE_H

#include "protocol/buffer.h"
#include "server/core/core.h"
#include "server/front/gateway_client.h"

/* Answers are one frame of API Gateway: what would not fit goes on its own. */
#define CHAT__GATEWAY_ANSWER_BYTES_MAX (30 * 1024)

struct chat__exchange {
    struct chat__exchange *next; /* in its seat's list */
    unsigned int references;
    char id[CHAT__GATEWAY_ID_BYTES_MAX + 1]; /* of the connection */
    unsigned char address[CHAT__ADDRESS_BYTES];
    bool has_address;
    struct chat__remote_context remote;
    bool has_remote;
    bool connects;    /* no message: a body is none, and is read past */
    bool speaks_ours; /* it is answered with our subprotocol */
    struct chat__buffer body;
    struct chat__buffer answer;
    int64_t due_ms; /* when it is answered without a reply */
    bool answered;  /* whatever comes now goes by @connections */
    /* Has its HTTP side send the answer; it may have gone. */
    void (*ready)(struct chat__exchange *exchange);
    void *session;
};

/* NULL when memory is short; one reference. */
struct chat__exchange *chat__exchange_new(void);
void chat__exchange_release(struct chat__exchange *exchange);

/* Once: what comes after goes by @connections. */
void chat__exchange_answer(struct chat__exchange *exchange);

/* By `busy`: nothing was done about it. */
void chat__exchange_refuse(struct chat__exchange *exchange);

/* A list of a seat's, in order. It takes the reference over; unlist ends it. */
void chat__exchange_list(struct chat__exchange **at,
                         struct chat__exchange *exchange);
void chat__exchange_unlist(struct chat__exchange **at,
                           struct chat__exchange *exchange);

/* Answers all of a list as they are, and empties it. */
void chat__exchange_answer_all(struct chat__exchange **first);

#endif
