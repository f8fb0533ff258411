#include "sdk/session_private.h"

#include <stdio.h>
#include <string.h>

void chat__session_ping_plan(struct chat__session *session)
{
    uint64_t tenth = session->ping_ms / 10;

    session->ping.due = session->now + session->ping_ms - tenth +
                        chat__session_random(session, 2 * tenth);
}

void chat__session_ping_all(struct chat__session *session)
{
    struct chat__ping_round *ping = &session->ping;

    if (ping->full)
        return;
    ping->id = 0;
    ping->full = true;
    ping->wanted = true;
    ping->now = 0;
    ping->after[0] = '\0';
    for (size_t i = 0; i < session->rooms.count; i++)
        session->rooms.list[i]->listed = false;
}

static bool take_head(struct chat__session *session,
                      const struct chat__head *theirs)
{
    struct chat__room *room =
        chat__room_table_find(&session->rooms, theirs->room);
    chat_room_event told = {
        .change = CHAT_ROOM_JOINED,
        .head = theirs->head,
    };

    if (room == NULL || !room->joined) {
        if (!session->ping.full ||
            chat__session_is_joining(session, theirs->room) ||
            chat__outbox_has(&session->outbox, CHAT__ACTION_LEAVE,
                             theirs->room))
            return true;
        return chat__session_found(session, theirs->room, theirs->epoch, &told);
    }
    room->listed = true;
    chat__session_member_at(room, theirs->head);
    if (strcmp(room->timeline.epoch, theirs->epoch) != 0)
        return chat__session_reset_to(session, room, theirs->epoch,
                                      theirs->head);
    /* A head below ours was read before what came to us meanwhile. */
    chat__timeline_learn_head(&room->timeline, theirs->head, session->now);
    return true;
}

static bool forget_unlisted(struct chat__session *session)
{
    for (size_t i = session->rooms.count; i-- > 0;) {
        struct chat__room *room = session->rooms.list[i];

        if (!room->joined || room->listed)
            continue;
        if (!chat__session_left(session, room->name, 0, 0))
            return false;
    }
    return true;
}

static void end_round(struct chat__session *session)
{
    struct chat__ping_round *ping = &session->ping;
    bool full = ping->full;

    if (full && !forget_unlisted(session))
        return;
    ping->full = false;
    ping->rounds++;
    ping->has_since = true;
    ping->since = ping->now;
    ping->now = 0;
    ping->after[0] = '\0';
    chat__session_ping_plan(session);
    if (!full && ping->rooms_rev != session->rooms_rev)
        chat__session_ping_all(session);
    session->rooms_rev = ping->rooms_rev;
}

static void take_heads(struct chat__session *session,
                       const struct chat__ping_ok *ok)
{
    struct chat__ping_round *ping = &session->ping;

    /* What changes between two pages is the next round's to find. */
    if (ping->after[0] == '\0') {
        ping->now = ok->now > 0 ? (uint64_t)ok->now : 0;
        ping->rooms_rev = ok->rooms_rev;
    }
    for (size_t i = 0; i < ok->head_count; i++) {
        if (!take_head(session, &ok->heads[i]))
            return;
    }
    if (!ok->more || ok->after == NULL) {
        end_round(session);
        return;
    }
    snprintf(ping->after, sizeof(ping->after), "%s", ok->after);
    ping->wanted = true;
}

void chat__session_ping_reply(struct chat__session *session,
                              const struct chat__reply *reply)
{
    struct chat__ping_round *ping = &session->ping;

    ping->id = 0;
    if (reply->ok) {
        take_heads(session, &reply->body.ping);
        return;
    }
    ping->after[0] = '\0';
    ping->now = 0;
    chat__session_ping_plan(session);
    if (reply->error.temporary && reply->error.retry_ms > 0)
        ping->due = session->now + reply->error.retry_ms;
}
