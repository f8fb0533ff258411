/*
 * The way into a room's log.
 *
 * A room has one append in flight; keyed operations gather in room->waiting. At
 * the end of a loop pass in which none is in flight, or a little later while
 * the room is under load, the next batch is composed: each operation is
 * checked, in order, against the room at that head with the batch's earlier
 * entries applied (the view), and becomes an entry, or is answered without one.
 * An answer that would lean on entries of the same batch, which are not durable
 * yet, waits for the next batch; so does a key that the batch holds already.
 * What waits so holds back what its user asked for behind it: the requests of
 * one user keep their order.
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

/* With what DynamoDB's store adds to each, a batch fits an item of 400 KB. */
#define CHAT__BATCH_ENTRIES_MAX 512
#define CHAT__BATCH_BYTES_MAX   (256 * 1024)

/* The room as the next entry of a batch meets it. */
struct chat__view {
    const struct chat__room *room;
    const struct chat__batch *batch;
    bool exists;
    bool private_room;
    uint64_t head;
    enum chat__role role;  /* of the operation's user */
    enum chat__role other; /* of the user whom it is about, else NONE */
    size_t owners;
    bool deleted; /* the message that it is about, since it was looked up */
};

/* How any user stands to the room. */
enum chat__role chat__view_role(const struct chat__view *view, uint64_t user);

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
    /* ENTRY: what its kind has; who and where is filled in. Its ref, text,
     * emoji and topic are also what the entry changes. */
    struct chat__event event;
    enum chat__fold fold;
    struct chat__store_standing standings[CHAT__STORE_STANDINGS_MAX];
    size_t standing_count;
    const uint64_t *mentions; /* members; lives as long as the operation */
    size_t mention_count;
    bool create; /* the room is made with this entry */
    bool private_room;
};

/* Sets a refusal; an entry; one standing more that the entry makes. */
void chat__outcome_refuse(struct chat__outcome *outcome,
                          enum chat__error_code code, const char *message);
void chat__outcome_enter(struct chat__outcome *outcome,
                         enum chat__event_kind kind);
void chat__outcome_stand(struct chat__outcome *outcome, uint64_t user,
                         enum chat__role role);

/* How an operation went: its entry, which exists already when `dup`. */
struct chat__committed {
    uint64_t seq;
    int64_t ts;
    bool dup;
};

/* Lets a keyed operation, whose room is loaded, wait for its turn. */
void chat__append(struct chat__operation *operation);

/*
 * Composes batches of what has gathered: requests that came in one loop pass
 * share an append, its sync and its delivery, and so do those of a few
 * milliseconds while a room is under load. Returns the milliseconds until the
 * next room is due that has to wait, INT64_MAX: none has.
 */
int64_t chat__append_gathered(struct chat__core *core);

/* Has the end of the pass look at the room: something waits there, or may. */
void chat__append_gather(struct chat__room *room);

/*
 * The first half of it: takes the operation in, behind what its user has in
 * room->looking (lookup.h). False when it was refused, and is gone.
 */
bool chat__append_enter(struct chat__operation *operation);

/* Composes the next batch unless one is in flight. */
void chat__append_pump(struct chat__room *room);

/* Answers everything that waits with a store's failure. */
void chat__append_fail(struct chat__room *room, enum chat__store_result result);

/* The time of the oldest entry in flight, or `otherwise`. */
int64_t chat__append_ts(const struct chat__room *room, int64_t otherwise);

#endif
