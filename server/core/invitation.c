#include "server/core/invitation.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 4

void chat__invitations_release(struct chat__invitations *invitations)
{
    for (size_t i = 0; i < invitations->count; i++)
        free(invitations->rows[i]);
    free(invitations->rows);
    *invitations = (struct chat__invitations){0};
}

/* Where the room is or belongs. */
static size_t place_of(const struct chat__invitations *invitations,
                       const char *room)
{
    size_t at = 0;

    while (at < invitations->count &&
           strcmp(invitations->rows[at]->room, room) < 0)
        at++;
    return at;
}

static bool reserve(struct chat__invitations *invitations)
{
    size_t capacity =
        invitations->capacity == 0 ? CAPACITY_FIRST : invitations->capacity * 2;
    struct chat__invitation **larger;

    if (invitations->count < invitations->capacity)
        return true;
    larger = realloc(invitations->rows,
                     capacity * sizeof(struct chat__invitation *));
    if (larger == NULL)
        return false;
    invitations->rows = larger;
    invitations->capacity = capacity;
    return true;
}

static struct chat__invitation *new_invitation(const char *room, uint64_t by,
                                               const char *by_name)
{
    size_t room_size = strlen(room) + 1;
    size_t name_size = strlen(by_name) + 1;
    struct chat__invitation *invitation =
        malloc(sizeof(*invitation) + room_size + name_size);

    if (invitation == NULL)
        return NULL;
    invitation->by = by;
    memcpy(invitation->room, room, room_size);
    memcpy(invitation->room + room_size, by_name, name_size);
    invitation->by_name = invitation->room + room_size;
    return invitation;
}

bool chat__invitations_add(struct chat__invitations *invitations,
                           const char *room, uint64_t by, const char *by_name)
{
    struct chat__invitation *invitation;
    size_t at;

    chat__invitations_drop(invitations, room);
    at = place_of(invitations, room);
    if (at == CHAT__INVITES_MAX)
        return true;
    if (invitations->count == CHAT__INVITES_MAX)
        free(invitations->rows[--invitations->count]);
    if (!reserve(invitations))
        return false;
    invitation = new_invitation(room, by, by_name);
    if (invitation == NULL)
        return false;
    memmove(&invitations->rows[at + 1], &invitations->rows[at],
            (invitations->count - at) * sizeof(struct chat__invitation *));
    invitations->rows[at] = invitation;
    invitations->count++;
    return true;
}

void chat__invitations_drop(struct chat__invitations *invitations,
                            const char *room)
{
    size_t at = place_of(invitations, room);

    if (at == invitations->count ||
        strcmp(invitations->rows[at]->room, room) != 0)
        return;
    free(invitations->rows[at]);
    invitations->count--;
    memmove(&invitations->rows[at], &invitations->rows[at + 1],
            (invitations->count - at) * sizeof(struct chat__invitation *));
}
