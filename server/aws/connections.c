#include "server/aws/connections.h"

#include "server/aws/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 10000

/* Only the status counts. */
#define ANSWER_BYTES_MAX (16 * 1024)

#define RESOURCE "/@connections/"

struct client {
    struct chat__gateway_client base;
    struct chat__connections_options options;
    int callback_length; /* without a '/' at its end */
};

/* Until it has been answered. */
struct request {
    struct chat__http_call *call;
    void (*done)(void *context, unsigned int status);
    void *context;
};

static void on_done(void *context, const struct chat__http_response *response)
{
    struct request *request = context;

    request->done(request->context, response->status);
    free(request);
}

/* To be freed; NULL when memory is short. */
static char *url_of(const struct client *client, const char *id)
{
    char *encoded = curl_easy_escape(NULL, id, 0);
    char *url = NULL;

    if (encoded == NULL ||
        asprintf(&url, "%.*s" RESOURCE "%s", client->callback_length,
                 client->options.callback, encoded) < 0)
        url = NULL;
    curl_free(encoded);
    return url;
}

static struct chat__http_call *start(const struct client *client,
                                     const struct chat__gateway_call *asked,
                                     const char *url, struct request *request)
{
    static const char *const headers[] = {
        "Content-Type: application/octet-stream", NULL};
    const struct chat__http_signing signing = {
        .service = "execute-api",
        .region = client->options.region,
        .credentials = chat__credentials_now(client->options.credentials),
    };
    const struct chat__http_request http = {
        .method = asked->method,
        .url = url,
        .headers = headers,
        .body = asked->body,
        .body_length = asked->length,
        .signing = &signing,
        .response_bytes_max = ANSWER_BYTES_MAX,
        .timeout_ms = TIMEOUT_MS,
        .done = on_done,
        .context = request,
    };

    if (signing.credentials == NULL)
        return NULL;
    return chat__http_start(client->options.http, &http);
}

static void *call(struct chat__gateway_client *base,
                  const struct chat__gateway_call *asked)
{
    const struct client *client = (const struct client *)base;
    struct request *request = calloc(1, sizeof *request);
    char *url = url_of(client, asked->id);

    if (request != NULL && url != NULL) {
        request->done = asked->done;
        request->context = asked->context;
        request->call = start(client, asked, url, request);
    }
    free(url);
    if (request != NULL && request->call != NULL)
        return request;
    free(request);
    return NULL;
}

static void cancel(struct chat__gateway_client *base, void *handle)
{
    struct request *request = handle;

    (void)base;
    chat__http_cancel(request->call);
    free(request);
}

struct chat__gateway_client *
chat__connections_new(const struct chat__connections_options *options)
{
    struct client *client = calloc(1, sizeof *client);
    size_t length = strlen(options->callback);

    if (client == NULL)
        return NULL;
    while (length > 0 && options->callback[length - 1] == '/')
        length--;
    client->base =
        (struct chat__gateway_client){.call = call, .cancel = cancel};
    client->options = *options;
    client->callback_length = (int)length;
    return &client->base;
}

void chat__connections_free(struct chat__gateway_client *client)
{
    free(client);
}
