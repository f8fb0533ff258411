#include "server/core/key.h"

#include "server/core/action.h"
#include "server/core/answer.h"
#include "server/core/room.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

struct lookup {
    struct chat__store_find_key find;
    struct chat__operation *operation;
    struct chat__outcome outcome;
    uint64_t head; /* of the room when the outcome was found */
};

void chat__key_repeated(struct chat__operation *operation,
                        const struct chat__store_keyed *entry)
{
    struct chat__committed committed = {
        .seq = entry->seq, .ts = entry->ts, .dup = true};

    if (memcmp(operation->digest, entry->digest, sizeof(operation->digest)) ==
        0) {
        chat__metrics_count(operation->core->options.metrics,
                            CHAT__METRIC_DUPLICATES);
        chat__operation_committed(operation, &committed);
    } else {
        chat__operation_refuse(operation, CHAT__ERROR_KEY_CONFLICT,
                               "the key was used with another body");
    }
}

static void answer_new(struct chat__operation *operation,
                       const struct chat__outcome *outcome)
{
    struct chat__reply refusal = {.error = outcome->error};

    if (outcome->verdict != CHAT__VERDICT_REFUSED) {
        operation->row->unchanged(operation);
    } else {
        (void)chat__answer(operation, &refusal, false);
        chat__operation_end(operation);
    }
}

/*
 * What was found out without the entries of other servers may be wrong: one who
 * has joined there is a member here. Once is enough: all that came before the
 * request is known by then.
 */
static bool is_outdated(const struct lookup *lookup)
{
    const struct chat__operation *operation = lookup->operation;

    return operation->core->options.shared &&
           lookup->find.head > lookup->head && !operation->checked_again;
}

/* Whose membership has ended meanwhile is none of those who need not join. */
static bool is_member_still(const struct chat__operation *operation)
{
    return chat__role_is_member(
        chat__room_role(operation->room, operation->user->id));
}

static void check_again(struct chat__operation *operation)
{
    struct chat__room *room = operation->room;

    /* What is being read may have been asked for before. */
    operation->checked_again = room->state != CHAT__ROOM_LOADING;
    chat__operation_push(&room->waiting, operation);
    if (room->state == CHAT__ROOM_READY)
        chat__room_refresh(room);
    else if (room->state != CHAT__ROOM_LOADING && room->batch == NULL)
        chat__room_reload(room);
}

static void looked_up(struct chat__completion *completion)
{
    struct lookup *lookup =
        CHAT__CONTAINER(completion, struct lookup, find.completion);
    struct chat__operation *operation = lookup->operation;
    bool current = lookup->outcome.verdict == CHAT__VERDICT_CURRENT;
    enum chat__store_result result = lookup->find.result;

    chat__operation_hears(operation);
    if (result == CHAT__STORE_OK && !current)
        chat__key_repeated(operation, &lookup->find.entry);
    else if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND)
        chat__operation_fail(operation, result);
    else if (is_outdated(lookup) || (current && !is_member_still(operation)))
        check_again(operation);
    else
        answer_new(operation, &lookup->outcome);
    free(lookup);
}

void chat__key_look_up(struct chat__operation *operation,
                       const struct chat__outcome *outcome)
{
    struct chat__store *store = operation->core->options.store;
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (lookup == NULL) {
        chat__operation_fail(operation, CHAT__STORE_BUSY);
        return;
    }
    lookup->operation = operation;
    lookup->outcome = *outcome;
    lookup->head = operation->room->head;
    lookup->find.completion.run = looked_up;
    lookup->find.room = operation->room->name;
    lookup->find.user = operation->user->id;
    lookup->find.key = chat__action_key(operation);
    chat__operation_asks(operation);
    store->operations->find_key(store, &lookup->find);
}
