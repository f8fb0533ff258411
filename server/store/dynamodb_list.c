/*
 * The list of rooms: the partition `public` of the table, and for an operator
 * `private` as well, whose rooms are then opened, since only a room's log knows
 * its head.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

struct list {
    struct chat__dynamodb_group group; /* of the rooms that are opened */
    struct chat__dynamodb *store;
    struct chat__store_list_rooms *request;
    struct opened *rooms;
    const char *partition;
    size_t before;                             /* rows of those before it */
    char after[CHAT__ROOM_NAME_BYTES_MAX + 1]; /* "": from the first */
    char from[CHAT__ROOM_NAME_BYTES_MAX + 1];  /* the first that may be */
};

/* A room of the list that an operator sees. */
struct opened {
    struct chat__dynamodb_waiter waiter;
    struct list *list;
    struct chat__dynamodb_room *room; /* a reference while it is waited for */
    struct chat__store_room_row *row;
};

static void finish(struct list *list, enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_list_rooms_release(list->request);
    list->request->result = result;
    chat__dynamodb_complete(list->store, &list->request->completion);
    free(list->rooms);
    free(list);
}

/* ---- what an operator sees ---- */

static bool set_topic(struct chat__store_room_row *row, const char *topic)
{
    free(row->topic);
    row->topic = topic == NULL ? NULL : strdup(topic);
    return topic == NULL || row->topic != NULL;
}

static void describe(struct opened *opened)
{
    const struct chat__dynamodb_room *room = opened->room;
    struct chat__store_room_row *row = opened->row;

    row->private_room = room->private_room;
    row->members = chat__dynamodb_room_members(room);
    row->head = room->head;
    row->n = room->n;
    row->last_ts = room->last_ts;
    if (!set_topic(row, room->topic))
        chat__dynamodb_group_fail(&opened->list->group);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct opened *opened = CHAT__CONTAINER(waiter, struct opened, waiter);
    struct chat__dynamodb_group *group = &opened->list->group;

    chat__dynamodb_group_note(group, result);
    if (result == CHAT__STORE_OK)
        describe(opened);
    chat__dynamodb_room_release(opened->room);
    chat__dynamodb_group_end(group);
}

static void all_ready(struct chat__dynamodb_group *group)
{
    finish(CHAT__CONTAINER(group, struct list, group),
           chat__dynamodb_result(group->worst));
}

static void open_rooms(struct list *list)
{
    const struct chat__store_list_rooms *request = list->request;

    list->rooms = calloc(request->count + 1, sizeof *list->rooms);
    if (list->rooms == NULL) {
        finish(list, CHAT__STORE_BUSY);
        return;
    }
    chat__dynamodb_group_begin(&list->group, list->store, all_ready);
    for (size_t i = 0; i < request->count; i++) {
        struct opened *opened = &list->rooms[i];

        *opened = (struct opened){
            .waiter.ready = room_ready, .list = list, .row = &request->rows[i]};
        opened->room =
            chat__dynamodb_room_get(list->store, request->rows[i].room);
        if (opened->room == NULL) {
            chat__dynamodb_group_fail(&list->group);
            break;
        }
        chat__dynamodb_group_hold(&list->group);
        chat__dynamodb_room_await(opened->room, &opened->waiter);
    }
    chat__dynamodb_group_end(&list->group);
}

/* ---- the names ---- */

static int by_name(const void *a, const void *b)
{
    const struct chat__store_room_row *one = a;
    const struct chat__store_room_row *other = b;

    return strcmp(one->room, other->room);
}

static void cut(struct list *list)
{
    struct chat__store_list_rooms *request = list->request;

    qsort(request->rows, request->count, sizeof *request->rows, by_name);
    request->more = request->count > request->limit;
    while (request->count > request->limit)
        set_topic(&request->rows[--request->count], NULL);
}

static void begin_partition(struct list *list, const char *partition);

