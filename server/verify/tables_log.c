/* Each room's log, chunk by chunk, and its keys. */
#include "server/verify/tables_private.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys: each once, and claimed before ---- */

struct claim {
    struct chat__verify_log *log;
    uint64_t seq;
};

static void claim_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct claim *claim = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    struct chat__verify_log *log = claim->log;
    uint64_t head = chat__dynamodb_get_number(item, "head");

    if (answer->outcome == CHAT__DYNAMODB_OK && item == NULL)
        FIND(log->tables, "claim", log->name, claim->seq,
             "nobody claimed its key, so it may come to be again");
    else if (answer->outcome == CHAT__DYNAMODB_OK && head >= claim->seq)
        FIND(log->tables, "claim", log->name, claim->seq,
             "its key was claimed at the head %llu, so a retry does not find "
             "it and it may come to be again",
             (unsigned long long)head);
}

static void check_claims(struct chat__verify_log *log,
                         const struct chat__dynamodb_chunk *chunk)
{
    struct claim *claims = calloc(chunk->count + 1, sizeof *claims);
    struct chat__dynamodb_group group;
    char id[CHAT__DYNAMODB_CLAIM_SIZE];

    if (claims == NULL) {
        log->tables->failed = true;
        return;
    }
    chat__verify_group_begin(log->tables, &group);
    for (size_t i = 0; i < chunk->count; i++) {
        const struct chat__store_entry *entry = &chunk->entries[i];
        struct chat__dynamodb_body body;

        claims[i] = (struct claim){.log = log, .seq = entry->seq};
        chat__dynamodb_claim_id(id, sizeof id, log->name, entry->user,
                                entry->key);
        chat__dynamodb_body_begin(&body, log->tables->store->prefix, "claims");
        chat__write_object(&body.writer, "Key");
        chat__dynamodb_string(&body.writer, "id", id);
        chat__write_object_end(&body.writer);
        chat__write_bool(&body.writer, "ConsistentRead", true);
        chat__dynamodb_group_ask(&group, "GetItem", &body, claim_read,
                                 &claims[i]);
    }
    chat__verify_await(log->tables, &group);
    free(claims);
}

static void remember_key(struct chat__verify_log *log,
                         const struct chat__store_entry *entry)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char id[CHAT__DYNAMODB_CLAIM_SIZE];
    struct chat__verify_key *keys =
        chat__verify_grow(log->tables, log->keys, log->key_count,
                          &log->key_capacity, sizeof *keys);

    if (keys == NULL)
        return;
    log->keys = keys;
    chat__dynamodb_claim_id(id, sizeof id, log->name, entry->user, entry->key);
    if (EVP_Digest(id, strlen(id), digest, NULL, EVP_sha256(), NULL) != 1) {
        log->tables->failed = true;
        return;
    }
    keys[log->key_count].seq = entry->seq;
    memcpy(keys[log->key_count++].hash, digest, sizeof keys->hash);
}

static int by_hash(const void *a, const void *b)
{
    const struct chat__verify_key *one = a;
    const struct chat__verify_key *other = b;
    int order = memcmp(one->hash, other->hash, sizeof one->hash);

    return order != 0 ? order
                      : (one->seq > other->seq) - (one->seq < other->seq);
}

static void check_keys(struct chat__verify_log *log)
{
    if (log->key_count > 0)
        qsort(log->keys, log->key_count, sizeof *log->keys, by_hash);
    for (size_t i = 1; i < log->key_count; i++)
        if (memcmp(log->keys[i].hash, log->keys[i - 1].hash,
                   sizeof log->keys->hash) == 0)
            FIND(log->tables, "key", log->name, log->keys[i].seq,
                 "its user had used its key for the entry %llu",
                 (unsigned long long)log->keys[i - 1].seq);
}

/* ---- chunks ---- */

static bool follows(struct chat__verify_log *log,
                    const struct chat__dynamodb_chunk *chunk)
{
    struct chat__dynamodb_room *room = log->room;
    uint64_t first = chunk->key == 0 ? 1 : chunk->key;

    if (!room->exists && chunk->key != 0)
        FIND(log->tables, "seq", log->name, first,
             "the chunk with which the room begins is missing");
    else if (first > room->head + 1)
        FIND(log->tables, "seq", log->name, first,
             "the entries %llu to %llu before it are missing",
             (unsigned long long)room->head + 1, (unsigned long long)first - 1);
    else if (first <= room->head)
        FIND(log->tables, "seq", log->name, first,
             "its chunk begins before the end of the one before it, %llu",
             (unsigned long long)room->head);
    else
        return true;
    log->whole = false;
    return false;
}

