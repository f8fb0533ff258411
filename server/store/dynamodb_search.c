/*
 * An entry by its key. Who may have used a key is known by its claim; where, by
 * reading the log from the head that the claim names: the newest entries are in
 * the replica, those before them are read.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct search {
    struct chat__dynamodb_room *room; /* a reference */
    uint64_t next;                    /* the key of the next chunk to read */
    uint64_t to;                      /* the last seq to look at */
    struct chat__dynamodb_wanted *wanted;
    size_t count;
    void (*done)(void *context, enum chat__store_result result);
    void *context;
};

static void finish(struct search *search, enum chat__store_result result)
{
    search->done(search->context, result);
    chat__dynamodb_room_release(search->room);
    free(search);
}

static void compare(struct search *search,
                    const struct chat__store_entry *entry)
{
    for (size_t i = 0; i < search->count; i++) {
        struct chat__dynamodb_wanted *wanted = &search->wanted[i];
        if (wanted->skip || wanted->user != entry->user ||
            strcmp(wanted->key, entry->key) != 0)
            continue;
        wanted->entry.seq = entry->seq;
        wanted->entry.ts = entry->ts;
        memcpy(wanted->entry.digest, entry->digest, sizeof entry->digest);
    }
}

static bool take_chunk(struct search *search, cJSON *item)
{
    struct chat__dynamodb_chunk chunk;
    if (!chat__dynamodb_chunk_read(&chunk, item))
        return false;
    for (size_t i = 0; i < chunk.count; i++)
        compare(search, &chunk.entries[i]);
    search->next = chunk.last + 1;
    chat__dynamodb_chunk_release(&chunk);
    return true;
}

static void ask(struct search *search);

static void answered(void *context, const struct chat__dynamodb_answer *answer)
{
    struct search *search = context;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer->json, "Items");
    size_t count = (size_t)cJSON_GetArraySize(items);
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(search, chat__dynamodb_result(answer->outcome));
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!take_chunk(search, cJSON_DetachItemFromArray(items, 0))) {
            finish(search, CHAT__STORE_FAILED);
            return;
        }
    if (cJSON_GetObjectItemCaseSensitive(answer->json, "LastEvaluatedKey") !=
            NULL &&
        count > 0)
        ask(search);
    else
        finish(search, CHAT__STORE_OK);
}

static void ask(struct search *search)
{
    struct chat__dynamodb_body body;
    chat__dynamodb_chunk_query(&body, search->room->store, search->room->name,
                               search->next, search->to, false, 0);
    chat__dynamodb_ask(search->room->store, "Query", &body, answered, search);
}

/* `from` is a head + 1, so a chunk begins there: or the first one, with 1. */
void chat__dynamodb_search(struct chat__dynamodb_room *room, uint64_t from,
                           struct chat__dynamodb_wanted *wanted, size_t count,
                           void (*done)(void *context,
                                        enum chat__store_result result),
                           void *context)
{
    struct search *search = NULL;
    for (size_t i = 0; i < count; i++)
        if (!wanted[i].skip)
            (void)chat__dynamodb_room_key(room, wanted[i].user, wanted[i].key,
                                          &wanted[i].entry);
    if (from >= chat__dynamodb_room_recent_from(room)) {
        done(context, CHAT__STORE_OK);
        return;
    }
    search = malloc(sizeof *search);
    if (search == NULL) {
        done(context, CHAT__STORE_BUSY);
        return;
    }
    *search = (struct search){
        .room = room,
        .next = from <= 1 ? 0 : from,
        .to = chat__dynamodb_room_recent_from(room) - 1,
        .wanted = wanted,
        .count = count,
        .done = done,
        .context = context,
    };
    chat__dynamodb_room_hold(room);
    ask(search);
}

/* ---- find_key ---- */

struct find {
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb *store;
    struct chat__dynamodb_room *room;
    struct chat__store_find_key *request;
    struct chat__dynamodb_wanted wanted;
};

static void finish_find(struct find *find, enum chat__store_result result)
{
    struct chat__dynamodb *store = find->store;
    struct chat__store_find_key *request = find->request;
    request->entry = find->wanted.entry;
    request->head = find->room->exists ? find->room->head : 0;
    request->result = result;
    chat__dynamodb_complete(store, &request->completion);
    chat__dynamodb_room_release(find->room);
    free(find);
}

static void searched(void *context, enum chat__store_result result)
{
    struct find *find = context;
    if (result == CHAT__STORE_OK && find->wanted.entry.seq == 0)
        result = CHAT__STORE_NOT_FOUND;
    finish_find(find, result);
}

/* A key that nobody claimed is in no log. */
static void claim_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct find *find = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish_find(find, chat__dynamodb_result(answer->outcome));
    else if (item == NULL)
        finish_find(find, CHAT__STORE_NOT_FOUND);
    else
        chat__dynamodb_search(find->room,
                              chat__dynamodb_get_number(item, "head") + 1,
                              &find->wanted, 1, searched, find);
}

static void ask_claim(struct find *find)
{
    struct chat__dynamodb_body body;
    char id[CHAT__DYNAMODB_CLAIM_SIZE];
    chat__dynamodb_claim_id(id, sizeof id, find->room->name, find->wanted.user,
                            find->wanted.key);
    chat__dynamodb_body_begin(&body, find->store->prefix, "claims");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "id", id);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_ask(find->store, "GetItem", &body, claim_read, find);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct find *find = CHAT__CONTAINER(waiter, struct find, waiter);
    if (result == CHAT__STORE_OK && !find->room->exists)
        result = CHAT__STORE_NOT_FOUND;
    if (result != CHAT__STORE_OK ||
        chat__dynamodb_room_key(find->room, find->wanted.user, find->wanted.key,
                                &find->wanted.entry))
        finish_find(find, result);
    else
        ask_claim(find);
}

void chat__dynamodb_find_key(struct chat__store *base,
                             struct chat__store_find_key *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct find *find =
        chat__dynamodb_admit(store) ? calloc(1, sizeof *find) : NULL;
    if (find != NULL)
        find->room = chat__dynamodb_room_get(store, request->room);
    if (find == NULL || find->room == NULL) {
        free(find);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    find->store = store;
    find->request = request;
    find->wanted.user = request->user;
    find->wanted.key = request->key;
    find->waiter.ready = room_ready;
    chat__dynamodb_room_await(find->room, &find->waiter);
}
