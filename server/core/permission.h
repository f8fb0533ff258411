/*
 * Who may do what in a room: the one place of the rules of docs/protocol.md,
 * "topic, invite, kick, ban, role", and of what a room shows to outsiders.
 *
 * The operator's account (admin.h) need be no member, and may kick, ban and
 * appoint anybody in every room but those of two.
 */
#ifndef CHAT_SERVER_CORE_PERMISSION_H
#define CHAT_SERVER_CORE_PERMISSION_H

#include "server/core/append.h"

/* True when the room is not there for one who stands to it like this. */
bool chat__room_hides(bool private_room, enum chat__role role);

/* Rooms of two: `dm.<lower id>.<higher id>`. */
bool chat__room_is_dm(const char *name);

/*
 * May one with `role` do this at all? TOPIC, INVITE, KICK, BAN, ROLE; DELETE:
 * of what others wrote; MEMBERS: of lists other than the members'.
 */
bool chat__may(enum chat__action action, bool private_room,
               enum chat__role role);

/* ... to one who stands to the room as `other`? */
bool chat__may_to(enum chat__action action, bool private_room,
                  enum chat__role role, enum chat__role other);

/* Each refuses and says false for one who may not. */
bool chat__permit_member(const struct chat__view *view,
                         struct chat__outcome *outcome);
/* One of the five. */
bool chat__permit(const struct chat__operation *operation,
                  const struct chat__view *view, struct chat__outcome *outcome);
/* One of those about a user. */
bool chat__permit_about(const struct chat__operation *operation,
                        const struct chat__view *view,
                        struct chat__outcome *outcome);

#endif
