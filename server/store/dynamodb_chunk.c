/* Chunks: the entries of an append as an item of `messages`, and back. */
#include "server/store/dynamodb_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page has 1 MB at most: more than this is no limit. */
#define PAGE_CHUNKS_MAX 1000

#define DIGEST_SIZE (2 * CHAT__BODY_DIGEST_BYTES + 1)

/* Two users with their roles. */
#define STANDINGS_SIZE (CHAT__STORE_STANDINGS_MAX * 32)

/* ---- to write ---- */

static void write_bytes(struct chat__writer *writer,
                        const struct chat__store_entry *entry)
{
    char *text = malloc(entry->length + 1);
    if (text == NULL) {
        writer->buffer->failed = true;
        return;
    }
    memcpy(text, entry->bytes, entry->length);
    text[entry->length] = '\0';
    chat__dynamodb_string(writer, "b", text);
    free(text);
}

static void write_standings(struct chat__writer *writer,
                            const struct chat__store_entry *entry)
{
    char text[STANDINGS_SIZE];
    size_t length = 0;
    if (entry->standing_count == 0)
        return;
    for (size_t i = 0; i < entry->standing_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "%s%" PRIu64 ":%d", i > 0 ? " " : "",
                                   entry->standings[i].user,
                                   (int)entry->standings[i].role);
    chat__dynamodb_string(writer, "s", text);
}

static void write_entry(struct chat__writer *writer,
                        const struct chat__store_entry *entry)
{
    char digest[DIGEST_SIZE];
    chat__dynamodb_to_hex(digest, entry->digest, sizeof entry->digest);
    chat__write_object(writer, NULL);
    chat__write_object(writer, "M");
    write_bytes(writer, entry);
    chat__dynamodb_number(writer, "u", entry->user);
    chat__dynamodb_string(writer, "k", entry->key);
    chat__dynamodb_string(writer, "d", digest);
    chat__dynamodb_signed(writer, "t", entry->ts);
    chat__dynamodb_number(writer, "n", entry->n);
    write_standings(writer, entry);
    if (entry->mention_count > 0)
        chat__dynamodb_numbers(writer, "m", entry->mentions,
                               entry->mention_count);
    chat__dynamodb_string(writer, "p", entry->topic);
    if (entry->fold != CHAT__FOLD_NONE) {
        chat__dynamodb_number(writer, "f", (uint64_t)entry->fold);
        chat__dynamodb_number(writer, "r", entry->ref);
        chat__dynamodb_string(writer, "x", entry->emoji);
    }
    chat__write_object_end(writer);
    chat__write_object_end(writer);
}

static void write_item(struct chat__writer *writer,
                       const struct chat__store_append *append,
                       const char *writer_name)
{
    bool begins = append->create_epoch != NULL;
    uint64_t last =
        append->count == 0 ? 0 : append->entries[append->count - 1].seq;
    chat__dynamodb_string(writer, "room", append->room);
    chat__dynamodb_number(writer, "first", begins ? 0 : append->entries[0].seq);
    chat__dynamodb_number(writer, "last", last);
    chat__dynamodb_string(writer, "writer", writer_name);
    if (begins) {
        chat__dynamodb_string(writer, "epoch", append->create_epoch);
        chat__dynamodb_number(writer, "private", append->create_private);
    }
    chat__write_object(writer, "entries");
    chat__write_array(writer, "L");
    for (size_t i = 0; i < append->count; i++)
        write_entry(writer, &append->entries[i]);
    chat__write_array_end(writer);
    chat__write_object_end(writer);
}

void chat__dynamodb_chunk_put(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const struct chat__store_append *append,
                              const char *writer)
{
    chat__dynamodb_body_begin(body, store->prefix, "messages");
    chat__write_object(&body->writer, "Item");
    write_item(&body->writer, append, writer);
    chat__write_object_end(&body->writer);
    chat__dynamodb_expression(body, "ConditionExpression",
                              "attribute_not_exists(#room)");
    chat__write_string(&body->writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
}

/* ---- to read ---- */

bool chat__dynamodb_is_message(const char *bytes, size_t length)
{
    static const char begins[] = "{\"event\":\"message\",";
    return length >= sizeof begins - 1 &&
           memcmp(bytes, begins, sizeof begins - 1) == 0;
}

void chat__dynamodb_chunk_query(struct chat__dynamodb_body *body,
                                const struct chat__dynamodb *store,
                                const char *room, uint64_t from, uint64_t to,
                                bool backward, size_t limit)
{
    struct chat__writer *writer = &body->writer;
    chat__dynamodb_body_begin(body, store->prefix, "messages");
    chat__dynamodb_expression(body, "KeyConditionExpression",
                              "#room = :room AND #first BETWEEN :from AND :to");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":room", room);
    chat__dynamodb_number(writer, ":from", from);
    chat__dynamodb_number(writer, ":to",
                          to < CHAT__INTEGER_MAX ? to : CHAT__INTEGER_MAX);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    if (backward)
        chat__write_bool(writer, "ScanIndexForward", false);
    if (limit > 0 && limit < PAGE_CHUNKS_MAX)
        chat__write_uint(writer, "Limit", limit);
}

