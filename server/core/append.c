#include "server/core/append.h"

#include "server/core/action.h"
#include "server/core/answer.h"
#include "server/core/batch.h"
#include "server/core/key.h"
#include "server/core/lookup.h"
#include "server/core/publish.h"
#include "server/core/secret.h"
#include "server/core/tail.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

/*
 * A commit takes some 100 us of the processors, and the delivery to one
 * listener 5 us. With the usual wait of 4 ms a room may have a tenth of a core
 * for that; beyond, its requests wait for others. So many share it well enough.
 */
#define FULL_WAIT_LISTENERS 80
#define SHARED_ENOUGH       16

int64_t chat__append_ts(const struct chat__room *room, int64_t otherwise)
{
    if (room->batch == NULL || room->batch->count == 0)
        return otherwise;
    return room->batch->entries[0].ts;
}

void chat__append_gather(struct chat__room *room)
{
    if (room->gathering)
        return;
    room->gathering = true;
    room->next_gathering = room->core->gathering;
    room->core->gathering = room;
    chat__room_hold(room);
}

/* ---- after the store's answer ---- */

static void commit(struct chat__batch *batch)
{
    chat__batch_apply(batch);
    chat__publish_batch(batch);
    chat__tail_leave(batch);
    for (size_t i = 0; i < batch->count; i++) {
        struct chat__operation *operation = batch->operations[i];
        struct chat__committed entry = {.seq = batch->entries[i].seq,
                                        .ts = batch->entries[i].ts};

        chat__observe_append(operation, batch->count, batch->asked_us,
                             batch->answered_us);
        chat__operation_committed(operation, &entry);
    }
}

/* Back to the front of the queue, in order. */
static void requeue(struct chat__room *room, struct chat__batch *batch)
{
    struct chat__operation_queue again = {0};

    for (size_t i = 0; i < batch->count; i++)
        if (batch->operations[i] != NULL)
            chat__operation_push(&again, batch->operations[i]);
    chat__operation_prepend(&room->waiting, &again);
}

static void fail(struct chat__batch *batch, enum chat__store_result result)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->operations[i] != NULL)
            chat__operation_fail(batch->operations[i], result);
}

/* False when the store names what it was not asked. */
static bool answer_duplicate(struct chat__batch *batch,
                             const struct chat__store_duplicate *duplicate)
{
    struct chat__operation *operation;

    if (duplicate->index >= batch->count)
        return false;
    operation = batch->operations[duplicate->index];
    batch->operations[duplicate->index] = NULL;
    if (operation == NULL)
        return false;
    chat__key_repeated(operation, &duplicate->entry);
    return true;
}

static void answer_duplicates(struct chat__room *room,
                              struct chat__batch *batch)
{
    const struct chat__store_append *append = &batch->append;
    size_t answered = 0;

    for (size_t i = 0; i < append->duplicate_count; i++)
        if (answer_duplicate(batch, &append->duplicates[i]))
            answered++;
    /* A store that names none would be asked for ever. */
    if (answered == 0)
        fail(batch, CHAT__STORE_FAILED);
    else
        requeue(room, batch);
}

/* What its operations wait for. */
static void asked(struct chat__batch *batch)
{
    int64_t now_us = chat__observe_now(batch->room->core);

    batch->asked_us = now_us;
    for (size_t i = 0; i < batch->count; i++)
        chat__observe_store_asked(batch->operations[i], now_us);
    chat__store_asked(batch->room->core);
}

static void heard(struct chat__batch *batch)
{
    int64_t now_us = chat__observe_now(batch->room->core);

    batch->answered_us = now_us;
    for (size_t i = 0; i < batch->count; i++)
        chat__observe_store_answered(batch->operations[i], now_us);
    chat__store_answered(batch->room->core);
}

