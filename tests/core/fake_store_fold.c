/* How later entries left a message of the fake store. */
#include "tests/core/fake_store_data.h"

#include "protocol/event.h"

#include <stdlib.h>
#include <string.h>

/* How the reaction with an emoji stands; NULL when nobody has it on. */
static struct chat__reaction *find_reaction(const struct chat__change *change,
                                            const char *emoji)
{
    for (size_t i = 0; i < change->reaction_count; i++)
        if (strcmp(change->reactions[i].emoji, emoji) == 0)
            return &change->reactions[i];
    return NULL;
}

/* The index among those who have it on, or their count. */
static size_t find_reactor(const struct chat__reaction *reaction, uint64_t user)
{
    size_t i = 0;

    while (i < reaction->user_count && reaction->users[i] != user)
        i++;
    return i;
}

static struct chat__reaction *add_reaction(struct chat__change *change,
                                           const char *emoji)
{
    struct chat__reaction *reaction;

    change->reactions =
        must(realloc(change->reactions, (change->reaction_count + 1) *
                                            sizeof(*change->reactions)));
    reaction = &change->reactions[change->reaction_count++];
    *reaction = (struct chat__reaction){.emoji = must(strdup(emoji))};
    return reaction;
}

static void react_on(struct chat__change *change, const char *emoji,
                     uint64_t user)
{
    struct chat__reaction *reaction = find_reaction(change, emoji);
    uint64_t *users;

    if (reaction == NULL)
        reaction = add_reaction(change, emoji);
    if (find_reactor(reaction, user) < reaction->user_count)
        return;
    users = must(realloc((void *)reaction->users,
                         (reaction->user_count + 1) * sizeof(*users)));
    users[reaction->user_count++] = user;
    reaction->users = users;
}

static void drop_reaction(struct chat__change *change, size_t index)
{
    struct chat__reaction *reaction = &change->reactions[index];

    free((void *)reaction->emoji);
    free((void *)reaction->users);
    change->reaction_count--;
    memmove(reaction, reaction + 1,
            (change->reaction_count - index) * sizeof(*reaction));
}

/* An emoji that nobody has on any more loses its place. */
static void react_off(struct chat__change *change, const char *emoji,
                      uint64_t user)
{
    struct chat__reaction *reaction = find_reaction(change, emoji);
    uint64_t *users = reaction == NULL ? NULL : (uint64_t *)reaction->users;
    size_t at = reaction == NULL ? 0 : find_reactor(reaction, user);

    if (reaction == NULL || at == reaction->user_count)
        return;
    reaction->user_count--;
    memmove(&users[at], &users[at + 1],
            (reaction->user_count - at) * sizeof(*users));
    if (reaction->user_count == 0)
        drop_reaction(change, (size_t)(reaction - change->reactions));
}

static void forget(struct chat__change *change)
{
    while (change->reaction_count > 0)
        drop_reaction(change, 0);
    free((void *)change->text);
    change->text = NULL;
    change->edit = 0;
}

static void fold(struct chat__change *change, const struct fake_entry *entry,
                 uint64_t seq)
{
    switch (entry->fold) {
    case CHAT__FOLD_EDIT:
        free((void *)change->text);
        change->text = must(strdup(entry->text));
        change->edit = seq;
        break;
    case CHAT__FOLD_DELETE:
        forget(change);
        change->deleted = true;
        break;
    case CHAT__FOLD_REACT_ON:
        react_on(change, entry->emoji, entry->user);
        break;
    case CHAT__FOLD_REACT_OFF:
        react_off(change, entry->emoji, entry->user);
        break;
    case CHAT__FOLD_NONE:
        break;
    }
}

bool fake_fold(const struct fake_room *room, uint64_t ref,
               struct chat__change *change)
{
    bool any = false;

    *change = (struct chat__change){.ref = ref, .upto = room->count};
    for (size_t i = ref; i < room->count; i++) {
        const struct fake_entry *entry = &room->entries[i];

        if (entry->fold == CHAT__FOLD_NONE || entry->ref != ref)
            continue;
        fold(change, entry, i + 1);
        any = true;
    }
    return any;
}

/* Gives it an owner whose release function frees it. */
void fake_change_release(struct chat__change *change)
{
    struct chat__store_read_log owner = {.change_count = 1};

    owner.changes = must(calloc(1, sizeof(*owner.changes)));
    *owner.changes = *change;
    chat__store_read_log_release(&owner);
}

bool fake_is_deleted(const struct fake_room *room, uint64_t ref)
{
    for (size_t i = ref; i < room->count; i++)
        if (room->entries[i].fold == CHAT__FOLD_DELETE &&
            room->entries[i].ref == ref)
            return true;
    return false;
}

static void erase_entry(struct fake_entry *entry)
{
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, CHAT__OBJECT_BYTES_MAX);
    assert_true(chat__event_erase(entry->bytes, strlen(entry->bytes), &buffer));
    chat__buffer_append_byte(&buffer, '\0');
    assert_false(buffer.failed);
    free(entry->bytes);
    entry->bytes = must(strdup(buffer.data));
    chat__buffer_release(&buffer);
}

void fake_erase(struct fake_room *room, uint64_t ref)
{
    erase_entry(&room->entries[ref - 1]);
    for (size_t i = ref; i < room->count; i++) {
        struct fake_entry *entry = &room->entries[i];

        if (entry->fold == CHAT__FOLD_EDIT && entry->ref == ref) {
            erase_entry(entry);
            entry->text[0] = '\0';
        }
    }
}

void fake_count_reactions(struct chat__store_find_message *find,
                          const struct chat__change *change)
{
    const struct chat__reaction *reaction = find_reaction(change, find->emoji);

    for (size_t i = 0; i < change->reaction_count; i++)
        find->reactions += change->reactions[i].user_count;
    find->kinds = change->reaction_count;
    find->kind_is_on = reaction != NULL;
    find->is_on = reaction != NULL &&
                  find_reactor(reaction, find->reactor) < reaction->user_count;
}
