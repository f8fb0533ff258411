/*
 * A replica reads the log behind its head, page by page: each page's chunks are
 * applied, then projected, before the next is asked for.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct catch_up {
    struct chat__dynamodb_group group;
    struct chat__dynamodb_room *room;
    struct chat__dynamodb_chunk *chunks; /* of the page */
    size_t chunk_count;
    struct chat__store_entry *entries; /* of those; theirs are borrowed */
    size_t count;
    enum chat__role *before;
    bool begins;
    bool more;
    enum chat__store_result result;
    void (*done)(void *context, enum chat__store_result result);
    void *context;
};

static void release_page(struct catch_up *catch_up)
{
    for (size_t i = 0; i < catch_up->chunk_count; i++)
        chat__dynamodb_chunk_release(&catch_up->chunks[i]);
    free(catch_up->chunks);
    free(catch_up->entries);
    free(catch_up->before);
    catch_up->chunks = NULL;
    catch_up->chunk_count = 0;
    catch_up->entries = NULL;
    catch_up->count = 0;
    catch_up->before = NULL;
    catch_up->begins = false;
}

static void finish(struct catch_up *catch_up, enum chat__store_result result)
{
    release_page(catch_up);
    if (result != CHAT__STORE_OK)
        chat__dynamodb_room_forget(catch_up->room);
    else
        catch_up->room->loaded = true;
    catch_up->done(catch_up->context, result);
    free(catch_up);
}

/* ---- a page ---- */

/* Whether the chunk is the next one behind the head. */
static bool follows(const struct chat__dynamodb_room *room,
                    const struct chat__dynamodb_chunk *chunk)
{
    return room->exists ? chunk->key == room->head + 1 : chunk->key == 0;
}

static bool apply_chunk(struct catch_up *catch_up,
                        const struct chat__dynamodb_chunk *chunk)
{
    struct chat__dynamodb_room *room = catch_up->room;
    if (!follows(room, chunk))
        return false;
    if (chunk->key == 0) {
        if (!chat__dynamodb_room_begin(room, chunk->epoch, chunk->private_room))
            return false;
        catch_up->begins = true;
    }
    return chat__dynamodb_room_apply(room, chunk->entries, chunk->count);
}

/* All entries of the page in one array. */
static bool gather(struct catch_up *catch_up)
{
    size_t total = 0;
    for (size_t i = 0; i < catch_up->chunk_count; i++)
        total += catch_up->chunks[i].count;
    catch_up->entries = calloc(total + 1, sizeof *catch_up->entries);
    if (catch_up->entries == NULL)
        return false;
    for (size_t i = 0; i < catch_up->chunk_count; i++) {
        const struct chat__dynamodb_chunk *chunk = &catch_up->chunks[i];
        memcpy(catch_up->entries + catch_up->count, chunk->entries,
               chunk->count * sizeof *chunk->entries);
        catch_up->count += chunk->count;
    }
    return true;
}

static bool read_page(struct catch_up *catch_up, cJSON *json)
{
    cJSON *items = cJSON_GetObjectItemCaseSensitive(json, "Items");
    size_t count = (size_t)cJSON_GetArraySize(items);
    catch_up->more =
        cJSON_GetObjectItemCaseSensitive(json, "LastEvaluatedKey") != NULL;
    catch_up->chunks = calloc(count + 1, sizeof *catch_up->chunks);
    if (catch_up->chunks == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!chat__dynamodb_chunk_read(&catch_up->chunks[i],
                                       cJSON_DetachItemFromArray(items, 0)))
            return false;
        catch_up->chunk_count++;
    }
    return gather(catch_up) &&
           chat__dynamodb_standings_before(catch_up->room, catch_up->entries,
                                           catch_up->count, &catch_up->before);
}

static void ask_page(struct catch_up *catch_up);

static void saved(void *context)
{
    struct catch_up *catch_up = context;
    if (catch_up->more)
        ask_page(catch_up);
    else
        finish(catch_up, CHAT__STORE_OK);
}

static void projected(void *context, enum chat__store_result result)
{
    struct catch_up *catch_up = context;
    if (result != CHAT__STORE_OK) {
        finish(catch_up, result);
        return;
    }
    release_page(catch_up);
    chat__dynamodb_snapshot_save(catch_up->room, saved, catch_up);
}

static bool apply_page(struct catch_up *catch_up)
{
    for (size_t i = 0; i < catch_up->chunk_count; i++)
        if (!apply_chunk(catch_up, &catch_up->chunks[i]))
            return false;
    return true;
}

static void page_answered(void *context,
                          const struct chat__dynamodb_answer *answer)
{
    struct catch_up *catch_up = context;
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(catch_up, chat__dynamodb_result(answer->outcome));
        return;
    }
    if (!read_page(catch_up, answer->json) || !apply_page(catch_up)) {
        finish(catch_up, CHAT__STORE_FAILED);
        return;
    }
    chat__dynamodb_project(&(struct chat__dynamodb_projection){
        .room = catch_up->room,
        .entries = catch_up->entries,
        .count = catch_up->count,
        .begins = catch_up->begins,
        .before = catch_up->before,
        .done = projected,
        .context = catch_up,
    });
}

static void ask_page(struct catch_up *catch_up)
{
    struct chat__dynamodb_room *room = catch_up->room;
    struct chat__dynamodb_body body;
    chat__dynamodb_chunk_query(&body, room->store, room->name,
                               room->exists ? room->head + 1 : 0,
                               CHAT__INTEGER_MAX, false, 0);
    chat__dynamodb_ask(room->store, "Query", &body, page_answered, catch_up);
}

static void snapshot_loaded(struct chat__dynamodb_group *group)
{
    struct catch_up *catch_up = CHAT__CONTAINER(group, struct catch_up, group);
    if (group->worst != CHAT__DYNAMODB_OK)
        finish(catch_up, chat__dynamodb_result(group->worst));
    else
        ask_page(catch_up);
}

void chat__dynamodb_catch_up(struct chat__dynamodb_room *room,
                             void (*done)(void *context,
                                          enum chat__store_result result),
                             void *context)
{
    struct catch_up *catch_up = calloc(1, sizeof *catch_up);
    if (catch_up == NULL) {
        done(context, CHAT__STORE_BUSY);
        return;
    }
    catch_up->room = room;
    catch_up->done = done;
    catch_up->context = context;
    if (room->loaded) {
        ask_page(catch_up);
        return;
    }
    chat__dynamodb_group_begin(&catch_up->group, room->store, snapshot_loaded);
    chat__dynamodb_snapshot_load(&catch_up->group, room);
    chat__dynamodb_group_end(&catch_up->group);
}
