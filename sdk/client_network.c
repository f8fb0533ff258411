#include "sdk/client_private.h"

#include "sdk/thread.h"
#include "sdk/tls.h"

#include <string.h>

static struct chat_client *client_of(struct chat__member *member)
{
    return (struct chat_client *)((char *)member -
                                  offsetof(struct chat_client, member));
}

void chat__client_note_changes(struct chat_client *client)
{
    if (chat__session_take_changed(client->session) && client->keeper != NULL)
        chat__keeper_changed(client->keeper);
}

/* ---- the links' handler ---- */

static void on_opened(void *context)
{
    const struct chat__leg *leg = context;
    struct chat_client *client = leg->client;

    pthread_mutex_lock(&client->mutex);
    chat__session_transport_connected(client->session, leg->attempt,
                                      chat__thread_now());
    pthread_mutex_unlock(&client->mutex);
}

static void on_received(void *context, const char *bytes, size_t length)
{
    struct chat__leg *leg = context;
    struct chat_client *client = leg->client;

    pthread_mutex_lock(&client->mutex);
    chat__session_transport_receive(client->session, leg->attempt, bytes,
                                    length, chat__thread_now());
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
    /* At once, not in the next step: more frames may be on their way here. */
    if (chat__event_queue_full(&client->events))
        chat__link_set_reading(&leg->link, false);
}

static bool on_next_frame(void *context, struct chat__buffer *buffer)
{
    const struct chat__leg *leg = context;
    struct chat_client *client = leg->client;
    bool any;

    pthread_mutex_lock(&client->mutex);
    any = chat__session_transport_next_frame(client->session, leg->attempt,
                                             buffer, chat__thread_now());
    pthread_mutex_unlock(&client->mutex);
    return any;
}

static void on_ended(void *context, const struct chat__disconnect *why)
{
    const struct chat__leg *leg = context;
    struct chat_client *client = leg->client;

    pthread_mutex_lock(&client->mutex);
    chat__session_transport_disconnected(client->session, leg->attempt, why,
                                         chat__thread_now());
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
}

/* ---- the member's step ---- */

/* What the session wants of the links, read in one go. */
struct wishes {
    uint64_t attempts[CHAT__TRANSPORTS_MAX];
    size_t count;
    bool reading;
    uint64_t due;
};

static struct wishes ask_session(struct chat_client *client, uint64_t now)
{
    struct wishes wishes;

    pthread_mutex_lock(&client->mutex);
    wishes.reading = !chat__event_queue_full(&client->events);
    chat__session_pause(client->session, !wishes.reading, now);
    chat__session_tick(client->session, now);
    wishes.count = chat__session_transports(client->session, wishes.attempts);
    wishes.due = chat__session_deadline(client->session, now);
    chat__client_note_changes(client);
    pthread_mutex_unlock(&client->mutex);
    return wishes;
}

static bool is_wanted(const struct wishes *wishes, uint64_t attempt)
{
    for (size_t i = 0; i < wishes->count; i++) {
        if (wishes->attempts[i] == attempt)
            return true;
    }
    return false;
}

/*
 * A server may send its clients elsewhere, but not to where its certificate
 * would be checked less: the link's TLS is made for the handle's own URL.
 */
static bool may_follow(const struct chat__url *own, const struct chat__url *url)
{
    return url->tls == own->tls &&
           !(url->tls && (url->ipv6_literal || own->ipv6_literal));
}

static void choose_url(struct chat__leg *leg)
{
    struct chat_client *client = leg->client;
    struct chat__url url;
    const char *text;

    leg->url = client->url;
    pthread_mutex_lock(&client->mutex);
    text = chat__session_transport_url(client->session, leg->attempt);
    if (text != NULL && chat__url_parse(&url, text) &&
        may_follow(&client->url, &url))
        leg->url = url;
    pthread_mutex_unlock(&client->mutex);
}

/* The leg that serves an attempt, else one that serves none that is wanted. */
static struct chat__leg *leg_for(struct chat_client *client,
                                 const struct wishes *wishes, uint64_t attempt)
{
    struct chat__leg *idle = NULL;

    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        struct chat__leg *leg = &client->legs[i];

        if (leg->attempt == attempt)
            return leg;
        if (!is_wanted(wishes, leg->attempt))
            idle = leg;
    }
    return idle;
}

/* Opens links for new attempts, and closes those that are not wanted. */
static void follow(struct chat_client *client, const struct wishes *wishes,
                   uint64_t now)
{
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        struct chat__leg *leg = &client->legs[i];

        if (leg->link.state != CHAT__LINK_CLOSED &&
            !is_wanted(wishes, leg->attempt))
            chat__link_close(&leg->link);
    }
    for (size_t i = 0; i < wishes->count; i++) {
        uint64_t attempt = wishes->attempts[i];
        struct chat__leg *leg = leg_for(client, wishes, attempt);

        if (leg->attempt == attempt)
            continue;
        leg->attempt = attempt;
        choose_url(leg);
        chat__link_open(&leg->link, now);
    }
}

static void step(struct chat__member *member, uint64_t now)
{
    struct chat_client *client = client_of(member);
    struct wishes wishes;

    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++)
        chat__link_step(&client->legs[i].link, now);
    wishes = ask_session(client, now);
    follow(client, &wishes, now);
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        chat__link_set_reading(&client->legs[i].link, wishes.reading);
        chat__link_want_write(&client->legs[i].link);
    }
    /* What a link has just done may have given the session a new time. */
    wishes = ask_session(client, now);
    member->due = wishes.due;
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        uint64_t due = chat__link_due(&client->legs[i].link);

        if (due < member->due)
            member->due = due;
    }
}

static void end(struct chat__member *member)
{
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++)
        chat__link_shutdown(&client_of(member)->legs[i].link);
}

/* ---- joining and leaving ---- */

/* `tls` is shared, NULL for none. */
static void init_leg(struct chat_client *client, struct chat__leg *leg,
                     SSL_CTX *tls)
{
    const struct chat__link_handler handler = {
        .opened = on_opened,
        .received = on_received,
        .next_frame = on_next_frame,
        .ended = on_ended,
        .context = leg,
    };

    leg->client = client;
    leg->attempt = 0;
    if (tls != NULL)
        SSL_CTX_up_ref(tls);
    chat__link_init(&leg->link, &client->member, &leg->url, tls, &handler);
}

static void release_legs(struct chat_client *client)
{
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++)
        chat__link_release(&client->legs[i].link);
}

int chat__client_join(struct chat_client *client)
{
    SSL_CTX *tls = NULL;

    if (client->url.tls) {
        tls = chat__tls_new(client->ca_file,
                            client->url.ipv6_literal ? client->url.host : NULL);
        if (tls == NULL)
            return CHAT_ERROR_TLS;
    }
    client->member.step = step;
    client->member.end = end;
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++)
        init_leg(client, &client->legs[i], tls);
    SSL_CTX_free(tls);
    if (chat__network_join(&client->member))
        return CHAT_OK;
    release_legs(client);
    return CHAT_ERROR_SYSTEM;
}

void chat__client_leave(struct chat_client *client)
{
    chat__network_leave(&client->member);
    release_legs(client);
}

void chat__client_wake(struct chat_client *client)
{
    if (client->joined)
        chat__network_wake(&client->member);
}
