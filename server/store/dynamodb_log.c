/* Pages of the log, with how their messages were left. */
#include "server/store/dynamodb_fold.h"
#include "server/store/dynamodb_private.h"

#include "protocol/event.h"

#include <stdlib.h>
#include <string.h>

struct page {
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb_room *room; /* a reference */
    struct chat__store_read_log *request;
    uint64_t next;  /* the key from which, or down from which, chunks are due */
    uint64_t limit; /* of the range */
    size_t entry_capacity;
    size_t arena_length;
    size_t arena_capacity;
    size_t change_capacity;
    uint64_t *erased; /* of what the changes say is deleted, edits as well */
    size_t erased_count;
    bool full;
};

static void finish(struct page *page, enum chat__store_result result)
{
    struct chat__store_read_log *request = page->request;
    if (result != CHAT__STORE_OK)
        chat__store_read_log_release(request);
    request->result = result;
    chat__dynamodb_complete(page->room->store, &request->completion);
    chat__dynamodb_room_release(page->room);
    free(page->erased);
    free(page);
}

/* ---- what a delete did while the page was read ---- */

static void begin_again(struct page *page)
{
    chat__store_read_log_release(page->request);
    free(page->erased);
    page->erased = NULL;
    page->erased_count = 0;
    page->entry_capacity = 0;
    page->arena_length = 0;
    page->arena_capacity = 0;
    page->change_capacity = 0;
    page->full = false;
    chat__dynamodb_room_await(page->room, &page->waiter);
}

/* In a string the quotes would be escaped. */
static bool is_erased(const struct chat__store_log_entry *entry)
{
    static const char mark[] = ",\"deleted\":true";
    return memmem(entry->bytes, entry->length, mark, sizeof mark - 1) != NULL;
}

static bool is_to_erase(const struct page *page, uint64_t seq)
{
    for (size_t i = 0; i < page->erased_count; i++)
        if (page->erased[i] == seq)
            return true;
    return false;
}

/*
 * The chunks were read before the folds. An entry whose fold says nothing of
 * its being deleted yet: the log has the delete, and whoever catches up now
 * ends what its maker has begun.
 */
static bool is_ahead(const struct page *page)
{
    const struct chat__store_read_log *request = page->request;
    for (size_t i = 0; i < request->count; i++)
        if (chat__dynamodb_is_message(request->entries[i].bytes,
                                      request->entries[i].length) &&
            is_erased(&request->entries[i]) &&
            !is_to_erase(page, request->entries[i].seq))
            return true;
    return false;
}

static void copy_entry(const struct page *page, struct chat__buffer *arena,
                       struct chat__store_log_entry *entry)
{
    size_t before = arena->length;
    if (!is_to_erase(page, entry->seq) || is_erased(entry))
        chat__buffer_append(arena, entry->bytes, entry->length);
    else if (!chat__event_erase(entry->bytes, entry->length, arena))
        arena->failed = true;
    entry->length = arena->length - before;
}

/* What the folds say is deleted loses its text here as well. */
static bool erase(struct page *page)
{
    struct chat__store_read_log *request = page->request;
    struct chat__buffer arena;
    if (page->erased_count == 0)
        return true;
    chat__buffer_init(&arena, SIZE_MAX);
    for (size_t i = 0; i < request->count; i++)
        copy_entry(page, &arena, &request->entries[i]);
    if (arena.failed) {
        chat__buffer_release(&arena);
        return false;
    }
    free(request->arena);
    request->arena = arena.data;
    const char *bytes = arena.data;
    for (size_t i = 0; i < request->count; i++) {
        request->entries[i].bytes = bytes;
        bytes += request->entries[i].length;
    }
    return true;
}

static void finish_changes(struct page *page)
{
    if (is_ahead(page))
        begin_again(page);
    else
        finish(page, erase(page) ? CHAT__STORE_OK : CHAT__STORE_BUSY);
}

/* ---- changes ---- */

static void ask_changes(struct page *page, uint64_t from);

