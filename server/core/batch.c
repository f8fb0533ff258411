#include "server/core/batch.h"

#include "server/core/action.h"
#include "server/core/answer.h"
#include "server/core/key.h"
#include "server/core/secret.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

/* Every entry of a batch ends below this: a text at its limits, escaped. */
#define ENTRY_BYTES_MAX CHAT__OBJECT_BYTES_MAX

struct chat__batch *chat__batch_new(struct chat__room *room)
{
    struct chat__batch *batch = calloc(1, sizeof(*batch));
    size_t capacity = room->waiting.count;

    if (batch == NULL)
        return NULL;
    if (capacity > CHAT__BATCH_ENTRIES_MAX)
        capacity = CHAT__BATCH_ENTRIES_MAX;
    batch->room = room;
    batch->capacity = capacity;
    chat__buffer_init(&batch->bytes, CHAT__BATCH_BYTES_MAX);
    batch->entries = calloc(capacity, sizeof(*batch->entries));
    batch->operations = calloc(capacity, sizeof(struct chat__operation *));
    if (batch->entries == NULL || batch->operations == NULL) {
        chat__batch_free(batch);
        return NULL;
    }
    return batch;
}

void chat__batch_free(struct chat__batch *batch)
{
    chat__store_append_release(&batch->append);
    chat__members_release(&batch->changed);
    chat__buffer_release(&batch->bytes);
    free(batch->operations);
    free(batch->entries);
    free(batch);
}

void chat__batch_settle_joins(struct chat__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].effect == CHAT__EFFECT_MEMBER_ADD)
            batch->operations[i]->user->joining--;
}

/* ---- one operation ---- */

static bool is_full(const struct chat__batch *batch)
{
    return batch->count == batch->capacity ||
           batch->bytes.length + ENTRY_BYTES_MAX + 1 > batch->bytes.limit;
}

static bool has_key(const struct chat__batch *batch, uint64_t user,
                    const char *key)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].user == user &&
            strcmp(batch->entries[i].key, key) == 0)
            return true;
    return false;
}

static const struct chat__store_entry *
last_entry(const struct chat__batch *batch)
{
    return batch->count == 0 ? NULL : &batch->entries[batch->count - 1];
}

static void look(const struct chat__batch *batch, uint64_t user,
                 struct chat__view *view)
{
    const struct chat__room *room = batch->room;
    const struct chat__store_entry *last = last_entry(batch);
    const struct chat__store_member *changed =
        chat__members_find(&batch->changed, user);
    bool creates = batch->append.create_epoch != NULL;

    view->room = room;
    view->exists = room->state == CHAT__ROOM_READY || creates;
    view->private_room =
        creates ? batch->append.create_private : room->private_room;
    view->head = last == NULL ? room->head : last->seq;
    view->role = changed == NULL ? chat__room_role(room, user) : changed->role;
}

/* True when what `look` says is not durable yet for this user. */
static bool is_uncertain(const struct chat__batch *batch, uint64_t user)
{
    return batch->append.create_epoch != NULL ||
           chat__members_find(&batch->changed, user) != NULL;
}

/* Memory that applying the entry will need, and what it counts. */
static bool prepare_effect(struct chat__batch *batch,
                           struct chat__operation *operation,
                           const struct chat__outcome *outcome)
{
    struct chat__room *room = batch->room;
    uint64_t user = operation->user->id;

    if (outcome->create &&
        !chat__random_name(room->core, batch->epoch, CHAT__EPOCH_RANDOM_BYTES))
        return false;
    if (outcome->effect == CHAT__EFFECT_NONE)
        return true;
    if (outcome->effect == CHAT__EFFECT_MEMBER_ADD &&
        (!chat__user_reserve(operation->user) ||
         !chat__members_reserve(&room->members, batch->count + 1)))
        return false;
    return chat__members_set(&batch->changed, user, outcome->role);
}

static void count_effect(struct chat__batch *batch,
                         struct chat__operation *operation,
                         const struct chat__outcome *outcome)
{
    if (outcome->create) {
        batch->append.create_epoch = batch->epoch;
        batch->append.create_private = outcome->private_room;
    }
    if (outcome->effect == CHAT__EFFECT_MEMBER_ADD)
        operation->user->joining++;
}

