#include "protocol/standing.h"

#include <stddef.h>
#include <string.h>

#define LENGTH_OF(list) (sizeof(list) / sizeof(*(list)))

static const char *const role_names[] = {
    [CHAT__ROLE_NONE] = NULL,
    [CHAT__ROLE_MEMBER] = "member",
    [CHAT__ROLE_MODERATOR] = "moderator",
    [CHAT__ROLE_OWNER] = "owner",
    [CHAT__ROLE_INVITED] = NULL,
    [CHAT__ROLE_BANNED] = NULL,
};

static const char *const presence_names[] = {
    [CHAT__PRESENCE_OFFLINE] = "offline",
    [CHAT__PRESENCE_ONLINE] = "online",
    [CHAT__PRESENCE_AWAY] = "away",
    [CHAT__PRESENCE_DND] = "dnd",
};

/* The index of a name, `count` when there is none. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    size_t at = 0;

    while (at < count && (names[at] == NULL || strcmp(names[at], name) != 0))
        at++;
    return at;
}

const char *chat__role_name(enum chat__role role)
{
    return role_names[role];
}

bool chat__role_from_name(const char *name, enum chat__role *role)
{
    size_t at = find(role_names, LENGTH_OF(role_names), name);

    if (at < LENGTH_OF(role_names))
        *role = (enum chat__role)at;
    return at < LENGTH_OF(role_names);
}

const char *chat__presence_name(enum chat__presence presence)
{
    return presence_names[presence];
}

bool chat__presence_from_name(const char *name, enum chat__presence *presence)
{
    size_t at = find(presence_names, LENGTH_OF(presence_names), name);

    if (at < LENGTH_OF(presence_names))
        *presence = (enum chat__presence)at;
    return at < LENGTH_OF(presence_names);
}
