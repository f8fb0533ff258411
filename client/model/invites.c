#include "client/model/invites.h"

#include <stdio.h>
#include <string.h>

static void release(struct chat__invite *invite)
{
    chat__safe_text_release(&invite->title);
    chat__safe_text_release(&invite->by);
}

void chat__invites_release(struct chat__invites *invites)
{
    while (invites->count > 0) {
        release(&invites->list[--invites->count]);
    }
}

static size_t place_of(const struct chat__invites *invites, const char *room)
{
    size_t place = 0;

    while (place < invites->count &&
           strcmp(invites->list[place].room, room) < 0) {
        place++;
    }
    return place;
}

static bool is_at(const struct chat__invites *invites, size_t place,
                  const char *room)
{
    return place < invites->count &&
           strcmp(invites->list[place].room, room) == 0;
}

bool chat__invites_add(struct chat__invites *invites, const char *room,
                       const char *by)
{
    struct chat__invite invite = {.room = ""};
    size_t place;

    chat__invites_remove(invites, room);
    if (invites->count == CHAT__INVITES_MAX ||
        strlen(room) >= sizeof(invite.room) ||
        !chat__safe_text_init(&invite.title, room, CHAT__SAFE_LINE)) {
        return false;
    }
    if (!chat__safe_text_init(&invite.by, by, CHAT__SAFE_LINE)) {
        release(&invite);
        return false;
    }
    snprintf(invite.room, sizeof(invite.room), "%s", room);
    place = place_of(invites, room);
    memmove(invites->list + place + 1, invites->list + place,
            (invites->count - place) * sizeof(invite));
    invites->list[place] = invite;
    invites->count++;
    return true;
}

bool chat__invites_remove(struct chat__invites *invites, const char *room)
{
    size_t place = place_of(invites, room);

    if (!is_at(invites, place, room)) {
        return false;
    }
    release(&invites->list[place]);
    invites->count--;
    memmove(invites->list + place, invites->list + place + 1,
            (invites->count - place) * sizeof(invites->list[0]));
    return true;
}

const struct chat__invite *
chat__invites_find(const struct chat__invites *invites, const char *room)
{
    size_t place;

    if (room == NULL) {
        return invites->count == 1 ? &invites->list[0] : NULL;
    }
    place = place_of(invites, room);
    return is_at(invites, place, room) ? &invites->list[place] : NULL;
}
