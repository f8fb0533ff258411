/*
 * Where logs and what hangs off them live. The core sees only this header.
 *
 * A store answers requests asynchronously. The core fills a request, hands it
 * to an operation, and must leave it alone until its completion has run; then
 * `result` says how it went and the output members are set. Outputs are owned
 * by the request and freed by the release function beside it, which is safe
 * on a zeroed request. Inputs are borrowed until the completion runs.
 *
 * Promises of every store
 *   Durable: an append whose result is OK is on disk (or in the table) before
 *   its completion is posted, and stays.
 *   Atomic: the entries and the effects of one append are there together or
 *   not at all.
 *   Fenced: an append whose first seq is not the room's head + 1 writes
 *   nothing and says CONFLICT.
 *   Idempotent keys: (room, user, key) is unique for ever. An append that
 *   would repeat one writes nothing and says DUPLICATE, with the entries that
 *   exist already, so that the caller composes its batch anew without them.
 *   One that has a key twice in itself is the caller's mistake: FAILED.
 *   Ordered reads: a read sees every append whose completion was posted
 *   before the read was asked for.
 *   Bounded: a store with too much waiting answers BUSY at once.
 *
 * Operations are called on the core's thread only.
 */
#ifndef CHAT_SERVER_STORE_STORE_H
#define CHAT_SERVER_STORE_STORE_H

#include "protocol/limits.h"
#include "server/completion.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__TOKEN_HASH_BYTES  32
#define CHAT__BODY_DIGEST_BYTES 16

enum chat__store_result {
    CHAT__STORE_OK,
    CHAT__STORE_NOT_FOUND,
    CHAT__STORE_CONFLICT,
    CHAT__STORE_DUPLICATE,
    CHAT__STORE_BUSY,  /* try again soon */
    CHAT__STORE_FAILED /* the medium failed; maybe later */
};

enum chat__role {
    CHAT__ROLE_NONE,
    CHAT__ROLE_MEMBER,
    CHAT__ROLE_MODERATOR,
    CHAT__ROLE_OWNER
};

/*
 * What an entry changes beside the log, in the same transaction. The read
 * marker of a new member is that entry: what was there before is not unread.
 */
enum chat__effect {
    CHAT__EFFECT_NONE,
    CHAT__EFFECT_MEMBER_ADD, /* the entry's user gets `role` */
    CHAT__EFFECT_MEMBER_DROP /* the entry's user leaves */
};

struct chat__store_entry {
    uint64_t seq;
    uint64_t n; /* messages in the log up to and with this entry */
    int64_t ts;
    uint64_t user;
    const char *key;
    unsigned char digest[CHAT__BODY_DIGEST_BYTES]; /* of the request's body */
    const char *bytes;                             /* the encoded event */
    size_t length;
    enum chat__effect effect;
    enum chat__role role;
};

/* The one entry that (room, user, key) names. */
struct chat__store_keyed {
    uint64_t seq;
    int64_t ts;
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
};

/* entries[index] exists already: as this one. */
struct chat__store_duplicate {
    size_t index;
    struct chat__store_keyed entry;
};

/* OK, CONFLICT, DUPLICATE, BUSY, FAILED. */
struct chat__store_append {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    const char *create_epoch; /* not NULL: make the room; it must be new */
    bool create_private;
    struct chat__store_entry *entries; /* may be none when creating */
    size_t count;
    struct chat__store_duplicate *duplicates; /* out */
    size_t duplicate_count;
};

/* What a key was used for. OK, NOT_FOUND (also: no such room), BUSY, FAILED. */
struct chat__store_find_key {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    uint64_t user;
    const char *key;
    struct chat__store_keyed entry; /* out */
};

struct chat__store_member {
    uint64_t user;
    enum chat__role role;
};

/* OK, NOT_FOUND, BUSY, FAILED. */
struct chat__store_open_room {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    char epoch[CHAT__EPOCH_BYTES_MAX + 1]; /* out, all below */
    char *topic;                           /* NULL: none */
    bool private_room;
    uint64_t head;
    uint64_t n;
    uint64_t first;
    int64_t last_ts;
    struct chat__store_member *members;
    size_t member_count;
};

