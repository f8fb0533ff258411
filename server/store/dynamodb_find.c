/* One message and what later entries made of it. */
#include "server/store/dynamodb_fold.h"
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct find {
    struct chat__dynamodb_group group; /* the chunk, and the fold */
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb_room *room; /* a reference */
    struct chat__store_find_message *request;
    bool found;
};

static void finish_find(struct find *find, enum chat__store_result result)
{
    if (result == CHAT__STORE_OK && !find->found)
        result = CHAT__STORE_NOT_FOUND;
    find->request->result = result;
    chat__dynamodb_complete(find->room->store, &find->request->completion);
    chat__dynamodb_room_release(find->room);
    free(find);
}

static void message_found(struct chat__dynamodb_group *group)
{
    finish_find(CHAT__CONTAINER(group, struct find, group),
                chat__dynamodb_result(group->worst));
}

static void message_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct find *find = context;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer->json, "Items");
    cJSON *item = cJSON_DetachItemFromArray(items, 0);
    struct chat__dynamodb_chunk chunk = {0};
    if (item == NULL || !chat__dynamodb_chunk_read(&chunk, item)) {
        chat__dynamodb_group_fail(&find->group);
        return;
    }
    for (size_t i = 0; i < chunk.count; i++)
        if (chunk.entries[i].seq == find->request->ref) {
            find->found = chat__dynamodb_is_message(chunk.entries[i].bytes,
                                                    chunk.entries[i].length);
            find->request->user = chunk.entries[i].user;
        }
    chat__dynamodb_chunk_release(&chunk);
}

static void count(struct chat__store_find_message *request,
                  const struct chat__dynamodb_fold *fold)
{
    const struct chat__change *change = &fold->change;
    request->deleted = change->deleted;
    if (request->emoji == NULL)
        request->edits = change->deleted ? 0 : fold->edit_count;
    for (size_t i = 0; request->emoji != NULL && i < change->reaction_count;
         i++) {
        const struct chat__reaction *reaction = &change->reactions[i];
        bool same = strcmp(reaction->emoji, request->emoji) == 0;
        request->kinds++;
        request->reactions += reaction->user_count;
        request->kind_is_on = request->kind_is_on || same;
        for (size_t j = 0; same && j < reaction->user_count; j++)
            request->is_on =
                request->is_on || reaction->users[j] == request->reactor;
    }
}

static void fold_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct find *find = context;
    struct chat__dynamodb_fold fold;
    if (!chat__dynamodb_fold_read(
            &fold, find->request->ref,
            cJSON_GetObjectItemCaseSensitive(answer->json, "Item"))) {
        chat__dynamodb_group_fail(&find->group);
        return;
    }
    count(find->request, &fold);
    chat__dynamodb_fold_release(&fold);
}

static void ask_fold(struct find *find)
{
    struct chat__dynamodb_body body;
    chat__dynamodb_body_begin(&body, find->room->store->prefix, "folds");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "room", find->room->name);
    chat__dynamodb_number(&body.writer, "ref", find->request->ref);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_group_ask(&find->group, "GetItem", &body, fold_read, find);
}

static void find_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct find *find = CHAT__CONTAINER(waiter, struct find, waiter);
    struct chat__dynamodb_room *room = find->room;
    struct chat__dynamodb_body body;
    uint64_t ref = find->request->ref;
    if (result != CHAT__STORE_OK || !room->exists || ref == 0 ||
        ref > room->head) {
        finish_find(find, result);
        return;
    }
    chat__dynamodb_group_begin(&find->group, room->store, message_found);
    chat__dynamodb_chunk_query(&body, room->store, room->name, 0, ref, true, 1);
    chat__dynamodb_group_ask(&find->group, "Query", &body, message_read, find);
    ask_fold(find);
    chat__dynamodb_group_end(&find->group);
}

void chat__dynamodb_find_message(struct chat__store *base,
                                 struct chat__store_find_message *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct find *find = NULL;
    if (chat__dynamodb_admit(store))
        find = calloc(1, sizeof *find);
    if (find != NULL)
        find->room = chat__dynamodb_room_get(store, request->room);
    if (find == NULL || find->room == NULL) {
        free(find);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    find->request = request;
    find->waiter.ready = find_ready;
    chat__dynamodb_room_await(find->room, &find->waiter);
}
