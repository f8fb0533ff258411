/*
 * A deleted message's text, and its edits', are taken out of the chunks: the
 * entry's bytes become what is left of the event. That is a function of the
 * bytes, and an entry never moves in its chunk, so whoever does it again, or
 * late, writes the same.
 */
#include "server/store/dynamodb_private.h"

#include "protocol/event.h"

#include <stdio.h>
#include <stdlib.h>

struct erase {
    struct chat__dynamodb_group *group;
    struct chat__dynamodb_room *room;
    uint64_t seq;
};

static void ask_overwrite(const struct erase *erase, uint64_t chunk,
                          uint64_t index, const char *bytes)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    char update[64];
    snprintf(update, sizeof update, "SET #entries[%u].#b = :bytes",
             (unsigned int)index);
    chat__dynamodb_body_begin(&body, erase->room->store->prefix, "messages");
    chat__write_object(writer, "Key");
    chat__dynamodb_string(writer, "room", erase->room->name);
    chat__dynamodb_number(writer, "first", chunk);
    chat__write_object_end(writer);
    chat__dynamodb_expression(&body, "UpdateExpression", update);
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":bytes", bytes);
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(erase->group, "UpdateItem", &body, NULL, NULL);
}

static bool overwrite(const struct erase *erase,
                      const struct chat__dynamodb_chunk *chunk)
{
    uint64_t first = chunk->key == 0 ? 1 : chunk->key;
    struct chat__buffer erased;
    bool worked;
    if (erase->seq < first || erase->seq > chunk->last)
        return false;
    const struct chat__store_entry *entry = &chunk->entries[erase->seq - first];
    chat__buffer_init(&erased, CHAT__OBJECT_BYTES_MAX + 1);
    worked = chat__event_erase(entry->bytes, entry->length, &erased);
    chat__buffer_append_byte(&erased, '\0');
    if (worked && !erased.failed)
        ask_overwrite(erase, chunk->key, erase->seq - first, erased.data);
    worked = worked && !erased.failed;
    chat__buffer_release(&erased);
    return worked;
}

static void found(void *context, const struct chat__dynamodb_answer *answer)
{
    struct erase *erase = context;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer->json, "Items");
    cJSON *item = cJSON_DetachItemFromArray(items, 0);
    struct chat__dynamodb_chunk chunk = {0};
    if (item == NULL || !chat__dynamodb_chunk_read(&chunk, item) ||
        !overwrite(erase, &chunk))
        chat__dynamodb_group_fail(erase->group);
    chat__dynamodb_chunk_release(&chunk);
    free(erase);
}

void chat__dynamodb_erase(struct chat__dynamodb_group *group,
                          struct chat__dynamodb_room *room,
                          const uint64_t *seqs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct erase *erase = malloc(sizeof *erase);
        struct chat__dynamodb_body body;
        if (erase == NULL) {
            chat__dynamodb_group_fail(group);
            return;
        }
        *erase = (struct erase){.group = group, .room = room, .seq = seqs[i]};
        chat__dynamodb_chunk_query(&body, room->store, room->name, 0, seqs[i],
                                   true, 1);
        chat__dynamodb_group_ask(group, "Query", &body, found, erase);
    }
}
