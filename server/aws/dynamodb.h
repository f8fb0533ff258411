/*
 * Carries the requests of the store on DynamoDB (store/dynamodb_client.h) over
 * HTTP: signed, over connections that are kept, with a time limit each. An
 * answer that is not what its checksum says counts as none.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_AWS_DYNAMODB_H
#define CHAT_SERVER_AWS_DYNAMODB_H

#include "server/aws/credentials.h"
#include "server/store/dynamodb_client.h"

#include <uv.h>

/* Requests at a time: an append of 512 entries claims as many keys at once. */
#define CHAT__DYNAMODB_CALLS_MAX       4096
#define CHAT__DYNAMODB_CONNECTIONS_MAX 64

struct chat__dynamodb_http_options {
    uv_loop_t *loop;
    struct chat__http *http; /* these are borrowed until close */
    const struct chat__credential_source *credentials;
    const char *endpoint; /* such as https://dynamodb.REGION.amazonaws.com */
    const char *region;
    bool (*fill)(void *context, void *bytes, size_t length); /* with chance */
};

/* NULL when memory is short. */
struct chat__dynamodb_client *
chat__dynamodb_http_new(const struct chat__dynamodb_http_options *options);

/*
 * What is on its way ends without an answer, and nothing is sent any more; NULL
 * is fine. The loop must run until it has closed the handles.
 */
void chat__dynamodb_http_close(struct chat__dynamodb_client *client);

void chat__dynamodb_http_free(struct chat__dynamodb_client *client);

/* CRC-32 as in Ethernet and zip: what x-amz-crc32 has of the body. */
uint32_t chat__crc32(const char *bytes, size_t length);

#endif
