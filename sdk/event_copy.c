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

static void copy_person(struct arena *arena, chat_person *person)
{
    copy_string(arena, &person->id);
    copy_string(arena, &person->name);
}

/* Replaces a list of strings. */
static void copy_strings(struct arena *arena, const char *const **list,
                         size_t count)
{
    const char **pointers = take_pointers(arena, count);

    for (size_t i = 0; i < count; i++) {
        const char *string = (*list)[i];

        copy_string(arena, &string);
        if (pointers != NULL)
            pointers[i] = string;
    }
    if (pointers != NULL)
        *list = pointers;
}

static void copy_entry(struct arena *arena, chat_entry *entry)
{
    copy_string(arena, &entry->user_id);
    copy_string(arena, &entry->user_name);
    copy_string(arena, &entry->key);
    copy_string(arena, &entry->text);
    copy_bytes(arena, &entry->json, entry->json_length);
    copy_strings(arena, &entry->mentions, entry->mention_count);
    copy_string(arena, &entry->emoji);
    copy_person(arena, &entry->with);
    copy_person(arena, &entry->user);
    copy_string(arena, &entry->reason);
    copy_string(arena, &entry->topic);
}

static void copy_reactions(struct arena *arena, chat_change *change)
{
    const chat_reaction **pointers =
        take_pointers(arena, change->reaction_count);

    for (size_t i = 0; i < change->reaction_count; i++) {
        chat_reaction *place =
            take(arena, sizeof(*place), alignof(chat_reaction));
        chat_reaction reaction = *change->reactions[i];

        copy_string(arena, &reaction.emoji);
        copy_strings(arena, &reaction.users, reaction.count);
        if (place == NULL)
            continue;
        *place = reaction;
        pointers[i] = place;
    }
    if (pointers != NULL)
        change->reactions = pointers;
}

static void copy_changes(struct arena *arena, chat_history_event *history)
{
    const chat_change **pointers = take_pointers(arena, history->change_count);

    for (size_t i = 0; i < history->change_count; i++) {
        chat_change *place = take(arena, sizeof(*place), alignof(chat_change));
        chat_change change = *history->changes[i];

        copy_string(arena, &change.text);
        copy_reactions(arena, &change);
        if (place == NULL)
            continue;
        *place = change;
        pointers[i] = place;
    }
    if (pointers != NULL)
        history->changes = pointers;
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
    copy_changes(arena, history);
}

static void copy_member_list(struct arena *arena, chat_members_event *members)
{
    const chat_member **pointers = take_pointers(arena, members->count);

    for (size_t i = 0; i < members->count; i++) {
        chat_member *place = take(arena, sizeof(*place), alignof(chat_member));
        chat_member member = *members->members[i];

        copy_string(arena, &member.user_id);
        copy_string(arena, &member.user_name);
        if (place == NULL)
            continue;
        *place = member;
        pointers[i] = place;
    }
    if (pointers != NULL)
        members->members = pointers;
}

static void copy_presence(struct arena *arena, chat_presence_event *presence)
{
    const chat_user_presence **pointers = take_pointers(arena, presence->count);

    for (size_t i = 0; i < presence->count; i++) {
        chat_user_presence *place =
            take(arena, sizeof(*place), alignof(chat_user_presence));
        chat_user_presence user = *presence->users[i];

        copy_string(arena, &user.user_id);
        if (place == NULL)
            continue;
        *place = user;
        pointers[i] = place;
    }
    if (pointers != NULL)
        presence->users = pointers;
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
        copy_person(arena, &event->u.room.by);
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
    case CHAT_EVENT_MEMBERS:
        copy_member_list(arena, &event->u.members);
        break;
    case CHAT_EVENT_PRESENCE:
        copy_presence(arena, &event->u.presence);
        break;
    case CHAT_EVENT_DONE:
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
