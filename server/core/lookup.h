/*
 * What an operation has to know from the store before its room can judge it:
 * the message that it is about (edit, delete, react), or the user (dm, invite,
 * kick, ban, role).
 *
 * Meanwhile it is in room->looking. It goes on to room->waiting when its
 * answer and those of all before it there have come; a later operation of the
 * same user in this room lines up behind it, so that requests of one user
 * about one room come to the log in the order in which they were made.
 *
 * A user's name and existence never change. A message does: the operation
 * remembers the room's head at which it asked, and room->deletions has what
 * was deleted since. Who wrote it never changes. Its edits and reactions do,
 * and they are not counted anew: their limits may be passed by as many as were
 * in flight at once.
 */
#ifndef CHAT_SERVER_CORE_LOOKUP_H
#define CHAT_SERVER_CORE_LOOKUP_H

#include "server/core/append.h"

/* An operation about a user: its row has user_at. */
struct chat__about_operation {
    struct chat__operation operation;
    struct chat__store_find_user find;
};

/* An operation about a message: its row has ref_at. */
struct chat__target_operation {
    struct chat__operation operation;
    struct chat__store_find_message find;
    uint64_t head; /* the room's when the store was asked */
};

/* Begins, and lets the operation wait for its room's append. */
void chat__about_start(struct chat__operation *operation);
void chat__target_start(struct chat__operation *operation);

/* Passes on those whose answers have come, and composes the next batch. */
void chat__look_up_advance(struct chat__room *room);

/* True when what was deleted since it looked is not known any more. */
bool chat__target_is_stale(const struct chat__operation *operation);

/* All that wait, in their order; the stale ones among them ask again. */
void chat__look_up_again(struct chat__room *room);

#endif
