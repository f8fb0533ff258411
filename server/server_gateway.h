/*
 * The gateway front with all that it stands on: an HTTP client, credentials,
 * the client of @connections and the directory. Loop thread only.
 */
#ifndef CHAT_SERVER_SERVER_GATEWAY_H
#define CHAT_SERVER_SERVER_GATEWAY_H

#include "server/completion.h"
#include "server/front/gateway.h"
#include "server/options/options.h"

struct chat__server_gateway;

struct chat__server_gateway_options {
    const struct chat__options *options;
    uv_loop_t *loop;
    struct chat__completion_sink sink;
    struct chat__metrics *metrics;
    /* That of the store; NULL: this task is the only one. Taken over. */
    struct chat__directory *directory;
};

/* NULL, with a sentence in `message`, when the options are wrong. */
struct chat__server_gateway *
chat__server_gateway_open(const struct chat__server_gateway_options *options,
                          char *message, size_t size);

struct chat__gateway *
chat__server_gateway_front(const struct chat__server_gateway *gateway);

/* Close when the core has been freed, then run the loop until it has closed
 * its handles, then free. NULL is fine. */
void chat__server_gateway_close(struct chat__server_gateway *gateway);
void chat__server_gateway_free(struct chat__server_gateway *gateway);

#endif