static void check_chunk(struct chat__verify_log *log,
                        const struct chat__dynamodb_chunk *chunk)
{
    struct chat__dynamodb_room *room = log->room;

    if (!follows(log, chunk))
        room->head = chunk->key == 0 ? 0 : chunk->key - 1;
    if (chunk->key == 0)
        log->tables->failed =
            log->tables->failed ||
            !chat__dynamodb_room_begin(room, chunk->epoch, chunk->private_room);
    room->exists = true;
    for (size_t i = 0; i < chunk->count && !log->tables->failed; i++) {
        log->tables->base.counts->entries++;
        remember_key(log, &chunk->entries[i]);
        chat__verify_table_entry(log, &chunk->entries[i]);
        if (!chat__dynamodb_room_apply(room, &chunk->entries[i], 1))
            log->tables->failed = true;
    }
    chat__verify_table_snapshot(log);
    check_claims(log, chunk);
}

static void look_item(struct chat__verify_log *log, cJSON *item)
{
    uint64_t key = chat__dynamodb_get_number(item, "first");
    struct chat__dynamodb_chunk chunk;

    if (chat__dynamodb_chunk_read(&chunk, item)) {
        check_chunk(log, &chunk);
        chat__dynamodb_chunk_release(&chunk);
        return;
    }
    FIND(log->tables, "seq", log->name, key, "its chunk cannot be read");
    log->whole = false;
}

static void read_chunks(struct chat__verify_log *log)
{
    uint64_t from = 0;
    bool more = true;

    while (more && !log->tables->failed) {
        struct chat__dynamodb_body body;
        cJSON *json;
        cJSON *items;
        cJSON *item;

        chat__dynamodb_chunk_query(&body, log->tables->store, log->name, from,
                                   CHAT__INTEGER_MAX, false, 0);
        json = chat__verify_ask(log->tables, "Query", &body);
        items = cJSON_GetObjectItemCaseSensitive(json, "Items");
        more =
            cJSON_GetObjectItemCaseSensitive(json, "LastEvaluatedKey") != NULL;
        while ((item = cJSON_DetachItemFromArray(items, 0)) != NULL) {
            from = chat__dynamodb_get_number(item, "first") + 1;
            look_item(log, item);
        }
        cJSON_Delete(json);
    }
}

/* ---- a room ---- */

/* Replicas of a store of their own, which nobody else asks for. */
static bool begin(struct chat__verify_log *log,
                  const struct chat__verify_room *room)
{
    size_t size = sizeof *log->room + strlen(room->name) + 1;

    log->room = calloc(1, size);
    log->snapshot = calloc(1, size);
    if (log->room == NULL || log->snapshot == NULL)
        return false;
    memcpy(log->room->name, room->name, strlen(room->name) + 1);
    memcpy(log->snapshot->name, room->name, strlen(room->name) + 1);
    log->room->store = log->snapshot->store = log->tables->store;
    log->name = log->room->name;
    return true;
}

static void free_room(struct chat__dynamodb_room *room)
{
    if (room == NULL)
        return;
    chat__dynamodb_room_forget(room);
    free(room->standings);
    free(room->recent);
    free(room);
}

static void end(struct chat__verify_log *log)
{
    for (size_t i = 0; i < log->fold_count; i++)
        chat__dynamodb_fold_release(&log->folds[i]);
    free_room(log->room);
    free_room(log->snapshot);
    free(log->stood);
    free(log->keys);
    free(log->folds);
    free(log->texts);
}

static void load_snapshot(struct chat__verify_log *log)
{
    struct chat__dynamodb_group group;

    chat__verify_group_begin(log->tables, &group);
    chat__dynamodb_snapshot_load(&group, log->snapshot);
    chat__verify_await(log->tables, &group);
    log->compared = !log->snapshot->exists;
}

void chat__verify_table_log(struct chat__verify_tables *tables,
                            const struct chat__verify_room *room)
{
    struct chat__verify_log log = {.tables = tables, .whole = true};

    if (!begin(&log, room))
        tables->failed = true;
    else
        load_snapshot(&log);
    if (!tables->failed)
        read_chunks(&log);
    if (!tables->failed)
        check_keys(&log);
    if (!tables->failed && log.whole) {
        chat__verify_table_room(&log);
        chat__verify_table_users(&log);
        chat__verify_table_folds(&log);
    }
    end(&log);
}
