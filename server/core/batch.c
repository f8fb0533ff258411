#include "server/core/batch.h"

#include "server/core/action.h"
#include "server/core/answer.h"
#include "server/core/key.h"
#include "server/core/lookup.h"
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
    batch->owners = room->members.owner_count;
    batch->capacity = capacity;
    chat__buffer_init(&batch->bytes, CHAT__BATCH_BYTES_MAX);
    batch->entries = calloc(capacity, sizeof(*batch->entries));
    batch->operations = calloc(capacity, sizeof(struct chat__operation *));
    batch->key_hashes = calloc(capacity, sizeof(*batch->key_hashes));
    if (batch->entries == NULL || batch->operations == NULL ||
        batch->key_hashes == NULL) {
        chat__batch_free(batch);
        return NULL;
    }
    return batch;
}

void chat__batch_free(struct chat__batch *batch)
{
    chat__store_append_release(&batch->append);
    chat__members_release(&batch->changed);
    free(batch->topic);
    chat__buffer_release(&batch->bytes);
    free(batch->key_hashes);
    free(batch->operations);
    free(batch->entries);
    free(batch);
}

void chat__batch_settle_joins(struct chat__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->operations[i]->joining) {
            batch->operations[i]->joining = false;
            batch->operations[i]->user->joining--;
        }
}

/* ---- one operation ---- */

static bool is_full(const struct chat__batch *batch)
{
    return batch->count == batch->capacity ||
           batch->bytes.length + ENTRY_BYTES_MAX + 1 > batch->bytes.limit;
}

static uint64_t key_hash(const struct chat__operation *operation)
{
    return chat__hash_string(operation->user->id, chat__action_key(operation));
}

/* The hashes stand side by side, so that a walk over all of them is short. */
static bool has_key(const struct chat__batch *batch,
                    const struct chat__operation *operation, uint64_t hash)
{
    const char *key = chat__action_key(operation);

    for (size_t i = 0; i < batch->count; i++)
        if (batch->key_hashes[i] == hash &&
            batch->entries[i].user == operation->user->id &&
            strcmp(batch->entries[i].key, key) == 0)
            return true;
    return false;
}

static const struct chat__store_entry *
last_entry(const struct chat__batch *batch)
{
    return batch->count == 0 ? NULL : &batch->entries[batch->count - 1];
}

static bool deletes(const struct chat__batch *batch, uint64_t ref)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].fold == CHAT__FOLD_DELETE &&
            batch->entries[i].ref == ref)
            return true;
    return false;
}

static enum chat__role role_of(const struct chat__batch *batch, uint64_t user)
{
    const struct chat__store_standing *changed =
        chat__members_find(&batch->changed, user);

    return changed == NULL ? chat__room_role(batch->room, user) : changed->role;
}

static void look(const struct chat__batch *batch,
                 const struct chat__operation *operation,
                 struct chat__view *view)
{
    const struct chat__room *room = batch->room;
    const struct chat__store_entry *last = last_entry(batch);
    bool creates = batch->append.create_epoch != NULL;
    uint64_t ref = chat__action_ref(operation);

    view->room = room;
    view->batch = batch;
    view->exists = room->state == CHAT__ROOM_READY || creates;
    view->private_room =
        creates ? batch->append.create_private : room->private_room;
    view->head = last == NULL ? room->head : last->seq;
    view->role = role_of(batch, operation->user->id);
    view->other = role_of(batch, chat__action_user(operation));
    view->owners = batch->owners;
    view->deleted = ref != 0 && (deletes(batch, ref) ||
                                 chat__deletions_has(&room->deletions, ref));
}

enum chat__role chat__view_role(const struct chat__view *view, uint64_t user)
{
    return role_of(view->batch, user);
}

/* True when what `look` says is not durable yet for this operation. */
static bool is_uncertain(const struct chat__batch *batch,
                         const struct chat__operation *operation)
{
    uint64_t ref = chat__action_ref(operation);

    return batch->append.create_epoch != NULL ||
           batch->owners != batch->room->members.owner_count ||
           chat__members_find(&batch->changed, operation->user->id) != NULL ||
           chat__members_find(&batch->changed, chat__action_user(operation)) !=
               NULL ||
           (ref != 0 && deletes(batch, ref));
}

static bool makes_member(const struct chat__batch *batch,
                         const struct chat__outcome *outcome, uint64_t user)
{
    for (size_t i = 0; i < outcome->standing_count; i++)
        if (outcome->standings[i].user == user)
            return chat__role_is_member(outcome->standings[i].role) &&
                   !chat__role_is_member(role_of(batch, user));
    return false;
}

/* Memory that following the entry will need. */
static bool prepare_standings(struct chat__batch *batch,
                              struct chat__operation *operation,
                              const struct chat__outcome *outcome)
{
    struct chat__user *user = operation->user;

    if (outcome->standing_count == 0)
        return true;
    if (makes_member(batch, outcome, user->id) && !chat__user_reserve(user))
        return false;
    return chat__members_reserve(&batch->changed, outcome->standing_count) &&
           chat__members_reserve(&batch->room->members,
                                 batch->changed.count +
                                     outcome->standing_count);
}

