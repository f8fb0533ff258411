/*
 * Whether DynamoDB's tables keep the promises: chunks tile each room's log, its
 * entries are in one order, every key is there once and was claimed, and what
 * is projected from the logs (docs/dynamodb.md) is what a fold of them gives.
 * Only reads.
 *
 * What is read is no snapshot: where tasks write meanwhile, what is projected
 * from the newest entries may be told as missing. So may what a task that died
 * has left undone, until somebody opens the room.
 *
 * In memory are the ids of all users, the names of all rooms, and of one room
 * at a time: who ever stood to it, its folds, and 24 bytes for each entry.
 *
 * One call, one thread; nothing is kept between calls.
 */
#ifndef CHAT_SERVER_VERIFY_TABLES_H
#define CHAT_SERVER_VERIFY_TABLES_H

#include "server/store/store.h"
#include "server/verify/verify.h"

struct chat__verify_tables_options {
    struct chat__store *store; /* on DynamoDB; used by nobody else meanwhile */
    void (*step)(void *context); /* waits until a request may have ended */
    void *step_context;
    /* As of a file; `path` is not looked at. */
    struct chat__verify_options findings;
};

/* UNREADABLE: `message` says why. `counts` is what was read by then. */
enum chat__verify_result
chat__verify_tables(const struct chat__verify_tables_options *options,
                    struct chat__verify_counts *counts, char *message,
                    size_t message_size);

#endif
