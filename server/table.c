#include "server/table.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 64

void chat__table_release(struct chat__table *table)
{
    free(table->slots);
    *table = (struct chat__table){0};
}

static bool resize(struct chat__table *table, size_t size)
{
    struct chat__table_link **slots = calloc(size, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < table->size; i++) {
        struct chat__table_link *link = table->slots[i];

        while (link != NULL) {
            struct chat__table_link *next = link->next;
            struct chat__table_link **slot = &slots[link->hash & (size - 1)];

            link->next = *slot;
            *slot = link;
            link = next;
        }
    }
    free(table->slots);
    table->slots = slots;
    table->size = size;
    return true;
}

bool chat__table_insert(struct chat__table *table,
                        struct chat__table_link *link, uint64_t hash)
{
    struct chat__table_link **slot;

    if (table->size == 0 && !resize(table, SIZE_FIRST))
        return false;
    /* Longer chains are no failure, so memory may be short here. */
    if (table->count >= table->size)
        (void)resize(table, table->size * 2);
    slot = &table->slots[hash & (table->size - 1)];
    link->hash = hash;
    link->next = *slot;
    *slot = link;
    table->count++;
    return true;
}

void chat__table_remove(struct chat__table *table,
                        struct chat__table_link *link)
{
    struct chat__table_link **at =
        &table->slots[link->hash & (table->size - 1)];

    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    table->count--;
}

struct chat__table_link *chat__table_find(const struct chat__table *table,
                                          uint64_t hash)
{
    struct chat__table_link *link;

    if (table->size == 0)
        return NULL;
    link = table->slots[hash & (table->size - 1)];
    while (link != NULL && link->hash != hash)
        link = link->next;
    return link;
}

struct chat__table_link *chat__table_next(const struct chat__table_link *link)
{
    struct chat__table_link *next = link->next;

    while (next != NULL && next->hash != link->hash)
        next = next->next;
    return next;
}

static uint64_t reverse(uint64_t value)
{
    uint64_t reversed = 0;

    for (int i = 0; i < 64; i++) {
        reversed = reversed << 1 | (value & 1);
        value >>= 1;
    }
    return reversed;
}

/*
 * Counts from the highest bit of the slot's number downwards. A table that
 * doubles splits each slot into two that differ in a new highest bit: both have
 * been visited when theirs was, and both are still to come when it was not.
 */
uint64_t chat__table_scan(const struct chat__table *table, uint64_t cursor,
                          struct chat__table_link **first)
{
    uint64_t mask = table->size - 1;

    *first = NULL;
    if (table->size == 0)
        return 0;
    *first = table->slots[cursor & mask];
    return reverse(reverse(cursor | ~mask) + 1);
}

/* The finalizer of MurmurHash3: a bijection that spreads every bit. */
uint64_t chat__hash_integer(uint64_t value)
{
    value ^= value >> 33;
    value *= UINT64_C(0xff51afd7ed558ccd);
    value ^= value >> 33;
    value *= UINT64_C(0xc4ceb9fe1a85ec53);
    value ^= value >> 33;
    return value;
}

/* FNV-1a from a secret start, so that nobody can choose the slots. */
uint64_t chat__hash_bytes(uint64_t seed, const void *bytes, size_t length)
{
    uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325);
    const unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++) {
        hash ^= at[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return chat__hash_integer(hash);
}

uint64_t chat__hash_string(uint64_t seed, const char *string)
{
    return chat__hash_bytes(seed, string, strlen(string));
}
