/*
 * Marks for users who do not know yet that they are to be asked to a room. An
 * append that invites a user, or makes one a member who did not ask for it,
 * marks the user's item of the room with the seq before its chunk is put, so
 * that the user's next sign-in or ping opens the room and makes what a task
 * that died has left undone. A mark behind the item's `at` is done with.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- to mark ---- */

/* A member who gets another role knows the room already. */
static bool is_asked(enum chat__role before, enum chat__role role)
{
    return role == CHAT__ROLE_INVITED ||
           (chat__role_is_member(role) && !chat__role_is_member(before));
}

static void ask_mark(struct chat__dynamodb_group *group,
                     const struct chat__dynamodb_room *room, uint64_t user,
                     uint64_t seq)
{
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, room->store->prefix, "users");
    chat__dynamodb_user_room_key(&body.writer, user, room->name);
    chat__dynamodb_expression(&body, "UpdateExpression", "SET #look = :seq");
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#look) OR #look < :seq");
    chat__write_object(&body.writer, "ExpressionAttributeValues");
    chat__dynamodb_number(&body.writer, ":seq", seq);
    chat__write_object_end(&body.writer);
    chat__dynamodb_group_ask(group, "UpdateItem", &body, NULL, NULL);
}

void chat__dynamodb_mark(struct chat__dynamodb_group *group,
                         const struct chat__dynamodb_room *room,
                         const struct chat__store_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < entries[i].standing_count; j++) {
            const struct chat__store_standing *standing =
                &entries[i].standings[j];
            enum chat__role before =
                chat__dynamodb_room_role(room, standing->user);

            if (standing->user != entries[i].user &&
                is_asked(before, standing->role))
                ask_mark(group, room, standing->user, entries[i].seq);
        }
}

/* ---- to look at what is marked ---- */

struct current {
    struct chat__dynamodb_group group; /* of the rooms */
    struct chat__dynamodb *store;
    uint64_t user;
    struct marked *rooms;
    size_t room_count;
    void (*done)(void *context, const struct chat__dynamodb_user_items *items);
    void *context;
};

struct marked {
    struct chat__dynamodb_waiter waiter;
    struct current *current;
    struct chat__dynamodb_room *room; /* a reference while it is waited for */
    uint64_t look;
};

static void end(struct current *current,
                const struct chat__dynamodb_user_items *items)
{
    current->done(current->context, items);
    free(current->rooms);
    free(current);
}

static void fail(struct current *current, enum chat__store_result result)
{
    const struct chat__dynamodb_user_items none = {.result = result};

    end(current, &none);
}

static void read_again(void *context,
                       const struct chat__dynamodb_user_items *items)
{
    end(context, items);
}

static void all_ready(struct chat__dynamodb_group *group)
{
    struct current *current = CHAT__CONTAINER(group, struct current, group);

    if (group->worst != CHAT__DYNAMODB_OK)
        fail(current, chat__dynamodb_result(group->worst));
    else
        chat__dynamodb_user_query(current->store, current->user, read_again,
                                  current);
}

/* The log is there by now, so no chunk can come to be at this seq. */
static void clear(const struct marked *marked)
{
    struct current *current = marked->current;
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, current->store->prefix, "users");
    chat__dynamodb_user_room_key(&body.writer, current->user,
                                 marked->room->name);
    chat__dynamodb_expression(&body, "UpdateExpression", "REMOVE #look");
    chat__dynamodb_expression(&body, "ConditionExpression", "#look = :seq");
    chat__write_object(&body.writer, "ExpressionAttributeValues");
    chat__dynamodb_number(&body.writer, ":seq", marked->look);
    chat__write_object_end(&body.writer);
    chat__dynamodb_group_ask(&current->group, "UpdateItem", &body, NULL, NULL);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct marked *marked = CHAT__CONTAINER(waiter, struct marked, waiter);
    struct chat__dynamodb_group *group = &marked->current->group;

    chat__dynamodb_group_note(group, result);
    if (result == CHAT__STORE_OK && marked->room->head >= marked->look)
        clear(marked);
    chat__dynamodb_room_release(marked->room);
    chat__dynamodb_group_end(group);
}

static bool is_marked(const cJSON *item)
{
    return chat__dynamodb_get_number(item, "look") >
           chat__dynamodb_get_number(item, "at");
}

static void look_at(struct current *current, const cJSON *item)
{
    const char *room = chat__dynamodb_user_room_name(item);
    struct marked *marked = &current->rooms[current->room_count];

    if (room == NULL || !is_marked(item))
        return;
    *marked = (struct marked){
        .waiter.ready = room_ready,
        .current = current,
        .look = chat__dynamodb_get_number(item, "look"),
        .room = chat__dynamodb_room_get(current->store, room),
    };
    if (marked->room == NULL)
        chat__dynamodb_group_note(&current->group, CHAT__STORE_BUSY);
    else
        current->room_count++;
}

static void first_read(void *context,
                       const struct chat__dynamodb_user_items *items)
{
    struct current *current = context;
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach(item, items->items) count += is_marked(item);
    if (items->result != CHAT__STORE_OK || count == 0) {
        end(current, items);
        return;
    }
    current->rooms = calloc(count, sizeof *current->rooms);
    if (current->rooms == NULL) {
        fail(current, CHAT__STORE_BUSY);
        return;
    }
    chat__dynamodb_group_begin(&current->group, current->store, all_ready);
    cJSON_ArrayForEach(item, items->items) look_at(current, item);
    for (size_t i = 0; i < current->room_count; i++) {
        chat__dynamodb_group_hold(&current->group);
        chat__dynamodb_room_await(current->rooms[i].room,
                                  &current->rooms[i].waiter);
    }
    chat__dynamodb_group_end(&current->group);
}

void chat__dynamodb_user_current(
    struct chat__dynamodb *store, uint64_t user,
    void (*done)(void *context, const struct chat__dynamodb_user_items *),
    void *context)
{
    static const struct chat__dynamodb_user_items none = {.result =
                                                              CHAT__STORE_BUSY};
    struct current *current = calloc(1, sizeof *current);

    if (current == NULL) {
        done(context, &none);
        return;
    }
    current->store = store;
    current->user = user;
    current->done = done;
    current->context = context;
    chat__dynamodb_user_query(store, user, first_read, current);
}
