/* The store on DynamoDB: what it needs of the process, and its tables. */
#include "server/server_dynamodb.h"

#include "server/aws/dynamodb.h"
#include "server/aws/endpoint.h"
#include "server/aws/http.h"
#include "server/environment.h"
#include "server/ops/log.h"
#include "server/store/dynamodb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_AGENT "chatd/" CHAT_VERSION

struct chat__server_dynamodb {
    char *endpoint;
    char region[CHAT__AWS_REGION_BYTES];
    struct chat__http *http;
    struct chat__credential_source *credentials;
    struct chat__dynamodb_client *client;
    struct chat__store *store;
};

static void report_credentials(const char *why)
{
    chat__log_write(CHAT__LOG_WARNING, "credentials_failed", why);
}

void chat__server_dynamodb_log(const char *problem)
{
    chat__log_write(CHAT__LOG_ERROR, "dynamodb_failed", problem);
}

static bool refuse(char *message, size_t size, const char *why)
{
    snprintf(message, size, "%s", why);
    return false;
}

static bool find_endpoint(struct chat__server_dynamodb *dynamodb,
                          const struct chat__options *options, char *message,
                          size_t size)
{
    const char *named = options->dynamodb_endpoint;

    if (!chat__endpoint_default_region(dynamodb->region) &&
        (named == NULL ||
         !chat__endpoint_region(named, "dynamodb", dynamodb->region)))
        return refuse(message, size,
                      "say by AWS_REGION where the tables are, such as "
                      "eu-central-1");
    if (named != NULL && !chat__endpoint_may_have_secrets(named))
        return refuse(message, size,
                      "--dynamodb-endpoint must be https, or this machine");
    if (named != NULL)
        dynamodb->endpoint = strdup(named);
    else if (asprintf(&dynamodb->endpoint, "https://dynamodb.%s.amazonaws.com/",
                      dynamodb->region) < 0)
        dynamodb->endpoint = NULL;
    return dynamodb->endpoint != NULL || refuse(message, size, "out of memory");
}

static bool open_client(struct chat__server_dynamodb *dynamodb, uv_loop_t *loop,
                        char *message, size_t size)
{
    const char *ca_file = getenv("AWS_CA_BUNDLE");
    const struct chat__http_options http = {
        .loop = loop,
        .calls_max = CHAT__DYNAMODB_CALLS_MAX,
        .connections_max = CHAT__DYNAMODB_CONNECTIONS_MAX,
        .user_agent = USER_AGENT,
        .ca_file = ca_file != NULL && *ca_file != '\0' ? ca_file : NULL,
    };
    struct chat__credential_options credentials = {
        .loop = loop, .report = report_credentials};
    struct chat__dynamodb_http_options client = {
        .loop = loop,
        .endpoint = dynamodb->endpoint,
        .region = dynamodb->region,
        .fill = chat__random_fill,
    };

    dynamodb->http = chat__http_new(&http);
    if (dynamodb->http == NULL)
        return refuse(message, size, "out of memory");
    credentials.http = client.http = dynamodb->http;
    dynamodb->credentials =
        chat__credential_source_new(&credentials, message, size);
    if (dynamodb->credentials == NULL)
        return false;
    client.credentials = dynamodb->credentials;
    dynamodb->client = chat__dynamodb_http_new(&client);
    return dynamodb->client != NULL || refuse(message, size, "out of memory");
}

struct chat__server_dynamodb *
chat__server_dynamodb_open(const struct chat__options *options, uv_loop_t *loop,
                           struct chat__completion_sink sink,
                           void (*report)(const char *problem), char *message,
                           size_t size)
{
    struct chat__server_dynamodb *dynamodb = calloc(1, sizeof *dynamodb);

    if (dynamodb == NULL) {
        refuse(message, size, "out of memory");
        return NULL;
    }
    if (find_endpoint(dynamodb, options, message, size) &&
        open_client(dynamodb, loop, message, size)) {
        dynamodb->store = chat__dynamodb_open(&(struct chat__dynamodb_options){
            .client = dynamodb->client,
            .sink = sink,
            .table_prefix = options->table_prefix,
            .report = report,
        });
        if (dynamodb->store != NULL)
            return dynamodb;
        refuse(message, size, "out of memory, or a long --table-prefix");
    }
    chat__server_dynamodb_close(dynamodb);
    chat__server_dynamodb_free(dynamodb);
    return NULL;
}

struct chat__store *
chat__server_dynamodb_store(const struct chat__server_dynamodb *dynamodb)
{
    return dynamodb->store;
}

const char *
chat__server_dynamodb_problem(const struct chat__server_dynamodb *dynamodb)
{
    return chat__dynamodb_problem(dynamodb->store);
}

void chat__server_dynamodb_cut_off(struct chat__server_dynamodb *dynamodb)
{
    if (dynamodb != NULL)
        chat__dynamodb_http_close(dynamodb->client);
}

void chat__server_dynamodb_close(struct chat__server_dynamodb *dynamodb)
{
    if (dynamodb == NULL)
        return;
    chat__server_dynamodb_cut_off(dynamodb);
    chat__credential_source_close(dynamodb->credentials);
    chat__http_close(dynamodb->http);
    dynamodb->credentials = NULL;
    dynamodb->http = NULL;
}

void chat__server_dynamodb_free(struct chat__server_dynamodb *dynamodb)
{
    if (dynamodb == NULL)
        return;
    chat__dynamodb_http_free(dynamodb->client);
    free(dynamodb->endpoint);
    free(dynamodb);
}

/* ---- --create-tables ---- */

struct creation {
    uv_loop_t loop;
    bool ended;
    bool worked;
};

static void post_nowhere(void *context, struct chat__completion *completion)
{
    (void)context;
    (void)completion;
}

static void created(void *context, const char *problem)
{
    struct creation *creation = context;

    creation->ended = true;
    creation->worked = problem == NULL;
    if (problem != NULL)
        chat__log_write(CHAT__LOG_ERROR, "create_tables_failed", problem);
}

bool chat__server_create_tables(const struct chat__options *options)
{
    struct creation creation = {0};
    struct chat__completion_sink sink = {.post = post_nowhere};
    struct chat__server_dynamodb *dynamodb;
    char message[512];

    if (uv_loop_init(&creation.loop) != 0)
        return false;
    dynamodb = chat__server_dynamodb_open(options, &creation.loop, sink,
                                          chat__server_dynamodb_log, message,
                                          sizeof message);
    if (dynamodb == NULL) {
        created(&creation, message);
    } else {
        chat__dynamodb_create_tables(dynamodb->store, created, &creation);
        while (!creation.ended)
            uv_run(&creation.loop, UV_RUN_ONCE);
        dynamodb->store->operations->close(dynamodb->store);
    }
    chat__server_dynamodb_close(dynamodb);
    uv_run(&creation.loop, UV_RUN_DEFAULT);
    chat__server_dynamodb_free(dynamodb);
    uv_loop_close(&creation.loop);
    return creation.worked;
}
