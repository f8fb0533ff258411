#include "server/aws/dynamodb.h"

#include "server/aws/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000

/* A page is 1 MB; as typed and escaped JSON it is more. */
#define ANSWER_BYTES_MAX (8 * 1024 * 1024)

/* While there are no credentials, or too many requests wait. */
#define NOT_SENT "{\"__type\":\"#ThrottlingException\"}"

#define TARGET "X-Amz-Target: DynamoDB_20120810."

struct client {
    struct chat__dynamodb_client base;
    struct chat__dynamodb_http_options options;
    struct request *requests; /* those without an answer */
    bool closed;
};

/* Until it has been answered; its timer is closed then. */
struct request {
    struct client *client;
    struct request *next;
    struct request **back; /* what points to this one */
    struct chat__dynamodb_call *call;
    struct chat__http_call *http; /* NULL while it waits */
    uv_timer_t timer;
    char target[sizeof TARGET + 32];
};

uint32_t chat__crc32(const char *bytes, size_t length)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
    }
    return ~crc;
}

static void link_request(struct request *request)
{
    struct client *client = request->client;

    request->next = client->requests;
    request->back = &client->requests;
    if (request->next != NULL)
        request->next->back = &request->next;
    client->requests = request;
}

static void unlink_request(struct request *request)
{
    *request->back = request->next;
    if (request->next != NULL)
        request->next->back = request->back;
}

/* ---- the answer ---- */

static void free_request(uv_handle_t *handle)
{
    free(handle->data);
}

static void answer(struct request *request,
                   const struct chat__dynamodb_response *response)
{
    unlink_request(request);
    request->call->answered(request->call, response);
    uv_close((uv_handle_t *)&request->timer, free_request);
}

static bool is_whole(const struct chat__http_response *response)
{
    return response->header == NULL ||
           strtoul(response->header, NULL, 10) ==
               chat__crc32(response->body, response->length);
}

static void on_done(void *context, const struct chat__http_response *response)
{
    struct chat__dynamodb_response told = {0};

    if (response->result == CHAT__HTTP_ANSWERED && is_whole(response))
        told = (struct chat__dynamodb_response){
            .status = response->status,
            .body = response->body,
            .length = response->length,
        };
    answer(context, &told);
}

/* ---- the request ---- */

static bool start(struct request *request)
{
    const struct chat__dynamodb_http_options *options =
        &request->client->options;
    const char *const headers[] = {
        "Content-Type: application/x-amz-json-1.0",
        "Accept-Encoding: identity",
        request->target,
        NULL,
    };
    struct chat__http_signing signing = {
        .service = "dynamodb",
        .region = options->region,
        .credentials = chat__credentials_now(options->credentials),
    };
    const struct chat__http_request http = {
        .method = "POST",
        .url = options->endpoint,
        .headers = headers,
        .body = request->call->body,
        .body_length = request->call->length,
        .signing = &signing,
        .wanted_header = "x-amz-crc32",
        .response_bytes_max = ANSWER_BYTES_MAX,
        .timeout_ms = TIMEOUT_MS,
        .done = on_done,
        .context = request,
    };

    if (signing.credentials != NULL)
        request->http = chat__http_start(options->http, &http);
    return request->http != NULL;
}

static void on_due(uv_timer_t *timer)
{
    struct request *request = timer->data;
    const struct chat__dynamodb_response not_sent = {
        .status = 400, .body = NOT_SENT, .length = sizeof NOT_SENT - 1};

    if (!start(request))
        answer(request, &not_sent);
}

/* An answer never comes before the return, so it too waits for a timer. */
static bool call(struct chat__dynamodb_client *base,
                 struct chat__dynamodb_call *asked)
{
    struct client *client = (struct client *)base;
    struct request *request = NULL;

    if (!client->closed)
        request = calloc(1, sizeof *request);
    if (request == NULL)
        return false;
    request->client = client;
    link_request(request);
    request->call = asked;
    snprintf(request->target, sizeof request->target, TARGET "%s",
             asked->operation);
    uv_timer_init(client->options.loop, &request->timer);
    request->timer.data = request;
    if (asked->delay_ms > 0 || !start(request))
        uv_timer_start(&request->timer, on_due, (uint64_t)asked->delay_ms, 0);
    return true;
}

static int64_t monotonic_ms(struct chat__dynamodb_client *base)
{
    return (int64_t)uv_now(((struct client *)base)->options.loop);
}

static bool fill(struct chat__dynamodb_client *base, void *bytes, size_t length)
{
    return ((struct client *)base)->options.fill(NULL, bytes, length);
}

struct chat__dynamodb_client *
chat__dynamodb_http_new(const struct chat__dynamodb_http_options *options)
{
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->base = (struct chat__dynamodb_client){
        .call = call, .monotonic_ms = monotonic_ms, .fill = fill};
    client->options = *options;
    return &client->base;
}

void chat__dynamodb_http_close(struct chat__dynamodb_client *base)
{
    const struct chat__dynamodb_response none = {0};
    struct client *client = (struct client *)base;

    if (client == NULL)
        return;
    client->closed = true;
    while (client->requests != NULL) {
        struct request *request = client->requests;

        if (request->http != NULL)
            chat__http_cancel(request->http);
        uv_timer_stop(&request->timer);
        answer(request, &none);
    }
}

void chat__dynamodb_http_free(struct chat__dynamodb_client *client)
{
    free(client);
}
