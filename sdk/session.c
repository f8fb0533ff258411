#include "sdk/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chat__session *
chat__session_new(const struct chat__session_environment *environment)
{
    struct chat__session *session = calloc(1, sizeof(*session));

    if (session == NULL)
        return NULL;
    session->environment = *environment;
    chat__outbox_init(&session->outbox);
    session->ping_ms = CHAT__PING_INTERVAL_MS;
    session->page_entries = CHAT__PAGE_ENTRIES_MAX;
    return session;
}

void chat__session_free(struct chat__session *session)
{
    if (session == NULL)
        return;
    chat__room_table_release(&session->rooms);
    free(session->invitations.list);
    chat__outbox_release(&session->outbox);
    explicit_bzero(&session->credentials, sizeof(session->credentials));
    free(session);
}

struct chat__credentials *
chat__session_credentials(struct chat__session *session)
{
    return &session->credentials;
}

void chat__session_set_agent(struct chat__session *session, const char *agent)
{
    snprintf(session->agent, sizeof(session->agent), "%s", agent);
}

void chat__session_keep_messages(struct chat__session *session)
{
    session->keeps_messages = true;
}

struct chat__outbox *chat__session_outbox(struct chat__session *session)
{
    return &session->outbox;
}

bool chat__session_take_changed(struct chat__session *session)
{
    bool changed = session->changed;

    session->changed = false;
    return changed;
}

bool chat__session_emit(struct chat__session *session, const chat_event *event)
{
    if (session->environment.emit(session->environment.context, event))
        return true;
    session->starved = true;
    return false;
}

uint64_t chat__session_random(struct chat__session *session, uint64_t maximum)
{
    uint64_t random = session->environment.random(session->environment.context);

    return random % (maximum + 1);
}

/* ---- phases ---- */

chat_state chat__session_state(const struct chat__session *session)
{
    switch (session->phase) {
    case CHAT__PHASE_IDLE:
        return CHAT_STATE_IDLE;
    case CHAT__PHASE_CONNECTING:
        return CHAT_STATE_CONNECTING;
    case CHAT__PHASE_SIGNING_IN:
        return session->announced ? CHAT_STATE_ONLINE : CHAT_STATE_CONNECTING;
    case CHAT__PHASE_ONLINE:
        return CHAT_STATE_ONLINE;
    case CHAT__PHASE_WAITING:
        return CHAT_STATE_WAITING;
    default:
        return CHAT_STATE_CLOSED;
    }
}

bool chat__session_is_open(const struct chat__session *session)
{
    return session->phase == CHAT__PHASE_SIGNING_IN ||
           session->phase == CHAT__PHASE_ONLINE;
}

bool chat__session_wants_transport(const struct chat__session *session)
{
    return session->phase == CHAT__PHASE_CONNECTING ||
           chat__session_is_open(session);
}

uint64_t chat__session_attempt(const struct chat__session *session)
{
    return session->attempt;
}

void chat__session_emit_state(struct chat__session *session, int error,
                              const char *detail, uint64_t retry_ms)
{
    bool online = chat__session_state(session) == CHAT_STATE_ONLINE;
    chat_event event = {.type = CHAT_EVENT_STATE};

    event.u.state = (chat_state_event){
        .state = chat__session_state(session),
        .error = error,
        .detail = detail,
        .retry_ms = retry_ms,
        .user_id = online ? session->user_id_text : NULL,
        .user_name = online ? session->user_name : NULL,
    };
    chat__session_emit(session, &event);
}

void chat__session_forget_requests(struct chat__session *session)
{
    chat__outbox_unsure(&session->outbox, 0);
    for (size_t i = 0; i < session->rooms.count; i++)
        chat__timeline_page_lost(&session->rooms.list[i]->timeline,
                                 session->now);
    memset(&session->ping, 0, sizeof(session->ping));
    memset(&session->notice, 0, sizeof(session->notice));
    session->hello_id = 0;
    session->hellos = 0;
    session->presence_due = session->presence != CHAT__PRESENCE_OFFLINE;
    chat__backoff_reset(&session->unsure);
}

/* Forgets what belonged to the connection that is gone. */
static void lose_connection(struct chat__session *session)
{
    chat__session_forget_requests(session);
    chat__session_forget_successor(session);
    session->announced = false;
    session->starved = false;
}

void chat__session_wait(struct chat__session *session, uint64_t wait_ms,
                        int error, const char *detail)
{
    char copy[CHAT__ERROR_MESSAGE_BYTES];

    snprintf(copy, sizeof(copy), "%s", detail);
    lose_connection(session);
    session->phase = CHAT__PHASE_WAITING;
    session->phase_due = session->now + wait_ms;
    chat__session_emit_state(session, error, copy, wait_ms);
}

/* A connection that held for a while clears the record of failures. */
static void note_stability(struct chat__session *session)
{
    if (session->announced &&
        session->now - session->online_since >= CHAT__STABLE_MS)
        chat__backoff_reset(&session->backoff);
}

void chat__session_drop(struct chat__session *session, int error,
                        const char *detail)
{
    uint64_t random;

    note_stability(session);
    random = session->environment.random(session->environment.context);
    chat__session_wait(session, chat__backoff_next(&session->backoff, random),
                       error, detail);
}

