#include "server/core/members.h"

#include "server/table.h"

#include <stdlib.h>

#define SIZE_FIRST 8

void chat__members_release(struct chat__members *members)
{
    free(members->slots);
    *members = (struct chat__members){0};
}

/* Where the user is, or the free slot where it would be. */
static size_t slot_of(const struct chat__members *members, uint64_t user)
{
    size_t mask = members->size - 1;
    size_t slot = chat__hash_integer(user) & mask;

    while (members->slots[slot].user != 0 && members->slots[slot].user != user)
        slot = (slot + 1) & mask;
    return slot;
}

bool chat__members_reserve(struct chat__members *members, size_t more)
{
    struct chat__members larger = {0};
    size_t need = members->count + more;

    /* At most three quarters are taken, so every probe ends. */
    larger.size = members->size == 0 ? SIZE_FIRST : members->size;
    while (larger.size / 4 * 3 < need)
        larger.size *= 2;
    if (larger.size == members->size)
        return true;
    larger.slots = calloc(larger.size, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < members->size; i++)
        if (members->slots[i].user != 0)
            larger.slots[slot_of(&larger, members->slots[i].user)] =
                members->slots[i];
    larger.count = members->count;
    larger.member_count = members->member_count;
    larger.owner_count = members->owner_count;
    free(members->slots);
    *members = larger;
    return true;
}

static void count_role(struct chat__members *members, enum chat__role old,
                       enum chat__role new)
{
    members->member_count += chat__role_is_member(new);
    members->member_count -= chat__role_is_member(old);
    members->owner_count += new == CHAT__ROLE_OWNER;
    members->owner_count -= old == CHAT__ROLE_OWNER;
}

bool chat__members_set(struct chat__members *members, uint64_t user,
                       enum chat__role role)
{
    size_t slot;

    if (chat__members_find(members, user) == NULL) {
        if (!chat__members_reserve(members, 1))
            return false;
        members->count++;
    }
    slot = slot_of(members, user);
    count_role(members, members->slots[slot].role, role);
    members->slots[slot].user = user;
    members->slots[slot].role = role;
    return true;
}

/* Moves up what a free slot would cut off from its probe. */
static void close_gap(struct chat__members *members, size_t gap)
{
    size_t mask = members->size - 1;
    size_t at = gap;

    for (;;) {
        size_t home;

        members->slots[gap] = (struct chat__store_standing){0};
        do {
            at = (at + 1) & mask;
            if (members->slots[at].user == 0)
                return;
            home = chat__hash_integer(members->slots[at].user) & mask;
        } while (((at - home) & mask) < ((at - gap) & mask));
        members->slots[gap] = members->slots[at];
        gap = at;
    }
}

void chat__members_drop(struct chat__members *members, uint64_t user)
{
    const struct chat__store_standing *standing =
        chat__members_find(members, user);

    if (standing == NULL)
        return;
    count_role(members, standing->role, CHAT__ROLE_NONE);
    close_gap(members, slot_of(members, user));
    members->count--;
}

const struct chat__store_standing *
chat__members_find(const struct chat__members *members, uint64_t user)
{
    const struct chat__store_standing *standing;

    if (members->size == 0)
        return NULL;
    standing = &members->slots[slot_of(members, user)];
    return standing->user == 0 ? NULL : standing;
}

enum chat__role chat__members_role(const struct chat__members *members,
                                   uint64_t user)
{
    const struct chat__store_standing *standing =
        chat__members_find(members, user);

    return standing == NULL ? CHAT__ROLE_NONE : standing->role;
}
