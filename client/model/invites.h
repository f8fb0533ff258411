/*
 * The rooms that the user is invited to, by name. At most
 * CHAT__INVITES_MAX, as a server tells at most; more are left out. Owned by
 * whoever initialised it, by zeroing.
 */
#ifndef CHAT_CLIENT_MODEL_INVITES_H
#define CHAT_CLIENT_MODEL_INVITES_H

#include "client/model/room_list.h"

#define CHAT__INVITES_MAX 100

struct chat__invite {
    char room[CHAT__ROOM_NAME_BYTES]; /* as the server knows it */
    struct chat__safe_text title;
    struct chat__safe_text by;
};

struct chat__invites {
    struct chat__invite list[CHAT__INVITES_MAX];
    size_t count;
};

void chat__invites_release(struct chat__invites *invites);

/* False: no memory, or too many. One that is there already is told anew. */
bool chat__invites_add(struct chat__invites *invites, const char *room,
                       const char *by);

/* True when there was one. */
bool chat__invites_remove(struct chat__invites *invites, const char *room);

/* The one of this room; without a name (NULL) the only one. NULL: none. */
const struct chat__invite *
chat__invites_find(const struct chat__invites *invites, const char *room);

#endif
