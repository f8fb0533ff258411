/*
 * A key that all tasks of the tables have, made by the first that asks. A put
 * that may only make the item, then a consistent read: whoever wins, all read
 * the same.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

#define NAME "bus-key"

struct shared_key {
    struct chat__dynamodb *store;
    bool tried_to_make;
    void (*done)(void *context, const unsigned char *key);
    void *context;
};

static void finish(struct shared_key *shared, const unsigned char *key)
{
    shared->done(shared->context, key);
    free(shared);
}

static void read_key(struct shared_key *shared);

static void made(void *context, const struct chat__dynamodb_answer *answer)
{
    struct shared_key *shared = context;

    if (answer->outcome > CHAT__DYNAMODB_CONDITION)
        finish(shared, NULL);
    else
        read_key(shared);
}

static void make_key(struct shared_key *shared)
{
    struct chat__dynamodb *store = shared->store;
    struct chat__dynamodb_client *client = store->options.client;
    unsigned char key[CHAT__DYNAMODB_SHARED_KEY_BYTES];
    char text[2 * sizeof key + 1];
    struct chat__dynamodb_body body;

    if (shared->tried_to_make || !client->fill(client, key, sizeof key)) {
        finish(shared, NULL);
        return;
    }
    shared->tried_to_make = true;
    chat__dynamodb_to_hex(text, key, sizeof key);
    chat__dynamodb_body_begin(&body, store->prefix, "user-counter");
    chat__write_object(&body.writer, "Item");
    chat__dynamodb_string(&body.writer, "id", NAME);
    chat__dynamodb_string(&body.writer, "key", text);
    chat__write_object_end(&body.writer);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#id)");
    chat__dynamodb_ask(store, "PutItem", &body, made, shared);
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
}

static void key_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct shared_key *shared = context;
    unsigned char key[CHAT__DYNAMODB_SHARED_KEY_BYTES];
    const cJSON *item;
    const char *text;

    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(shared, NULL);
        return;
    }
    item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    text = chat__dynamodb_get_string(item, "key");
    if (item == NULL)
        make_key(shared);
    else if (text == NULL || !chat__dynamodb_from_hex(key, sizeof key, text))
        finish(shared, NULL);
    else
        finish(shared, key);
    explicit_bzero(key, sizeof key);
}

static void read_key(struct shared_key *shared)
{
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, shared->store->prefix, "user-counter");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "id", NAME);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_ask(shared->store, "GetItem", &body, key_read, shared);
}

void chat__dynamodb_shared_key(struct chat__store *store,
                               void (*done)(void *context,
                                            const unsigned char *key),
                               void *context)
{
    struct shared_key *shared = calloc(1, sizeof *shared);

    if (shared == NULL) {
        done(context, NULL);
        return;
    }
    shared->store = (struct chat__dynamodb *)store;
    shared->done = done;
    shared->context = context;
    read_key(shared);
}