void chat__session_close(struct chat__session *session, int error,
                         const char *detail)
{
    char copy[CHAT__ERROR_MESSAGE_BYTES];
    struct chat__item *item;
    struct chat__item *next;

    snprintf(copy, sizeof(copy), "%s", detail);
    lose_connection(session);
    for (item = session->outbox.first; item != NULL; item = next) {
        next = item->next;
        if (session->keeps_messages && chat__item_is_message(item))
            continue;
        chat__session_emit_failed(
            session, item, error != CHAT_OK ? error : CHAT_ERROR_CANCELLED,
            copy);
        chat__outbox_remove(&session->outbox, item);
    }
    chat__session_wipe_password(session);
    session->phase = CHAT__PHASE_CLOSED;
    chat__session_emit_state(session, error, copy, 0);
}

void chat__session_connect(struct chat__session *session)
{
    session->attempt = ++session->last_attempt;
    session->phase = CHAT__PHASE_CONNECTING;
    session->phase_due = session->now + CHAT__CONNECT_TIMEOUT_MS;
    chat__session_emit_state(session, CHAT_OK, "", 0);
}

int chat__session_start(struct chat__session *session, uint64_t now)
{
    session->now = now;
    if (session->phase != CHAT__PHASE_IDLE &&
        session->phase != CHAT__PHASE_WAITING)
        return CHAT_ERROR_STATE;
    chat__session_connect(session);
    return CHAT_OK;
}

void chat__session_stop(struct chat__session *session, uint64_t now)
{
    session->now = now;
    if (session->phase != CHAT__PHASE_CLOSED)
        chat__session_close(session, CHAT_OK, "");
}

void chat__session_sign_in(struct chat__session *session)
{
    session->phase = CHAT__PHASE_SIGNING_IN;
    session->hello_id = 0;
    if (++session->hellos > CHAT__HELLOS_MAX)
        chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                           "the server asks for hello again and again");
}

void chat__session_connected(struct chat__session *session, uint64_t now)
{
    session->now = now;
    if (session->phase != CHAT__PHASE_CONNECTING)
        return;
    session->last_frame = now;
    session->opened = now;
    chat__session_sign_in(session);
}

/* ---- the end of a transport ---- */

/* The session says hello at once, so it was lost on the way: say it again. */
#define CLOSE_NO_HELLO 4502

static int error_of_close(unsigned code)
{
    switch (code) {
    case 4500:
    case 4503:
        return CHAT_ERROR_UNAUTHORIZED;
    case 4501:
        return CHAT_ERROR_BAD_REQUEST;
    case 4505:
        return CHAT_ERROR_VERSION;
    default:
        return CHAT_ERROR_SERVER;
    }
}

/* The server drains: come back soon, but not all at the same moment. */
static void leave_draining_server(struct chat__session *session,
                                  const char *detail)
{
    uint64_t wait = session->notice.retry_ms +
                    chat__session_random(session, CHAT__DRAIN_SPREAD_MS);

    if (wait > CHAT__BACKOFF_MAX_MS)
        wait = CHAT__BACKOFF_MAX_MS;
    chat__session_wait(session, wait, CHAT_ERROR_NETWORK, detail);
}

void chat__session_disconnected(struct chat__session *session,
                                const struct chat__disconnect *why,
                                uint64_t now)
{
    unsigned code =
        session->notice.code != 0 ? session->notice.code : why->close_code;
    const char *detail = session->notice.message[0] != '\0'
                             ? session->notice.message
                             : why->detail;

    session->now = now;
    if (!chat__session_wants_transport(session))
        return;
    if (code == 4500 && chat__session_logged_out(session))
        return;
    if (code == 4500 && chat__session_fall_back(session))
        chat__session_drop(session, CHAT_ERROR_UNAUTHORIZED, detail);
    else if (code >= 4500 && code <= 4999 && code != CLOSE_NO_HELLO)
        chat__session_close(session, error_of_close(code), detail);
    else if (chat__session_is_handing_over(session))
        chat__session_succeed(session);
    else if (code == 4001 && session->announced)
        leave_draining_server(session, detail);
    else
        chat__session_drop(
            session, why->error != CHAT_OK ? why->error : CHAT_ERROR_NETWORK,
            detail);
}

void chat__session_pause(struct chat__session *session, bool paused,
                         uint64_t now)
{
    session->now = now;
    if (session->paused && !paused) {
        session->grace = now + CHAT__REPLY_TIMEOUT_MS;
        session->last_frame = now;
    }
    session->paused = paused;
}

void chat__session_unsure(struct chat__session *session)
{
    const struct chat__item *password =
        chat__outbox_find_handed(&session->outbox, CHAT__ACTION_PASSWORD);
    uint64_t random = session->environment.random(session->environment.context);
    uint64_t wait = chat__backoff_next(&session->unsure, random);

    /* It has no key: whether it was done, the next sign-in tells. */
    if (password != NULL && password->in_flight) {
        chat__session_drop(session, CHAT_ERROR_TIMEOUT,
                           "no answer to a change of the password");
        return;
    }
    chat__outbox_unsure(&session->outbox, session->now + wait);
    for (size_t i = 0; i < session->rooms.count; i++) {
        struct chat__timeline *timeline = &session->rooms.list[i]->timeline;

        if (timeline->page_id != 0)
            chat__timeline_page_failed(timeline, wait, session->now);
    }
    if (session->ping.id != 0) {
        session->ping.id = 0;
        session->ping.due = session->now + wait;
    }
    if (session->phase == CHAT__PHASE_SIGNING_IN)
        chat__session_sign_in(session);
}
