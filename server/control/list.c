/* Commands that list what is there. */
#include "server/control/commands.h"

#include "server/core/admin.h"
#include "server/core/observer.h"
#include "server/server_private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a table that may have few objects; a piece takes so many at most. */
#define SLOTS_MAX 4096

/* Of what the store lists, a page. */
#define PAGE_ROWS 200

/* ---- what is in memory, by a walk of the core's tables ---- */

struct walk {
    struct chat__control_call *call;
    uint64_t cursor;
};

static void start_walk(struct chat__control_call *call,
                       chat__control_step *step)
{
    struct walk *walk = calloc(1, sizeof *walk);

    if (walk == NULL) {
        chat__control_refuse(call, "busy", "chatd is short of memory");
        return;
    }
    walk->call = call;
    chat__control_list(call, step, walk, free);
}

static void write_user(struct chat__writer *writer, uint64_t user,
                       const char *name, bool guest)
{
    chat__write_object(writer, "user");
    chat__write_id(writer, "id", user);
    chat__write_string(writer, "name", name);
    chat__write_bool(writer, "guest", guest);
    chat__write_object_end(writer);
}

/* As limits count it: of IPv6, the network that one host may have. */
static void write_address(struct chat__writer *writer,
                          const unsigned char *address)
{
    struct in6_addr host;
    char text[INET6_ADDRSTRLEN];
    char network[INET6_ADDRSTRLEN + 4];

    if (address == NULL)
        return;
    memcpy(&host, address, sizeof host);
    if (IN6_IS_ADDR_V4MAPPED(&host)) {
        inet_ntop(AF_INET, &host.s6_addr[12], text, sizeof text);
        chat__write_string(writer, "address", text);
        return;
    }
    inet_ntop(AF_INET6, &host, text, sizeof text);
    snprintf(network, sizeof network, "%s/64", text);
    chat__write_string(writer, "address", network);
}

static void write_connection(void *context,
                             const struct chat__admin_connection *row)
{
    struct walk *walk = context;
    struct chat__writer *writer = chat__control_begin(walk->call);
    const struct chat__caller caller = {.connection = row->id};
    char name[CHAT__REQUEST_NAME_SIZE];

    chat__caller_name(&caller, name);
    chat__write_string(writer, "id", name);
    if (row->user != 0)
        write_user(writer, row->user, row->name, row->guest);
    write_address(writer, row->look.address);
    chat__write_uint(writer, "rooms", row->rooms);
    chat__write_uint(writer, "queue_bytes", row->look.queue_bytes);
    chat__write_int(writer, "age_ms", row->age_ms);
    chat__write_int(writer, "idle_ms", row->look.idle_ms);
    chat__control_end(walk->call);
}

static enum chat__control_progress
step_connections(struct chat__control_call *call, void *state)
{
    const struct chat__core *core = chat__control_server(call)->core;
    struct walk *walk = state;

    for (int i = 0; i < SLOTS_MAX && !chat__control_is_full(call); i++) {
        walk->cursor =
            chat__admin_connections(core, walk->cursor, write_connection, walk);
        if (walk->cursor == 0)
            return CHAT__CONTROL_LAST;
    }
    return CHAT__CONTROL_MORE;
}

void chat__control_connections(struct chat__control_call *call)
{
    start_walk(call, step_connections);
}

static void write_present_user(void *context,
                               const struct chat__admin_user *row)
{
    struct walk *walk = context;
    struct chat__writer *writer = chat__control_begin(walk->call);

    chat__write_id(writer, "id", row->user);
    chat__write_string(writer, "name", row->name);
    chat__write_bool(writer, "guest", row->guest);
    chat__write_uint(writer, "connections", row->connections);
    chat__write_uint(writer, "rooms", row->rooms);
    chat__write_int(writer, "last_seen", chat__server_wall_ms(NULL));
    chat__control_end(walk->call);
}

static enum chat__control_progress
step_present_users(struct chat__control_call *call, void *state)
{
    const struct chat__core *core = chat__control_server(call)->core;
    struct walk *walk = state;

    for (int i = 0; i < SLOTS_MAX && !chat__control_is_full(call); i++) {
        walk->cursor =
            chat__admin_users(core, walk->cursor, write_present_user, walk);
        if (walk->cursor == 0)
            return CHAT__CONTROL_LAST;
    }
    return CHAT__CONTROL_MORE;
}

/* ---- what the store has, page by page ---- */

static void refuse_page(struct chat__control_call *call,
                        enum chat__store_result result)
{
    if (result == CHAT__STORE_BUSY)
        chat__control_refuse(call, "busy",
                             "the store has too much to do; try again");
    else
        chat__control_refuse(call, "storage",
                             "the store failed; see `store` in the log");
}

struct users_list {
    struct chat__control_call *call;
    struct chat__admin_store_users page;
};

