/*
 * Who is there. A user shows what the newest `presence` request said, from the
 * first session on until CHAT__PRESENCE_OFFLINE_MS after the last connection
 * has gone. Changes gather in each room for CHAT__PRESENCE_GATHER_MS; then its
 * listeners get one event, which may be lost. Rooms of more than
 * CHAT__PRESENCE_ROOM_MAX members hear nothing.
 *
 * A room with changes has a stir in the core's list of them, in the order in
 * which they are due; a user without a connection, who is about to be offline,
 * is in the core's list `parting`. Both lists hold references.
 */
#ifndef CHAT_SERVER_CORE_PRESENCE_H
#define CHAT_SERVER_CORE_PRESENCE_H

#include "server/core/room.h"
#include "server/core/user.h"

struct chat__stirred {
    uint64_t id;
    bool own; /* this task tells those whom API Gateway holds */
};

/* What a room's listeners are to be told. */
struct chat__stir {
    struct chat__stir *next;
    struct chat__room *room; /* referenced */
    int64_t due_ms;          /* monotonic */
    struct chat__stirred users[CHAT__PRESENCE_ROOM_MAX];
    size_t count;
};

/* Of one who is here, or else at another task. */
enum chat__presence chat__user_presence(const struct chat__core *core,
                                        uint64_t id);

/* A session began. */
void chat__presence_arrive(struct chat__user *user);

/* A connection has gone, and is not among the user's any more. */
void chat__presence_part(struct chat__user *user);

/* What the user wants to show from now on. */
void chat__presence_set(struct chat__user *user, enum chat__presence presence);

/* The same, as another task was asked. */
void chat__presence_follow(struct chat__user *user,
                           enum chat__presence presence);

/* The room's listeners are to be told of the user; `own`: the change is this
 * task's, which tells those whom API Gateway holds as well. */
void chat__presence_note(struct chat__room *room, uint64_t user, bool own);

/* The user has become a member: those in the room learn that he is there. */
void chat__presence_enter(struct chat__user *user, struct chat__room *room);

/* Tells what is due. Returns when more is, INT64_MAX: nothing waits. */
int64_t chat__presence_tick(struct chat__core *core, int64_t now_ms);

/* Lets go of what waits. */
void chat__presence_release(struct chat__core *core);

#endif
