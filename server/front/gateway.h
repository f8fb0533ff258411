/*
 * Clients behind API Gateway's WebSocket API: docs/gateway.md. Their messages
 * come as requests over HTTP, each to any task; what they are not the answer
 * to leaves by the outbox (gateway_post.h).
 *
 * A seat is a connection id with its connection in this task's core, for a
 * short while; its session comes from the directory. An exchange is one
 * request (gateway_exchange.h).
 *
 * Life: new, attach to a core, serve, detach (before the core is freed), free.
 * Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_H
#define CHAT_SERVER_FRONT_GATEWAY_H

#include "server/front/gateway_exchange.h"
#include "server/front/gateway_greeting.h"
#include "server/front/gateway_post.h"
#include "server/front/gateway_secret.h"
#include "server/ops/metrics.h"

#include <uv.h>

/* API Gateway gives up after 29 s; the answer is empty then, the reply late. */
#define CHAT__GATEWAY_ANSWER_MS 25000

/* A seat that nobody uses so long goes. */
#define CHAT__GATEWAY_SEAT_MS 30000

/* Seats with all that they hold; beyond, requests are answered `busy`. */
#define CHAT__GATEWAY_SEATS_MAX 65536

/* Messages of a connection that wait for its session; beyond: `busy`. */
#define CHAT__GATEWAY_WAITING_MAX 64

struct chat__gateway_options {
    uv_loop_t *loop;
    struct chat__metrics *metrics; /* these are borrowed until free */
    struct chat__directory *directory;
    struct chat__gateway_client *client;
    struct chat__random random;
    const char *secrets; /* one, or two with a comma between */
};

struct chat__gateway;

/* NULL, with a sentence in `message`, when a secret is wrong. */
struct chat__gateway *
chat__gateway_new(const struct chat__gateway_options *options, char *message,
                  size_t message_size);

/* What the core's options need. */
const struct chat__relay *chat__gateway_relay(struct chat__gateway *gateway);

void chat__gateway_attach(struct chat__gateway *gateway,
                          struct chat__core *core);

/* Whether nothing waits for @connections any more. */
bool chat__gateway_is_idle(const struct chat__gateway *gateway);

/* Whether the directory owes it an answer: not while it or its store ends. */
bool chat__gateway_is_asking(const struct chat__gateway *gateway);

/*
 * Before the core is freed all seats go; then what waits for @connections; then
 * the loop must run until it has closed the handles. NULL is fine.
 */
void chat__gateway_detach(struct chat__gateway *gateway);
void chat__gateway_stop(struct chat__gateway *gateway);
void chat__gateway_free(struct chat__gateway *gateway);

/* ---- for the HTTP side: gateway_request.c ---- */

bool chat__gateway_is_secret(const struct chat__gateway *gateway,
                             const char *secret);
/* It has come: it has to say hello to one of the tasks. */
void chat__gateway_connect(struct chat__gateway *gateway, const char *id);
/* The client's address of a connect counts for its messages, which lack it;
 * `ready` is called when the directory has it, or could not take it. */
void chat__gateway_keep_address(struct chat__gateway *gateway,
                                struct chat__exchange *exchange);
/* What a whole message asks; `ready` is called later, or at once. */
void chat__gateway_message(struct chat__gateway *gateway,
                           struct chat__exchange *exchange);
/* The message was too large, so it is not there. */
void chat__gateway_refuse_size(struct chat__gateway *gateway, const char *id);
void chat__gateway_disconnect(struct chat__gateway *gateway, const char *id);
void chat__gateway_count(struct chat__gateway *gateway,
                         enum chat__gateway_request what);

#endif
