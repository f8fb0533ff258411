#include "server/core/session.h"

#include "server/core/operation.h"
#include "server/core/publish.h"
#include "server/core/relay.h"
#include "server/core/sign_in.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

struct keeping {
    struct chat__store_keep_session keep;
    struct chat__core *core;
};

/* A token that has ended is found by the next ping, and what the store could
 * not keep is told to it again in an hour. */
static void kept(struct chat__completion *completion)
{
    struct keeping *keeping =
        CHAT__CONTAINER(completion, struct keeping, keep.completion);

    chat__store_answered(keeping->core);
    free(keeping);
}

static void tell_store(const struct chat__connection *connection)
{
    struct chat__core *core = connection->core;
    struct chat__store *store = core->options.store;
    struct keeping *keeping = calloc(1, sizeof(*keeping));

    if (keeping == NULL)
        return;
    keeping->core = core;
    keeping->keep.completion.run = kept;
    keeping->keep.user = connection->user->id;
    memcpy(keeping->keep.token_hash, connection->token_hash,
           sizeof(keeping->keep.token_hash));
    keeping->keep.now_ms = chat__wall_ms(core);
    keeping->keep.expires_ms = keeping->keep.now_ms + CHAT__TOKEN_LIFETIME_MS;
    chat__store_asked(core);
    store->operations->keep_session(store, &keeping->keep);
}

void chat__session_open(struct chat__connection *connection,
                        const unsigned char hash[CHAT__TOKEN_HASH_BYTES])
{
    memcpy(connection->token_hash, hash, CHAT__TOKEN_HASH_BYTES);
    connection->kept_ms = chat__monotonic_ms(connection->core);
}

void chat__session_keep(struct chat__connection *connection)
{
    int64_t now = chat__monotonic_ms(connection->core);

    if (now - connection->kept_ms < CHAT__SESSION_KEEP_MS)
        return;
    connection->kept_ms = now;
    tell_store(connection);
}

void chat__session_gone(const struct chat__connection *connection)
{
    int64_t now = chat__monotonic_ms(connection->core);

    /* What the store knows to the second is good enough for a day. */
    if (connection->ready && connection->user->guest &&
        now - connection->kept_ms >= 1000)
        tell_store(connection);
}

static bool has_ended(const struct chat__connection *connection,
                      const unsigned char *hash)
{
    return hash == NULL ||
           memcmp(connection->token_hash, hash, CHAT__TOKEN_HASH_BYTES) == 0;
}

static void close_sessions(struct chat__user *user, const unsigned char *hash,
                           const struct chat__connection *stays,
                           enum chat__close_code code, const char *message)
{
    struct chat__connection *connection = user->connections;

    user->ended = user->core->sign_in_number;
    chat__sign_in_changed(user->core, user->id);
    while (connection != NULL) {
        struct chat__connection *next = connection->next;

        if (connection != stays && has_ended(connection, hash))
            chat__connection_close(connection, code, message);
        connection = next;
    }
}

void chat__sessions_ended(struct chat__user *user, const unsigned char *hash,
                          enum chat__close_code code, const char *message)
{
    struct chat__connection *connection = user->connections;

    while (connection != NULL) {
        struct chat__connection *next = connection->next;

        if (chat__connection_is_relayed(connection) &&
            has_ended(connection, hash))
            chat__connection_hand_back(connection);
        connection = next;
    }
    close_sessions(user, hash, NULL, code, message);
}

void chat__sessions_end(struct chat__user *user, const unsigned char *hash,
                        const struct chat__connection *stays,
                        enum chat__close_code code, const char *message)
{
    chat__publish_sessions(user->core, user->id);
    chat__relay_end(user->core, user->id, hash, stays, code, message);
    close_sessions(user, hash, stays, code, message);
}

void chat__sessions_close(struct chat__user *user, const unsigned char *hash,
                          const struct chat__connection *stays)
{
    chat__sessions_end(user, hash, stays, CHAT__CLOSE_SIGNED_OUT, "signed out");
}
