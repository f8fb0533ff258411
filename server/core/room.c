#include "server/core/room.h"

#include "server/core/append.h"
#include "server/core/connection.h"
#include "server/core/subscription.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

struct chat__room *chat__room_find(const struct chat__core *core,
                                   const char *name)
{
    uint64_t hash = chat__hash_string(core->hash_seed, name);
    struct chat__table_link *link = chat__table_find(&core->rooms, hash);

    for (; link != NULL; link = chat__table_next(link)) {
        struct chat__room *room =
            CHAT__CONTAINER(link, struct chat__room, link);

        if (strcmp(room->name, name) == 0)
            return room;
    }
    return NULL;
}

static struct chat__room *new_room(struct chat__core *core, const char *name)
{
    size_t size = strlen(name) + 1;
    struct chat__room *room = calloc(1, sizeof(*room) + size);

    if (room == NULL)
        return NULL;
    room->core = core;
    memcpy(room->name, name, size);
    chat__buffer_init(&room->pending, CHAT__ROOM_PENDING_BYTES_MAX);
    if (!chat__table_insert(&core->rooms, &room->link,
                            chat__hash_string(core->hash_seed, name))) {
        free(room);
        return NULL;
    }
    return room;
}

struct chat__room *chat__room_acquire(struct chat__core *core, const char *name)
{
    struct chat__room *room = chat__room_find(core, name);

    if (room == NULL)
        room = new_room(core, name);
    if (room != NULL)
        chat__room_hold(room);
    return room;
}

void chat__room_hold(struct chat__room *room)
{
    room->references++;
}

void chat__room_release(struct chat__room *room)
{
    if (room == NULL || --room->references > 0)
        return;
    chat__table_remove(&room->core->rooms, &room->link);
    chat__members_release(&room->members);
    chat__deletions_release(&room->deletions);
    chat__buffer_release(&room->pending);
    free(room->live);
    free(room->topic);
    free(room);
}

enum chat__role chat__room_role(const struct chat__room *room, uint64_t user)
{
    return chat__members_role(&room->members, user);
}

/* ---- loading ---- */

struct load {
    struct chat__store_open_room open;
    struct chat__room *room; /* referenced */
};

static bool read_members(const struct chat__store_open_room *open,
                         struct chat__members *members)
{
    if (!chat__members_reserve(members, open->member_count))
        return false;
    for (size_t i = 0; i < open->member_count; i++)
        (void)chat__members_set(members, open->members[i].user,
                                open->members[i].role);
    return true;
}

/* Those who were members `before`, listen or not, and are none any more. */
static void drop_former_members(struct chat__room *room,
                                const struct chat__members *before,
                                uint64_t from)
{
    for (size_t i = 0; i < before->size; i++) {
        uint64_t id = before->slots[i].user;
        struct chat__user *user = NULL;

        if (id != 0 && chat__role_is_member(before->slots[i].role) &&
            !chat__role_is_member(chat__room_role(room, id)))
            user = chat__user_find(room->core, id);
        if (user != NULL)
            chat__user_parts(user, room, from);
    }
}

void chat__room_catch_up(struct chat__room *room, uint64_t from)
{
    while (room->live_count > 0)
        chat__subscription_fall_back(room->live[room->live_count - 1], from);
}

static enum chat__store_result adopt(struct chat__room *room,
                                     struct chat__store_open_room *open)
{
    uint64_t old_head = room->head;
    struct chat__members before = room->members;
    struct chat__members members = {0};

    if (!read_members(open, &members))
        return CHAT__STORE_BUSY;
    chat__room_flush(room);
    room->members = members;
    memcpy(room->epoch, open->epoch, sizeof(room->epoch));
    free(room->topic);
    room->topic = open->topic;
    open->topic = NULL;
    room->private_room = open->private_room;
    room->head = open->head;
    room->n = open->n;
    room->first = open->first > 0 ? open->first : 1;
    room->last_ts = open->last_ts;
    chat__deletions_forget(&room->deletions, room->head);
    drop_former_members(room, &before, old_head + 1);
    chat__members_release(&before);
    if (room->head > old_head)
        chat__room_catch_up(room, old_head + 1);
    return CHAT__STORE_OK;
}

void chat__room_settle(struct chat__room *room, enum chat__store_result result)
{
    struct chat__operation_queue loading = room->loading;
    struct chat__operation *operation;

    if (result == CHAT__STORE_OK)
        room->state = CHAT__ROOM_READY;
    else if (result == CHAT__STORE_NOT_FOUND)
        room->state = CHAT__ROOM_ABSENT;
    else
        room->state = CHAT__ROOM_UNLOADED;
    if (room->state == CHAT__ROOM_UNLOADED)
        chat__append_fail(room, result);
    else
        chat__append_pump(room);
    room->loading = (struct chat__operation_queue){0};
    /* Those that waited may be all that holds it. */
    chat__room_hold(room);
    while ((operation = chat__operation_pop(&loading)) != NULL)
        operation->loaded(operation, result);
    if (room->behind)
        chat__room_refresh(room);
    chat__room_release(room);
}

static void loaded(struct chat__completion *completion)
{
    struct load *load =
        CHAT__CONTAINER(completion, struct load, open.completion);
    struct chat__room *room = load->room;
    enum chat__store_result result = load->open.result;

    chat__store_answered(room->core);
    if (result == CHAT__STORE_OK)
        result = adopt(room, &load->open);
    chat__room_settle(room, result);
    chat__store_open_room_release(&load->open);
    free(load);
    chat__room_release(room);
}

void chat__room_reload(struct chat__room *room)
{
    struct chat__store *store = room->core->options.store;
    struct load *load = calloc(1, sizeof(*load));

    if (load == NULL) {
        chat__room_settle(room, CHAT__STORE_BUSY);
        return;
    }
    room->state = CHAT__ROOM_LOADING;
    room->behind = false;
    load->room = room;
    load->open.completion.run = loaded;
    load->open.room = room->name;
    chat__room_hold(room);
    chat__store_asked(room->core);
    store->operations->open_room(store, &load->open);
}

void chat__room_refresh(struct chat__room *room)
{
    if (room->state == CHAT__ROOM_LOADING || room->batch != NULL)
        room->behind = true;
    else if (room->state != CHAT__ROOM_UNLOADED)
        chat__room_reload(room);
}

void chat__room_await(struct chat__operation *operation)
{
    struct chat__room *room = operation->room;

    switch (room->state) {
    case CHAT__ROOM_READY:
        if (room->behind)
            chat__operation_push(&room->loading, operation);
        else
            operation->loaded(operation, CHAT__STORE_OK);
        break;
    case CHAT__ROOM_ABSENT:
        operation->loaded(operation, CHAT__STORE_NOT_FOUND);
        break;
    case CHAT__ROOM_LOADING:
        chat__operation_push(&room->loading, operation);
        break;
    case CHAT__ROOM_UNLOADED:
        chat__operation_push(&room->loading, operation);
        chat__room_reload(room);
        break;
    }
}
