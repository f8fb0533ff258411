/*
 * How users stand to a room: a set of (user, role) by user, in one array with
 * linear probing. User 0 is nobody and marks a free slot. Who is invited or
 * banned is in the set, but no member. CHAT__ROLE_NONE is a value like another,
 * so that the set also serves to remember who has left.
 */
#ifndef CHAT_SERVER_CORE_MEMBERS_H
#define CHAT_SERVER_CORE_MEMBERS_H

#include "server/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__members {
    struct chat__store_standing *slots;
    size_t size; /* 0 or a power of two, never full */
    size_t count;
    size_t member_count; /* of these, by chat__role_is_member */
    size_t owner_count;
};

void chat__members_release(struct chat__members *members);

/* After this, `more` sets of new users cannot fail. */
bool chat__members_reserve(struct chat__members *members, size_t more);

/* False when memory is short; never for a user who is in the set. */
bool chat__members_set(struct chat__members *members, uint64_t user,
                       enum chat__role role);
void chat__members_drop(struct chat__members *members, uint64_t user);

/* CHAT__ROLE_NONE for one who is not in the set. */
enum chat__role chat__members_role(const struct chat__members *members,
                                   uint64_t user);

/* NULL when the user is not in the set. */
const struct chat__store_standing *
chat__members_find(const struct chat__members *members, uint64_t user);

#endif