static bool read_standings(struct chat__store_entry *entry, const char *text)
{
    int read = 0;
    int role = 0;
    while (text != NULL && *text != '\0') {
        struct chat__store_standing *standing =
            &entry->standings[entry->standing_count];
        if (entry->standing_count == CHAT__STORE_STANDINGS_MAX ||
            sscanf(text, "%" SCNu64 ":%d%n", &standing->user, &role, &read) !=
                2)
            return false;
        standing->role = (enum chat__role)role;
        entry->standing_count++;
        text += read + (text[read] == ' ');
    }
    return true;
}

static void read_mentions(struct chat__store_entry *entry, const cJSON *map,
                          uint64_t *mentions)
{
    const cJSON *element;
    entry->mentions = mentions;
    cJSON_ArrayForEach(element, chat__dynamodb_get_list(map, "m"))
        mentions[entry->mention_count++] =
            chat__dynamodb_element_number(element);
}

static bool read_entry(struct chat__store_entry *entry, const cJSON *map)
{
    entry->n = chat__dynamodb_get_number(map, "n");
    entry->ts = chat__dynamodb_get_signed(map, "t");
    entry->user = chat__dynamodb_get_number(map, "u");
    entry->key = chat__dynamodb_get_string(map, "k");
    entry->bytes = chat__dynamodb_get_string(map, "b");
    entry->topic = chat__dynamodb_get_string(map, "p");
    entry->fold = (enum chat__fold)chat__dynamodb_get_number(map, "f");
    entry->ref = chat__dynamodb_get_number(map, "r");
    entry->emoji = chat__dynamodb_get_string(map, "x");
    if (entry->bytes == NULL || entry->key == NULL)
        return false;
    entry->length = strlen(entry->bytes);
    return chat__dynamodb_from_hex(entry->digest, sizeof entry->digest,
                                   chat__dynamodb_get_string(map, "d")) &&
           read_standings(entry, chat__dynamodb_get_string(map, "s"));
}

static size_t count_mentions(const cJSON *list)
{
    const cJSON *element;
    size_t count = 0;
    cJSON_ArrayForEach(element, list) count += (size_t)cJSON_GetArraySize(
        chat__dynamodb_get_list(chat__dynamodb_element_map(element), "m"));
    return count;
}

static bool read_entries(struct chat__dynamodb_chunk *chunk, const cJSON *list)
{
    uint64_t seq = chunk->key == 0 ? 1 : chunk->key;
    size_t count = (size_t)cJSON_GetArraySize(list);
    size_t mentions = 0;
    const cJSON *element;
    chunk->entries = calloc(count + 1, sizeof *chunk->entries);
    chunk->mentions = calloc(count_mentions(list) + 1, sizeof(uint64_t));
    if (chunk->entries == NULL || chunk->mentions == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        struct chat__store_entry *entry = &chunk->entries[chunk->count++];
        const cJSON *map = chat__dynamodb_element_map(element);
        entry->seq = seq++;
        if (!read_entry(entry, map))
            return false;
        read_mentions(entry, map, chunk->mentions + mentions);
        mentions += entry->mention_count;
    }
    return chunk->last == seq - 1;
}

bool chat__dynamodb_chunk_read(struct chat__dynamodb_chunk *chunk, cJSON *item)
{
    *chunk = (struct chat__dynamodb_chunk){
        .item = item,
        .key = chat__dynamodb_get_number(item, "first"),
        .last = chat__dynamodb_get_number(item, "last"),
        .writer = chat__dynamodb_get_string(item, "writer"),
        .epoch = chat__dynamodb_get_string(item, "epoch"),
        .private_room = chat__dynamodb_get_number(item, "private") != 0,
    };
    if (chunk->writer != NULL && (chunk->key == 0) == (chunk->epoch != NULL) &&
        read_entries(chunk, chat__dynamodb_get_list(item, "entries")))
        return true;
    chat__dynamodb_chunk_release(chunk);
    return false;
}

void chat__dynamodb_chunk_release(struct chat__dynamodb_chunk *chunk)
{
    free(chunk->entries);
    free(chunk->mentions);
    cJSON_Delete(chunk->item);
    *chunk = (struct chat__dynamodb_chunk){0};
}
