/*
 * Users of whom another task says that something changed: they are read anew,
 * and what they are told here follows the store. What is said may be wrong, so
 * it costs little: one look at a time for a user, one more for all notices that
 * come meanwhile, and CHAT__RECALL_INTERVAL_MS between two; so many users at a
 * time.
 *
 * A user whose look is due is in the core's list of them, which has a
 * reference. Of one who is not here, but may be about to sign in, it is
 * remembered beside the sign-ins in flight.
 */
#ifndef CHAT_SERVER_CORE_RECALL_H
#define CHAT_SERVER_CORE_RECALL_H

#include "server/core/user.h"

#define CHAT__RECALL_INTERVAL_MS 100
#define CHAT__RECALLS_MAX        16

/* The connections of a user whose tokens one look checks. */
#define CHAT__RECALL_TOKENS_MAX 32

/* What there is to look at, as bits. */
enum chat__recall { CHAT__RECALL_ROOMS = 1, CHAT__RECALL_SESSIONS = 2 };

/* Somebody says so of the user with this id. */
void chat__recall_hear(struct chat__core *core, uint64_t user,
                       unsigned int what);

/* The user of sign-in `number` is there now: notices since then count. */
void chat__recall_signed_in(struct chat__user *user, uint64_t number);

/* Begins what is due. Returns the milliseconds until more is, INT64_MAX: none
 * waits for time. */
int64_t chat__recalls_follow(struct chat__core *core);
void chat__recalls_release(struct chat__core *core);

/* ---- for recall_rooms.c and recall_sessions.c ---- */

/* Each calls chat__recall_done in the end, before or after it returns. */
void chat__recall_rooms(struct chat__user *user);
void chat__recall_sessions(struct chat__user *user);

/* One look has ended; `again`: it did not see all. */
void chat__recall_done(struct chat__user *user, unsigned int again);

#endif
