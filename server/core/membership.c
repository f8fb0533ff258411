/* What a user in memory is a member of, is invited to, has read. */
#include "server/core/user.h"

#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/presence.h"
#include "server/core/subscription.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERSHIPS_FIRST 1

struct chat__membership *chat__user_membership(const struct chat__user *user,
                                               const struct chat__room *room)
{
    for (uint32_t i = 0; i < user->membership_count; i++)
        if (user->memberships[i].room == room)
            return &user->memberships[i];
    return NULL;
}

bool chat__user_reserve(struct chat__user *user)
{
    uint32_t need = user->membership_count + user->joining + 1;
    uint32_t capacity = user->membership_capacity;
    struct chat__membership *larger;

    if (need <= capacity)
        return true;
    if (capacity == 0)
        capacity = MEMBERSHIPS_FIRST;
    while (capacity < need)
        capacity *= 2;
    larger = realloc(user->memberships, capacity * sizeof(*larger));
    if (larger == NULL)
        return false;
    user->memberships = larger;
    user->membership_capacity = capacity;
    return true;
}

uint64_t chat__membership_unread(const struct chat__membership *membership)
{
    uint64_t n = membership->room->n;

    return n > membership->read_n ? n - membership->read_n : 0;
}

void chat__membership_tell(struct chat__connection *connection,
                           const struct chat__membership *membership)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_MEMBERSHIP,
        .room = membership->room->name,
        .epoch = membership->room->epoch,
        .head = membership->room->head,
        .state = CHAT__MEMBERSHIP_JOINED,
        .read = membership->read,
        .unread = chat__membership_unread(membership),
        .mentions_unread = membership->mentions,
    };

    chat__tell(connection, &event);
}

/* NULL when memory is short. */
static struct chat__membership *add_membership(struct chat__user *user,
                                               struct chat__room *room)
{
    struct chat__membership *membership;

    if (!chat__user_reserve(user))
        return NULL;
    membership = &user->memberships[user->membership_count++];
    *membership = (struct chat__membership){
        .room = room, .read = room->head, .read_n = room->n};
    chat__room_hold(room);
    return membership;
}

/* A subscription that is to end is of an earlier membership. */
static bool is_listening(const struct chat__connection *connection,
                         const struct chat__room *room)
{
    const struct chat__subscription *subscription =
        chat__subscription_find(connection, room);

    return subscription != NULL && subscription->until == UINT64_MAX &&
           subscription->parting == 0;
}

void chat__user_joined(struct chat__user *user, struct chat__room *room,
                       struct chat__connection *requester)
{
    struct chat__membership *membership = chat__user_membership(user, room);
    struct chat__connection *connection;

    user->changed = user->core->sign_in_number;
    /* A sign-in may have seen the entry before it was known here. */
    if (membership == NULL)
        membership = add_membership(user, room);
    if (membership == NULL) {
        chat__user_forget(user);
        return;
    }
    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        if (!connection->ready || connection->closing ||
            chat__connection_is_relayed(connection) ||
            is_listening(connection, room))
            continue;
        if (connection != requester)
            chat__membership_tell(connection, membership);
        chat__subscribe(connection, room, room->head + 1,
                        connection == requester);
    }
    chat__presence_enter(user, room);
}

struct chat__event chat__membership_begun(const struct chat__room *room)
{
    return (struct chat__event){
        .kind = CHAT__EVENT_MEMBERSHIP,
        .room = room->name,
        .epoch = room->epoch,
        .head = room->head,
        .state = CHAT__MEMBERSHIP_JOINED,
        .read = room->head,
    };
}

struct chat__event chat__membership_invited(const struct chat__room *room,
                                            uint64_t by, const char *by_name)
{
    return (struct chat__event){
        .kind = CHAT__EVENT_MEMBERSHIP,
        .room = room->name,
        .epoch = room->epoch,
        .head = room->head,
        .state = CHAT__MEMBERSHIP_INVITED,
        .by = {.id = by, .name = by_name},
    };
}

struct chat__event chat__membership_ended(const struct chat__room *room,
                                          const struct chat__user *by)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_MEMBERSHIP,
        .room = room->name,
        .epoch = room->epoch,
        .head = room->head,
        .state = CHAT__MEMBERSHIP_LEFT,
    };

    if (by != NULL) {
        event.state = CHAT__MEMBERSHIP_REMOVED;
        event.by = (struct chat__person){.id = by->id, .name = by->name};
    }
    return event;
}

void chat__membership_tell_end(struct chat__connection *connection,
                               const struct chat__room *room, uint64_t head,
                               const struct chat__user *by)
{
    struct chat__event event = chat__membership_ended(room, by);

    event.head = head;
    chat__tell(connection, &event);
}

static void remove_membership(struct chat__user *user,
                              const struct chat__room *room)
{
    struct chat__membership *membership = chat__user_membership(user, room);
    uint32_t last = user->membership_count - 1;

    if (membership == NULL)
        return;
    user->changed = user->core->sign_in_number;
    chat__room_release(membership->room);
    *membership = user->memberships[last];
    user->membership_count = last;
}

/* ---- invitations ---- */

static void tell_invited(struct chat__connection *connection,
                         const struct chat__room *room, uint64_t by,
                         const char *by_name)
{
    struct chat__event event = chat__membership_invited(room, by, by_name);

    chat__tell(connection, &event);
}

