/*
 * Keeps a session's messages and credentials in an outbox file.
 *
 * A new message is written before chat_send returns. What may be written late
 * (an answer came, a token was made) is written by a thread of the keeper,
 * which tries again when that fails: if it is lost, the next process sends the
 * message again with the same key, and the server knows it.
 */
#ifndef CHAT_SDK_KEEPER_H
#define CHAT_SDK_KEEPER_H

#include "sdk/item.h"

#include <pthread.h>

struct chat__keeper;
struct chat__session;

/*
 * Opens and locks the file, and loads it into the session. `mutex` guards the
 * session and must not be held. `url` is copied. Errors as in client.h.
 */
int chat__keeper_new(struct chat__keeper **keeper, const char *path,
                     const char *url, struct chat__session *session,
                     pthread_mutex_t *mutex);

/* Writes what is to be written, and closes. The session must be idle. */
void chat__keeper_free(struct chat__keeper *keeper);

/*
 * Writes the file with `item` in it, then submits the item. On CHAT_OK it is
 * the session's; else as chat__session_submit, or CHAT_ERROR_SYSTEM.
 */
int chat__keeper_submit(struct chat__keeper *keeper, struct chat__item *item);

/* Something changed: write soon. Never blocks. With the session's mutex. */
void chat__keeper_changed(struct chat__keeper *keeper);

#endif
