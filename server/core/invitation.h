/*
 * The rooms that a user in memory is invited to and has not joined, by name,
 * at most CHAT__INVITES_MAX: the first ones, as hello tells them. Whoever has
 * more hears of a further one when the user has been out of memory.
 *
 * Owned by the user.
 */
#ifndef CHAT_SERVER_CORE_INVITATION_H
#define CHAT_SERVER_CORE_INVITATION_H

#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__invitation {
    uint64_t by;
    const char *by_name; /* behind `room` */
    char room[];
};

struct chat__invitations {
    struct chat__invitation **rows;
    size_t count;
    size_t capacity;
};

void chat__invitations_release(struct chat__invitations *invitations);

/* In the place of an older one to this room. False when memory is short. */
bool chat__invitations_add(struct chat__invitations *invitations,
                           const char *room, uint64_t by, const char *by_name);
void chat__invitations_drop(struct chat__invitations *invitations,
                            const char *room);

#endif
