#include "sdk/room_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void room_free(struct chat__room *room)
{
    chat__timeline_release(&room->timeline);
    free(room);
}

void chat__room_table_release(struct chat__room_table *rooms)
{
    for (size_t i = 0; i < rooms->count; i++)
        room_free(rooms->list[i]);
    free(rooms->list);
    memset(rooms, 0, sizeof(*rooms));
}

/* Where `name` is or belongs. */
static size_t position_of(const struct chat__room_table *rooms,
                          const char *name, bool *found)
{
    size_t low = 0;
    size_t high = rooms->count;

    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(rooms->list[middle]->name, name);

        if (order < 0)
            low = middle + 1;
        else
            high = middle;
        *found = order == 0;
    }
    return high;
}

struct chat__room *chat__room_table_find(const struct chat__room_table *rooms,
                                         const char *name)
{
    bool found;
    size_t position = position_of(rooms, name, &found);

    return found ? rooms->list[position] : NULL;
}

static bool reserve(struct chat__room_table *rooms)
{
    size_t capacity = rooms->capacity > 0 ? rooms->capacity * 2 : 8;
    struct chat__room **list;

    if (rooms->count < rooms->capacity)
        return true;
    list = realloc(rooms->list, capacity * sizeof(struct chat__room *));
    if (list == NULL)
        return false;
    rooms->list = list;
    rooms->capacity = capacity;
    return true;
}

static struct chat__room *room_new(const char *name)
{
    struct chat__room *room = calloc(1, sizeof(*room));

    if (room == NULL)
        return NULL;
    snprintf(room->name, sizeof(room->name), "%s", name);
    chat__timeline_init(&room->timeline);
    return room;
}

struct chat__room *chat__room_table_enter(struct chat__room_table *rooms,
                                          const char *name)
{
    bool found;
    size_t position = position_of(rooms, name, &found);
    struct chat__room *room;

    if (found)
        return rooms->list[position];
    if (strlen(name) > CHAT__ROOM_NAME_BYTES_MAX ||
        rooms->count >= CHAT__ROOMS_MAX || !reserve(rooms))
        return NULL;
    room = room_new(name);
    if (room == NULL)
        return NULL;
    memmove(rooms->list + position + 1, rooms->list + position,
            (rooms->count - position) * sizeof(struct chat__room *));
    rooms->list[position] = room;
    rooms->count++;
    return room;
}

void chat__room_table_remove(struct chat__room_table *rooms,
                             struct chat__room *room)
{
    bool found;
    size_t position = position_of(rooms, room->name, &found);

    if (!found)
        return;
    rooms->count--;
    memmove(rooms->list + position, rooms->list + position + 1,
            (rooms->count - position) * sizeof(struct chat__room *));
    room_free(room);
}
