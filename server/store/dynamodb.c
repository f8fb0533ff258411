#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* Some 120 KB for a room that is written a lot. */
#define RECENT_MAX 1024

/* So many chunks are read again by who loads a room, at most. */
#define SNAPSHOT_CHUNKS 64

bool chat__dynamodb_admit(struct chat__dynamodb *store)
{
    return store->waiting++ < CHAT__DYNAMODB_QUEUE_MAX;
}

void chat__dynamodb_complete(struct chat__dynamodb *store,
                             struct chat__completion *completion)
{
    store->waiting--;
    store->options.sink.post(store->options.sink.context, completion);
}

/* ---- probe ---- */

struct probe {
    struct chat__dynamodb *store;
    struct chat__store_probe *request;
};

static void probed(void *context, const struct chat__dynamodb_answer *answer)
{
    struct probe *probe = context;

    probe->request->result = chat__dynamodb_result(answer->outcome);
    chat__dynamodb_complete(probe->store, &probe->request->completion);
    free(probe);
}

/* A table that had a problem is asked too, else nobody may ask it again. */
static void written(void *context, const struct chat__dynamodb_answer *answer)
{
    struct probe *probe = context;
    struct chat__dynamodb *store = probe->store;
    struct chat__dynamodb_body body;

    if (answer->outcome != CHAT__DYNAMODB_OK || store->problem_table == NULL) {
        probed(probe, answer);
        return;
    }
    chat__dynamodb_table_get(&body, store, store->problem_table);
    chat__dynamodb_ask(store, "GetItem", &body, probed, probe);
}

void chat__dynamodb_probe(struct chat__store *base,
                          struct chat__store_probe *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct chat__dynamodb_body body;
    struct probe *probe = NULL;
    if (chat__dynamodb_admit(store))
        probe = malloc(sizeof *probe);
    if (probe == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    *probe = (struct probe){.store = store, .request = request};
    chat__dynamodb_body_begin(&body, store->prefix, "user-counter");
    chat__write_object(&body.writer, "Item");
    chat__dynamodb_string(&body.writer, "id", "probe");
    chat__write_object_end(&body.writer);
    chat__dynamodb_ask(store, "PutItem", &body, written, probe);
}

/* ---- life ---- */

static void close_store(struct chat__store *base)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    chat__dynamodb_rooms_free(store);
    free(store);
}

static const struct chat__store_operations operations = {
    .append = chat__dynamodb_append,
    .find_key = chat__dynamodb_find_key,
    .open_room = chat__dynamodb_open_room,
    .read_log = chat__dynamodb_read_log,
    .sign_in = chat__dynamodb_sign_in,
    .find_message = chat__dynamodb_find_message,
    .find_account = chat__dynamodb_find_account,
    .find_user = chat__dynamodb_find_user,
    .end_tokens = chat__dynamodb_end_tokens,
    .keep_session = chat__dynamodb_keep_session,
    .idle_guests = chat__dynamodb_idle_guests,
    .list_members = chat__dynamodb_list_members,
    .mark_read = chat__dynamodb_mark_read,
    .list_rooms = chat__dynamodb_list_rooms,
    .heads = chat__dynamodb_heads,
    .list_users = chat__dynamodb_list_users,
    .set_banned = chat__dynamodb_set_banned,
    .room_heads = chat__dynamodb_room_heads,
    .probe = chat__dynamodb_probe,
    .close = close_store,
};

struct chat__store *
chat__dynamodb_open(const struct chat__dynamodb_options *options)
{
    struct chat__dynamodb *store;
    if (strlen(options->table_prefix) > CHAT__DYNAMODB_PREFIX_BYTES_MAX)
        return NULL;
    store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    /* Names are chosen by strangers, places are not. */
    if (!options->client->fill(options->client, &store->hash_seed,
                               sizeof store->hash_seed)) {
        free(store);
        return NULL;
    }
    store->base.operations = &operations;
    store->options = *options;
    chat__dynamodb_copy(store->prefix, sizeof store->prefix,
                        options->table_prefix);
    if (options->recent_max == 0)
        store->options.recent_max = RECENT_MAX;
    if (options->snapshot_chunks == 0)
        store->options.snapshot_chunks = SNAPSHOT_CHUNKS;
    return &store->base;
}
