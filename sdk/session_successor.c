#include "sdk/session_private.h"

#include <stdio.h>
#include <string.h>

/* How long the requests in flight may keep the successor from its hello. */
#define QUIET_WAIT_MS 5000

/* How long they wait for its answer: the first connection still works. */
#define ANSWER_WAIT_MS 10000

/* Requests without key whose answer must come on the connection they went. */
static bool has_unrepeatable(const struct chat__session *session)
{
    const struct chat__item *item;

    for (item = session->outbox.first; item != NULL; item = item->next) {
        if (item->in_flight && (item->request.action == CHAT__ACTION_PASSWORD ||
                                item->request.action == CHAT__ACTION_LOGOUT))
            return true;
    }
    return false;
}

/* ---- planning ---- */

void chat__session_plan_successor(struct chat__session *session, uint64_t due,
                                  const char *url)
{
    struct chat__successor *successor = &session->successor;

    if (successor->phase > CHAT__SUCCESSOR_PLANNED)
        return;
    if (successor->phase == CHAT__SUCCESSOR_NONE || due < successor->due)
        successor->due = due;
    successor->phase = CHAT__SUCCESSOR_PLANNED;
    if (url != NULL && strlen(url) < sizeof(successor->url))
        snprintf(successor->url, sizeof(successor->url), "%s", url);
}

static uint64_t at_most(uint64_t value, uint64_t maximum)
{
    return value < maximum ? value : maximum;
}

/* Servers that drain one after the other are not run through at full speed. */
static uint64_t wait_of_drain(struct chat__session *session)
{
    uint64_t random;

    if (session->now - session->opened >= CHAT__STABLE_MS) {
        chat__backoff_reset(&session->drains);
        return 0;
    }
    random = session->environment.random(session->environment.context);
    return chat__backoff_next(&session->drains, random);
}

void chat__session_drain_notice(struct chat__session *session,
                                const struct chat__event *drain)
{
    uint64_t wait = at_most(drain->reconnect_in_ms, CHAT__DRAIN_WAIT_MAX_MS);
    uint64_t spread = at_most(drain->spread_ms, CHAT__DRAIN_WAIT_MAX_MS);
    uint64_t least = wait_of_drain(session);

    wait += chat__session_random(session, spread);
    chat__session_plan_successor(
        session, session->now + (wait > least ? wait : least), drain->url);
}

/* Not all go at once, and none so late that its successor might fail. */
void chat__session_plan_by_age(struct chat__session *session,
                               uint64_t connection_ms)
{
    uint64_t tenth, wait;

    if (connection_ms == 0)
        return;
    if (connection_ms < CHAT__CONNECTION_MIN_MS)
        connection_ms = CHAT__CONNECTION_MIN_MS;
    tenth = connection_ms / 10;
    wait = connection_ms - tenth;
    wait += chat__session_random(session, tenth - tenth / 5);
    chat__session_plan_successor(session, session->opened + wait, NULL);
}

void chat__session_forget_successor(struct chat__session *session)
{
    memset(&session->successor, 0, sizeof(session->successor));
}

void chat__session_successor_failed(struct chat__session *session)
{
    struct chat__successor *successor = &session->successor;
    uint64_t random = session->environment.random(session->environment.context);

    successor->phase = CHAT__SUCCESSOR_PLANNED;
    successor->attempt = 0;
    successor->due =
        session->now + chat__backoff_next(&successor->backoff, random);
}

/* ---- its life ---- */

static void begin(struct chat__session *session)
{
    struct chat__successor *successor = &session->successor;

    successor->phase = CHAT__SUCCESSOR_CONNECTING;
    successor->attempt = ++session->last_attempt;
    successor->due = session->now + CHAT__CONNECT_TIMEOUT_MS;
}

void chat__session_successor_connected(struct chat__session *session)
{
    struct chat__successor *successor = &session->successor;

    if (successor->phase != CHAT__SUCCESSOR_CONNECTING)
        return;
    successor->phase = CHAT__SUCCESSOR_OPEN;
    successor->opened = session->now;
    successor->due = session->now + QUIET_WAIT_MS;
}

bool chat__session_successor_frame(struct chat__session *session,
                                   struct chat__buffer *buffer)
{
    struct chat__successor *successor = &session->successor;

