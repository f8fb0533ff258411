/* What is answered from a replica that has caught up: state, members. */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- the state of a room ---- */

struct open_room {
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb_room *room;
    struct chat__store_open_room *request;
};

static enum chat__store_result copy_room(const struct chat__dynamodb_room *room,
                                         struct chat__store_open_room *request)
{
    size_t size = room->standing_count * sizeof *request->members;
    if (!room->exists)
        return CHAT__STORE_NOT_FOUND;
    memcpy(request->epoch, room->epoch, sizeof request->epoch);
    request->private_room = room->private_room;
    request->head = room->head;
    request->n = room->n;
    request->first = 1;
    request->last_ts = room->last_ts;
    request->topic = room->topic == NULL ? NULL : strdup(room->topic);
    request->members = malloc(size + 1);
    if (request->members == NULL ||
        (room->topic != NULL && request->topic == NULL)) {
        chat__store_open_room_release(request);
        return CHAT__STORE_BUSY;
    }
    if (size > 0)
        memcpy(request->members, room->standings, size);
    request->member_count = room->standing_count;
    return CHAT__STORE_OK;
}

static void open_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct open_room *open =
        CHAT__DYNAMODB_CONTAINER(waiter, struct open_room, waiter);
    open->request->result = result == CHAT__STORE_OK
                                ? copy_room(open->room, open->request)
                                : result;
    chat__dynamodb_complete(open->room->store, &open->request->completion);
    chat__dynamodb_room_release(open->room);
    free(open);
}

