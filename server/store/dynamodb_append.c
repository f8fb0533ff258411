/*
 * An append: docs/dynamodb.md, "Append". Each job has its room for itself from
 * run to the end, so all of it is one walk: know the room, claim the keys, look
 * for those that were claimed before, put the chunk, make its projections.
 */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITER_BYTES 12

struct chat__dynamodb_append_job {
    struct chat__dynamodb_group group; /* of the claims */
    struct chat__dynamodb_append_job *next;
    struct chat__store_append *request;
    struct chat__dynamodb_room *room;     /* a reference */
    struct chat__dynamodb_wanted *wanted; /* for each entry */
    struct claim *claims;                 /* for each entry */
    uint64_t claimed_from; /* the least head of those that were there */
    bool claimed;          /* some were */
    enum chat__role *before;
    char writer[2 * WRITER_BYTES + 1];
};

struct claim {
    struct chat__dynamodb_append_job *job;
    size_t index;
};

struct chat__dynamodb_append_job *
chat__dynamodb_append_next(struct chat__dynamodb_append_job *job)
{
    return job->next;
}

/* ---- the end ---- */

static void finish(struct chat__dynamodb_append_job *job,
                   enum chat__store_result result)
{
    struct chat__dynamodb_room *room = job->room;
    job->request->result = result;
    chat__dynamodb_complete(room->store, &job->request->completion);
    free(job->wanted);
    free(job->claims);
    free(job->before);
    free(job);
    chat__dynamodb_room_next(room);
    chat__dynamodb_room_release(room);
}

/* DUPLICATE with what was found, or the result that it is without. */
static void finish_found(struct chat__dynamodb_append_job *job,
                         enum chat__store_result otherwise)
{
    struct chat__store_append *request = job->request;
    chat__store_append_release(request);
    request->duplicates = calloc(request->count, sizeof *request->duplicates);
    if (request->duplicates == NULL) {
        finish(job, CHAT__STORE_BUSY);
        return;
    }
    for (size_t i = 0; i < request->count; i++)
        if (job->wanted[i].entry.seq != 0)
            request->duplicates[request->duplicate_count++] =
                (struct chat__store_duplicate){.index = i,
                                               .entry = job->wanted[i].entry};
    finish(job,
           request->duplicate_count > 0 ? CHAT__STORE_DUPLICATE : otherwise);
}

/* Looks among the newest entries; true when one is there. */
static bool find_recent(struct chat__dynamodb_append_job *job)
{
    bool found = false;
    for (size_t i = 0; i < job->request->count; i++) {
        struct chat__dynamodb_wanted *wanted = &job->wanted[i];
        if (chat__dynamodb_room_key(job->room, wanted->user, wanted->key,
                                    &wanted->entry))
            found = true;
    }
    return found;
}

/* ---- the chunk ---- */

static void snapshot_saved(void *context)
{
    finish(context, CHAT__STORE_OK);
}

/* The chunk is there, but not all that hangs off it: who comes next sees. */
static void projected(void *context, enum chat__store_result result)
{
    struct chat__dynamodb_append_job *job = context;
    if (result == CHAT__STORE_OK) {
        chat__dynamodb_snapshot_save(job->room, snapshot_saved, job);
        return;
    }
    chat__dynamodb_room_forget(job->room);
    finish(job, CHAT__STORE_FAILED);
}

static void committed(struct chat__dynamodb_append_job *job)
{
    const struct chat__store_append *request = job->request;
    struct chat__dynamodb_room *room = job->room;
    if (!chat__dynamodb_standings_before(room, request->entries, request->count,
                                         &job->before) ||
        (request->create_epoch != NULL &&
         !chat__dynamodb_room_begin(room, request->create_epoch,
                                    request->create_private)) ||
        !chat__dynamodb_room_apply(room, request->entries, request->count)) {
        projected(job, CHAT__STORE_FAILED);
        return;
    }
    chat__dynamodb_project(&(struct chat__dynamodb_projection){
        .room = room,
        .entries = request->entries,
        .count = request->count,
        .begins = request->create_epoch != NULL,
        .before = job->before,
        .done = projected,
        .context = job,
    });
}