static bool note_erased(struct page *page,
                        const struct chat__dynamodb_fold *fold)
{
    size_t more = fold->edit_count + 1;
    uint64_t *erased;
    if (!fold->change.deleted)
        return true;
    erased =
        reallocarray(page->erased, page->erased_count + more, sizeof *erased);
    if (erased == NULL)
        return false;
    page->erased = erased;
    erased[page->erased_count++] = fold->change.ref;
    for (size_t i = 0; i < fold->edit_count; i++)
        erased[page->erased_count++] = fold->edits[i];
    return true;
}

static bool take_change(struct page *page, const cJSON *item)
{
    struct chat__store_read_log *request = page->request;
    struct chat__dynamodb_fold fold;
    if (!chat__dynamodb_fold_read(&fold, chat__dynamodb_get_number(item, "ref"),
                                  item))
        return false;
    if (!note_erased(page, &fold)) {
        chat__dynamodb_fold_release(&fold);
        return false;
    }
    if (request->change_count == page->change_capacity) {
        size_t capacity = page->change_capacity * 2 + 8;
        struct chat__change *changes =
            reallocarray(request->changes, capacity, sizeof *changes);
        if (changes == NULL) {
            chat__dynamodb_fold_release(&fold);
            return false;
        }
        request->changes = changes;
        page->change_capacity = capacity;
    }
    /* What came while the page was read is in it. */
    if (fold.change.upto < request->upto)
        fold.change.upto = request->upto;
    request->changes[request->change_count++] = fold.change;
    fold.change = (struct chat__change){0};
    chat__dynamodb_fold_release(&fold);
    return true;
}

static void changes_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct page *page = context;
    const struct chat__store_read_log *request = page->request;
    const cJSON *item;
    size_t before = request->change_count;
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(page, chat__dynamodb_result(answer->outcome));
        return;
    }
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(answer->json, "Items"))
    {
        if (!take_change(page, item)) {
            finish(page, CHAT__STORE_BUSY);
            return;
        }
    }
    if (request->change_count > before &&
        cJSON_GetObjectItemCaseSensitive(answer->json, "LastEvaluatedKey") !=
            NULL)
        ask_changes(page, request->changes[request->change_count - 1].ref + 1);
    else
        finish_changes(page);
}

static void ask_changes(struct page *page, uint64_t from)
{
    const struct chat__store_read_log *request = page->request;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    uint64_t to = request->entries[request->count - 1].seq;
    if (from > to) {
        finish_changes(page);
        return;
    }
    chat__dynamodb_body_begin(&body, page->room->store->prefix, "folds");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#room = :room AND #ref BETWEEN :from AND :to");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":room", page->room->name);
    chat__dynamodb_number(writer, ":from", from);
    chat__dynamodb_number(writer, ":to", to);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    chat__dynamodb_ask(page->room->store, "Query", &body, changes_read, page);
}

/* ---- entries ---- */

static bool has_place(const struct page *page,
                      const struct chat__store_entry *entry)
{
    const struct chat__store_read_log *request = page->request;
    if (request->count == 0)
        return request->limit > 0;
    return request->count < request->limit &&
           page->arena_length + entry->length <= request->bytes_max;
}

static bool reserve(struct page *page, size_t length)
{
    struct chat__store_read_log *request = page->request;
    if (request->count == page->entry_capacity) {
        size_t capacity = page->entry_capacity * 2 + 16;
        struct chat__store_log_entry *entries =
            reallocarray(request->entries, capacity, sizeof *entries);
        if (entries == NULL)
            return false;
        request->entries = entries;
        page->entry_capacity = capacity;
    }
    if (page->arena_length + length > page->arena_capacity) {
        size_t capacity = (page->arena_length + length) * 2;
        char *arena = realloc(request->arena, capacity);
        if (arena == NULL)
            return false;
        request->arena = arena;
        page->arena_capacity = capacity;
    }
    return true;
}

/* In order of reading; an entry that does not fit ends the page. */
static bool take_entry(struct page *page, const struct chat__store_entry *entry)
{
    struct chat__store_read_log *request = page->request;
    if (entry->seq < request->from || entry->seq > page->limit || page->full)
        return true;
    page->full = !has_place(page, entry);
    if (page->full)
        return true;
    if (!reserve(page, entry->length))
        return false;
    memcpy(request->arena + page->arena_length, entry->bytes, entry->length);
    page->arena_length += entry->length;
    request->entries[request->count++] = (struct chat__store_log_entry){
        .seq = entry->seq, .length = entry->length};
    return true;
}

