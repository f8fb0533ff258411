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

/* A task's way to the model. */
struct carrier {
    struct chat__dynamodb_client client;
    struct tables *tables;
    const char *dies_after; /* a put into this table; NULL: it lives on */
    bool is_dead;
};

/* A test opens so many stores at most. */
#define CARRIERS_MAX 8

struct tables {
    struct carrier carriers[CARRIERS_MAX];
    size_t carrier_count;
    struct dynamodb_model *model;
    struct write {
        char operation[16];
        char *body;
    } * writes; /* all that were carried out, in order */
    size_t write_count;
    struct waiting {
        struct carrier *carrier;
        struct chat__dynamodb_call *call;
    } calls[CALLS_MAX];
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
    struct carrier *carrier = (struct carrier *)client;
    struct tables *tables = carrier->tables;

    assert_true(tables->count < CALLS_MAX);
    tables->calls[(tables->first + tables->count++) % CALLS_MAX] =
        (struct waiting){carrier, asked};
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

/* Whether its carrier dies with this call. */
static bool is_last(const struct waiting *waiting)
{
    const char *table = waiting->carrier->dies_after;
    const struct chat__dynamodb_call *call = waiting->call;

    return table != NULL && strcmp(call->operation, "PutItem") == 0 &&
           memmem(call->body, call->length, table, strlen(table)) != NULL;
}

static void remember(struct tables *tables,
                     const struct chat__dynamodb_call *asked)
{
    struct write *write;

    if (strcmp(asked->operation, "GetItem") == 0 ||
        strcmp(asked->operation, "Query") == 0)
        return;
    tables->writes = reallocarray(tables->writes, tables->write_count + 1,
                                  sizeof *tables->writes);
    assert_non_null(tables->writes);
    write = &tables->writes[tables->write_count++];
    snprintf(write->operation, sizeof write->operation, "%s", asked->operation);
    write->body = strndup(asked->body, asked->length);
    assert_non_null(write->body);
}

void tables_repeat(struct tables *tables)
{
    for (size_t i = tables->write_count; i > 0; i--) {
        const struct write *write = &tables->writes[i - 1];
        unsigned int status;

        free(dynamodb_model_execute(tables->model, write->operation,
                                    write->body, strlen(write->body), false,
                                    &status));
    }
}

static void execute(struct tables *tables, struct waiting *waiting)
{
    struct chat__dynamodb_response response;
    struct chat__dynamodb_call *asked = waiting->call;
    char *answer =
        dynamodb_model_execute(tables->model, asked->operation, asked->body,
                               asked->length, false, &response.status);

    remember(tables, asked);
    response.body = answer;
    response.length = strlen(answer);
    if (is_last(waiting))
        waiting->carrier->is_dead = true;
    else
        asked->answered(asked, &response);
    free(answer);
    if (waiting->carrier->is_dead)
        tables->calls[(tables->first + tables->count++) % CALLS_MAX] = *waiting;
}

/* The next of one that lives; those of the dead wait on. */
static bool answer_call(struct tables *tables)
{
    for (size_t i = tables->count; i > 0; i--) {
        struct waiting waiting = tables->calls[tables->first];

        tables->first = (tables->first + 1) % CALLS_MAX;
        tables->count--;
        if (!waiting.carrier->is_dead) {
            execute(tables, &waiting);
            return true;
        }
        tables->calls[(tables->first + tables->count++) % CALLS_MAX] = waiting;
    }
    return false;
}

void tables_die_after(struct tables *tables, const char *table)
{
    tables->carriers[tables->carrier_count - 1].dies_after = table;
}

bool tables_are_dead(const struct tables *tables)
{
    return tables->carriers[tables->carrier_count - 1].is_dead;
}

void tables_revive(struct tables *tables)
{
    for (size_t i = 0; i < tables->carrier_count; i++) {
        tables->carriers[i].dies_after = NULL;
        tables->carriers[i].is_dead = false;
    }
}

static struct chat__dynamodb_client *new_carrier(struct tables *tables)
{
    struct carrier *carrier = &tables->carriers[tables->carrier_count++];

    assert_true(tables->carrier_count <= CARRIERS_MAX);
    *carrier = (struct carrier){
        .client = {.call = call, .monotonic_ms = monotonic_ms, .fill = fill},
        .tables = tables,
    };
    return &carrier->client;
}

static void begin_model(struct tables *tables)
{
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
    for (size_t i = 0; i < tables->write_count; i++)
        free(tables->writes[i].body);
    free(tables->writes);
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
        .client = tables->endpoint == NULL ? new_carrier(tables) : tables->real,
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
