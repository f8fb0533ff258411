#include "server/core/permission.h"

#include "server/core/action.h"
#include "server/core/lookup.h"
#include "server/core/user.h"

#include <string.h>

#define STANDS(role) (1u << CHAT__ROLE_##role)
#define ORDINARY                                                               \
    (STANDS(NONE) | STANDS(MEMBER) | STANDS(INVITED) | STANDS(BANNED))
#define BELOW_OWNER (ORDINARY | STANDS(MODERATOR))
#define EVERYBODY   (BELOW_OWNER | STANDS(OWNER))
#define NOT_BANNED  (EVERYBODY & ~STANDS(BANNED))

/* The table of docs/protocol.md; who is not in it may not. */
static const struct right {
    enum chat__action action;
    enum chat__role role;
    unsigned int others; /* to whom */
    bool public_only;
} rights[] = {
    {CHAT__ACTION_TOPIC, CHAT__ROLE_MODERATOR, EVERYBODY, false},
    {CHAT__ACTION_TOPIC, CHAT__ROLE_OWNER, EVERYBODY, false},
    {CHAT__ACTION_INVITE, CHAT__ROLE_MEMBER, NOT_BANNED, true},
    {CHAT__ACTION_INVITE, CHAT__ROLE_MODERATOR, NOT_BANNED, false},
    {CHAT__ACTION_INVITE, CHAT__ROLE_OWNER, NOT_BANNED, false},
    {CHAT__ACTION_KICK, CHAT__ROLE_MODERATOR, ORDINARY, false},
    {CHAT__ACTION_KICK, CHAT__ROLE_OWNER, BELOW_OWNER, false},
    {CHAT__ACTION_BAN, CHAT__ROLE_MODERATOR, ORDINARY, false},
    {CHAT__ACTION_BAN, CHAT__ROLE_OWNER, BELOW_OWNER, false},
    {CHAT__ACTION_ROLE, CHAT__ROLE_OWNER, EVERYBODY, false},
    {CHAT__ACTION_DELETE, CHAT__ROLE_MODERATOR, EVERYBODY, false},
    {CHAT__ACTION_DELETE, CHAT__ROLE_OWNER, EVERYBODY, false},
    {CHAT__ACTION_MEMBERS, CHAT__ROLE_MODERATOR, EVERYBODY, false},
    {CHAT__ACTION_MEMBERS, CHAT__ROLE_OWNER, EVERYBODY, false},
};

bool chat__room_hides(bool private_room, enum chat__role role)
{
    return private_room && !chat__role_is_member(role) &&
           role != CHAT__ROLE_INVITED;
}

bool chat__room_is_dm(const char *name)
{
    return strncmp(name, "dm.", 3) == 0;
}

/* To whom, as STANDS. */
static unsigned int others(enum chat__action action, bool private_room,
                           enum chat__role role)
{
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
        if (rights[i].action == action && rights[i].role == role)
            return rights[i].public_only && private_room ? 0 : rights[i].others;
    return 0;
}

bool chat__may(enum chat__action action, bool private_room,
               enum chat__role role)
{
    return others(action, private_room, role) != 0;
}

bool chat__may_to(enum chat__action action, bool private_room,
                  enum chat__role role, enum chat__role other)
{
    return (others(action, private_room, role) & (1u << other)) != 0;
}

/* ---- with their refusals ---- */

bool chat__permit_member(const struct chat__view *view,
                         struct chat__outcome *outcome)
{
    if (view->exists && chat__role_is_member(view->role))
        return true;
    if (!view->exists || chat__room_hides(view->private_room, view->role))
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such room");
    else
        chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                             "you are no member of this room: join it");
    return false;
}

static bool is_operators(const struct chat__operation *operation)
{
    enum chat__action action = operation->request.action;

    return operation->user->is_operator &&
           (action == CHAT__ACTION_KICK || action == CHAT__ACTION_BAN ||
            action == CHAT__ACTION_ROLE);
}

static bool permit_operator(const struct chat__operation *operation,
                            const struct chat__view *view,
                            struct chat__outcome *outcome)
{
    if (!view->exists)
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such room");
    else if (chat__room_is_dm(operation->room->name))
        chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                             "a room of two has no roles and no bans");
    else
        return true;
    return false;
}

bool chat__permit(const struct chat__operation *operation,
                  const struct chat__view *view, struct chat__outcome *outcome)
{
    if (is_operators(operation))
        return permit_operator(operation, view, outcome);
    if (!chat__permit_member(view, outcome))
        return false;
    if (!chat__room_is_dm(operation->room->name) &&
        chat__may(operation->request.action, view->private_room, view->role))
        return true;
    chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                         "your role in this room does not allow it");
    return false;
}

/* An owner may become less as long as there is another one. */
static bool is_giving_up(const struct chat__operation *operation,
                         const struct chat__view *view)
{
    return operation->request.action == CHAT__ACTION_ROLE && view->owners > 1;
}

bool chat__permit_about(const struct chat__operation *operation,
                        const struct chat__view *view,
                        struct chat__outcome *outcome)
{
    const struct chat__about_operation *about =
        CHAT__CONTAINER(operation, struct chat__about_operation, operation);
    enum chat__action action = operation->request.action;

    if (!chat__permit(operation, view, outcome))
        return false;
    if (chat__action_user(operation) == operation->user->id &&
        !is_giving_up(operation, view))
        chat__outcome_refuse(outcome, CHAT__ERROR_BAD_REQUEST,
                             "user: this cannot be done to oneself");
    else if (about->find.result == CHAT__STORE_NOT_FOUND)
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such user");
    else if (is_operators(operation))
        return true;
    else if (!chat__may_to(action, view->private_room, view->role, view->other))
        chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                             "your role does not allow it for this user");
    else
        return true;
    return false;
}
