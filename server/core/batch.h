/*
 * The entries of one append: composed from what waits in a room, handed to
 * the store, freed when the store has answered.
 *
 * entries[i] came from operations[i]; the operations are the batch's until
 * append.c takes them back. An entry's bytes are followed by '\n', so that the
 * batch's bytes are what listeners get.
 */
#ifndef CHAT_SERVER_CORE_BATCH_H
#define CHAT_SERVER_CORE_BATCH_H

#include "server/core/append.h"
#include "server/core/members.h"

struct chat__batch {
    struct chat__store_append append;
    struct chat__room *room;
    struct chat__store_entry *entries;
    struct chat__operation **operations;
    uint64_t *key_hashes; /* of user and key of each, and of the next */
    size_t count;
    size_t capacity;
    int64_t asked_us;    /* when the store got it, for observers ... */
    int64_t answered_us; /* ... and was done with it */
    struct chat__buffer bytes;
    struct chat__members changed; /* standings that its entries make */
    size_t owners;                /* of the room, with them */
    char *topic;                  /* the room's after it; NULL: as it is */
    char epoch[CHAT__EPOCH_BYTES_MAX + 1]; /* when it makes the room */
};

/* Big enough for what waits in the room; NULL when memory is short. */
struct chat__batch *chat__batch_new(struct chat__room *room);

/* Does not touch the operations. */
void chat__batch_free(struct chat__batch *batch);

/* Moves operations from the room's queue into the batch, or answers them. */
void chat__batch_compose(struct chat__batch *batch);

/* Its entries are durable: the room, its listeners and users follow. */
void chat__batch_apply(struct chat__batch *batch);

/* The joins in it are in flight no more. */
void chat__batch_settle_joins(struct chat__batch *batch);

#endif
