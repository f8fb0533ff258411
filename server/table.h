/*
 * A hash table of objects that carry their own link. It owns the slots, never
 * the objects. Equal hashes are possible: a look-up walks chat__table_find and
 * chat__table_next and compares for itself.
 */
#ifndef CHAT_SERVER_TABLE_H
#define CHAT_SERVER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The struct of `type` whose `member` is at `pointer`. */
#define CHAT__CONTAINER(pointer, type, member)                                 \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

struct chat__table_link {
    struct chat__table_link *next;
    uint64_t hash;
};

struct chat__table {
    struct chat__table_link **slots;
    size_t size; /* 0 or a power of two */
    size_t count;
};

void chat__table_release(struct chat__table *table);

/* False when memory is short. */
bool chat__table_insert(struct chat__table *table,
                        struct chat__table_link *link, uint64_t hash);
void chat__table_remove(struct chat__table *table,
                        struct chat__table_link *link);

/* The first link with this hash, then the others; NULL at the end. */
struct chat__table_link *chat__table_find(const struct chat__table *table,
                                          uint64_t hash);
struct chat__table_link *chat__table_next(const struct chat__table_link *link);

/*
 * A walk in pieces, slot by slot, while objects come and go: `*first` is the
 * chain of the slot at `cursor`; returns the next cursor, 0 at the end as at
 * the beginning. What is there from the beginning to the end of a walk comes
 * exactly once, also when the table grows meanwhile.
 */
uint64_t chat__table_scan(const struct chat__table *table, uint64_t cursor,
                          struct chat__table_link **first);

uint64_t chat__hash_bytes(uint64_t seed, const void *bytes, size_t length);
uint64_t chat__hash_string(uint64_t seed, const char *string);
uint64_t chat__hash_integer(uint64_t value);

#endif