struct chat__store_log_entry {
    uint64_t seq;
    const char *bytes; /* into `arena` of the read */
    size_t length;
};

/*
 * A piece of a log, in order of seq: `limit` entries at most and `bytes_max`
 * bytes at most, but one entry at least when there is one. Forward: from
 * `from` up to `to`. Backward: the newest ones of that range. OK (maybe
 * empty), NOT_FOUND (no such room), BUSY, FAILED.
 */
struct chat__store_read_log {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    uint64_t from; /* inclusive */
    uint64_t to;   /* inclusive */
    bool backward;
    size_t limit;
    size_t bytes_max;
    struct chat__store_log_entry *entries; /* out */
    size_t count;
    char *arena;
};

struct chat__store_membership {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    enum chat__role role;
    uint64_t read;   /* the user's read marker, 0: nothing read */
    uint64_t read_n; /* messages in the log up to the marker */
};

/*
 * Who is this? By token hash (OK, NOT_FOUND when unknown or expired), or a
 * guest: the same `guest_key` gives the same user, and the token hash
 * becomes valid for it. Slides the token's end to `expires_ms`.
 */
struct chat__store_sign_in {
    struct chat__completion completion;
    enum chat__store_result result;
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    const char *guest_name; /* NULL: by token */
    const char *guest_key;
    int64_t now_ms;
    int64_t expires_ms;
    uint64_t user; /* out, all below */
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    bool guest;
    uint64_t rooms_rev;
    struct chat__store_membership *memberships; /* by room name */
    size_t membership_count;
};

/* Moves a read marker forward, never back. OK, NOT_FOUND, BUSY, FAILED. */
struct chat__store_mark_read {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    uint64_t user;
    uint64_t seq;
    uint64_t read; /* out: the marker now */
    uint64_t read_n;
};

struct chat__store_room_row {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char *topic;
    uint64_t members;
};

/* Public rooms by name. OK, BUSY, FAILED. */
struct chat__store_list_rooms {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *prefix; /* NULL: all */
    const char *after;  /* NULL: from the first */
    size_t limit;
    struct chat__store_room_row *rows; /* out */
    size_t count;
    bool more;
};

struct chat__store_head {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    uint64_t head;
    int64_t last_ts;
};

/*
 * The heads of a user's rooms whose last entry is at or after `since_ms`, by
 * name, behind `after`. OK, BUSY, FAILED.
 */
struct chat__store_heads {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    int64_t since_ms;
    const char *after; /* NULL: from the first */
    size_t limit;
    struct chat__store_head *heads; /* out */
    size_t count;
    bool more;
    uint64_t rooms_rev;
};

struct chat__store;

struct chat__store_operations {
    void (*append)(struct chat__store *, struct chat__store_append *);
    void (*find_key)(struct chat__store *, struct chat__store_find_key *);
    void (*open_room)(struct chat__store *, struct chat__store_open_room *);
    void (*read_log)(struct chat__store *, struct chat__store_read_log *);
    void (*sign_in)(struct chat__store *, struct chat__store_sign_in *);
    void (*mark_read)(struct chat__store *, struct chat__store_mark_read *);
    void (*list_rooms)(struct chat__store *, struct chat__store_list_rooms *);
    void (*heads)(struct chat__store *, struct chat__store_heads *);
    /* Finishes what is queued, posts every completion, then frees. */
    void (*close)(struct chat__store *);
};

/* The first member of every implementation's own struct. */
struct chat__store {
    const struct chat__store_operations *operations;
};

void chat__store_append_release(struct chat__store_append *request);
void chat__store_open_room_release(struct chat__store_open_room *request);
void chat__store_read_log_release(struct chat__store_read_log *request);
void chat__store_sign_in_release(struct chat__store_sign_in *request);
void chat__store_list_rooms_release(struct chat__store_list_rooms *request);
void chat__store_heads_release(struct chat__store_heads *request);

#endif
