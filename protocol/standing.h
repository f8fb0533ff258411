/*
 * How a user stands to a room, and what a user shows of being there. The
 * numbers of roles are kept in databases: they do not change.
 */
#ifndef CHAT_PROTOCOL_STANDING_H
#define CHAT_PROTOCOL_STANDING_H

#include <stdbool.h>

enum chat__role {
    CHAT__ROLE_NONE = 0,
    CHAT__ROLE_MEMBER = 1,
    CHAT__ROLE_MODERATOR = 2,
    CHAT__ROLE_OWNER = 3,
    /* no members */
    CHAT__ROLE_INVITED = 4,
    CHAT__ROLE_BANNED = 5
};

static inline bool chat__role_is_member(enum chat__role role)
{
    return role >= CHAT__ROLE_MEMBER && role <= CHAT__ROLE_OWNER;
}

enum chat__presence {
    CHAT__PRESENCE_OFFLINE,
    CHAT__PRESENCE_ONLINE,
    CHAT__PRESENCE_AWAY,
    CHAT__PRESENCE_DND
};

/*
 * The names on the wire: "member", "moderator", "owner", NULL for the other
 * roles; "offline", "online", "away", "dnd". The way back says false for a
 * name that this version does not know.
 */
const char *chat__role_name(enum chat__role role);
bool chat__role_from_name(const char *name, enum chat__role *role);
const char *chat__presence_name(enum chat__presence presence);
bool chat__presence_from_name(const char *name, enum chat__presence *presence);

#endif