static void free_users(void *state)
{
    struct users_list *users = state;

    chat__store_list_users_release(&users->page.list);
    free(users);
}

static void write_known_user(struct users_list *users,
                             const struct chat__store_user_row *row)
{
    size_t connections =
        chat__admin_connection_count(users->page.core, row->user);
    struct chat__writer *writer = chat__control_begin(users->call);

    chat__write_id(writer, "id", row->user);
    chat__write_string(writer, "name", row->name);
    chat__write_bool(writer, "guest", row->guest);
    chat__write_uint(writer, "connections", connections);
    chat__write_uint(writer, "rooms", row->rooms);
    /* The store hears of who is here every hour. */
    chat__write_int(writer, "last_seen",
                    connections > 0 ? chat__server_wall_ms(NULL)
                                    : row->seen_ms);
    if (row->banned_ms != 0)
        chat__write_int(writer, "banned", row->banned_ms);
    chat__control_end(users->call);
}

static void users_listed(struct chat__admin_store_users *page)
{
    struct users_list *users =
        (struct users_list *)((char *)page - offsetof(struct users_list, page));
    struct chat__store_list_users *list = &page->list;

    if (list->result != CHAT__STORE_OK) {
        refuse_page(users->call, list->result);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        write_known_user(users, &list->rows[i]);
    if (list->count > 0)
        list->after = list->rows[list->count - 1].user;
    chat__store_list_users_release(list);
    chat__control_list_on(users->call,
                          list->more ? CHAT__CONTROL_MORE : CHAT__CONTROL_LAST);
}

static enum chat__control_progress step_users(struct chat__control_call *call,
                                              void *state)
{
    struct users_list *users = state;

    chat__admin_list_users(chat__control_server(call)->core, &users->page);
    return CHAT__CONTROL_LATER;
}

static void list_known_users(struct chat__control_call *call)
{
    struct users_list *users = calloc(1, sizeof *users);

    if (users == NULL) {
        chat__control_refuse(call, "busy", "chatd is short of memory");
        return;
    }
    users->call = call;
    users->page.listed = users_listed;
    users->page.list.limit = PAGE_ROWS;
    chat__control_list(call, step_users, users, free_users);
}

void chat__control_users(struct chat__control_call *call)
{
    if (chat__control_flag(call, "all"))
        list_known_users(call);
    else
        start_walk(call, step_present_users);
}

struct rooms_list {
    struct chat__control_call *call;
    struct chat__admin_rooms page;
    char after[CHAT__ROOM_NAME_BYTES_MAX + 1];
};

static void free_rooms(void *state)
{
    struct rooms_list *rooms = state;

    chat__store_list_rooms_release(&rooms->page.list);
    free(rooms);
}

static void write_room(struct rooms_list *rooms,
                       const struct chat__store_room_row *row)
{
    struct chat__admin_room room =
        chat__admin_room(rooms->page.core, row->room);
    struct chat__writer *writer = chat__control_begin(rooms->call);

    chat__write_string(writer, "name", row->room);
    chat__write_bool(writer, "private", row->private_room);
    chat__write_uint(writer, "members", row->members);
    chat__write_uint(writer, "listeners", room.listeners);
    chat__write_uint(writer, "head", row->head);
    chat__write_uint(writer, "messages", row->n);
    chat__write_uint(writer, "waiting", room.waiting);
    if (row->last_ts != 0)
        chat__write_int(writer, "last_activity", row->last_ts);
    chat__control_end(rooms->call);
}

static void rooms_listed(struct chat__admin_rooms *page)
{
    struct rooms_list *rooms =
        (struct rooms_list *)((char *)page - offsetof(struct rooms_list, page));
    struct chat__store_list_rooms *list = &page->list;

    if (list->result != CHAT__STORE_OK) {
        refuse_page(rooms->call, list->result);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        write_room(rooms, &list->rows[i]);
    if (list->count > 0)
        memcpy(rooms->after, list->rows[list->count - 1].room,
               sizeof rooms->after);
    chat__store_list_rooms_release(list);
    chat__control_list_on(rooms->call,
                          list->more ? CHAT__CONTROL_MORE : CHAT__CONTROL_LAST);
}

static enum chat__control_progress step_rooms(struct chat__control_call *call,
                                              void *state)
{
    struct rooms_list *rooms = state;

    rooms->page.list.after = rooms->after;
    chat__admin_list_rooms(chat__control_server(call)->core, &rooms->page);
    return CHAT__CONTROL_LATER;
}

void chat__control_rooms(struct chat__control_call *call)
{
    struct rooms_list *rooms = calloc(1, sizeof *rooms);

    if (rooms == NULL) {
        chat__control_refuse(call, "busy", "chatd is short of memory");
        return;
    }
    rooms->call = call;
    rooms->page.listed = rooms_listed;
    rooms->page.list.limit = PAGE_ROWS;
    chat__control_list(call, step_rooms, rooms, free_rooms);
}
