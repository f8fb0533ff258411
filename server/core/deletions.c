#include "server/core/deletions.h"

#include <stdlib.h>

#define CAPACITY_FIRST 8

void chat__deletions_release(struct chat__deletions *deletions)
{
    free(deletions->refs);
    *deletions = (struct chat__deletions){0};
}

void chat__deletions_watch(struct chat__deletions *deletions)
{
    deletions->watchers++;
}

void chat__deletions_unwatch(struct chat__deletions *deletions)
{
    if (--deletions->watchers > 0)
        return;
    free(deletions->refs);
    deletions->refs = NULL;
    deletions->count = 0;
    deletions->capacity = 0;
}

static bool grow(struct chat__deletions *deletions)
{
    size_t capacity =
        deletions->capacity == 0 ? CAPACITY_FIRST : deletions->capacity * 2;
    uint64_t *larger;

    if (capacity > CHAT__DELETIONS_MAX)
        return false;
    larger = realloc(deletions->refs, capacity * sizeof(*larger));
    if (larger == NULL)
        return false;
    deletions->refs = larger;
    deletions->capacity = capacity;
    return true;
}

void chat__deletions_add(struct chat__deletions *deletions, uint64_t seq,
                         uint64_t ref)
{
    if (deletions->watchers == 0)
        return;
    if (deletions->count == deletions->capacity && !grow(deletions))
        chat__deletions_forget(deletions, seq);
    else
        deletions->refs[deletions->count++] = ref;
}

void chat__deletions_forget(struct chat__deletions *deletions, uint64_t seq)
{
    deletions->count = 0;
    deletions->since = seq;
}

bool chat__deletions_has(const struct chat__deletions *deletions, uint64_t ref)
{
    for (size_t i = 0; i < deletions->count; i++)
        if (deletions->refs[i] == ref)
            return true;
    return false;
}