static void appended(struct chat__completion *completion)
{
    struct chat__batch *batch =
        CHAT__CONTAINER(completion, struct chat__batch, append.completion);
    struct chat__room *room = batch->room;
    enum chat__store_result result = batch->append.result;

    heard(batch);
    chat__batch_settle_joins(batch);
    room->batch = NULL;
    if (result == CHAT__STORE_OK)
        commit(batch);
    else if (result == CHAT__STORE_DUPLICATE)
        answer_duplicates(room, batch);
    else if (result == CHAT__STORE_CONFLICT)
        requeue(room, batch);
    else
        fail(batch, result);
    chat__batch_free(batch);
    if (result == CHAT__STORE_CONFLICT || room->behind)
        chat__room_reload(room);
    else if (room->waiting.count > 0)
        chat__append_gather(room);
    chat__room_release(room);
}

/* ---- before it ---- */

void chat__append_pump(struct chat__room *room)
{
    struct chat__store *store = room->core->options.store;
    struct chat__batch *batch;

    if (room->batch != NULL || room->waiting.count == 0 ||
        (room->state != CHAT__ROOM_READY && room->state != CHAT__ROOM_ABSENT))
        return;
    batch = chat__batch_new(room);
    if (batch == NULL) {
        chat__append_fail(room, CHAT__STORE_BUSY);
        return;
    }
    chat__batch_compose(batch);
    if (batch->count == 0) {
        chat__batch_free(batch);
        return;
    }
    room->batch = batch;
    chat__room_hold(room);
    batch->append.completion.run = appended;
    asked(batch);
    store->operations->append(store, &batch->append);
}

void chat__append_fail(struct chat__room *room, enum chat__store_result result)
{
    struct chat__operation_queue waiting = room->waiting;
    struct chat__operation *operation;

    room->waiting = (struct chat__operation_queue){0};
    while ((operation = chat__operation_pop(&waiting)) != NULL)
        chat__operation_fail(operation, result);
}

bool chat__append_enter(struct chat__operation *operation)
{
    struct chat__core *core = operation->core;
    struct chat__room *room = operation->room;
    struct chat__user *user = operation->user;

    if (room->waiting.count + room->looking.count >= CHAT__ROOM_WAITING_MAX) {
        chat__operation_refuse(operation, CHAT__ERROR_BUSY,
                               "too much waits in this room; try again");
        return false;
    }
    if (!chat__body_digest(core, &operation->request, operation->digest)) {
        chat__operation_fail(operation, CHAT__STORE_BUSY);
        return false;
    }
    if (operation->looking || user->looking > 0) {
        user->looking++;
        chat__operation_push(&room->looking, operation);
    } else {
        chat__operation_push(&room->waiting, operation);
    }
    return true;
}

void chat__append(struct chat__operation *operation)
{
    struct chat__room *room = operation->room;

    if (chat__append_enter(operation))
        chat__append_gather(room);
}

/*
 * True when what waits in the room need not wait for others any longer; else
 * `due_ms` is at most what is left of the wait.
 */
static bool is_due(const struct chat__room *room, int64_t now, int64_t *due_ms)
{
    const struct chat__core *core = room->core;
    int64_t most = core->options.settings.gather_max_ms;
    int64_t wait = most * room->live_count / FULL_WAIT_LISTENERS;
    int64_t left =
        room->delivered_us / 1000 + (wait < most ? wait : most) - now;

    if (left <= 0 ||
        room->waiting.count + room->looking.count >= SHARED_ENOUGH ||
        core->draining)
        return true;
    if (left < *due_ms)
        *due_ms = left;
    return false;
}

int64_t chat__append_gathered(struct chat__core *core)
{
    int64_t due_ms = INT64_MAX;
    struct chat__room *room = core->gathering;
    struct chat__room *next;
    int64_t now = room == NULL ? 0 : chat__monotonic_ms(core);

    core->gathering = NULL;
    for (; room != NULL; room = next) {
        next = room->next_gathering;
        room->gathering = false;
        if (room->batch != NULL || is_due(room, now, &due_ms))
            chat__look_up_advance(room);
        else
            chat__append_gather(room);
        chat__room_release(room);
    }
    return due_ms;
}
