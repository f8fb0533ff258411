#include "server/core/elsewhere.h"

#include "server/core/presence.h"
#include "server/core/publish.h"

#include <stdlib.h>

/* In the core's table, and in its list: the one that was heard of longest ago
 * first. */
struct chat__elsewhere {
    struct chat__table_link link;
    struct chat__elsewhere *previous;
    struct chat__elsewhere *next;
    uint64_t user;
    int64_t until_ms; /* monotonic */
    enum chat__presence presence;
    bool changed; /* rooms are to be told */
};

static struct chat__elsewhere *find(const struct chat__core *core,
                                    uint64_t user)
{
    struct chat__table_link *link =
        chat__table_find(&core->elsewhere, chat__hash_integer(user));

    /* The hash is a bijection of the id. */
    return link == NULL ? NULL
                        : CHAT__CONTAINER(link, struct chat__elsewhere, link);
}

static void unlink_entry(struct chat__core *core, struct chat__elsewhere *entry)
{
    if (entry->previous == NULL)
        core->elsewhere_first = entry->next;
    else
        entry->previous->next = entry->next;
    if (entry->next == NULL)
        core->elsewhere_last = entry->previous;
    else
        entry->next->previous = entry->previous;
}

static void append(struct chat__core *core, struct chat__elsewhere *entry)
{
    entry->until_ms = chat__monotonic_ms(core) + CHAT__ELSEWHERE_MS;
    entry->next = NULL;
    entry->previous = core->elsewhere_last;
    if (core->elsewhere_last == NULL)
        core->elsewhere_first = entry;
    else
        core->elsewhere_last->next = entry;
    core->elsewhere_last = entry;
}

static void drop(struct chat__core *core, struct chat__elsewhere *entry)
{
    unlink_entry(core, entry);
    chat__table_remove(&core->elsewhere, &entry->link);
    free(entry);
}

static struct chat__elsewhere *make(struct chat__core *core, uint64_t user)
{
    struct chat__elsewhere *entry;

    if (core->elsewhere.count >= CHAT__ELSEWHERE_MAX)
        return NULL;
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    entry->user = user;
    entry->presence = CHAT__PRESENCE_OFFLINE;
    if (!chat__table_insert(&core->elsewhere, &entry->link,
                            chat__hash_integer(user))) {
        free(entry);
        return NULL;
    }
    append(core, entry);
    return entry;
}

enum chat__presence chat__elsewhere_presence(const struct chat__core *core,
                                             uint64_t user)
{
    const struct chat__elsewhere *entry = find(core, user);

    return entry == NULL ? CHAT__PRESENCE_OFFLINE : entry->presence;
}

/* ---- what others say ---- */

/* A user who is here as well shows one thing everywhere. */
static void agree(struct chat__user *user, enum chat__presence presence,
                  bool set)
{
    if (presence == CHAT__PRESENCE_OFFLINE)
        chat__publish_presence(user->core, user->id, user->presence, false);
    else if (set)
        chat__presence_follow(user, presence);
}

void chat__elsewhere_hear(struct chat__core *core, uint64_t id,
                          unsigned int state)
{
    bool set = (state & CHAT__BUS_PRESENCE_SET) != 0;
    unsigned int presence = state & ~CHAT__BUS_PRESENCE_SET;
    struct chat__user *user = chat__user_find(core, id);
    struct chat__elsewhere *entry = find(core, id);

    if (id == 0 || presence > CHAT__PRESENCE_DND)
        return;
    if (user != NULL && user->there)
        agree(user, (enum chat__presence)presence, set);
    if (entry == NULL && presence != CHAT__PRESENCE_OFFLINE)
        entry = make(core, id);
    if (entry == NULL)
        return;
    if (entry->presence != (enum chat__presence)presence) {
        entry->presence = (enum chat__presence)presence;
        entry->changed = true;
        core->elsewhere_changed = true;
    }
    unlink_entry(core, entry);
    append(core, entry);
}

/* ---- rooms ---- */

/* What is shown of a user who is here as well does not change by it. */
static bool is_here(const struct chat__core *core, uint64_t id)
{
    const struct chat__user *user = chat__user_find(core, id);

    return user != NULL && user->there;
}

static void tell_room(struct chat__room *room)
{
    const struct chat__members *members = &room->members;

    if (room->live_count == 0 ||
        members->member_count > CHAT__PRESENCE_ROOM_MAX)
        return;
    for (size_t i = 0; i < members->size; i++) {
        const struct chat__elsewhere *entry =
            chat__role_is_member(members->slots[i].role)
                ? find(room->core, members->slots[i].user)
                : NULL;

        if (entry != NULL && entry->changed &&
            !is_here(room->core, entry->user))
            chat__presence_note(room, entry->user, false);
    }
}

static void tell_rooms(struct chat__core *core)
{
    for (size_t i = 0; i < core->rooms.size; i++)
        for (struct chat__table_link *link = core->rooms.slots[i]; link != NULL;
             link = link->next)
            tell_room(CHAT__CONTAINER(link, struct chat__room, link));
}

static void expire(struct chat__core *core, int64_t now_ms)
{
    for (struct chat__elsewhere *entry = core->elsewhere_first;
         entry != NULL && entry->until_ms <= now_ms; entry = entry->next)
        if (entry->presence != CHAT__PRESENCE_OFFLINE) {
            entry->presence = CHAT__PRESENCE_OFFLINE;
            entry->changed = true;
            core->elsewhere_changed = true;
        }
}

/* What rooms know by now; who is nowhere goes. */
static void settle(struct chat__core *core)
{
    struct chat__elsewhere *entry = core->elsewhere_first;

    while (entry != NULL) {
        struct chat__elsewhere *next = entry->next;

        entry->changed = false;
        if (entry->presence == CHAT__PRESENCE_OFFLINE)
            drop(core, entry);
        entry = next;
    }
    core->elsewhere_changed = false;
}

/* ---- what this task says ---- */

static void repeat(struct chat__core *core, int64_t now_ms)
{
    int64_t passed = now_ms - core->repeated_ms;
    size_t slots;

    if (passed > CHAT__ELSEWHERE_REPEAT_MS)
        passed = CHAT__ELSEWHERE_REPEAT_MS;
    slots = core->users.size * (size_t)passed / CHAT__ELSEWHERE_REPEAT_MS;
    if (slots == 0)
        return;
    core->repeated_ms = now_ms;
    for (size_t i = 0; i < slots; i++) {
        struct chat__table_link *link;

        core->repeat_cursor =
            chat__table_scan(&core->users, core->repeat_cursor, &link);
        for (; link != NULL; link = link->next) {
            const struct chat__user *user =
                CHAT__CONTAINER(link, struct chat__user, link);

            if (user->there)
                chat__publish_presence(core, user->id, user->presence, false);
        }
    }
}

void chat__elsewhere_tick(struct chat__core *core, int64_t now_ms)
{
    if (core->options.bus == NULL)
        return;
    expire(core, now_ms);
    if (core->elsewhere_changed) {
        tell_rooms(core);
        settle(core);
    }
    repeat(core, now_ms);
}

void chat__elsewhere_release(struct chat__core *core)
{
    while (core->elsewhere_first != NULL)
        drop(core, core->elsewhere_first);
    chat__table_release(&core->elsewhere);
}
