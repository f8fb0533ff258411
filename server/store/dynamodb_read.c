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
    struct open_room *open = CHAT__CONTAINER(waiter, struct open_room, waiter);
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
    finish_members(CHAT__CONTAINER(group, struct list_members, group),
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
        CHAT__CONTAINER(waiter, struct list_members, waiter);
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
