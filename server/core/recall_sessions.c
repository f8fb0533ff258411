/*
 * Whether a user's sessions go on: another task may have ended tokens, or an
 * operator may have banned the user from there.
 */
#include "server/core/recall.h"

#include "server/core/connection.h"
#include "server/core/session.h"

#include <stdlib.h>
#include <string.h>

/* Behind the name of every room. */
#define NO_ROOM "\x7f"

struct recall {
    struct chat__user *user; /* referenced */
    struct chat__store_find_user find;
    struct chat__store_heads heads; /* of a token, and of no room */
    unsigned char hashes[CHAT__RECALL_TOKENS_MAX][CHAT__TOKEN_HASH_BYTES];
    size_t count; /* hashes that are not asked for yet */
};

static void finish(struct recall *recall)
{
    struct chat__user *user = recall->user;

    free(recall);
    chat__recall_done(user, 0);
    chat__user_release(user);
}

static bool has(const struct recall *recall, const unsigned char *hash)
{
    for (size_t i = 0; i < recall->count; i++)
        if (memcmp(recall->hashes[i], hash, CHAT__TOKEN_HASH_BYTES) == 0)
            return true;
    return false;
}

/* Those beyond the limit are found by their pings. */
static void take_hashes(struct recall *recall)
{
    for (const struct chat__connection *connection = recall->user->connections;
         connection != NULL && recall->count < CHAT__RECALL_TOKENS_MAX;
         connection = connection->next)
        if (!connection->closing && !has(recall, connection->token_hash))
            memcpy(recall->hashes[recall->count++], connection->token_hash,
                   CHAT__TOKEN_HASH_BYTES);
}

static void ask_next(struct recall *recall);

static void token_read(struct chat__completion *completion)
{
    struct recall *recall =
        CHAT__CONTAINER(completion, struct recall, heads.completion);

    chat__store_answered(recall->user->core);
    if (recall->heads.result == CHAT__STORE_NOT_FOUND)
        chat__sessions_ended(recall->user, recall->heads.token_hash,
                             CHAT__CLOSE_SIGNED_OUT, "signed out");
    chat__store_heads_release(&recall->heads);
    ask_next(recall);
}

static void ask_next(struct recall *recall)
{
    struct chat__core *core = recall->user->core;
    struct chat__store *store = core->options.store;

    if (recall->count == 0) {
        finish(recall);
        return;
    }
    recall->heads = (struct chat__store_heads){.completion.run = token_read,
                                               .user = recall->user->id,
                                               .since_ms = INT64_MAX,
                                               .after = NO_ROOM,
                                               .limit = 1};
    memcpy(recall->heads.token_hash, recall->hashes[--recall->count],
           CHAT__TOKEN_HASH_BYTES);
    chat__store_asked(core);
    store->operations->heads(store, &recall->heads);
}

static void user_found(struct chat__completion *completion)
{
    struct recall *recall =
        CHAT__CONTAINER(completion, struct recall, find.completion);

    chat__store_answered(recall->user->core);
    if (recall->find.result == CHAT__STORE_OK && recall->find.banned_ms != 0)
        chat__sessions_ended(recall->user, NULL, CHAT__CLOSE_BANNED,
                             CHAT__BANNED_MESSAGE);
    else
        take_hashes(recall);
    ask_next(recall);
}

void chat__recall_sessions(struct chat__user *user)
{
    struct chat__core *core = user->core;
    struct chat__store *store = core->options.store;
    struct recall *recall = calloc(1, sizeof(*recall));

    if (recall == NULL) {
        chat__recall_done(user, 0);
        return;
    }
    chat__user_hold(user);
    recall->user = user;
    recall->find.completion.run = user_found;
    recall->find.user = user->id;
    chat__store_asked(core);
    store->operations->find_user(store, &recall->find);
}