void chat__dynamodb_open_room(struct chat__store *base,
                              struct chat__store_open_room *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct open_room *open = NULL;
    if (chat__dynamodb_admit(store))
        open = calloc(1, sizeof *open);
    if (open != NULL)
        open->room = chat__dynamodb_room_get(store, request->room);
    if (open == NULL || open->room == NULL) {
        free(open);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    open->request = request;
    open->waiter.ready = open_ready;
    chat__dynamodb_room_await(open->room, &open->waiter);
}

/* ---- who stands to a room ---- */

struct list_members {
    struct chat__dynamodb_group group; /* of the names */
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb_room *room;
    struct chat__store_list_members *request;
};

static bool is_listed(enum chat__member_list list, enum chat__role role)
{
    switch (list) {
    case CHAT__MEMBER_LIST_INVITED:
        return role == CHAT__ROLE_INVITED;
    case CHAT__MEMBER_LIST_BANNED:
        return role == CHAT__ROLE_BANNED;
    case CHAT__MEMBER_LIST_MEMBERS:
        break;
    }
    return chat__role_is_member(role);
}

static void finish_members(struct list_members *list,
                           enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_list_members_release(list->request);
    list->request->result = result;
    chat__dynamodb_complete(list->room->store, &list->request->completion);
    chat__dynamodb_room_release(list->room);
    free(list);
}

static void named(struct chat__dynamodb_group *group)
{
    finish_members(CHAT__DYNAMODB_CONTAINER(group, struct list_members, group),
                   chat__dynamodb_result(group->worst));
}

static void name_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct chat__store_member_row *row = context;
    const char *name = chat__dynamodb_get_string(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Item"), "name");
    if (name != NULL)
        chat__dynamodb_copy(row->name, sizeof row->name, name);
}

static void ask_name(struct list_members *list,
                     struct chat__store_member_row *row)
{
    struct chat__dynamodb_body body;
    chat__dynamodb_user_get(&body, list->room->store, row->user);
    chat__dynamodb_group_ask(&list->group, "GetItem", &body, name_read, row);
}

static bool take_rows(struct list_members *list)
{
    struct chat__store_list_members *request = list->request;
    const struct chat__dynamodb_room *room = list->room;
    size_t most = request->limit < room->standing_count ? request->limit
                                                        : room->standing_count;
    request->rows = calloc(most + 1, sizeof *request->rows);
    if (request->rows == NULL)
        return false;
    for (size_t i = chat__dynamodb_room_slot(room, request->after);
         i < room->standing_count; i++) {
        const struct chat__store_standing *standing = &room->standings[i];
        if (standing->user == request->after ||
            !is_listed(request->list, standing->role))
            continue;
        request->more = request->count == request->limit;
        if (request->more)
            break;
        request->rows[request->count++] = (struct chat__store_member_row){
            .user = standing->user, .role = standing->role};
    }
    return true;
}

static void members_ready(struct chat__dynamodb_waiter *waiter,
                          enum chat__store_result result)
{
    struct list_members *list =
        CHAT__DYNAMODB_CONTAINER(waiter, struct list_members, waiter);
    if (result == CHAT__STORE_OK && !list->room->exists)
        result = CHAT__STORE_NOT_FOUND;
    if (result == CHAT__STORE_OK && !take_rows(list))
        result = CHAT__STORE_BUSY;
    if (result != CHAT__STORE_OK) {
        finish_members(list, result);
        return;
    }
    chat__dynamodb_group_begin(&list->group, list->room->store, named);
    for (size_t i = 0; i < list->request->count; i++)
        ask_name(list, &list->request->rows[i]);
    chat__dynamodb_group_end(&list->group);
}

void chat__dynamodb_list_members(struct chat__store *base,
                                 struct chat__store_list_members *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct list_members *list = NULL;
    if (chat__dynamodb_admit(store))
        list = calloc(1, sizeof *list);
    if (list != NULL)
        list->room = chat__dynamodb_room_get(store, request->room);
    if (list == NULL || list->room == NULL) {
        free(list);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    request->more = false;
    list->request = request;
    list->waiter.ready = members_ready;
    chat__dynamodb_room_await(list->room, &list->waiter);
}

/* ---- public rooms ---- */

struct list_rooms {
    struct chat__dynamodb *store;
    struct chat__store_list_rooms *request;
    char after[CHAT__ROOM_NAME_BYTES_MAX + 1]; /* "": from the first */
    char from[CHAT__ROOM_NAME_BYTES_MAX + 2];  /* the first name that may be */
};

static void finish_rooms(struct list_rooms *list,
                         enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_list_rooms_release(list->request);
    list->request->result = result;
    chat__dynamodb_complete(list->store, &list->request->completion);
    free(list);
}

static bool has_prefix(const char *name, const char *prefix)
{
    return prefix == NULL || strncmp(name, prefix, strlen(prefix)) == 0;
}

static enum chat__store_result take_room(struct list_rooms *list,
                                         const cJSON *item)
{
    struct chat__store_list_rooms *request = list->request;
    struct chat__store_room_row *row = &request->rows[request->count];
    const char *name = chat__dynamodb_get_string(item, "room");
    const char *topic = chat__dynamodb_get_string(item, "topic");
    if (name == NULL || strlen(name) >= sizeof row->room)
        return CHAT__STORE_FAILED;
    if (strcmp(name, list->after) <= 0)
        return CHAT__STORE_OK;
    if (!has_prefix(name, request->prefix))
        return CHAT__STORE_NOT_FOUND;
    request->more = request->count == request->limit;
    if (request->more)
        return CHAT__STORE_NOT_FOUND;
    chat__dynamodb_copy(row->room, sizeof row->room, name);
    row->members = chat__dynamodb_get_number(item, "members");
    row->topic = topic == NULL ? NULL : strdup(topic);
    if (topic != NULL && row->topic == NULL)
        return CHAT__STORE_BUSY;
    request->count++;
    chat__dynamodb_copy(list->from, sizeof list->from, name);
    chat__dynamodb_copy(list->after, sizeof list->after, name);
    return CHAT__STORE_OK;
}

static void ask_rooms(struct list_rooms *list);

/* NOT_FOUND from a row: the list ends before it. */
static void rooms_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct list_rooms *list = context;
    enum chat__store_result result = chat__dynamodb_result(answer->outcome);
    const cJSON *item;
    size_t before = list->request->count;
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(answer->json, "Items"))
    {
        result = take_room(list, item);
        if (result != CHAT__STORE_OK)
            break;
    }
    if (result == CHAT__STORE_OK && list->request->count > before &&
        cJSON_GetObjectItemCaseSensitive(answer->json, "LastEvaluatedKey") !=
            NULL)
        ask_rooms(list);
    else
        finish_rooms(list,
                     result == CHAT__STORE_NOT_FOUND ? CHAT__STORE_OK : result);
}

static void ask_rooms(struct list_rooms *list)
{
    struct chat__store_list_rooms *request = list->request;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, list->store->prefix, "rooms");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#list = :list AND #room >= :from");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":list", "public");
    /* A key is not empty; no name is before "-". */
    chat__dynamodb_string(writer, ":from",
                          list->from[0] != '\0' ? list->from : "-");
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    chat__write_uint(writer, "Limit", request->limit + 2);
    chat__dynamodb_ask(list->store, "Query", &body, rooms_read, list);
}

void chat__dynamodb_list_rooms(struct chat__store *base,
                               struct chat__store_list_rooms *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct list_rooms *list = NULL;
    const char *from = request->prefix != NULL ? request->prefix : "";
    if (chat__dynamodb_admit(store))
        list = calloc(1, sizeof *list);
    if (list != NULL)
        request->rows = calloc(request->limit + 1, sizeof *request->rows);
    if (list == NULL || request->rows == NULL) {
        free(list);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    if (request->after != NULL && strcmp(request->after, from) > 0)
        from = request->after;
    chat__dynamodb_copy(list->from, sizeof list->from, from);
    if (request->after != NULL)
        chat__dynamodb_copy(list->after, sizeof list->after, request->after);
    request->more = false;
    list->store = store;
    list->request = request;
    ask_rooms(list);
}
