/*
 * A room in memory: what its log is at, who stands to it how, who listens.
 *
 * Held by references (memberships of users in memory, subscriptions,
 * operations, the append in flight, the core's two lists); without one it is
 * forgotten. While it is READY its state is the log's at `head`.
 *
 * `live` is a dense array: a subscription knows its index, so both its end
 * and the walk of a delivery are cheap.
 */
#ifndef CHAT_SERVER_CORE_ROOM_H
#define CHAT_SERVER_CORE_ROOM_H

#include "server/core/deletions.h"
#include "server/core/members.h"
#include "server/core/operation.h"

/* Requests that wait for the append in flight. */
#define CHAT__ROOM_WAITING_MAX 4096

/* Entries that wait for the next flush; beyond them there is one at once. */
#define CHAT__ROOM_PENDING_BYTES_MAX (1024 * 1024)

enum chat__room_state {
    CHAT__ROOM_UNLOADED,
    CHAT__ROOM_LOADING,
    CHAT__ROOM_ABSENT, /* the store has no such room */
    CHAT__ROOM_READY
};

struct chat__room {
    struct chat__table_link link;
    struct chat__core *core;
    size_t references;
    enum chat__room_state state;
    bool private_room;
    bool dirty;     /* in the core's list of rooms to deliver in */
    bool gathering; /* in the core's list of rooms where requests wait */
    bool behind;    /* to be reloaded behind the append or load in flight */
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    char *topic; /* NULL: none */
    uint64_t head;
    uint64_t n; /* messages up to the head */
    uint64_t first;
    int64_t last_ts;
    struct chat__members members;
    struct chat__deletions deletions;
    struct chat__operation_queue loading; /* wait until it is loaded */
    struct chat__operation_queue looking; /* wait for a look-up: lookup.h */
    struct chat__operation_queue waiting; /* wait for the next append */
    struct chat__batch *batch;            /* the append in flight */
    struct chat__catch_up *catch_up; /* the newest read under way, or NULL */
    struct chat__subscription **live;
    uint32_t live_count;
    uint32_t live_capacity;
    struct chat__buffer pending; /* NDJSON that the next flush delivers */
    uint64_t pending_first;      /* its first seq ... */
    uint64_t pending_last;       /* ... and its last */
    int64_t delivered_us;        /* monotonic, when it last began to fill */
    struct chat__room *next_dirty;
    struct chat__room *next_gathering;
    struct chat__stir *stir; /* presence to tell, or NULL */
    bool hinted;             /* in the core's list of rooms with a hint */
    uint64_t hint;           /* the seq that it says the log has: hint.h */
    uint64_t hint_head;      /* the head when one was last followed */
    int64_t hint_ms;         /* monotonic, when the next may be */
    struct chat__room *next_hinted;
    int64_t typing_ms;             /* monotonic: the bucket of heard.c */
    struct chat__relayed *relayed; /* what waits for the relay, or NULL */
    char name[];
};

/* The room of this name, made (not loaded) if need be; NULL: no memory. */
struct chat__room *chat__room_acquire(struct chat__core *core,
                                      const char *name);
void chat__room_hold(struct chat__room *room);
void chat__room_release(struct chat__room *room);

/* Only a room that is in memory, without a reference; NULL: none. */
struct chat__room *chat__room_find(const struct chat__core *core,
                                   const char *name);

/* How the user stands to it, CHAT__ROLE_NONE: not at all. */
enum chat__role chat__room_role(const struct chat__room *room, uint64_t user);

/* Calls operation->loaded for operation->room, now or when it is loaded. */
void chat__room_await(struct chat__operation *operation);

/*
 * Somebody else appended, or made the room: reads its state anew, then goes on
 * with what waits. What subscribers missed they read from the log.
 */
void chat__room_reload(struct chat__room *room);

/*
 * The log has more than the room knows, somebody says, or there is one by now:
 * reloads it, behind the append or the load in flight. chat__room_await waits
 * for that.
 */
void chat__room_refresh(struct chat__room *room);

/* What a load or the making of a room came to; runs what waited for it. */
void chat__room_settle(struct chat__room *room, enum chat__store_result result);

/* All who listen read the log from this seq on, before they are live again. */
void chat__room_catch_up(struct chat__room *room, uint64_t from);

/* Adds a durable entry (with its '\n') to what the next flush delivers. */
void chat__room_push(struct chat__room *room, uint64_t seq, const char *bytes,
                     size_t length);

/* Delivers what is pending, framed once for each kind of front. */
void chat__room_flush(struct chat__room *room);

/* ... in all rooms. */
void chat__rooms_flush(struct chat__core *core);

/* To all who listen but `user`; it may be lost. */
void chat__room_broadcast(struct chat__room *room, uint64_t user,
                          const char *objects, size_t length);

/* Makes the room `lobby` unless it is there. */
void chat__lobby_make(struct chat__core *core);

#endif
