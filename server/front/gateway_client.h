/*
 * What the outbox needs of the world: requests to API Gateway's @connections.
 * The server gives HTTP's (server/aws/connections.h).
 *
 * `call` makes one request, and `done` is called once, later; it is not called
 * after `cancel`. It does not try again. NULL: it cannot be sent now.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_CLIENT_H
#define CHAT_SERVER_FRONT_GATEWAY_CLIENT_H

#include <stddef.h>

struct chat__gateway_call {
    const char *method; /* POST or DELETE */
    const char *id;     /* of the connection */
    const char *body;   /* stays until `done` */
    size_t length;
    /* `status` is HTTP's, 0: there was no answer. */
    void (*done)(void *context, unsigned int status);
    void *context;
};

struct chat__gateway_client {
    void *(*call)(struct chat__gateway_client *client,
                  const struct chat__gateway_call *call);
    void (*cancel)(struct chat__gateway_client *client, void *handle);
};

#endif
