/*
 * A session is a connection's right to be its user's: the token that it was
 * opened with. It ends with the token.
 */
#ifndef CHAT_SERVER_CORE_SESSION_H
#define CHAT_SERVER_CORE_SESSION_H

#include "server/core/connection.h"

/* How long a token is valid behind its last use. */
#define CHAT__TOKEN_LIFETIME_MS (INT64_C(30) * 24 * 3600 * 1000)

/* How often the store hears that a session goes on. */
#define CHAT__SESSION_KEEP_MS (INT64_C(3600) * 1000)

/* The connection was opened with the token of this hash, just now. */
void chat__session_open(struct chat__connection *connection,
                        const unsigned char hash[CHAT__TOKEN_HASH_BYTES]);

/* It is in use; the store hears of it every hour. */
void chat__session_keep(struct chat__connection *connection);

/* The connection goes: the store hears when a guest was here last. */
void chat__session_gone(const struct chat__connection *connection);

/*
 * Tokens of the user have ended: that of `hash`, or, with NULL, all. Closes
 * their connections, those whose hello is not answered yet too, but `stays`,
 * which may be NULL. Sign-ins in flight ask again.
 */
void chat__sessions_close(struct chat__user *user, const unsigned char *hash,
                          const struct chat__connection *stays);
/* ... and says why. */
void chat__sessions_end(struct chat__user *user, const unsigned char *hash,
                        const struct chat__connection *stays,
                        enum chat__close_code code, const char *message);
/*
 * The same, of what another task did: the others know, and it tells API
 * Gateway's clients, one of which may go on by a new token.
 */
void chat__sessions_ended(struct chat__user *user, const unsigned char *hash,
                          enum chat__close_code code, const char *message);

#endif
