/* The heads of a user's rooms, and the rooms of guests whom nobody has seen. */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- heads ---- */

struct heads {
    struct chat__dynamodb_group group; /* of the rooms */
    struct chat__store_heads *request;
    cJSON *token;
    struct head *rooms;
    size_t room_count;
};

/* One room, by name in `rooms`. */
struct head {
    struct chat__dynamodb_waiter waiter;
    struct heads *heads;
    struct chat__dynamodb_room *room; /* a reference while it is waited for */
    bool found;
    struct chat__store_head told;
};

static void finish(struct heads *heads, enum chat__store_result result)
{
    heads->request->result = result;
    chat__dynamodb_complete(heads->group.store, &heads->request->completion);
    cJSON_Delete(heads->token);
    free(heads->rooms);
    free(heads);
}

static void rooms_ready(struct chat__dynamodb_group *group)
{
    struct heads *heads = CHAT__CONTAINER(group, struct heads, group);
    struct chat__store_heads *request = heads->request;
    if (group->worst != CHAT__DYNAMODB_OK) {
        finish(heads, chat__dynamodb_result(group->worst));
        return;
    }
    request->heads = calloc(request->limit + 1, sizeof *request->heads);
    if (request->heads == NULL) {
        finish(heads, CHAT__STORE_BUSY);
        return;
    }
    for (size_t i = 0; i < heads->room_count && !request->more; i++) {
        const struct head *head = &heads->rooms[i];
        if (!head->found || head->told.last_ts < request->since_ms)
            continue;
        request->more = request->count == request->limit;
        if (!request->more)
            request->heads[request->count++] = head->told;
    }
    finish(heads, CHAT__STORE_OK);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct head *head = CHAT__CONTAINER(waiter, struct head, waiter);
    struct chat__dynamodb_group *group = &head->heads->group;
    const struct chat__dynamodb_room *room = head->room;
    chat__dynamodb_group_note(group, result);
    if (result == CHAT__STORE_OK && room->exists) {
        head->found = true;
        head->told.head = room->head;
        head->told.last_ts = room->last_ts;
        memcpy(head->told.epoch, room->epoch, sizeof head->told.epoch);
    }
    chat__dynamodb_room_release(head->room);
    chat__dynamodb_group_end(group);
}

static void take_rooms(struct heads *heads, const cJSON *items)
{
    const char *after = heads->request->after;
    const cJSON *item;
    enum chat__role role;
    cJSON_ArrayForEach(item, items)
    {
        const char *room = chat__dynamodb_user_room(item, &role);
        if (room == NULL || !chat__role_is_member(role) ||
            (after != NULL && strcmp(room, after) <= 0))
            continue;
        struct head *head = &heads->rooms[heads->room_count++];
        head->heads = heads;
        head->waiter.ready = room_ready;
        snprintf(head->told.room, sizeof head->told.room, "%s", room);
    }
}

static void await_rooms(struct heads *heads)
{
    struct chat__dynamodb *store = heads->group.store;
    chat__dynamodb_group_begin(&heads->group, store, rooms_ready);
    for (size_t i = 0; i < heads->room_count; i++) {
        struct head *head = &heads->rooms[i];
        head->room = chat__dynamodb_room_get(store, head->told.room);
        if (head->room == NULL) {
            chat__dynamodb_group_fail(&heads->group);
            break;
        }
        chat__dynamodb_group_hold(&heads->group);
        chat__dynamodb_room_await(head->room, &head->waiter);
    }
    chat__dynamodb_group_end(&heads->group);
}

static void user_read(void *context,
                      const struct chat__dynamodb_user_items *items)
{
    struct heads *heads = context;
    if (items->result != CHAT__STORE_OK) {
        finish(heads, items->result);
        return;
    }
    if (!chat__dynamodb_token_is_of(heads->token, items->profile) ||
        chat__dynamodb_get_signed(items->profile, "banned") != 0) {
        finish(heads, CHAT__STORE_NOT_FOUND);
        return;
    }
    heads->rooms = calloc((size_t)cJSON_GetArraySize(items->items) + 1,
                          sizeof *heads->rooms);
    if (heads->rooms == NULL) {
        finish(heads, CHAT__STORE_BUSY);
        return;
    }
    heads->request->rooms_rev = chat__dynamodb_user_revision(items->items);
    take_rooms(heads, items->items);
    await_rooms(heads);
}

static void token_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct heads *heads = context;
    heads->token =
        cJSON_DetachItemFromObjectCaseSensitive(answer->json, "Item");
    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish(heads, chat__dynamodb_result(answer->outcome));
    else if (chat__dynamodb_get_number(heads->token, "user") !=
             heads->request->user)
        finish(heads, CHAT__STORE_NOT_FOUND);
    else
        chat__dynamodb_user_current(heads->group.store, heads->request->user,
                                    user_read, heads);
}