static bool prepare(struct chat__batch *batch,
                    struct chat__operation *operation,
                    const struct chat__outcome *outcome)
{
    char *topic = NULL;

    if (outcome->create && !chat__random_name(batch->room->core, batch->epoch,
                                              CHAT__EPOCH_RANDOM_BYTES))
        return false;
    if (!prepare_standings(batch, operation, outcome))
        return false;
    if (outcome->event.kind != CHAT__EVENT_TOPIC)
        return true;
    topic = strdup(outcome->event.topic);
    if (topic == NULL)
        return false;
    free(batch->topic);
    batch->topic = topic;
    return true;
}

/* The entries behind this one meet what it changes. */
static void count_effects(struct chat__batch *batch,
                          struct chat__operation *operation,
                          const struct chat__outcome *outcome)
{
    if (outcome->create) {
        batch->append.create_epoch = batch->epoch;
        batch->append.create_private = outcome->private_room;
    }
    if (makes_member(batch, outcome, operation->user->id)) {
        operation->joining = true;
        operation->user->joining++;
    }
    for (size_t i = 0; i < outcome->standing_count; i++) {
        const struct chat__store_standing *standing = &outcome->standings[i];

        batch->owners -= role_of(batch, standing->user) == CHAT__ROLE_OWNER;
        batch->owners += standing->role == CHAT__ROLE_OWNER;
        /* `prepare` made place for it. */
        (void)chat__members_set(&batch->changed, standing->user,
                                standing->role);
    }
}

static void fill_effects(struct chat__store_entry *entry,
                         const struct chat__outcome *outcome)
{
    const struct chat__event *event = &outcome->event;

    entry->message = event->kind == CHAT__EVENT_MESSAGE;
    memcpy(entry->standings, outcome->standings, sizeof(entry->standings));
    entry->standing_count = outcome->standing_count;
    entry->topic = event->topic;
    entry->mentions = outcome->mentions;
    entry->mention_count = outcome->mention_count;
    entry->fold = outcome->fold;
    if (entry->fold == CHAT__FOLD_NONE)
        return;
    entry->ref = event->ref;
    entry->text = event->text;
    entry->emoji = event->emoji;
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
    size_t offset = batch->bytes.length;
    int64_t now = chat__wall_ms(room->core);

    entry->seq = (last == NULL ? room->head : last->seq) + 1;
    entry->n = (last == NULL ? room->n : last->n) +
               (outcome->event.kind == CHAT__EVENT_MESSAGE);
    entry->ts = now > last_ts ? now : last_ts;
    entry->user = operation->user->id;
    entry->key = chat__action_key(operation);
    fill_effects(entry, outcome);
    memcpy(entry->digest, operation->digest, sizeof(entry->digest));
    outcome->event.from.id = operation->user->id;
    outcome->event.from.name = operation->user->name;
    if (!encode(batch, entry, &outcome->event))
        return false;
    if (!prepare(batch, operation, outcome)) {
        chat__buffer_truncate(&batch->bytes, offset);
        return false;
    }
    count_effects(batch, operation, outcome);
    batch->operations[batch->count++] = operation;
    return true;
}

/* ---- the batch ---- */

/* False when the operation has to wait for the next batch. */
static bool take(struct chat__batch *batch, struct chat__operation *operation)
{
    struct chat__outcome outcome = {0};
    struct chat__view view;
    uint64_t hash = key_hash(operation);

    if (has_key(batch, operation, hash))
        return false;
    batch->key_hashes[batch->count] = hash; /* of the next, if it comes */
    look(batch, operation, &view);
    operation->row->check(operation, &view, &outcome);
    if (outcome.verdict != CHAT__VERDICT_ENTRY &&
        is_uncertain(batch, operation))
        return false;
    switch (outcome.verdict) {
    case CHAT__VERDICT_ENTRY:
        if (!add_entry(batch, operation, &outcome))
            chat__operation_fail(operation, CHAT__STORE_BUSY);
        break;
    case CHAT__VERDICT_CURRENT:
        if (batch->room->core->options.shared)
            chat__key_look_up(operation, &outcome);
        else
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

static bool has_user(const struct chat__operation_queue *queue,
                     const struct chat__user *user)
{
    const struct chat__operation *operation = queue->first;

    while (operation != NULL && operation->user != user)
        operation = operation->after;
    return operation != NULL;
}

void chat__batch_compose(struct chat__batch *batch)
{
    struct chat__room *room = batch->room;
    struct chat__operation_queue later = {0};
    struct chat__operation *operation;

    while (!is_full(batch) && room->waiting.first != NULL) {
        if (chat__target_is_stale(room->waiting.first)) {
            chat__look_up_again(room);
            break;
        }
        operation = chat__operation_pop(&room->waiting);
        /* What one user asked for stays in order. */
        if (has_user(&later, operation->user) || !take(batch, operation))
            chat__operation_push(&later, operation);
    }
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

void chat__outcome_enter(struct chat__outcome *outcome,
                         enum chat__event_kind kind)
{
    outcome->verdict = CHAT__VERDICT_ENTRY;
    outcome->event.kind = kind;
}

void chat__outcome_stand(struct chat__outcome *outcome, uint64_t user,
                         enum chat__role role)
{
    outcome->standings[outcome->standing_count++] =
        (struct chat__store_standing){.user = user, .role = role};
}
