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

    if (outcome->verdict == CHAT__VERDICT_NONE) {
        operation->row->unchanged(operation);
    } else {
        (void)chat__answer(operation, &refusal, false);
        chat__operation_end(operation);
    }
}

static void looked_up(struct chat__completion *completion)
{
    struct lookup *lookup =
        CHAT__CONTAINER(completion, struct lookup, find.completion);
    struct chat__operation *operation = lookup->operation;

    chat__operation_hears(operation);
    if (lookup->find.result == CHAT__STORE_OK)
        chat__key_repeated(operation, &lookup->find.entry);
    else if (lookup->find.result == CHAT__STORE_NOT_FOUND)
        answer_new(operation, &lookup->outcome);
    else
        chat__operation_fail(operation, lookup->find.result);
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
    lookup->find.completion.run = looked_up;
    lookup->find.room = operation->room->name;
    lookup->find.user = operation->user->id;
    lookup->find.key = chat__action_key(operation);
    chat__operation_asks(operation);
    store->operations->find_key(store, &lookup->find);
}
