/*
 * The folds that entries project: for each message that some are about, its
 * item is read, what is behind it is applied, and it is put back if nobody has
 * put it meanwhile; else all of that again.
 */
#include "server/store/dynamodb_fold.h"
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct message {
    struct chat__dynamodb_group erasing;
    struct chat__dynamodb_group *group; /* that waits for it */
    struct chat__dynamodb_room *room;
    const struct chat__store_entry *entries;
    size_t count;
    uint64_t ref;
    uint64_t at; /* of the item as it was read, 0: none */
    struct chat__dynamodb_fold fold;
};

static void ask_item(struct message *message);

static void finish(struct message *message, bool worked)
{
    struct chat__dynamodb_group *group = message->group;
    chat__dynamodb_fold_release(&message->fold);
    free(message);
    if (!worked)
        chat__dynamodb_group_fail(group);
    chat__dynamodb_group_end(group);
}

static void finish_with(struct message *message,
                        enum chat__dynamodb_outcome outcome)
{
    if (outcome > message->group->worst)
        message->group->worst = outcome;
    finish(message, true);
}

/* ---- putting it back ---- */

static void put(void *context, const struct chat__dynamodb_answer *answer)
{
    struct message *message = context;
    if (answer->outcome == CHAT__DYNAMODB_CONDITION) {
        chat__dynamodb_fold_release(&message->fold);
        ask_item(message);
    } else {
        finish_with(message, answer->outcome);
    }
}

static void write_item(struct chat__writer *writer,
                       const struct message *message, const char *fold)
{
    chat__write_object(writer, "Item");
    chat__dynamodb_string(writer, "room", message->room->name);
    chat__dynamodb_number(writer, "ref", message->ref);
    chat__dynamodb_number(writer, "at", message->fold.change.upto);
    chat__dynamodb_string(writer, "fold", fold);
    chat__write_object_end(writer);
}

static void ask_put(struct message *message)
{
    struct chat__dynamodb_body body;
    struct chat__buffer fold;
    chat__buffer_init(&fold, 256 * 1024);
    chat__dynamodb_fold_write(&message->fold, &fold);
    chat__buffer_append_byte(&fold, '\0');
    if (fold.failed) {
        chat__buffer_release(&fold);
        finish(message, false);
        return;
    }
    chat__dynamodb_body_begin(&body, message->room->store->prefix, "folds");
    write_item(&body.writer, message, fold.data);
    chat__buffer_release(&fold);
    if (message->at == 0) {
        chat__dynamodb_expression(&body, "ConditionExpression",
                                  "attribute_not_exists(#at)");
    } else {
        chat__dynamodb_expression(&body, "ConditionExpression", "#at = :at");
        chat__write_object(&body.writer, "ExpressionAttributeValues");
        chat__dynamodb_number(&body.writer, ":at", message->at);
        chat__write_object_end(&body.writer);
    }
    chat__dynamodb_ask(message->room->store, "PutItem", &body, put, message);
}

static void erased(struct chat__dynamodb_group *group)
{
    struct message *message = CHAT__CONTAINER(group, struct message, erasing);
    if (group->worst != CHAT__DYNAMODB_OK)
        finish_with(message, group->worst);
    else
        ask_put(message);
}

/* Before the item says deleted: who reads that does not look again. */
static void erase(struct message *message)
{
    chat__dynamodb_group_begin(&message->erasing, message->room->store, erased);
    chat__dynamodb_erase(&message->erasing, message->room, &message->ref, 1);
    chat__dynamodb_erase(&message->erasing, message->room, message->fold.edits,
                         message->fold.edit_count);
    chat__dynamodb_group_end(&message->erasing);
}

/* ---- reading it ---- */

static bool apply(struct message *message, bool *changed, bool *deletes)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct chat__store_entry *entry = &message->entries[i];
        if (entry->fold == CHAT__FOLD_NONE || entry->ref != message->ref ||
            entry->seq <= message->at)
            continue;
        if (!chat__dynamodb_fold_apply(&message->fold, entry))
            return false;
        *changed = true;
        *deletes = *deletes || entry->fold == CHAT__FOLD_DELETE;
    }
    return true;
}

static void item_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct message *message = context;
    bool changed = false;
    bool deletes = false;
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish_with(message, answer->outcome);
        return;
    }
    if (!chat__dynamodb_fold_read(
            &message->fold, message->ref,
            cJSON_GetObjectItemCaseSensitive(answer->json, "Item"))) {
        finish(message, false);
        return;
    }
    message->at = message->fold.change.upto;
    if (!apply(message, &changed, &deletes))
        finish(message, false);
    else if (deletes)
        erase(message);
    else if (changed)
        ask_put(message);
    else
        finish(message, true);
}

static void ask_item(struct message *message)
{
    struct chat__dynamodb_body body;
    chat__dynamodb_body_begin(&body, message->room->store->prefix, "folds");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "room", message->room->name);
    chat__dynamodb_number(&body.writer, "ref", message->ref);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_ask(message->room->store, "GetItem", &body, item_read,
                       message);
}

/* ---- which messages ---- */

static bool is_first(const struct chat__store_entry *entries, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (entries[i].fold != CHAT__FOLD_NONE &&
            entries[i].ref == entries[index].ref)
            return false;
    return true;
}

void chat__dynamodb_project_folds(struct chat__dynamodb_group *group,
                                  struct chat__dynamodb_room *room,
                                  const struct chat__store_entry *entries,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct message *message;
        if (entries[i].fold == CHAT__FOLD_NONE || !is_first(entries, i))
            continue;
        message = calloc(1, sizeof *message);
        if (message == NULL) {
            chat__dynamodb_group_fail(group);
            return;
        }
        message->group = group;
        message->room = room;
        message->entries = entries;
        message->count = count;
        message->ref = entries[i].ref;
        chat__dynamodb_group_hold(group);
        ask_item(message);
    }
}