/* Each partition has given one more than is wanted, if it has so many. */
static void partition_read(struct list *list)
{
    const struct chat__store_list_rooms *request = list->request;

    if (request->all && strcmp(list->partition, "public") == 0) {
        begin_partition(list, "private");
        return;
    }
    cut(list);
    if (request->all)
        open_rooms(list);
    else
        finish(list, CHAT__STORE_OK);
}

static bool has_prefix(const char *name, const char *prefix)
{
    return prefix == NULL || strncmp(name, prefix, strlen(prefix)) == 0;
}

/* NOT_FOUND: the partition has no more that are wanted. */
static enum chat__store_result take_room(struct list *list, const cJSON *item)
{
    struct chat__store_list_rooms *request = list->request;
    struct chat__store_room_row *row = &request->rows[request->count];
    const char *name = chat__dynamodb_get_string(item, "room");

    if (name == NULL || strlen(name) >= sizeof row->room)
        return CHAT__STORE_FAILED;
    if (strcmp(name, list->after) <= 0)
        return CHAT__STORE_OK;
    if (!has_prefix(name, request->prefix) ||
        request->count - list->before > request->limit)
        return CHAT__STORE_NOT_FOUND;
    chat__dynamodb_copy(row->room, sizeof row->room, name);
    row->members = chat__dynamodb_get_number(item, "members");
    if (!set_topic(row, chat__dynamodb_get_string(item, "topic")))
        return CHAT__STORE_BUSY;
    request->count++;
    chat__dynamodb_copy(list->from, sizeof list->from, name);
    chat__dynamodb_copy(list->after, sizeof list->after, name);
    return CHAT__STORE_OK;
}

static void ask_rooms(struct list *list);

static void rooms_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct list *list = context;
    enum chat__store_result result = chat__dynamodb_result(answer->outcome);
    const cJSON *item;
    size_t count = list->request->count;

    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(answer->json, "Items"))
    {
        result = take_room(list, item);
        if (result != CHAT__STORE_OK)
            break;
    }
    if (result == CHAT__STORE_OK && list->request->count > count &&
        cJSON_GetObjectItemCaseSensitive(answer->json, "LastEvaluatedKey") !=
            NULL)
        ask_rooms(list);
    else if (result == CHAT__STORE_OK || result == CHAT__STORE_NOT_FOUND)
        partition_read(list);
    else
        finish(list, result);
}

static void ask_rooms(struct list *list)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    chat__dynamodb_body_begin(&body, list->store->prefix, "rooms");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#list = :list AND #room >= :from");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":list", list->partition);
    chat__dynamodb_string(writer, ":from", list->from);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    chat__write_uint(writer, "Limit", list->request->limit + 2);
    chat__dynamodb_ask(list->store, "Query", &body, rooms_read, list);
}

static void begin_partition(struct list *list, const char *partition)
{
    const struct chat__store_list_rooms *request = list->request;
    const char *prefix = request->prefix != NULL ? request->prefix : "";
    const char *after = request->after != NULL ? request->after : "";
    const char *from = strcmp(after, prefix) > 0 ? after : prefix;

    list->partition = partition;
    list->before = request->count;
    chat__dynamodb_copy(list->after, sizeof list->after, after);
    /* A key is not empty; no name is before "-". */
    chat__dynamodb_copy(list->from, sizeof list->from,
                        *from != '\0' ? from : "-");
    ask_rooms(list);
}

void chat__dynamodb_list_rooms(struct chat__store *base,
                               struct chat__store_list_rooms *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct list *list = NULL;

    request->more = false;
    if (chat__dynamodb_admit(store))
        list = calloc(1, sizeof *list);
    if (list != NULL)
        request->rows = calloc(2 * (request->limit + 1), sizeof *request->rows);
    if (list == NULL || request->rows == NULL) {
        free(list);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    list->store = store;
    list->request = request;
    begin_partition(list, "public");
}
