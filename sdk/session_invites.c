#include "sdk/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct chat__invitation *find(const struct chat__session *session,
                                     const char *room)
{
    const struct chat__invitations *invitations = &session->invitations;

    for (size_t i = 0; i < invitations->count; i++) {
        if (strcmp(invitations->list[i].room, room) == 0)
            return &invitations->list[i];
    }
    return NULL;
}

/* A new one at the end; NULL, and starved, when there is no memory. */
static struct chat__invitation *reserve(struct chat__session *session)
{
    struct chat__invitations *invitations = &session->invitations;
    size_t capacity = invitations->capacity > 0 ? invitations->capacity * 2 : 8;
    struct chat__invitation *list = invitations->list;

    if (invitations->count == invitations->capacity) {
        list = realloc(list, capacity * sizeof(*list));
        if (list == NULL) {
            session->starved = true;
            return NULL;
        }
        invitations->list = list;
        invitations->capacity = capacity;
    }
    return &list[invitations->count];
}

static bool tell(struct chat__session *session, const char *room,
                 chat_room_change change, const struct chat__person *by)
{
    char digits[CHAT__USER_ID_SIZE];
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = room};

    event.u.room.change = change;
    event.u.room.by = chat__public_person(by, digits);
    return chat__session_emit(session, &event);
}

bool chat__session_invited(struct chat__session *session, const char *room,
                           const struct chat__person *by)
{
    struct chat__invitation *invitation = find(session, room);

    if (invitation == NULL &&
        session->invitations.count >= CHAT__INVITATIONS_MAX)
        return true;
    if (invitation == NULL) {
        invitation = reserve(session);
        if (invitation == NULL || !tell(session, room, CHAT_ROOM_INVITED, by))
            return false;
        snprintf(invitation->room, sizeof(invitation->room), "%s", room);
        session->invitations.count++;
    }
    invitation->listed = true;
    return true;
}

static void forget(struct chat__session *session,
                   struct chat__invitation *invitation)
{
    struct chat__invitations *invitations = &session->invitations;

    *invitation = invitations->list[--invitations->count];
}

bool chat__session_uninvited(struct chat__session *session, const char *room,
                             chat_room_change change,
                             const struct chat__person *by)
{
    struct chat__invitation *invitation = find(session, room);

    if (invitation == NULL)
        return true;
    if (!tell(session, room, change, by))
        return false;
    forget(session, invitation);
    return true;
}

void chat__session_forget_invitation(struct chat__session *session,
                                     const char *room)
{
    struct chat__invitation *invitation = find(session, room);

    if (invitation != NULL)
        forget(session, invitation);
}

/* Those of the list's range that it does not hold are gone. */
static void forget_unlisted(struct chat__session *session,
                            const char *last_listed)
{
    static const struct chat__person nobody;
    struct chat__invitations *invitations = &session->invitations;

    for (size_t i = invitations->count; i-- > 0;) {
        char room[CHAT__ROOM_NAME_BYTES_MAX + 1];

        if (invitations->list[i].listed ||
            (last_listed != NULL &&
             strcmp(invitations->list[i].room, last_listed) > 0))
            continue;
        snprintf(room, sizeof(room), "%s", invitations->list[i].room);
        if (!chat__session_uninvited(session, room, CHAT_ROOM_LEFT, &nobody))
            return;
    }
}

/* {"room":"","by":{"id":"","name":""}}, and the comma; escapes are two bytes.
 */
#define INVITE_FRAME_BYTES 40
#define INVITE_BYTES_MAX                                                       \
    (INVITE_FRAME_BYTES + CHAT__ROOM_NAME_BYTES_MAX +                          \
     CHAT__USER_ID_BYTES_MAX + 2 * CHAT__USER_NAME_BYTES_MAX)

/* The list ends at a count and at a size: may there be more behind it? */
static bool may_be_cut(const struct chat__hello_ok *ok)
{
    size_t bytes = 0;

    for (size_t i = 0; i < ok->invite_count; i++)
        bytes += INVITE_FRAME_BYTES + strlen(ok->invites[i].room) +
                 CHAT__USER_ID_BYTES_MAX + 2 * strlen(ok->invites[i].by.name);
    return ok->invite_count >= CHAT__INVITES_MAX ||
           bytes + INVITE_BYTES_MAX > CHAT__INVITES_BYTES_MAX;
}

void chat__session_take_invites(struct chat__session *session,
                                const struct chat__hello_ok *ok)
{
    struct chat__invitations *invitations = &session->invitations;

    for (size_t i = 0; i < invitations->count; i++)
        invitations->list[i].listed = false;
    for (size_t i = 0; i < ok->invite_count; i++) {
        if (!chat__session_invited(session, ok->invites[i].room,
                                   &ok->invites[i].by))
            return;
    }
    forget_unlisted(session, may_be_cut(ok)
                                 ? ok->invites[ok->invite_count - 1].room
                                 : NULL);
}