static void invite(struct chat__user *user, struct chat__room *room,
                   const struct chat__user *by)
{
    struct chat__connection *connection;

    if (!chat__invitations_add(&user->invitations, room->name, by->id,
                               by->name)) {
        chat__user_forget(user);
        return;
    }
    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        struct chat__subscription *ending =
            chat__subscription_find(connection, room);

        if (!connection->ready || chat__connection_is_relayed(connection))
            continue;
        /* The end of an earlier membership is not told behind this. */
        if (ending != NULL)
            chat__subscription_drop(ending);
        tell_invited(connection, room, by->id, by->name);
    }
}

/* Declined, or taken back. */
static void uninvite(struct chat__user *user, struct chat__room *room,
                     const struct chat__user *by,
                     const struct chat__connection *requester)
{
    struct chat__connection *connection;

    for (connection = user->connections; connection != NULL;
         connection = connection->next)
        if (connection->ready && connection != requester &&
            !chat__connection_is_relayed(connection))
            chat__membership_tell_end(connection, room, room->head, by);
}

static const struct chat__invitation *
find_invitation(const struct chat__user *user, const struct chat__room *room)
{
    for (size_t i = 0; i < user->invitations.count; i++)
        if (strcmp(user->invitations.rows[i]->room, room->name) == 0)
            return user->invitations.rows[i];
    return NULL;
}

void chat__user_tell_invitation(struct chat__user *user,
                                struct chat__room *room)
{
    const struct chat__invitation *invitation = find_invitation(user, room);
    struct chat__connection *connection;

    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        if (!connection->ready || connection->closing ||
            chat__connection_is_relayed(connection) ||
            chat__subscription_find(connection, room) != NULL)
            continue;
        if (invitation == NULL)
            chat__membership_tell_end(connection, room, room->head, NULL);
        else
            tell_invited(connection, room, invitation->by, invitation->by_name);
    }
}

/* ---- the end of a membership ---- */

/* The entry at the head ends it; `by` is NULL for one's own leave. */
static void leave(struct chat__user *user, struct chat__room *room,
                  struct chat__user *by, struct chat__connection *requester)
{
    struct chat__connection *connection;

    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        if (subscription != NULL)
            chat__subscription_finish(subscription, room->head,
                                      connection != requester, by);
    }
    remove_membership(user, room);
}

void chat__user_parts(struct chat__user *user, struct chat__room *room,
                      uint64_t from)
{
    struct chat__connection *connection = user->connections;

    remove_membership(user, room);
    while (connection != NULL) {
        struct chat__connection *next = connection->next;
        struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        if (subscription != NULL)
            chat__subscription_part(subscription, from);
        connection = next;
    }
}

/* The room knows nothing yet of the entry that ended the membership. */
static bool is_behind(const struct chat__room *room,
                      const struct chat__user *user)
{
    return (room->state == CHAT__ROOM_READY ||
            room->state == CHAT__ROOM_LOADING) &&
           chat__role_is_member(chat__room_role(room, user->id));
}

void chat__user_gone(struct chat__user *user, struct chat__room *room)
{
    struct chat__connection *connection;

    if (room->core->options.shared && is_behind(room, user)) {
        chat__room_refresh(room);
        remove_membership(user, room);
        return;
    }
    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        if (subscription == NULL)
            continue;
        chat__subscription_end(subscription);
        chat__membership_tell_end(connection, room, room->head, NULL);
    }
    remove_membership(user, room);
}

/* ---- what entries change ---- */

void chat__user_stands(struct chat__user *user, struct chat__room *room,
                       enum chat__role old, struct chat__operation *operation)
{
    enum chat__role now = chat__room_role(room, user->id);
    bool own = operation->user == user;
    struct chat__connection *requester = own ? operation->connection : NULL;
    struct chat__user *by = own ? NULL : operation->user;

    user->changed = user->core->sign_in_number;
    if (now != CHAT__ROLE_INVITED)
        chat__invitations_drop(&user->invitations, room->name);
    if (chat__role_is_member(now))
        chat__user_joined(user, room, requester);
    else if (chat__role_is_member(old))
        leave(user, room, by, requester);
    else if (now == CHAT__ROLE_INVITED)
        invite(user, room, operation->user);
    else if (old == CHAT__ROLE_INVITED)
        uninvite(user, room, by, requester);
}

void chat__user_mentioned(struct chat__user *user,
                          const struct chat__room *room)
{
    struct chat__membership *membership = chat__user_membership(user, room);

    if (membership == NULL)
        return;
    membership->mentions++;
    membership->mentioned = room->head;
}

/* ---- the read marker ---- */

struct chat__event
chat__membership_read(const struct chat__membership *membership)
{
    return (struct chat__event){
        .kind = CHAT__EVENT_READ,
        .room = membership->room->name,
        .read = membership->read,
        .unread = chat__membership_unread(membership),
        .mentions_unread = membership->mentions,
    };
}

static void tell_read(struct chat__connection *connection,
                      const struct chat__membership *membership)
{
    struct chat__event event = chat__membership_read(membership);

    chat__tell(connection, &event);
}

void chat__user_marked(struct chat__user *user, struct chat__room *room,
                       const struct chat__store_mark_read *mark,
                       struct chat__connection *requester)
{
    struct chat__membership *membership = chat__user_membership(user, room);
    struct chat__connection *connection;

    if (membership == NULL || membership->read >= mark->read)
        return;
    membership->read = mark->read;
    membership->read_n = mark->read_n;
    membership->mentions = mark->mentions;
    for (connection = user->connections; connection != NULL;
         connection = connection->next)
        if (connection->ready && connection != requester &&
            !chat__connection_is_relayed(connection))
            tell_read(connection, membership);
}