static void lost_and_caught_up(void *context, enum chat__store_result result)
{
    struct chat__dynamodb_append_job *job = context;
    if (result != CHAT__STORE_OK)
        finish(job, result);
    else if (find_recent(job))
        finish_found(job, CHAT__STORE_CONFLICT);
    else
        finish(job, CHAT__STORE_CONFLICT);
}

static bool is_ours(const struct chat__dynamodb_append_job *job,
                    const struct chat__dynamodb_answer *answer)
{
    const char *writer = chat__dynamodb_get_string(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Item"), "writer");
    return writer != NULL && strcmp(writer, job->writer) == 0;
}

static void chunk_put(void *context, const struct chat__dynamodb_answer *answer)
{
    struct chat__dynamodb_append_job *job = context;
    if (answer->outcome == CHAT__DYNAMODB_OK ||
        (answer->outcome == CHAT__DYNAMODB_CONDITION && is_ours(job, answer))) {
        committed(job);
    } else if (answer->outcome == CHAT__DYNAMODB_CONDITION) {
        chat__dynamodb_catch_up(job->room, lost_and_caught_up, job);
    } else {
        /* It may be there, or come: the next put at this head will tell. */
        finish(job, chat__dynamodb_result(answer->outcome));
    }
}

static void put_chunk(struct chat__dynamodb_append_job *job)
{
    struct chat__dynamodb *store = job->room->store;
    struct chat__dynamodb_client *client = store->options.client;
    struct chat__dynamodb_body body;
    unsigned char chance[WRITER_BYTES];
    if (!client->fill(client, chance, sizeof chance)) {
        finish(job, CHAT__STORE_BUSY);
        return;
    }
    chat__dynamodb_to_hex(job->writer, chance, sizeof chance);
    chat__dynamodb_chunk_put(&body, store, job->request, job->writer);
    chat__dynamodb_ask(store, "PutItem", &body, chunk_put, job);
}

/* ---- keys that were claimed before ---- */

/*
 * The log was looked at up to the replica's head. If there is more by now, the
 * chunk does not go in; so if it does, all was looked at.
 */
static void searched(void *context, enum chat__store_result result)
{
    struct chat__dynamodb_append_job *job = context;
    bool found = false;
    for (size_t i = 0; i < job->request->count; i++)
        found = found || job->wanted[i].entry.seq != 0;
    if (result != CHAT__STORE_OK)
        finish(job, result);
    else if (found)
        finish_found(job, CHAT__STORE_CONFLICT);
    else
        put_chunk(job);
}

/* ---- claims ---- */

static void claimed(struct chat__dynamodb_group *group)
{
    struct chat__dynamodb_append_job *job =
        CHAT__CONTAINER(group, struct chat__dynamodb_append_job, group);
    if (group->worst != CHAT__DYNAMODB_OK)
        finish(job, chat__dynamodb_result(group->worst));
    else if (job->claimed)
        chat__dynamodb_search(job->room, job->claimed_from + 1, job->wanted,
                              job->request->count, searched, job);
    else
        put_chunk(job);
}

/* A claim that is there says from where on its key may be in the log. */
static void claim_answered(void *context,
                           const struct chat__dynamodb_answer *answer)
{
    struct claim *claim = context;
    struct chat__dynamodb_append_job *job = claim->job;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    uint64_t head = chat__dynamodb_get_number(item, "head");
    if (answer->outcome != CHAT__DYNAMODB_CONDITION) {
        job->wanted[claim->index].skip = true;
        return;
    }
    if (!job->claimed || head < job->claimed_from)
        job->claimed_from = head;
    job->claimed = true;
}

void chat__dynamodb_claim_id(char *id, size_t size, const char *room,
                             uint64_t user, const char *key)
{
    snprintf(id, size, "%s/%llu/%s", room, (unsigned long long)user, key);
}

static void ask_claim(struct chat__dynamodb_append_job *job, size_t index)
{
    const struct chat__store_entry *entry = &job->request->entries[index];
    struct chat__dynamodb_body body;
    char id[CHAT__DYNAMODB_CLAIM_SIZE];
    job->claims[index] = (struct claim){.job = job, .index = index};
    chat__dynamodb_claim_id(id, sizeof id, job->room->name, entry->user,
                            entry->key);
    chat__dynamodb_body_begin(&body, job->room->store->prefix, "claims");
    chat__write_object(&body.writer, "Item");
    chat__dynamodb_string(&body.writer, "id", id);
    chat__dynamodb_number(&body.writer, "head", job->room->head);
    chat__write_object_end(&body.writer);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#id)");
    chat__write_string(&body.writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
    chat__dynamodb_group_ask(&job->group, "PutItem", &body, claim_answered,
                             &job->claims[index]);
}

/* ---- before anything is asked ---- */

static bool fits(const struct chat__dynamodb_append_job *job)
{
    const struct chat__store_append *request = job->request;
    const struct chat__dynamodb_room *room = job->room;
    if (room->exists == (request->create_epoch != NULL))
        return false;
    for (size_t i = 0; i < request->count; i++)
        if (request->entries[i].seq != room->head + 1 + i)
            return false;
    return true;
}

static bool has_one_twice(const struct chat__store_append *request)
{
    for (size_t i = 0; i < request->count; i++)
        for (size_t j = 0; j < i; j++)
            if (request->entries[i].user == request->entries[j].user &&
                strcmp(request->entries[i].key, request->entries[j].key) == 0)
                return true;
    return false;
}

static void known(void *context, enum chat__store_result result)
{
    struct chat__dynamodb_append_job *job = context;
    if (result != CHAT__STORE_OK) {
        finish(job, result);
        return;
    }
    if (!fits(job)) {
        finish(job, CHAT__STORE_CONFLICT);
        return;
    }
    if (find_recent(job)) {
        finish_found(job, CHAT__STORE_CONFLICT);
        return;
    }
    if (has_one_twice(job->request)) {
        finish(job, CHAT__STORE_FAILED);
        return;
    }
    if (job->request->count == 0) {
        put_chunk(job);
        return;
    }
    chat__dynamodb_group_begin(&job->group, job->room->store, claimed);
    for (size_t i = 0; i < job->request->count; i++)
        ask_claim(job, i);
    chat__dynamodb_mark(&job->group, job->room, job->request->entries,
                        job->request->count);
    chat__dynamodb_group_end(&job->group);
}

/* A room that is to be made: perhaps another task has made it. And the caller
 * may have been told of entries that the replica has not read. */
static bool has_to_look(const struct chat__dynamodb_append_job *job)
{
    const struct chat__store_append *request = job->request;
    const struct chat__dynamodb_room *room = job->room;
    return !room->loaded || (!room->exists && request->create_epoch == NULL) ||
           (request->count > 0 && request->entries[0].seq > room->head + 1);
}

void chat__dynamodb_append_run(struct chat__dynamodb_append_job *job)
{
    if (has_to_look(job))
        chat__dynamodb_catch_up(job->room, known, job);
    else
        known(job, CHAT__STORE_OK);
}

static struct chat__dynamodb_append_job *
new_job(struct chat__dynamodb *store, struct chat__store_append *request)
{
    struct chat__dynamodb_append_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return NULL;
    job->request = request;
    job->wanted = calloc(request->count + 1, sizeof *job->wanted);
    job->claims = calloc(request->count + 1, sizeof *job->claims);
    job->room = chat__dynamodb_room_get(store, request->room);
    if (job->wanted != NULL && job->claims != NULL && job->room != NULL)
        return job;
    if (job->room != NULL)
        chat__dynamodb_room_release(job->room);
    free(job->wanted);
    free(job->claims);
    free(job);
    return NULL;
}

void chat__dynamodb_append(struct chat__store *base,
                           struct chat__store_append *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct chat__dynamodb_append_job *job = NULL;
    struct chat__dynamodb_room *room;
    if (chat__dynamodb_admit(store))
        job = new_job(store, request);
    if (job == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    for (size_t i = 0; i < request->count; i++) {
        job->wanted[i].user = request->entries[i].user;
        job->wanted[i].key = request->entries[i].key;
    }
    room = job->room;
    if (room->appends == NULL)
        room->appends = job;
    else
        room->appends_last->next = job;
    room->appends_last = job;
    chat__dynamodb_room_start(room);
}
