#include "tests/bench/floor.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS     4096
#define PENDING_MAX (64u << 20)

static struct floor_rooms buckets[BUCKETS];

/* FNV-1a */
static uint32_t digest(const char *name, size_t length)
{
    uint32_t value = 2166136261u;
    for (size_t at = 0; at < length; at++)
        value = (value ^ (unsigned char)name[at]) * 16777619u;
    return value;
}

static struct floor_room *new_room(const char *name, size_t length)
{
    struct floor_room *room = calloc(1, sizeof(*room) + length);
    if (!room)
        return NULL;
    chat__buffer_init(&room->pending, PENDING_MAX);
    memcpy(room->name, name, length);
    room->name_length = length;
    return room;
}

struct floor_room *floor_find_room(const char *name, size_t length)
{
    struct floor_rooms *bucket = &buckets[digest(name, length) % BUCKETS];
    struct floor_room *room;
    SLIST_FOREACH(room, bucket, next)
    {
        if (room->name_length == length &&
            memcmp(room->name, name, length) == 0)
            return room;
    }
    room = new_room(name, length);
    if (room)
        SLIST_INSERT_HEAD(bucket, room, next);
    return room;
}

static bool make_place(struct floor_room *room)
{
    size_t capacity = room->capacity ? 2 * room->capacity : 8;
    struct floor_connection **members;
    if (room->count < room->capacity)
        return true;
    members = reallocarray(room->members, capacity,
                           sizeof(struct floor_connection *));
    if (!members)
        return false;
    room->members = members;
    room->capacity = capacity;
    return true;
}

void floor_leave(struct floor_connection *connection)
{
    struct floor_room *room = connection->room;
    struct floor_connection *last;
    if (!room)
        return;
    last = room->members[--room->count];
    room->members[connection->place] = last;
    last->place = connection->place;
    connection->room = NULL;
}

void floor_join(struct floor_connection *connection, struct floor_room *room)
{
    floor_leave(connection);
    if (!room || !make_place(room))
        return;
    connection->room = room;
    connection->place = room->count;
    room->members[room->count++] = connection;
}
