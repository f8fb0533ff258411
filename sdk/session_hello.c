#include "sdk/session_private.h"

#include <stdio.h>
#include <string.h>

static void take_user(struct chat__session *session,
                      const struct chat__hello_ok *ok)
{
    session->user_id = ok->user_id;
    snprintf(session->user_id_text, sizeof(session->user_id_text), "%llu",
             (unsigned long long)ok->user_id);
    snprintf(session->user_name, sizeof(session->user_name), "%s",
             ok->user_name);
    chat__session_settle_password(session);
    if (ok->token != NULL)
        chat__session_take_token(session, ok->token);
}

static void take_limits(struct chat__session *session,
                        const struct chat__hello_ok *ok)
{
    uint64_t page = ok->limits.page_entries;

    session->outbox.in_flight_max =
        ok->limits.in_flight > 0 ? ok->limits.in_flight : 1;
    session->page_entries = page > 0 && page < CHAT__PAGE_ENTRIES_MAX
                                ? page
                                : CHAT__PAGE_ENTRIES_MAX;
    session->ping_ms = ok->ping_ms;
    if (session->ping_ms < CHAT__PING_INTERVAL_MIN_MS)
        session->ping_ms = CHAT__PING_INTERVAL_MIN_MS;
    if (session->ping_ms > CHAT__PING_INTERVAL_MAX_MS)
        session->ping_ms = CHAT__PING_INTERVAL_MAX_MS;
}

static void take_ping(struct chat__session *session,
                      const struct chat__hello_ok *ok)
{
    memset(&session->ping, 0, sizeof(session->ping));
    session->ping.has_since = ok->now > 0;
    session->ping.since = ok->now > 0 ? (uint64_t)ok->now : 0;
    session->rooms_rev = ok->rooms_rev;
    chat__session_ping_plan(session);
}

/* A room that the program knows: does the log go on where it stands? */
static bool compare_room(struct chat__session *session, struct chat__room *room,
                         const struct chat__hello_room *theirs,
                         const chat_room_event *told)
{
    struct chat__timeline *timeline = &room->timeline;

    room->listed = true;
    chat__session_member_at(room, theirs->head);
    if (strcmp(timeline->epoch, theirs->epoch) != 0 ||
        (!theirs->resumed && theirs->head < room->resumed_from))
        return chat__session_reset(session, room, theirs->epoch, told);
    /* The entries up to the head of a resumed room follow by themselves. */
    if (!theirs->resumed)
        chat__timeline_learn_head(timeline, theirs->head, session->now);
    return chat__session_marker(session, room, theirs->read, theirs->unread,
                                theirs->mentions);
}

static bool take_room(struct chat__session *session,
                      const struct chat__hello_room *theirs)
{
    struct chat__room *room =
        chat__room_table_find(&session->rooms, theirs->room);
    chat_room_event told = {
        .change = CHAT_ROOM_JOINED,
        .head = theirs->head,
        .read = theirs->read,
        .unread = theirs->unread,
        .mentions = theirs->mentions,
    };

    if (room != NULL && room->joined)
        return compare_room(session, room, theirs, &told);
    return chat__session_found(session, theirs->room, theirs->epoch, &told);
}

/* Rooms that are not in the whole list are not ours any more. */
static bool forget_unlisted(struct chat__session *session, bool whole)
{
    for (size_t i = session->rooms.count; i-- > 0;) {
        struct chat__room *room = session->rooms.list[i];

        if (room->listed)
            continue;
        if (room->joined && !whole)
            continue;
        if (!room->joined && chat__session_is_joining(session, room->name))
            continue;
        if (!chat__session_left(session, room->name, 0, 0))
            return false;
    }
    return true;
}

static void take_rooms(struct chat__session *session,
                       const struct chat__hello_ok *ok)
{
    for (size_t i = 0; i < session->rooms.count; i++)
        session->rooms.list[i]->listed = false;
    for (size_t i = 0; i < ok->room_count; i++) {
        if (!take_room(session, &ok->rooms[i]))
            return;
    }
    if (forget_unlisted(session, !ok->more))
        chat__session_take_invites(session, ok);
}

static void accepted(struct chat__session *session,
                     const struct chat__hello_ok *ok)
{
    take_user(session, ok);
    take_limits(session, ok);
    take_ping(session, ok);
    session->phase = CHAT__PHASE_ONLINE;
    if (!session->announced) {
        session->announced = true;
        session->online_since = session->now;
        chat__session_emit_state(session, CHAT_OK, "", 0);
    }
    take_rooms(session, ok);
    chat__session_plan_by_age(session, ok->limits.connection_ms);
    chat__session_repeat_presence(session);
}

static void refused(struct chat__session *session,
                    const struct chat__error *error)
{
    int number = chat__session_error(error->code);
    bool unauthorized = error->code == CHAT__ERROR_UNAUTHORIZED;

    if (unauthorized && chat__session_logged_out(session))
        return;
    if (error->temporary) {
        uint64_t random =
            session->environment.random(session->environment.context);
        uint64_t wait = chat__backoff_next(&session->backoff, random);

        chat__session_wait(session, wait + error->retry_ms, number,
                           error->message);
    } else if (unauthorized && chat__session_fall_back(session)) {
        chat__session_sign_in(session);
    } else {
        chat__session_close(session, number, error->message);
    }
}

void chat__session_hello_reply(struct chat__session *session,
                               const struct chat__reply *reply)
{
    session->hello_id = 0;
    if (reply->ok)
        accepted(session, &reply->body.hello);
    else
        refused(session, &reply->error);
}