/* The bytes' place is kept as an offset until the buffer moves no more. */
static bool encode(struct chat__batch *batch, struct chat__store_entry *entry,
                   struct chat__event *event)
{
    size_t offset = batch->bytes.length;

    event->room = batch->room->name;
    event->seq = entry->seq;
    event->n = event->kind == CHAT__EVENT_MESSAGE ? entry->n : 0;
    event->ts = entry->ts;
    event->key = entry->key;
    chat__event_encode(event, &batch->bytes);
    entry->length = batch->bytes.length - offset;
    chat__buffer_append_byte(&batch->bytes, '\n');
    if (!batch->bytes.failed)
        return true;
    batch->bytes.failed = false;
    chat__buffer_truncate(&batch->bytes, offset);
    return false;
}

static bool add_entry(struct chat__batch *batch,
                      struct chat__operation *operation,
                      struct chat__outcome *outcome)
{
    const struct chat__room *room = batch->room;
    const struct chat__store_entry *last = last_entry(batch);
    struct chat__store_entry *entry = &batch->entries[batch->count];
    int64_t last_ts = last == NULL ? room->last_ts : last->ts;
    int64_t now = chat__wall_ms(room->core);

    entry->seq = (last == NULL ? room->head : last->seq) + 1;
    entry->n = (last == NULL ? room->n : last->n) +
               (outcome->event.kind == CHAT__EVENT_MESSAGE);
    entry->ts = now > last_ts ? now : last_ts;
    entry->user = operation->user->id;
    entry->key = chat__action_key(operation);
    entry->effect = outcome->effect;
    entry->role = outcome->role;
    memcpy(entry->digest, operation->digest, sizeof(entry->digest));
    outcome->event.from.id = operation->user->id;
    outcome->event.from.name = operation->user->name;
    if (!prepare_effect(batch, operation, outcome) ||
        !encode(batch, entry, &outcome->event))
        return false;
    count_effect(batch, operation, outcome);
    batch->operations[batch->count++] = operation;
    return true;
}

/* ---- the batch ---- */

/* False when the operation has to wait for the next batch. */
static bool take(struct chat__batch *batch, struct chat__operation *operation)
{
    struct chat__outcome outcome = {0};
    struct chat__view view;
    uint64_t user = operation->user->id;

    if (has_key(batch, user, chat__action_key(operation)))
        return false;
    look(batch, user, &view);
    operation->row->check(operation, &view, &outcome);
    if (outcome.verdict != CHAT__VERDICT_ENTRY && is_uncertain(batch, user))
        return false;
    switch (outcome.verdict) {
    case CHAT__VERDICT_ENTRY:
        if (!add_entry(batch, operation, &outcome))
            chat__operation_fail(operation, CHAT__STORE_BUSY);
        break;
    case CHAT__VERDICT_CURRENT:
        operation->row->unchanged(operation);
        break;
    case CHAT__VERDICT_NONE:
    case CHAT__VERDICT_REFUSED:
        chat__key_look_up(operation, &outcome);
        break;
    }
    return true;
}

static void point_to_bytes(struct chat__batch *batch)
{
    const char *bytes = batch->bytes.data;

    for (size_t i = 0; i < batch->count; i++) {
        batch->entries[i].bytes = bytes;
        bytes += batch->entries[i].length + 1;
    }
}

void chat__batch_compose(struct chat__batch *batch)
{
    struct chat__room *room = batch->room;
    struct chat__operation_queue later = {0};
    struct chat__operation *operation;

    while (!is_full(batch) &&
           (operation = chat__operation_pop(&room->waiting)) != NULL)
        if (!take(batch, operation))
            chat__operation_push(&later, operation);
    chat__operation_prepend(&room->waiting, &later);
    point_to_bytes(batch);
    batch->append.room = room->name;
    batch->append.entries = batch->entries;
    batch->append.count = batch->count;
}

void chat__outcome_refuse(struct chat__outcome *outcome,
                          enum chat__error_code code, const char *message)
{
    outcome->verdict = CHAT__VERDICT_REFUSED;
    chat__error_answer(&outcome->error, code, message);
}
