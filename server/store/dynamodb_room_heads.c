/*
 * The heads of rooms that somebody watches: each replica reads the log behind
 * its own, a query that finds nothing as a rule.
 */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct room_heads {
    struct chat__dynamodb_group group; /* of the rooms */
    struct chat__store_room_heads *request;
    struct watched *rooms;
};

struct watched {
    struct chat__dynamodb_waiter waiter;
    struct room_heads *heads;
    struct chat__dynamodb_room *room; /* a reference while it is waited for */
    bool found;
    struct chat__store_head head;
};

static void finish(struct room_heads *heads, enum chat__store_result result)
{
    heads->request->result = result;
    chat__dynamodb_complete(heads->group.store, &heads->request->completion);
    free(heads->rooms);
    free(heads);
}

static void rooms_ready(struct chat__dynamodb_group *group)
{
    struct room_heads *heads = CHAT__CONTAINER(group, struct room_heads, group);
    struct chat__store_room_heads *request = heads->request;
    if (group->worst == CHAT__DYNAMODB_OK) {
        request->heads =
            calloc(request->room_count + 1, sizeof *request->heads);
        if (request->heads == NULL)
            group->worst = CHAT__DYNAMODB_BUSY;
    }
    if (group->worst != CHAT__DYNAMODB_OK) {
        finish(heads, chat__dynamodb_result(group->worst));
        return;
    }
    for (size_t i = 0; i < request->room_count; i++)
        if (heads->rooms[i].found)
            request->heads[request->count++] = heads->rooms[i].head;
    finish(heads, CHAT__STORE_OK);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct watched *watched = CHAT__CONTAINER(waiter, struct watched, waiter);
    struct chat__dynamodb_group *group = &watched->heads->group;
    const struct chat__dynamodb_room *room = watched->room;
    if (result != CHAT__STORE_OK && group->worst != CHAT__DYNAMODB_FAILED)
        group->worst = result == CHAT__STORE_BUSY ? CHAT__DYNAMODB_BUSY
                                                  : CHAT__DYNAMODB_FAILED;
    if (result == CHAT__STORE_OK && room->exists) {
        watched->found = true;
        watched->head.head = room->head;
        watched->head.last_ts = room->last_ts;
        memcpy(watched->head.epoch, room->epoch, sizeof watched->head.epoch);
        snprintf(watched->head.room, sizeof watched->head.room, "%s",
                 room->name);
    }
    chat__dynamodb_room_release(watched->room);
    chat__dynamodb_group_end(group);
}

static void await_rooms(struct room_heads *heads)
{
    const struct chat__store_room_heads *request = heads->request;
    struct chat__dynamodb *store = heads->group.store;
    chat__dynamodb_group_begin(&heads->group, store, rooms_ready);
    for (size_t i = 0; i < request->room_count; i++) {
        struct watched *watched = &heads->rooms[i];
        watched->heads = heads;
        watched->waiter.ready = room_ready;
        watched->room = chat__dynamodb_room_get(store, request->rooms[i]);
        if (watched->room == NULL) {
            chat__dynamodb_group_fail(&heads->group);
            break;
        }
        chat__dynamodb_group_hold(&heads->group);
        chat__dynamodb_room_await(watched->room, &watched->waiter);
    }
    chat__dynamodb_group_end(&heads->group);
}

void chat__dynamodb_room_heads(struct chat__store *base,
                               struct chat__store_room_heads *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct room_heads *heads = NULL;
    if (chat__dynamodb_admit(store))
        heads = calloc(1, sizeof *heads);
    if (heads != NULL)
        heads->rooms = calloc(request->room_count + 1, sizeof *heads->rooms);
    if (heads == NULL || heads->rooms == NULL) {
        free(heads);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    heads->group.store = store;
    heads->request = request;
    await_rooms(heads);
}
