#include "server/core/sign_in.h"

#include "server/core/user.h"

void chat__sign_in_begin(struct chat__core *core, struct chat__sign_in *entry)
{
    entry->number = ++core->sign_in_number;
    entry->changes = core->changed_count;
    entry->next = NULL;
    entry->previous = core->sign_in_last;
    if (core->sign_in_last == NULL)
        core->sign_in_first = entry;
    else
        core->sign_in_last->next = entry;
    core->sign_in_last = entry;
}

void chat__sign_in_end(struct chat__core *core, struct chat__sign_in *entry)
{
    if (entry->previous == NULL)
        core->sign_in_first = entry->next;
    else
        entry->previous->next = entry->next;
    if (entry->next == NULL)
        core->sign_in_last = entry->previous;
    else
        entry->next->previous = entry->previous;
    chat__user_sweep(core);
}

void chat__sign_in_changed(struct chat__core *core, uint64_t user)
{
    if (core->sign_in_first != NULL)
        core->changed[core->changed_count++ % CHAT__CHANGED_USERS] = user;
}

bool chat__sign_in_is_old(const struct chat__core *core,
                          const struct chat__sign_in *entry, uint64_t user)
{
    const struct chat__user *there = chat__user_find(core, user);

    if (there != NULL)
        return entry->number <= there->ended;
    if (core->changed_count - entry->changes > CHAT__CHANGED_USERS)
        return true;
    for (uint64_t i = entry->changes; i < core->changed_count; i++)
        if (core->changed[i % CHAT__CHANGED_USERS] == user)
            return true;
    return false;
}
