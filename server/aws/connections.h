/*
 * Carries what the outbox (front/gateway_client.h) has to say to API Gateway's
 * @connections: https://HOST/STAGE/@connections/ID, signed, over connections
 * that are kept, with a time limit each. On the wire '@' stands as it is and
 * the id is encoded.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_AWS_CONNECTIONS_H
#define CHAT_SERVER_AWS_CONNECTIONS_H

#include "server/aws/credentials.h"
#include "server/front/gateway_client.h"

/* The outbox has fewer at a time, and the question for credentials one. */
#define CHAT__CONNECTIONS_CALLS_MAX 512
/* One request takes some milliseconds: these are 10,000 a second. */
#define CHAT__CONNECTIONS_SOCKETS_MAX 128

struct chat__connections_options {
    struct chat__http *http; /* these are borrowed until free */
    const struct chat__credential_source *credentials;
    const char *callback; /* such as https://ID.execute-api.REGION.../STAGE */
    const char *region;
};

/* NULL when memory is short. */
struct chat__gateway_client *
chat__connections_new(const struct chat__connections_options *options);

/* Once no call is left; NULL is fine. */
void chat__connections_free(struct chat__gateway_client *client);

#endif