void chat__dynamodb_heads(struct chat__store *base,
                          struct chat__store_heads *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct heads *heads = NULL;
    struct chat__dynamodb_body body;
    if (chat__dynamodb_admit(store))
        heads = calloc(1, sizeof *heads);
    if (heads == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    request->more = false;
    heads->group.store = store;
    heads->request = request;
    chat__dynamodb_token_get(&body, store, request->token_hash);
    chat__dynamodb_ask(store, "GetItem", &body, token_read, heads);
}

/* ---- guests whom nobody has seen ---- */

struct idle {
    struct chat__dynamodb_group group; /* of the guests */
    struct chat__store_idle_guests *request;
    cJSON *guests; /* as the index has them, maybe of a while ago */
};

struct guest {
    struct idle *idle;
    uint64_t user;
    int64_t seen;
};

static void finish_idle(struct idle *idle, enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_idle_guests_release(idle->request);
    idle->request->result = result;
    chat__dynamodb_complete(idle->group.store, &idle->request->completion);
    cJSON_Delete(idle->guests);
    free(idle);
}

static void guests_ready(struct chat__dynamodb_group *group)
{
    finish_idle(CHAT__CONTAINER(group, struct idle, group),
                chat__dynamodb_result(group->worst));
}

/* Who has left everything is not looked at again until the next visit. */
static void forget(struct guest *guest)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, guest->idle->group.store->prefix, "users");
    chat__dynamodb_user_key(writer, guest->user);
    chat__dynamodb_expression(&body, "UpdateExpression", "REMOVE #idle");
    chat__dynamodb_expression(&body, "ConditionExpression", "#seen = :seen");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_signed(writer, ":seen", guest->seen);
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(&guest->idle->group, "UpdateItem", &body, NULL,
                             NULL);
}

static size_t take_guest(struct idle *idle,
                         const struct chat__dynamodb_user_items *items,
                         uint64_t user)
{
    struct chat__store_idle_guests *request = idle->request;
    const char *name = chat__dynamodb_get_string(items->profile, "name");
    const cJSON *item;
    enum chat__role role;
    size_t rooms = 0;
    cJSON_ArrayForEach(item, items->items)
    {
        const char *room = chat__dynamodb_user_room(item, &role);
        if (room == NULL || !chat__role_is_member(role))
            continue;
        rooms++;
        if (request->count == request->limit)
            continue;
        struct chat__store_guest_membership *membership =
            &request->memberships[request->count++];
        membership->user = user;
        snprintf(membership->room, sizeof membership->room, "%s", room);
        snprintf(membership->name, sizeof membership->name, "%s",
                 name == NULL ? "" : name);
    }
    return rooms;
}

static void guest_read(void *context,
                       const struct chat__dynamodb_user_items *items)
{
    struct guest *guest = context;
    struct chat__dynamodb_group *group = &guest->idle->group;
    int64_t seen = chat__dynamodb_get_signed(items->profile, "seen");
    if (items->result != CHAT__STORE_OK)
        chat__dynamodb_group_fail(group);
    else if (items->profile != NULL && seen < guest->idle->request->before_ms &&
             take_guest(guest->idle, items, guest->user) == 0) {
        guest->seen = seen;
        forget(guest);
    }
    free(guest);
    chat__dynamodb_group_end(group);
}

static void read_guests(struct idle *idle)
{
    const cJSON *item;
    chat__dynamodb_group_begin(&idle->group, idle->group.store, guests_ready);
    cJSON_ArrayForEach(item, idle->guests)
    {
        struct guest *guest = malloc(sizeof *guest);
        if (guest == NULL) {
            chat__dynamodb_group_fail(&idle->group);
            break;
        }
        *guest = (struct guest){
            .idle = idle, .user = chat__dynamodb_get_number(item, "user")};
        chat__dynamodb_group_hold(&idle->group);
        chat__dynamodb_user_query(idle->group.store, guest->user, guest_read,
                                  guest);
    }
    chat__dynamodb_group_end(&idle->group);
}

static void index_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct idle *idle = context;
    struct chat__store_idle_guests *request = idle->request;
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish_idle(idle, chat__dynamodb_result(answer->outcome));
        return;
    }
    idle->guests =
        cJSON_DetachItemFromObjectCaseSensitive(answer->json, "Items");
    request->memberships =
        calloc(request->limit + 1, sizeof *request->memberships);
    if (request->memberships == NULL)
        finish_idle(idle, CHAT__STORE_BUSY);
    else
        read_guests(idle);
}

void chat__dynamodb_idle_guests(struct chat__store *base,
                                struct chat__store_idle_guests *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct idle *idle = NULL;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    if (chat__dynamodb_admit(store))
        idle = calloc(1, sizeof *idle);
    if (idle == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    idle->group.store = store;
    idle->request = request;
    chat__dynamodb_body_begin(&body, store->prefix, "users");
    chat__write_string(writer, "IndexName", "idle");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#idle = :idle AND #seen < :before");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":idle", "guest");
    chat__dynamodb_signed(writer, ":before", request->before_ms);
    chat__write_object_end(writer);
    chat__write_uint(writer, "Limit", request->limit > 0 ? request->limit : 1);
    chat__dynamodb_ask(store, "Query", &body, index_read, idle);
}