    if (successor->phase != CHAT__SUCCESSOR_OPEN)
        return false;
    if (chat__session_oldest_request(session) != UINT64_MAX &&
        session->now < successor->due)
        return false;
    if (!has_unrepeatable(session)) {
        successor->hello_id = chat__session_encode_hello(session, buffer);
        successor->phase = CHAT__SUCCESSOR_SIGNING_IN;
        successor->due = session->now + ANSWER_WAIT_MS;
        if (!buffer->failed)
            return true;
    }
    chat__session_successor_failed(session);
    return false;
}

bool chat__session_is_handing_over(const struct chat__session *session)
{
    return session->successor.phase >= CHAT__SUCCESSOR_OPEN;
}

void chat__session_succeed(struct chat__session *session)
{
    struct chat__successor successor = session->successor;

    chat__session_forget_requests(session);
    chat__session_forget_successor(session);
    session->attempt = successor.attempt;
    session->opened = successor.opened;
    session->last_frame = session->now;
    session->phase = CHAT__PHASE_SIGNING_IN;
    if (successor.phase == CHAT__SUCCESSOR_SIGNING_IN) {
        session->hello_id = successor.hello_id;
        session->hello_sent = successor.due - ANSWER_WAIT_MS;
    }
}

/* ---- time ---- */

void chat__session_tick_successor(struct chat__session *session)
{
    struct chat__successor *successor = &session->successor;

    /* A hello that waits for the others goes out by the transport's question.
     */
    if (successor->due > session->now)
        return;
    if (successor->phase == CHAT__SUCCESSOR_PLANNED)
        begin(session);
    else if (successor->phase == CHAT__SUCCESSOR_CONNECTING)
        chat__session_successor_failed(session);
    else if (successor->phase == CHAT__SUCCESSOR_SIGNING_IN &&
             !session->paused && session->grace <= session->now)
        chat__session_successor_failed(session);
}

uint64_t chat__session_successor_deadline(const struct chat__session *session,
                                          uint64_t now)
{
    const struct chat__successor *successor = &session->successor;
    uint64_t due = successor->due;

    if (successor->phase == CHAT__SUCCESSOR_NONE)
        return UINT64_MAX;
    if (successor->phase == CHAT__SUCCESSOR_OPEN)
        return due > now ? due : UINT64_MAX;
    if (successor->phase == CHAT__SUCCESSOR_SIGNING_IN && session->paused)
        return UINT64_MAX;
    if (successor->phase == CHAT__SUCCESSOR_SIGNING_IN && session->grace > due)
        return session->grace;
    return due;
}

/* ---- transports by their attempts ---- */

static bool is_successor(const struct chat__session *session, uint64_t attempt)
{
    return session->successor.phase > CHAT__SUCCESSOR_PLANNED &&
           session->successor.attempt == attempt;
}

size_t chat__session_transports(const struct chat__session *session,
                                uint64_t attempts[CHAT__TRANSPORTS_MAX])
{
    size_t count = 0;

    if (chat__session_wants_transport(session))
        attempts[count++] = session->attempt;
    if (is_successor(session, session->successor.attempt))
        attempts[count++] = session->successor.attempt;
    return count;
}

const char *chat__session_transport_url(const struct chat__session *session,
                                        uint64_t attempt)
{
    return is_successor(session, attempt) && session->successor.url[0] != '\0'
               ? session->successor.url
               : NULL;
}

void chat__session_transport_connected(struct chat__session *session,
                                       uint64_t attempt, uint64_t now)
{
    session->now = now;
    if (is_successor(session, attempt))
        chat__session_successor_connected(session);
    else if (attempt == session->attempt)
        chat__session_connected(session, now);
}

bool chat__session_transport_next_frame(struct chat__session *session,
                                        uint64_t attempt,
                                        struct chat__buffer *buffer,
                                        uint64_t now)
{
    session->now = now;
    if (is_successor(session, attempt))
        return chat__session_successor_frame(session, buffer);
    return attempt == session->attempt &&
           chat__session_next_frame(session, buffer, now);
}

void chat__session_transport_disconnected(struct chat__session *session,
                                          uint64_t attempt,
                                          const struct chat__disconnect *why,
                                          uint64_t now)
{
    session->now = now;
    if (is_successor(session, attempt))
        chat__session_successor_failed(session);
    else if (attempt == session->attempt)
        chat__session_disconnected(session, why, now);
}
