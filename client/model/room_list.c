#include "client/model/room_list.h"
#include "client/model/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 16

/* docs/protocol.md reserves the prefix. */
static bool is_direct(const char *name)
{
    return strncmp(name, "dm.", 3) == 0;
}

static void free_room(struct chat__room *room)
{
    chat__safe_text_release(&room->title);
    chat__safe_text_release(&room->topic);
    chat__room_log_release(&room->log);
    chat__input_release(&room->input);
    chat__typing_release(&room->typing);
    chat__people_release(&room->people);
    chat__intent_release(&room->intent);
    free(room);
}

static struct chat__room *new_room(const char *name)
{
    struct chat__room *room = calloc(1, sizeof(*room));

    if (room == NULL) {
        return NULL;
    }
    if (!chat__safe_text_init(&room->title, name, CHAT__SAFE_LINE)) {
        free(room);
        return NULL;
    }
    snprintf(room->name, sizeof(room->name), "%s", name);
    room->direct = is_direct(name);
    chat__room_log_init(&room->log);
    chat__view_resize(&room->view, 1, 1);
    return room;
}

void chat__room_list_release(struct chat__room_list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        free_room(list->rooms[i]);
    }
    free(list->rooms);
    memset(list, 0, sizeof(*list));
}

static int compare(const char *a, const char *b)
{
    int order = (int)is_direct(a) - (int)is_direct(b);

    return order != 0 ? order : strcmp(a, b);
}

/* The place of a name: where it is, or where it belongs. */
static size_t place_of(const struct chat__room_list *list, const char *name)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(list->rooms[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct chat__room *chat__room_list_find(const struct chat__room_list *list,
                                        const char *name)
{
    size_t place = place_of(list, name);

    if (place < list->count && strcmp(list->rooms[place]->name, name) == 0) {
        return list->rooms[place];
    }
    return NULL;
}

static bool reserve(struct chat__room_list *list)
{
    size_t capacity = list->capacity == 0 ? CAPACITY_MIN : list->capacity * 2;
    struct chat__room **rooms;

    if (list->count >= CHAT__ROOM_LIST_MAX) {
        return false;
    }
    if (list->count < list->capacity) {
        return true;
    }
    rooms = reallocarray(list->rooms, capacity, sizeof(struct chat__room *));
    if (rooms == NULL) {
        return false;
    }
    list->rooms = rooms;
    list->capacity = capacity;
    return true;
}

struct chat__room *chat__room_list_add(struct chat__room_list *list,
                                       const char *name)
{
    struct chat__room *room = chat__room_list_find(list, name);
    size_t place;

    if (room != NULL || strlen(name) >= CHAT__ROOM_NAME_BYTES ||
        !reserve(list)) {
        return room;
    }
    room = new_room(name);
    if (room == NULL) {
        return NULL;
    }
    place = place_of(list, name);
    memmove(list->rooms + place + 1, list->rooms + place,
            (list->count - place) * sizeof(struct chat__room *));
    list->rooms[place] = room;
    if (list->count > 0 && place <= list->focus) {
        list->focus++;
    }
    list->count++;
    return room;
}

void chat__room_list_remove(struct chat__room_list *list,
                            struct chat__room *room)
{
    size_t place = place_of(list, room->name);

    list->count--;
    memmove(list->rooms + place, list->rooms + place + 1,
            (list->count - place) * sizeof(struct chat__room *));
    if (list->focus > 0 &&
        (list->focus > place || list->focus == list->count)) {
        list->focus--;
    }
    free_room(room);
}

struct chat__room *chat__room_list_focused(const struct chat__room_list *list)
{
    return list->count == 0 ? NULL : list->rooms[list->focus];
}

void chat__room_list_focus(struct chat__room_list *list,
                           const struct chat__room *room)
{
    list->focus = place_of(list, room->name);
}

struct chat__room *chat__room_list_neighbour(const struct chat__room_list *list,
                                             int step)
{
    size_t distance = step < 0 ? list->count - 1 : 1;

    return list->count == 0
               ? NULL
               : list->rooms[(list->focus + distance) % list->count];
}

struct chat__room *
chat__room_list_next_unread(const struct chat__room_list *list)
{
    struct chat__room *found = NULL;
    size_t i;

    for (i = 1; i < list->count; i++) {
        struct chat__room *room = list->rooms[(list->focus + i) % list->count];
        if (room->mentions > 0) {
            return room;
        }
        if (found == NULL && room->unread > 0) {
            found = room;
        }
    }
    return found;
}

struct chat__room *chat__room_list_match(const struct chat__room_list *list,
                                         const char *prefix)
{
    struct chat__room *exact = chat__room_list_find(list, prefix);
    size_t i;

    if (exact != NULL) {
        return exact;
    }
    for (i = 0; i < list->count; i++) {
        const char *title = chat__safe_string(&list->rooms[i]->title);
        bool without_sign = *title == '@' && *prefix != '@';
        if (chat__begins_with(title + without_sign, prefix)) {
            return list->rooms[i];
        }
    }
    return NULL;
}

uint64_t chat__room_list_unread(const struct chat__room_list *list)
{
    uint64_t unread = 0;
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (i != list->focus) {
            unread += list->rooms[i]->unread;
        }
    }
    return unread;
}

uint64_t chat__room_list_mentions(const struct chat__room_list *list)
{
    uint64_t mentions = 0;
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (i != list->focus) {
            mentions += list->rooms[i]->mentions;
        }
    }
    return mentions;
}

size_t chat__room_list_pending(const struct chat__room_list *list)
{
    size_t count = 0;
    size_t i;

    for (i = 0; i < list->count; i++) {
        count +=
            list->rooms[i]->log.pending.count + list->rooms[i]->log.asked_count;
    }
    return count;
}
