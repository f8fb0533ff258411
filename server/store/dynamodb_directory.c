/* The directory of several tasks: the table `connections`. */
#include "server/store/directory.h"
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct directory {
    struct chat__directory base;
    struct chat__dynamodb *store;
};

static void complete(struct chat__dynamodb *store,
                     struct chat__completion *completion)
{
    store->options.sink.post(store->options.sink.context, completion);
}

/* ---- writing ---- */

struct writing {
    struct chat__dynamodb_group group;
    struct chat__directory_write *request;
};

static void all_written(struct chat__dynamodb_group *group)
{
    struct writing *writing = CHAT__CONTAINER(group, struct writing, group);

    writing->request->result = chat__dynamodb_result(group->worst);
    complete(group->store, &writing->request->completion);
    free(writing);
}

static void write_values(struct chat__writer *writer,
                         const struct chat__directory_write *request)
{
    const struct chat__directory_row *row = &request->row;
    char hash[2 * sizeof row->token_hash + 1];
    char address[2 * sizeof row->address + 1];

    if (row->user != 0) {
        chat__dynamodb_to_hex(hash, row->token_hash, sizeof row->token_hash);
        chat__dynamodb_number(writer, "user", row->user);
        chat__dynamodb_string(writer, "token", hash);
    }
    if (row->has_address) {
        chat__dynamodb_to_hex(address, row->address, sizeof row->address);
        chat__dynamodb_string(writer, "address", address);
    }
    chat__dynamodb_signed(writer, "expires", request->expires_ms / 1000);
}

static void write_row(struct writing *writing, const char *topic)
{
    const struct chat__directory_write *request = writing->request;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    chat__dynamodb_body_begin(&body, writing->group.store->prefix,
                              "connections");
    chat__write_object(writer, request->remove ? "Key" : "Item");
    chat__dynamodb_string(writer, "topic", topic);
    chat__dynamodb_string(writer, "id", request->row.id);
    if (!request->remove)
        write_values(writer, request);
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(&writing->group,
                             request->remove ? "DeleteItem" : "PutItem", &body,
                             NULL, NULL);
}

static void write_rows(struct chat__directory *base,
                       struct chat__directory_write *request)
{
    struct directory *directory = (struct directory *)base;
    struct writing *writing = calloc(1, sizeof *writing);

    if (writing == NULL) {
        request->result = CHAT__STORE_BUSY;
        complete(directory->store, &request->completion);
        return;
    }
    writing->request = request;
    chat__dynamodb_group_begin(&writing->group, directory->store, all_written);
    for (size_t i = 0; i < request->count; i++)
        write_row(writing, request->topics[i]);
    chat__dynamodb_group_end(&writing->group);
}

/* ---- reading ---- */

struct reading {
    struct chat__dynamodb *store;
    struct chat__directory_read *request;
    char after[CHAT__GATEWAY_ID_BYTES_MAX + 1]; /* "": from the first */
};

static void finish(struct reading *reading, enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__directory_read_release(reading->request);
    reading->request->result = result;
    complete(reading->store, &reading->request->completion);
    free(reading);
}

/* A session, an address, or both. */
static bool take_values(struct chat__directory_row *row, const cJSON *item)
{
    const char *hash = chat__dynamodb_get_string(item, "token");
    const char *address = chat__dynamodb_get_string(item, "address");

    if (hash != NULL &&
        chat__dynamodb_from_hex(row->token_hash, sizeof row->token_hash, hash))
        row->user = chat__dynamodb_get_number(item, "user");
    row->has_address =
        address != NULL &&
        chat__dynamodb_from_hex(row->address, sizeof row->address, address);
    return row->user != 0 || row->has_address;
}

/* One that has expired may stay for days. */
static void take_row(struct chat__directory_read *request, const cJSON *item)
{
    struct chat__directory_row *row = &request->rows[request->count];
    const char *id = chat__dynamodb_get_string(item, "id");

    *row = (struct chat__directory_row){.user = 0};
    if (id == NULL || strlen(id) > CHAT__GATEWAY_ID_BYTES_MAX ||
        !take_values(row, item) ||
        chat__dynamodb_get_signed(item, "expires") <= request->now_ms / 1000)
        return;
    memcpy(row->id, id, strlen(id) + 1);
    request->count++;
}

static bool take_rows(struct chat__directory_read *request, const cJSON *items)
{
    size_t more = (size_t)cJSON_GetArraySize(items);
    struct chat__directory_row *rows =
        realloc(request->rows, (request->count + more + 1) * sizeof *rows);
    const cJSON *item;

    if (rows == NULL)
        return false;
    request->rows = rows;
    cJSON_ArrayForEach(item, items) take_row(request, item);
    return true;
}

static void ask_page(struct reading *reading);

static void page_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct reading *reading = context;
    const cJSON *last =
        cJSON_GetObjectItemCaseSensitive(answer->json, "LastEvaluatedKey");
    const char *id = chat__dynamodb_get_string(last, "id");

    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(reading, chat__dynamodb_result(answer->outcome));
    } else if (!take_rows(reading->request, cJSON_GetObjectItemCaseSensitive(
                                                answer->json, "Items"))) {
        finish(reading, CHAT__STORE_BUSY);
    } else if (id != NULL) {
        chat__dynamodb_copy(reading->after, sizeof reading->after, id);
        ask_page(reading);
    } else {
        finish(reading, CHAT__STORE_OK);
    }
}

static void ask_page(struct reading *reading)
{
    const char *topic = reading->request->topic;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    chat__dynamodb_body_begin(&body, reading->store->prefix, "connections");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              reading->after[0] == '\0'
                                  ? "#topic = :topic"
                                  : "#topic = :topic AND #id > :after");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":topic", topic);
    if (reading->after[0] != '\0')
        chat__dynamodb_string(writer, ":after", reading->after);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    chat__dynamodb_ask(reading->store, "Query", &body, page_read, reading);
}

static void read_rows(struct chat__directory *base,
                      struct chat__directory_read *request)
{
    struct directory *directory = (struct directory *)base;
    struct reading *reading = calloc(1, sizeof *reading);

    if (reading == NULL) {
        request->result = CHAT__STORE_BUSY;
        complete(directory->store, &request->completion);
        return;
    }
    reading->store = directory->store;
    reading->request = request;
    ask_page(reading);
}

static void close_directory(struct chat__directory *base)
{
    free(base);
}

static const struct chat__directory_operations operations = {
    .write = write_rows, .read = read_rows, .close = close_directory};

struct chat__directory *chat__dynamodb_directory(struct chat__store *store)
{
    struct directory *directory = calloc(1, sizeof *directory);

    if (directory == NULL)
        return NULL;
    directory->base.operations = &operations;
    directory->store = (struct chat__dynamodb *)store;
    return &directory->base;
}
