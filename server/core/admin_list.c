/* What an operator sees. */
#include "server/core/admin.h"

#include "server/core/connection.h"
#include "server/core/operation.h"
#include "server/core/room.h"
#include "server/core/user.h"

/* ---- connections ---- */

static void look(const struct chat__connection *connection,
                 struct chat__front_look *seen)
{
    const struct chat__front_operations *front =
        chat__connection_front(connection);

    if (front->look != NULL)
        front->look(connection->handle, seen);
}

static struct chat__admin_connection
describe(const struct chat__connection *connection)
{
    struct chat__admin_connection row = {
        .id = connection->id,
        .rooms = connection->subscription_count,
        .age_ms = chat__monotonic_ms(connection->core) - connection->since_ms,
    };

    if (connection->user != NULL) {
        row.user = connection->user->id;
        row.name = connection->user->name;
        row.guest = connection->user->guest;
    }
    look(connection, &row.look);
    return row;
}

uint64_t chat__admin_connections(
    const struct chat__core *core, uint64_t cursor,
    void (*visit)(void *context, const struct chat__admin_connection *row),
    void *context)
{
    struct chat__table_link *link;
    uint64_t next = chat__table_scan(&core->connections, cursor, &link);

    for (; link != NULL; link = link->next) {
        struct chat__admin_connection row =
            describe(CHAT__CONTAINER(link, struct chat__connection, link));

        visit(context, &row);
    }
    return next;
}

/* ---- users ---- */

static size_t count_connections(const struct chat__user *user)
{
    size_t count = 0;

    for (const struct chat__connection *connection = user->connections;
         connection != NULL; connection = connection->next)
        count++;
    return count;
}

size_t chat__admin_connection_count(const struct chat__core *core,
                                    uint64_t user)
{
    const struct chat__user *found = chat__user_find(core, user);

    return found == NULL ? 0 : count_connections(found);
}

uint64_t chat__admin_users(const struct chat__core *core, uint64_t cursor,
                           void (*visit)(void *context,
                                         const struct chat__admin_user *row),
                           void *context)
{
    struct chat__table_link *link;
    uint64_t next = chat__table_scan(&core->users, cursor, &link);

    for (; link != NULL; link = link->next) {
        const struct chat__user *user =
            CHAT__CONTAINER(link, struct chat__user, link);
        const struct chat__admin_user row = {
            .user = user->id,
            .name = user->name,
            .guest = user->guest,
            .rooms = user->membership_count,
            .connections = count_connections(user),
        };

        if (row.connections > 0)
            visit(context, &row);
    }
    return next;
}

/* ---- rooms ---- */

struct chat__admin_room chat__admin_room(const struct chat__core *core,
                                         const char *name)
{
    const struct chat__room *room = chat__room_find(core, name);

    if (room == NULL)
        return (struct chat__admin_room){0};
    return (struct chat__admin_room){
        .listeners = room->live_count,
        .waiting = room->waiting.count + room->looking.count,
    };
}

/* ---- pages of the store ---- */

static void rooms_listed(struct chat__completion *completion)
{
    struct chat__admin_rooms *page =
        CHAT__CONTAINER(completion, struct chat__admin_rooms, list.completion);

    chat__store_answered(page->core);
    page->listed(page);
}

void chat__admin_list_rooms(struct chat__core *core,
                            struct chat__admin_rooms *page)
{
    struct chat__store *store = core->options.store;

    page->core = core;
    page->list.all = true;
    page->list.completion.run = rooms_listed;
    chat__store_asked(core);
    store->operations->list_rooms(store, &page->list);
}

static void users_listed(struct chat__completion *completion)
{
    struct chat__admin_store_users *page = CHAT__CONTAINER(
        completion, struct chat__admin_store_users, list.completion);

    chat__store_answered(page->core);
    page->listed(page);
}

void chat__admin_list_users(struct chat__core *core,
                            struct chat__admin_store_users *page)
{
    struct chat__store *store = core->options.store;

    page->core = core;
    page->list.completion.run = users_listed;
    chat__store_asked(core);
    store->operations->list_users(store, &page->list);
}
