#include "sdk/client_private.h"

#include "sdk/thread.h"
#include "sdk/tls.h"

#include <string.h>

static struct chat_client *client_of(struct chat__member *member)
{
    return (struct chat_client *)((char *)member -
                                  offsetof(struct chat_client, member));
}

/* With the mutex: is this link the one that the session waits for? */
static bool link_is_current(const struct chat_client *client)
{
    return client->link_attempt == chat__session_attempt(client->session) &&
           chat__session_wants_transport(client->session);
}

void chat__client_note_changes(struct chat_client *client)
{
    if (chat__session_take_changed(client->session) && client->keeper != NULL)
        chat__keeper_changed(client->keeper);
}

/* ---- the link's handler ---- */

static void on_opened(void *context)
{
    struct chat_client *client = context;

    pthread_mutex_lock(&client->mutex);
    if (link_is_current(client))
        chat__session_connected(client->session, chat__thread_now());
    pthread_mutex_unlock(&client->mutex);
}

static void on_received(void *context, const char *bytes, size_t length)
{
    struct chat_client *client = context;

    pthread_mutex_lock(&client->mutex);
    if (link_is_current(client))
        chat__session_receive(client->session, bytes, length,
                              chat__thread_now());
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
    /* At once, not in the next step: more frames may be on their way here. */
    if (chat__event_queue_full(&client->events))
        chat__link_set_reading(&client->link, false);
}

static bool on_next_frame(void *context, struct chat__buffer *buffer)
{
    struct chat_client *client = context;
    bool any;

    pthread_mutex_lock(&client->mutex);
    any = link_is_current(client) &&
          chat__session_next_frame(client->session, buffer, chat__thread_now());
    pthread_mutex_unlock(&client->mutex);
    return any;
}

static void on_ended(void *context, const struct chat__disconnect *why)
{
    struct chat_client *client = context;

    pthread_mutex_lock(&client->mutex);
    if (link_is_current(client))
        chat__session_disconnected(client->session, why, chat__thread_now());
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
}

/* ---- the member's step ---- */

/* What the session wants of the link, read in one go. */
struct wishes {
    bool transport;
    bool reading;
    uint64_t attempt;
    uint64_t due;
};

static struct wishes ask_session(struct chat_client *client, uint64_t now)
{
    struct wishes wishes;

    pthread_mutex_lock(&client->mutex);
    wishes.reading = !chat__event_queue_full(&client->events);
    chat__session_pause(client->session, !wishes.reading, now);
    chat__session_tick(client->session, now);
    wishes.transport = chat__session_wants_transport(client->session);
    wishes.attempt = chat__session_attempt(client->session);
    wishes.due = chat__session_deadline(client->session, now);
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
    return wishes;
}

/* Opens the link for a new attempt, and closes one that is not wanted. */
static void follow(struct chat_client *client, const struct wishes *wishes,
                   uint64_t now)
{
    struct chat__link *link = &client->link;

    if (link->state != CHAT__LINK_CLOSED &&
        (!wishes->transport || wishes->attempt != client->link_attempt))
        chat__link_close(link);
    if (!wishes->transport || wishes->attempt == client->link_attempt)
        return;
    pthread_mutex_lock(&client->mutex);
    client->link_attempt = wishes->attempt;
    pthread_mutex_unlock(&client->mutex);
    chat__link_open(link, now);
}

static void step(struct chat__member *member, uint64_t now)
{
    struct chat_client *client = client_of(member);
    struct chat__link *link = &client->link;
    struct wishes wishes;

    chat__link_step(link, now);
    wishes = ask_session(client, now);
    follow(client, &wishes, now);
    chat__link_set_reading(link, wishes.reading);
    chat__link_want_write(link);
    /* What the link has just done may have given the session a new time. */
    wishes = ask_session(client, now);
    member->due = wishes.due;
    if (chat__link_due(link) < member->due)
        member->due = chat__link_due(link);
}

static void end(struct chat__member *member)
{
    chat__link_shutdown(&client_of(member)->link);
}

/* ---- joining and leaving ---- */

int chat__client_join(struct chat_client *client)
{
    const struct chat__link_handler handler = {
        .opened = on_opened,
        .received = on_received,
        .next_frame = on_next_frame,
        .ended = on_ended,
        .context = client,
    };
    SSL_CTX *tls = NULL;

    if (client->url.tls) {
        tls = chat__tls_new(client->ca_file,
                            client->url.ipv6_literal ? client->url.host : NULL);
        if (tls == NULL)
            return CHAT_ERROR_TLS;
    }
    client->member.step = step;
    client->member.end = end;
    chat__link_init(&client->link, &client->member, &client->url, tls,
                    &handler);
    if (chat__network_join(&client->member))
        return CHAT_OK;
    chat__link_release(&client->link);
    return CHAT_ERROR_SYSTEM;
}

void chat__client_leave(struct chat_client *client)
{
    chat__network_leave(&client->member);
    chat__link_release(&client->link);
}

void chat__client_wake(struct chat_client *client)
{
    if (client->joined)
        chat__network_wake(&client->member);
}