static bool take_chunk(struct page *page, cJSON *item)
{
    struct chat__dynamodb_chunk chunk;
    bool backward = page->request->backward;
    bool worked = true;
    if (!chat__dynamodb_chunk_read(&chunk, item))
        return false;
    for (size_t i = 0; worked && i < chunk.count; i++)
        worked = take_entry(page,
                            &chunk.entries[backward ? chunk.count - 1 - i : i]);
    if (!backward)
        page->next = chunk.last + 1;
    else if (chunk.key == 0)
        page->full = true;
    else
        page->next = chunk.key - 1;
    chat__dynamodb_chunk_release(&chunk);
    return worked;
}

/* Now that the arena stays where it is. */
static void order(struct chat__store_read_log *request)
{
    const char *bytes = request->arena;
    for (size_t i = 0; i < request->count; i++) {
        request->entries[i].bytes = bytes;
        bytes += request->entries[i].length;
    }
    for (size_t i = 0, j = request->count; request->backward && i + 1 < j;
         i++) {
        struct chat__store_log_entry entry = request->entries[i];
        request->entries[i] = request->entries[--j];
        request->entries[j] = entry;
    }
}

static void ask_chunks(struct page *page, bool behind);

static bool is_done(const struct page *page)
{
    const struct chat__store_read_log *request = page->request;
    if (page->full || request->count >= request->limit)
        return true;
    return request->backward ? page->next < request->from
                             : page->next > page->limit;
}

static void chunks_read(void *context,
                        const struct chat__dynamodb_answer *answer)
{
    struct page *page = context;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer->json, "Items");
    size_t count = (size_t)cJSON_GetArraySize(items);
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(page, chat__dynamodb_result(answer->outcome));
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!take_chunk(page, cJSON_DetachItemFromArray(items, 0))) {
            finish(page, CHAT__STORE_FAILED);
            return;
        }
    if (count > 0 && !is_done(page)) {
        ask_chunks(page, false);
        return;
    }
    order(page->request);
    if (page->request->with_changes && page->request->count > 0)
        ask_changes(page, page->request->entries[0].seq);
    else
        finish(page, CHAT__STORE_OK);
}

/* `begins`: the chunk with the first seq of the range is looked for. */
static void ask_chunks(struct page *page, bool begins)
{
    const struct chat__store_read_log *request = page->request;
    struct chat__dynamodb_body body;
    size_t limit = request->limit - request->count;
    if (request->backward)
        chat__dynamodb_chunk_query(&body, page->room->store, page->room->name,
                                   0, page->next, true, limit);
    else if (begins)
        chat__dynamodb_chunk_query(&body, page->room->store, page->room->name,
                                   0, page->next, true, 1);
    else
        chat__dynamodb_chunk_query(&body, page->room->store, page->room->name,
                                   page->next, page->limit, false, limit);
    chat__dynamodb_ask(page->room->store, "Query", &body, chunks_read, page);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct page *page = CHAT__CONTAINER(waiter, struct page, waiter);
    struct chat__store_read_log *request = page->request;
    if (result == CHAT__STORE_OK && !page->room->exists)
        result = CHAT__STORE_NOT_FOUND;
    if (result != CHAT__STORE_OK) {
        finish(page, result);
        return;
    }
    request->upto = page->room->head;
    page->limit = request->to < request->upto ? request->to : request->upto;
    page->next = request->backward ? page->limit : request->from;
    if (request->from > page->limit || request->limit == 0)
        finish(page, CHAT__STORE_OK);
    else
        ask_chunks(page, true);
}

void chat__dynamodb_read_log(struct chat__store *base,
                             struct chat__store_read_log *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct page *page = NULL;
    if (chat__dynamodb_admit(store))
        page = calloc(1, sizeof *page);
    if (page != NULL)
        page->room = chat__dynamodb_room_get(store, request->room);
    if (page == NULL || page->room == NULL) {
        free(page);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    page->request = request;
    page->waiter.ready = room_ready;
    chat__dynamodb_room_await(page->room, &page->waiter);
}
