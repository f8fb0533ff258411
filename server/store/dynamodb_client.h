/*
 * What the store on DynamoDB needs of the world: requests carried to the
 * service, a clock and chance. The server gives HTTP and libuv's
 * (server/aws/dynamodb.h), tests/simulation a model that loses, delays and
 * repeats.
 *
 * `call` makes one request of the service, `delay_ms` from now, and answers it
 * once by `answered`, on the loop thread and never before `call` has returned.
 * It does not try again: the store knows what may be repeated. A request that
 * was answered with status 0 may still be carried out, now or later. False: for
 * want of memory it was not taken, and is never answered.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_STORE_DYNAMODB_CLIENT_H
#define CHAT_SERVER_STORE_DYNAMODB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__dynamodb_response {
    unsigned int status; /* 0: no answer, or one that was damaged */
    const char *body;    /* valid until `answered` returns */
    size_t length;
};

struct chat__dynamodb_call {
    const char *operation; /* such as "PutItem" */
    const char *body;      /* JSON; stays until `answered` */
    size_t length;
    int64_t delay_ms;
    void (*answered)(struct chat__dynamodb_call *call,
                     const struct chat__dynamodb_response *response);
};

struct chat__dynamodb_client {
    bool (*call)(struct chat__dynamodb_client *client,
                 struct chat__dynamodb_call *call);
    int64_t (*monotonic_ms)(struct chat__dynamodb_client *client);
    /* False: chance is out of order. */
    bool (*fill)(struct chat__dynamodb_client *client, void *bytes,
                 size_t length);
};

#endif
