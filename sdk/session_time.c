#include "sdk/session_private.h"

static uint64_t silence_limit(const struct chat__session *session)
{
    return session->last_frame + session->ping_ms + CHAT__REPLY_TIMEOUT_MS;
}

uint64_t chat__session_oldest_request(const struct chat__session *session)
{
    uint64_t oldest = chat__outbox_oldest(&session->outbox);

    if (session->hello_id != 0 && session->hello_sent < oldest)
        oldest = session->hello_sent;
    if (session->ping.id != 0 && session->ping.sent < oldest)
        oldest = session->ping.sent;
    for (size_t i = 0; i < session->rooms.count; i++) {
        const struct chat__timeline *timeline =
            &session->rooms.list[i]->timeline;

        if (timeline->page_id != 0 && timeline->page_sent < oldest)
            oldest = timeline->page_sent;
    }
    return oldest;
}

static void check_answers(struct chat__session *session)
{
    uint64_t oldest = chat__session_oldest_request(session);

    if (session->hello_id != 0 &&
        session->hello_sent + CHAT__REPLY_TIMEOUT_MS <= session->now)
        chat__session_drop(session, CHAT_ERROR_TIMEOUT, "no answer to hello");
    else if (silence_limit(session) <= session->now)
        chat__session_drop(session, CHAT_ERROR_TIMEOUT, "the server is silent");
    else if (oldest != UINT64_MAX &&
             oldest + CHAT__REPLY_TIMEOUT_MS <= session->now)
        chat__session_unsure(session);
}

void chat__session_tick(struct chat__session *session, uint64_t now)
{
    session->now = now;
    if (session->phase == CHAT__PHASE_WAITING && session->phase_due <= now)
        chat__session_connect(session);
    else if (session->phase == CHAT__PHASE_CONNECTING &&
             session->phase_due <= now)
        chat__session_drop(session, CHAT_ERROR_TIMEOUT,
                           "no connection in time");
    else if (chat__session_is_open(session) && !session->paused &&
             session->grace <= now)
        check_answers(session);
    if (chat__session_is_open(session))
        chat__session_tick_successor(session);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When something may go out that cannot go now. */
static uint64_t sending_due(const struct chat__session *session, uint64_t now)
{
    uint64_t due = chat__outbox_deadline(&session->outbox, now);

    if (session->ping.id == 0 && session->ping.due > now)
        due = sooner(due, session->ping.due);
    for (size_t i = 0; i < session->rooms.count; i++) {
        uint64_t page =
            chat__timeline_deadline(&session->rooms.list[i]->timeline);

        if (page > now)
            due = sooner(due, page);
    }
    return due;
}

/* When check_answers may find something. */
static uint64_t checking_due(const struct chat__session *session)
{
    uint64_t due = silence_limit(session);
    uint64_t oldest = chat__session_oldest_request(session);

    if (session->paused)
        return UINT64_MAX;
    if (oldest != UINT64_MAX)
        due = sooner(due, oldest + CHAT__REPLY_TIMEOUT_MS);
    return due > session->grace ? due : session->grace;
}

uint64_t chat__session_deadline(const struct chat__session *session,
                                uint64_t now)
{
    uint64_t due;

    if (session->phase == CHAT__PHASE_WAITING ||
        session->phase == CHAT__PHASE_CONNECTING)
        return session->phase_due;
    if (!chat__session_is_open(session))
        return UINT64_MAX;
    due = sooner(checking_due(session),
                 chat__session_successor_deadline(session, now));
    if (session->phase == CHAT__PHASE_ONLINE)
        due = sooner(due, sending_due(session, now));
    return due;
}
