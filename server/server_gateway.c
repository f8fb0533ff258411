#include "server/server_gateway.h"

#include "server/aws/connections.h"
#include "server/aws/endpoint.h"
#include "server/aws/http.h"
#include "server/environment.h"
#include "server/ops/log.h"

#include <stdio.h>
#include <stdlib.h>

#define USER_AGENT "chatd/" CHAT_VERSION

struct chat__server_gateway {
    char region[CHAT__AWS_REGION_BYTES];
    struct chat__http *http;
    struct chat__credential_source *credentials;
    struct chat__gateway_client *client;
    struct chat__directory *directory;
    struct chat__gateway *front;
};

static void report_credentials(const char *why)
{
    chat__log_write(CHAT__LOG_WARNING, "credentials_failed", why);
}

static bool refuse(char *message, size_t size, const char *why)
{
    snprintf(message, size, "%s", why);
    return false;
}

static bool check(struct chat__server_gateway *gateway,
                  const struct chat__options *options, char *message,
                  size_t size)
{
    if (options->gateway_callback == NULL)
        return refuse(message, size,
                      "--gateway-secret needs --gateway-callback: where "
                      "@connections is");
    if (!chat__endpoint_region(options->gateway_callback, "execute-api",
                               gateway->region) &&
        !chat__endpoint_default_region(gateway->region))
        return refuse(message, size,
                      "say by AWS_REGION where the API is, such as "
                      "eu-central-1");
    if (!chat__endpoint_may_have_secrets(options->gateway_callback))
        return refuse(message, size,
                      "--gateway-callback must be https, or this machine");
    return true;
}

static bool open_client(struct chat__server_gateway *gateway,
                        const struct chat__server_gateway_options *options,
                        char *message, size_t size)
{
    const char *ca_file = getenv("AWS_CA_BUNDLE");
    const struct chat__http_options http = {
        .loop = options->loop,
        .calls_max = CHAT__CONNECTIONS_CALLS_MAX,
        .connections_max = CHAT__CONNECTIONS_SOCKETS_MAX,
        .user_agent = USER_AGENT,
        .ca_file = ca_file != NULL && *ca_file != '\0' ? ca_file : NULL,
    };
    struct chat__credential_options credentials = {
        .loop = options->loop, .report = report_credentials};

    gateway->http = chat__http_new(&http);
    if (gateway->http == NULL)
        return refuse(message, size, "out of memory");
    credentials.http = gateway->http;
    gateway->credentials =
        chat__credential_source_new(&credentials, message, size);
    if (gateway->credentials == NULL)
        return false;
    gateway->client = chat__connections_new(&(struct chat__connections_options){
        .http = gateway->http,
        .credentials = gateway->credentials,
        .callback = options->options->gateway_callback,
        .region = gateway->region,
    });
    return gateway->client != NULL || refuse(message, size, "out of memory");
}

static bool open_front(struct chat__server_gateway *gateway,
                       const struct chat__server_gateway_options *options,
                       char *message, size_t size)
{
    if (gateway->directory == NULL)
        gateway->directory = chat__directory_memory_new(options->sink);
    if (gateway->directory == NULL)
        return refuse(message, size, "out of memory");
    gateway->front = chat__gateway_new(
        &(struct chat__gateway_options){
            .loop = options->loop,
            .metrics = options->metrics,
            .directory = gateway->directory,
            .client = gateway->client,
            .random = {.fill = chat__random_fill},
            .secrets = options->options->gateway_secret,
        },
        message, size);
    return gateway->front != NULL;
}

struct chat__server_gateway *
chat__server_gateway_open(const struct chat__server_gateway_options *options,
                          char *message, size_t size)
{
    struct chat__server_gateway *gateway = calloc(1, sizeof *gateway);

    if (gateway == NULL) {
        refuse(message, size, "out of memory");
        return NULL;
    }
    gateway->directory = options->directory;
    if (check(gateway, options->options, message, size) &&
        open_client(gateway, options, message, size) &&
        open_front(gateway, options, message, size))
        return gateway;
    chat__server_gateway_close(gateway);
    chat__server_gateway_free(gateway);
    return NULL;
}

struct chat__gateway *
chat__server_gateway_front(const struct chat__server_gateway *gateway)
{
    return gateway == NULL ? NULL : gateway->front;
}

void chat__server_gateway_close(struct chat__server_gateway *gateway)
{
    if (gateway == NULL)
        return;
    chat__gateway_stop(gateway->front);
    chat__credential_source_close(gateway->credentials);
    chat__http_close(gateway->http);
    gateway->credentials = NULL;
    gateway->http = NULL;
}

void chat__server_gateway_free(struct chat__server_gateway *gateway)
{
    if (gateway == NULL)
        return;
    chat__gateway_free(gateway->front);
    chat__connections_free(gateway->client);
    if (gateway->directory != NULL)
        gateway->directory->operations->close(gateway->directory);
    free(gateway);
}
