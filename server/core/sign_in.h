/*
 * Sign-ins that the store works on. What one brings may be older than what
 * was committed meanwhile:
 *   a user who is in memory follows every commit, and is taken from there; so
 *   one without references stays in memory until the sign-ins that were in
 *   flight at that time have returned (user.c);
 *   of users who are not in memory it is remembered that something changed
 *   while a sign-in was in flight. A sign-in of one of them asks again;
 *   so does one that was in flight when tokens of its user ended, for its
 *   token may be one of them.
 */
#ifndef CHAT_SERVER_CORE_SIGN_IN_H
#define CHAT_SERVER_CORE_SIGN_IN_H

#include "server/core/state.h"

struct chat__sign_in {
    struct chat__sign_in *previous;
    struct chat__sign_in *next;
    uint64_t number;
    uint64_t changes; /* of core->changed_count when it began */
};

void chat__sign_in_begin(struct chat__core *core, struct chat__sign_in *entry);
void chat__sign_in_end(struct chat__core *core, struct chat__sign_in *entry);

/* The standing or the mentions of a user who is not in memory changed. */
void chat__sign_in_changed(struct chat__core *core, uint64_t user);

/* True when what the sign-in says about this user may be old. */
bool chat__sign_in_is_old(const struct chat__core *core,
                          const struct chat__sign_in *entry, uint64_t user);

#endif
