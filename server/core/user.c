#include "server/core/user.h"

#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/subscription.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERSHIPS_FIRST 4

/* ---- life ---- */

static struct chat__user *find_user(const struct chat__core *core, uint64_t id)
{
    struct chat__table_link *link =
        chat__table_find(&core->users, chat__hash_integer(id));

    /* The hash is a bijection of the id. */
    return link == NULL ? NULL : CHAT__CONTAINER(link, struct chat__user, link);
}

static void free_user(struct chat__user *user)
{
    for (uint32_t i = 0; i < user->membership_count; i++)
        chat__room_release(user->memberships[i].room);
    free(user->memberships);
    free(user);
}

static bool add_memberships(struct chat__user *user,
                            const struct chat__store_sign_in *sign_in)
{
    if (sign_in->membership_count == 0)
        return true;
    user->memberships =
        calloc(sign_in->membership_count, sizeof(*user->memberships));
    if (user->memberships == NULL)
        return false;
    user->membership_capacity = (uint32_t)sign_in->membership_count;
    for (size_t i = 0; i < sign_in->membership_count; i++) {
        const struct chat__store_membership *row = &sign_in->memberships[i];
        struct chat__membership *membership = &user->memberships[i];

        membership->room = chat__room_acquire(user->core, row->room);
        if (membership->room == NULL)
            return false;
        user->membership_count++;
        membership->read = row->read;
        membership->read_n = row->read_n;
    }
    return true;
}

static struct chat__user *new_user(struct chat__core *core,
                                   const struct chat__store_sign_in *sign_in)
{
    size_t size = strlen(sign_in->name) + 1;
    struct chat__user *user = calloc(1, sizeof(*user) + size);

    if (user == NULL)
        return NULL;
    memcpy(user->name, sign_in->name, size);
    user->core = core;
    user->id = sign_in->user;
    user->guest = sign_in->guest;
    if (!add_memberships(user, sign_in) ||
        !chat__table_insert(&core->users, &user->link,
                            chat__hash_integer(user->id))) {
        free_user(user);
        return NULL;
    }
    return user;
}

struct chat__user *chat__user_acquire(struct chat__core *core,
                                      const struct chat__store_sign_in *sign_in)
{
    struct chat__user *user = find_user(core, sign_in->user);

    if (user == NULL)
        user = new_user(core, sign_in);
    if (user != NULL)
        chat__user_hold(user);
    return user;
}

void chat__user_hold(struct chat__user *user)
{
    user->references++;
}

static void queue_idle(struct chat__user *user)
{
    struct chat__core *core = user->core;

    user->idle = true;
    user->after = NULL;
    if (core->idle_last == NULL)
        core->idle_first = user;
    else
        core->idle_last->after = user;
    core->idle_last = user;
}

/* Frees the idle users that no sign-in in flight can be about. */
static void sweep_idle(struct chat__core *core)
{
    while (core->idle_first != NULL) {
        struct chat__user *user = core->idle_first;

        if (core->sign_in_first != NULL &&
            core->sign_in_first->number <= user->idle_since)
            return;
        core->idle_first = user->after;
        if (core->idle_first == NULL)
            core->idle_last = NULL;
        user->idle = false;
        if (user->references == 0) {
            chat__table_remove(&core->users, &user->link);
            free_user(user);
        }
    }
}

void chat__user_release(struct chat__user *user)
{
    if (user == NULL || --user->references > 0)
        return;
    user->idle_since = user->core->sign_in_number;
    if (!user->idle)
        queue_idle(user);
    sweep_idle(user->core);
}

void chat__sign_in_begin(struct chat__core *core, struct chat__sign_in *entry)
{
    entry->number = ++core->sign_in_number;
    entry->next = NULL;
    entry->previous = core->sign_in_last;
    if (core->sign_in_last == NULL)
        core->sign_in_first = entry;
    else
        core->sign_in_last->next = entry;
    core->sign_in_last = entry;
}

void chat__sign_in_end(struct chat__core *core, struct chat__sign_in *entry)
{
    if (entry->previous == NULL)
        core->sign_in_first = entry->next;
    else
        entry->previous->next = entry->next;
    if (entry->next == NULL)
        core->sign_in_last = entry->previous;
    else
        entry->next->previous = entry->previous;
    sweep_idle(core);
}

/* ---- memberships ---- */

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
    };

    chat__tell(connection, &event);
}

void chat__user_joined(struct chat__user *user, struct chat__room *room,
                       struct chat__connection *requester)
{
    struct chat__membership *membership =
        &user->memberships[user->membership_count++];
    struct chat__connection *connection;

    *membership = (struct chat__membership){
        .room = room, .read = room->head, .read_n = room->n};
    chat__room_hold(room);
    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        if (!connection->ready || connection->closing)
            continue;
        if (connection != requester)
            chat__membership_tell(connection, membership);
        chat__subscribe(connection, room, room->head + 1,
                        connection == requester);
    }
}

void chat__membership_tell_left(struct chat__connection *connection,
                                const struct chat__room *room, uint64_t head)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_MEMBERSHIP,
        .room = room->name,
        .epoch = room->epoch,
        .head = head,
        .state = CHAT__MEMBERSHIP_LEFT,
    };

    chat__tell(connection, &event);
}

static void remove_membership(struct chat__user *user,
                              const struct chat__room *room)
{
    struct chat__membership *membership = chat__user_membership(user, room);
    uint32_t last = user->membership_count - 1;

    if (membership == NULL)
        return;
    chat__room_release(membership->room);
    *membership = user->memberships[last];
    user->membership_count = last;
}

void chat__user_left(struct chat__user *user, struct chat__room *room,
                     struct chat__connection *requester)
{
    struct chat__connection *connection;

    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        if (subscription != NULL)
            chat__subscription_finish(subscription, room->head,
                                      connection != requester);
    }
    remove_membership(user, room);
}

void chat__user_gone(struct chat__user *user, struct chat__room *room)
{
    struct chat__connection *connection;

    for (connection = user->connections; connection != NULL;
         connection = connection->next) {
        struct chat__subscription *subscription =
            chat__subscription_find(connection, room);

        if (subscription == NULL)
            continue;
        chat__subscription_end(subscription);
        chat__membership_tell_left(connection, room, room->head);
    }
    remove_membership(user, room);
}

static void tell_read(struct chat__connection *connection,
                      const struct chat__membership *membership)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_READ,
        .room = membership->room->name,
        .read = membership->read,
        .unread = chat__membership_unread(membership),
    };

    chat__tell(connection, &event);
}

void chat__user_marked(struct chat__user *user, struct chat__room *room,
                       uint64_t read, uint64_t read_n,
                       struct chat__connection *requester)
{
    struct chat__membership *membership = chat__user_membership(user, room);
    struct chat__connection *connection;

    if (membership == NULL || membership->read >= read)
        return;
    membership->read = read;
    membership->read_n = read_n;
    for (connection = user->connections; connection != NULL;
         connection = connection->next)
        if (connection->ready && connection != requester)
            tell_read(connection, membership);
}
