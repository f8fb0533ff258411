#include "tests/store/tables.h"

#include "server/aws/dynamodb.h"
#include "server/aws/http.h"
#include "server/store/dynamodb.h"
#include "tests/dynamodb/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLS_MAX 4096

struct tables {
    struct chat__dynamodb_client client; /* of the model */
    struct dynamodb_model *model;
    struct chat__dynamodb_call *calls[CALLS_MAX];
    size_t first;
    size_t count;

    const char *endpoint; /* NULL: the model */
    uv_loop_t loop;
    struct chat__http *http;
    struct chat__credential_source *credentials;
    struct chat__dynamodb_client *real;

    char prefix[48];
};

/* ---- the model ---- */

static bool call(struct chat__dynamodb_client *client,
                 struct chat__dynamodb_call *asked)
{
    struct tables *tables = (struct tables *)client;
    assert_true(tables->count < CALLS_MAX);
    tables->calls[(tables->first + tables->count++) % CALLS_MAX] = asked;
    return true;
}

static int64_t monotonic_ms(struct chat__dynamodb_client *client)
{
    (void)client;
    return 0;
}

static bool fill_any(void *context, void *bytes, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)rand();
    return true;
}

static bool fill(struct chat__dynamodb_client *client, void *bytes,
                 size_t length)
{
    return fill_any(client, bytes, length);
}

static bool answer_call(struct tables *tables)
{
    struct chat__dynamodb_response response;
    struct chat__dynamodb_call *asked = tables->calls[tables->first];
    char *answer;
    if (tables->count == 0)
        return false;
    tables->first = (tables->first + 1) % CALLS_MAX;
    tables->count--;
    answer =
        dynamodb_model_execute(tables->model, asked->operation, asked->body,
                               asked->length, false, &response.status);
    response.body = answer;
    response.length = strlen(answer);
    asked->answered(asked, &response);
    free(answer);
    return true;
}

static void begin_model(struct tables *tables)
{
    tables->client = (struct chat__dynamodb_client){
        .call = call, .monotonic_ms = monotonic_ms, .fill = fill};
    tables->model = dynamodb_model_new(tables->prefix);
    dynamodb_model_limit_pages(tables->model, 3);
}

/* ---- a service ---- */

static void on_created(void *context, const char *problem)
{
    bool *created = context;
    if (problem != NULL)
        fail_msg("%s", problem);
    *created = true;
}

static void post_nowhere(void *context, struct chat__completion *completion)
{
    (void)context;
    (void)completion;
}

static void create(struct tables *tables)
{
    bool created = false;
    struct chat__store *store = tables_open(
        tables, (struct chat__completion_sink){.post = post_nowhere});
    chat__dynamodb_create_tables(store, on_created, &created);
    while (!created)
        uv_run(&tables->loop, UV_RUN_ONCE);
    store->operations->close(store);
}

static void begin_service(struct tables *tables)
{
    static unsigned int number;
    char message[256];
    struct chat__dynamodb_http_options options = {
        .loop = &tables->loop,
        .endpoint = tables->endpoint,
        .region = "us-east-1",
        .fill = fill_any,
    };
    snprintf(tables->prefix, sizeof tables->prefix, "test-%d-%u-",
             (int)getpid(), number++);
    assert_int_equal(uv_loop_init(&tables->loop), 0);
    tables->http = chat__http_new(&(struct chat__http_options){
        .loop = &tables->loop,
        .calls_max = CALLS_MAX,
        .connections_max = 16,
        .user_agent = "test",
    });
    assert_non_null(tables->http);
    tables->credentials = chat__credential_source_new(
        &(struct chat__credential_options){.loop = &tables->loop,
                                           .http = tables->http},
        message, sizeof message);
    if (tables->credentials == NULL)
        fail_msg("%s", message);
    options.http = tables->http;
    options.credentials = tables->credentials;
    tables->real = chat__dynamodb_http_new(&options);
    assert_non_null(tables->real);
    create(tables);
}

static void end_service(struct tables *tables)
{
    chat__credential_source_close(tables->credentials);
    chat__http_close(tables->http);
    uv_run(&tables->loop, UV_RUN_DEFAULT);
    chat__dynamodb_http_free(tables->real);
    assert_int_equal(uv_loop_close(&tables->loop), 0);
}

/* ---- either ---- */

struct tables *tables_new(void)
{
    struct tables *tables = calloc(1, sizeof *tables);
    assert_non_null(tables);
    tables->endpoint = getenv("CHAT_DYNAMODB_ENDPOINT");
    snprintf(tables->prefix, sizeof tables->prefix, "test-");
    if (tables->endpoint == NULL)
        begin_model(tables);
    else
        begin_service(tables);
    return tables;
}

void tables_free(struct tables *tables)
{
    if (tables == NULL)
        return;
    if (tables->endpoint == NULL)
        dynamodb_model_free(tables->model);
    else
        end_service(tables);
    free(tables);
}

struct chat__store *tables_open(struct tables *tables,
                                struct chat__completion_sink sink)
{
    return chat__dynamodb_open(&(struct chat__dynamodb_options){
        .client = tables->endpoint == NULL ? &tables->client : tables->real,
        .sink = sink,
        .table_prefix = tables->prefix,
    });
}

bool tables_step(struct tables *tables)
{
    if (tables->endpoint == NULL)
        return answer_call(tables);
    return uv_run(&tables->loop, UV_RUN_ONCE) != 0;
}
