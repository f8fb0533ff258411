/*
 * A handle: the pure session, and around it the thread-safe edge.
 *
 * Locks, outermost first
 *   keeper.mutex  one save of the outbox file at a time (sdk/keeper.h);
 *   mutex         the session and the settings; held for short steps only,
 *                 never over a wait or a write to disk, and over a call of
 *                 libwebsockets only while the first connect starts it;
 *   events.mutex  the queue's own.
 *
 * The legs belong to the network thread. client_network.c ties them to the
 * session; the public functions are in client.c, client_settings.c and, by
 * way of client_submit.c, client_messages.c, client_moderation.c and
 * client_requests.c.
 */
#ifndef CHAT_SDK_CLIENT_PRIVATE_H
#define CHAT_SDK_CLIENT_PRIVATE_H

#include "chat/client.h"
#include "sdk/event_queue.h"
#include "sdk/keeper.h"
#include "sdk/link.h"
#include "sdk/network.h"
#include "sdk/session.h"
#include "sdk/url.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A link, and the attempt of the session that it serves. */
struct chat__leg {
    struct chat_client *client;
    struct chat__link link;
    struct chat__url url; /* the handle's, or where a server sent it */
    uint64_t attempt;     /* 0: none yet */
};

struct chat_client {
    struct chat__event_queue events;
    struct chat__url url;
    char *url_text;

    pthread_mutex_t mutex;
    struct chat__session *session;
    struct chat__keeper *keeper; /* NULL: no outbox file */
    char *ca_file;
    char guest_name[CHAT__USER_NAME_BYTES_MAX + 1]; /* "": not chosen */
    uint64_t last_request;
    bool joined; /* a member of the network, and the links are made */
    chat_event_handler handler;
    void *user_data;
    bool dispatching;
    pthread_t dispatcher; /* while dispatching */
    bool doomed;          /* free it when the dispatch returns */

    struct chat__member member;
    struct chat__leg legs[CHAT__TRANSPORTS_MAX];
};

/* ---- client_network.c ---- */

/* Starts to serve the session over the network. CHAT_OK or an error. */
int chat__client_join(struct chat_client *client);

/* Stops; no callback runs when it returns. */
void chat__client_leave(struct chat_client *client);

/* Something has changed for the network thread. Called with the mutex held. */
void chat__client_wake(struct chat_client *client);

/* Hands what has changed on to the outbox file. With the mutex held. */
void chat__client_note_changes(struct chat_client *client);

/* ---- client_submit.c ---- */

/* Well-formed UTF-8 that passes a check of protocol/text.h. */
bool chat__client_is_text(const char *text, const char *(*check)(const char *));
bool chat__client_is_text_or_null(const char *text,
                                  const char *(*check)(const char *));
bool chat__client_is_room(const char *room);

/* A user id: digits, not 0. */
bool chat__client_parse_id(const char *text, uint64_t *id);

/* Queues a copy of a request under a new number. */
int chat__client_submit(struct chat_client *client,
                        const struct chat__request *request, uint64_t *number);

/*
 * Queues a message, with an outbox file once it is in there. Owns it when the
 * result is CHAT_OK.
 */
int chat__client_submit_message(struct chat_client *client,
                                struct chat__item *item);

/* ---- client.c ---- */

/* The session's environment, a client being the context. */
bool chat__client_emit(void *context, const chat_event *event);
uint64_t chat__client_random(void *context);

/* A key that stands for a user: longer than others. False: no randomness. */
bool chat__client_make_secret(char *key, size_t size);

#endif
