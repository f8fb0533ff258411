/* DynamoDB's tables, for the checks: as chatd's environment names them. */
#include "server/chatctl/tables.h"

#include "server/options/options.h"
#include "server/server_dynamodb.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define STANDARD_PREFIX "chat-"

static void post_nowhere(void *context, struct chat__completion *completion)
{
    (void)context;
    (void)completion;
}

/* Signals are looked at between requests, each of which ends by itself. */
static void step(void *context)
{
    uv_run(context, UV_RUN_ONCE);
}

static const char *environment(const char *name, const char *standard)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : standard;
}

enum chat__verify_result
chatctl_verify_tables(const struct chat__verify_options *findings,
                      struct chat__verify_counts *counts, char *message,
                      size_t size)
{
    struct chat__options options = {
        .dynamodb_endpoint =
            (char *)environment("CHATD_DYNAMODB_ENDPOINT", NULL),
        .table_prefix =
            (char *)environment("CHATD_TABLE_PREFIX", STANDARD_PREFIX),
    };
    struct chat__completion_sink sink = {.post = post_nowhere};
    enum chat__verify_result result = CHAT__VERIFY_UNREADABLE;
    struct chat__server_dynamodb *dynamodb;
    struct chat__store *store;
    uv_loop_t loop;

    if (uv_loop_init(&loop) != 0) {
        snprintf(message, size, "out of memory");
        return result;
    }
    dynamodb =
        chat__server_dynamodb_open(&options, &loop, sink, NULL, message, size);
    if (dynamodb != NULL) {
        store = chat__server_dynamodb_store(dynamodb);
        result = chat__verify_tables(
            &(struct chat__verify_tables_options){
                .store = store,
                .step = step,
                .step_context = &loop,
                .findings = *findings,
            },
            counts, message, size);
        store->operations->close(store);
    }
    chat__server_dynamodb_close(dynamodb);
    uv_run(&loop, UV_RUN_DEFAULT);
    chat__server_dynamodb_free(dynamodb);
    uv_loop_close(&loop);
    return result;
}
