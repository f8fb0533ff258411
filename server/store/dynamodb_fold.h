/*
 * How the log left a message, as an item of `folds` keeps it, and what one more
 * entry makes of it. Pure; shared by dynamodb*.c only.
 */
#ifndef CHAT_SERVER_STORE_DYNAMODB_FOLD_H
#define CHAT_SERVER_STORE_DYNAMODB_FOLD_H

#include "server/store/dynamodb_body.h"
#include "server/store/store.h"

struct chat__dynamodb_fold {
    struct chat__change change; /* `upto` is the last entry that is in it */
    uint64_t *edits;            /* the seqs of all edits */
    size_t edit_count;
};

/* From an item, NULL: none. False when it is none of ours, or memory short. */
bool chat__dynamodb_fold_read(struct chat__dynamodb_fold *fold, uint64_t ref,
                              const cJSON *item);
void chat__dynamodb_fold_release(struct chat__dynamodb_fold *fold);

/* Frees what a change points to. */
void chat__dynamodb_change_release(struct chat__change *change);

/* The value of the attribute `fold`. */
void chat__dynamodb_fold_write(const struct chat__dynamodb_fold *fold,
                               struct chat__buffer *buffer);

/*
 * One more entry that is about the message. What a delete erases is kept in
 * `edits`. False when memory is short.
 */
bool chat__dynamodb_fold_apply(struct chat__dynamodb_fold *fold,
                               const struct chat__store_entry *entry);

#endif
