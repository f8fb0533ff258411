/*
 * The way into a room's log.
 *
 * A room has one append in flight; keyed operations gather in room->waiting.
 * When the append has returned, the next batch is composed: each operation is
 * checked, in order, against the room at that head with the batch's earlier
 * entries applied (the view), and becomes an entry, or is answered without
 * one. An answer that would lean on entries of the same batch, which are not
 * durable yet, waits for the next batch; so does a key that the batch holds
 * already.
 *
 * Keys are taken to be new. A store that finds one used says DUPLICATE; what
 * exists is answered from there and the rest is composed anew. On CONFLICT the
 * room is read anew first. What makes no entry never meets the store that way:
 * its key is looked up before it is answered (key.h).
 */
#ifndef CHAT_SERVER_CORE_APPEND_H
#define CHAT_SERVER_CORE_APPEND_H

#include "protocol/event.h"
#include "server/core/room.h"

#define CHAT__BATCH_ENTRIES_MAX 512
#define CHAT__BATCH_BYTES_MAX   (512 * 1024)

/* The room as the next entry of a batch meets it. */
struct chat__view {
    const struct chat__room *room;
    bool exists;
    bool private_room;
    uint64_t head;
    enum chat__role role; /* of the operation's user */
};

enum chat__verdict {
    CHAT__VERDICT_ENTRY,   /* append it */
    CHAT__VERDICT_NONE,    /* a new key: fine without an entry */
    CHAT__VERDICT_CURRENT, /* any key: answered by how the room is now */
    CHAT__VERDICT_REFUSED  /* a new key: `error` says why */
};

/* What an action's check says about one operation. */
struct chat__outcome {
    enum chat__verdict verdict;
    struct chat__error error;
    struct chat__event event; /* kind, text, reply_to; the rest is filled in */
    enum chat__effect effect;
    enum chat__role role;
    bool create; /* the room is made with this entry */
    bool private_room;
};

/* Sets a refusal. */
void chat__outcome_refuse(struct chat__outcome *outcome,
                          enum chat__error_code code, const char *message);

/* How an operation went: its entry, which exists already when `dup`. */
struct chat__committed {
    uint64_t seq;
    int64_t ts;
    bool dup;
};

/* Lets a keyed operation, whose room is loaded, wait for its turn. */
void chat__append(struct chat__operation *operation);

/* Composes the next batch unless one is in flight. */
void chat__append_pump(struct chat__room *room);

/* Answers everything that waits with a store's failure. */
void chat__append_fail(struct chat__room *room, enum chat__store_result result);

/* The time of the oldest entry in flight, or `otherwise`. */
int64_t chat__append_ts(const struct chat__room *room, int64_t otherwise);

#endif
