#include "sdk/event_copy.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory handed out from the start of one block. Without a block it only
 * counts, so that one walk over the event both measures and copies.
 */
struct arena {
    char *block; /* NULL: count */
    size_t used;
};

static void *take(struct arena *arena, size_t size, size_t alignment)
{
    size_t start = (arena->used + alignment - 1) / alignment * alignment;

    arena->used = start + size;
    return arena->block != NULL ? arena->block + start : NULL;
}

static void *take_pointers(struct arena *arena, size_t count)
{
    return take(arena, count * sizeof(void *), alignof(void *));
}

static void copy_bytes(struct arena *arena, const char **string, size_t length)
{
    char *copy = take(arena, length + 1, 1);

    if (copy == NULL)
        return;
    memcpy(copy, *string, length);
    copy[length] = '\0';
    *string = copy;
}

static void copy_string(struct arena *arena, const char **string)
{
    if (*string != NULL)
        copy_bytes(arena, string, strlen(*string));
}

static void copy_entry(struct arena *arena, chat_entry *entry)
{
    copy_string(arena, &entry->user_id);
    copy_string(arena, &entry->user_name);
    copy_string(arena, &entry->key);
    copy_string(arena, &entry->text);
    copy_bytes(arena, &entry->json, entry->json_length);
}

static void copy_history(struct arena *arena, chat_history_event *history)
{
    const chat_entry **pointers = take_pointers(arena, history->count);

    for (size_t i = 0; i < history->count; i++) {
        chat_entry *place = take(arena, sizeof(*place), alignof(chat_entry));
        chat_entry entry = *history->entries[i];

        copy_entry(arena, &entry);
        if (place == NULL)
            continue;
        *place = entry;
        pointers[i] = place;
    }
    if (pointers != NULL)
        history->entries = pointers;
}

static void copy_rooms(struct arena *arena, chat_rooms_event *rooms)
{
    const chat_room_summary **pointers = take_pointers(arena, rooms->count);

    for (size_t i = 0; i < rooms->count; i++) {
        chat_room_summary *place =
            take(arena, sizeof(*place), alignof(chat_room_summary));
        chat_room_summary room = *rooms->rooms[i];

        copy_string(arena, &room.room);
        copy_string(arena, &room.topic);
        if (place == NULL)
            continue;
        *place = room;
        pointers[i] = place;
    }
    if (pointers != NULL)
        rooms->rooms = pointers;
}

static void copy_state(struct arena *arena, chat_state_event *state)
{
    copy_string(arena, &state->detail);
    copy_string(arena, &state->user_id);
    copy_string(arena, &state->user_name);
}

/* Replaces every pointer in `event` by one to a copy. */
static void copy_members(struct arena *arena, chat_event *event)
{
    copy_string(arena, &event->room);
    switch (event->type) {
    case CHAT_EVENT_STATE:
        copy_state(arena, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        copy_string(arena, &event->u.room.topic);
        break;
    case CHAT_EVENT_ENTRY:
        copy_entry(arena, &event->u.entry);
        break;
    case CHAT_EVENT_HISTORY:
        copy_history(arena, &event->u.history);
        break;
    case CHAT_EVENT_ROOMS:
        copy_rooms(arena, &event->u.rooms);
        break;
    case CHAT_EVENT_SENT:
        copy_string(arena, &event->u.sent.key);
        break;
    case CHAT_EVENT_FAILED:
        copy_string(arena, &event->u.failed.detail);
        copy_string(arena, &event->u.failed.key);
        break;
    case CHAT_EVENT_TYPING:
        copy_string(arena, &event->u.typing.user_id);
        copy_string(arena, &event->u.typing.user_name);
        break;
    }
}

struct chat__queued_event *chat__event_copy(const chat_event *event)
{
    struct arena arena = {.used = sizeof(struct chat__queued_event)};
    struct chat__queued_event *copy;
    chat_event members = *event;

    copy_members(&arena, &members);
    copy = malloc(arena.used);
    if (copy == NULL)
        return NULL;
    copy->next = NULL;
    copy->bytes = arena.used;
    copy->event = *event;
    arena = (struct arena){.block = (char *)copy, .used = sizeof(*copy)};
    copy_members(&arena, &copy->event);
    return copy;
}
