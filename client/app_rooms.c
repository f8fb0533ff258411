#include "client/app.h"

#define FIRST_PAGE 50

/* ---- entering ---- */

static bool enter(struct chat__app *app, const char *name, unsigned int flags)
{
    struct chat__room *known = chat__room_list_find(&app->rooms, name);
    int error;

    if (known != NULL) {
        chat__app_show(app, known);
        return true;
    }
    error = chat_join(app->client, name, flags, FIRST_PAGE, NULL);
    if (error == CHAT_ERROR_ARGUMENT) {
        chat__app_notice(app, "not the name of a room", name);
        return false;
    }
    if (!chat__app_check(app, name, error)) {
        return false;
    }
    if (app->connection.state != CHAT_STATE_ONLINE) {
        chat__app_notice(app, name, "entered once there is a connection");
    }
    return true;
}

bool chat__app_join(struct chat__app *app, const char *argument)
{
    return enter(app, argument, CHAT_JOIN_CREATE);
}

bool chat__app_private(struct chat__app *app, const char *argument)
{
    return enter(app, argument, CHAT_JOIN_CREATE | CHAT_JOIN_PRIVATE);
}

/* The invitation that is meant; NULL: none, and it has been said. */
static const struct chat__invite *find_invite(struct chat__app *app,
                                              const char *name)
{
    const struct chat__invite *invite = chat__invites_find(&app->invites, name);

    if (invite != NULL) {
        return invite;
    }
    if (name == NULL && app->invites.count > 1) {
        chat__app_notice(app, "there is more than one", "say which room");
    } else {
        chat__app_notice(app, "nobody invited you", name == NULL ? "" : name);
    }
    return NULL;
}

bool chat__app_accept_invite(struct chat__app *app, const char *argument)
{
    const struct chat__invite *invite = find_invite(app, argument);

    return invite != NULL && enter(app, invite->room, 0);
}

bool chat__app_decline(struct chat__app *app, const char *argument)
{
    const struct chat__invite *invite = find_invite(app, argument);

    return invite != NULL &&
           chat__app_check(app, invite->room,
                           chat_leave(app->client, invite->room, NULL));
}

/* ---- the others ---- */

bool chat__app_leave(struct chat__app *app, const char *argument)
{
    const struct chat__room *room =
        argument == NULL ? chat__room_list_focused(&app->rooms)
                         : chat__room_list_find(&app->rooms, argument);

    if (room == NULL) {
        chat__app_notice(app, "you are not in this room",
                         argument == NULL ? "" : argument);
        return false;
    }
    return chat__app_check(app, room->name,
                           chat_leave(app->client, room->name, NULL));
}

bool chat__app_rooms(struct chat__app *app, const char *argument)
{
    return chat__app_check(app, "no list",
                           chat_rooms(app->client, argument, NULL, NULL));
}

bool chat__app_switch(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_match(&app->rooms, argument);

    if (room == NULL) {
        chat__app_notice(app, "you are in no such room; try /join", argument);
        return false;
    }
    chat__app_show(app, room);
    return true;
}

bool chat__app_next(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_next_unread(&app->rooms);

    (void)argument;
    if (room == NULL) {
        chat__app_notice(app, "nothing unread elsewhere", "");
        return true;
    }
    chat__app_show(app, room);
    return true;
}
