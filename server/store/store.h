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

#include "protocol/reply.h"
#include "server/completion.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__TOKEN_HASH_BYTES  32
#define CHAT__BODY_DIGEST_BYTES 16

/* A password's hash as text, and the skeleton of a name, with their NUL. */
#define CHAT__PASSWORD_HASH_SIZE 160
#define CHAT__SKELETON_SIZE      512

enum chat__store_result {
    CHAT__STORE_OK,
    CHAT__STORE_NOT_FOUND,
    CHAT__STORE_CONFLICT,
    CHAT__STORE_DUPLICATE,
    CHAT__STORE_TAKEN,  /* the name is an account's */
    CHAT__STORE_BANNED, /* the user is, from the server */
    CHAT__STORE_BUSY,   /* try again soon */
    CHAT__STORE_FAILED  /* the medium failed; maybe later */
};

/* A user's new standing to the room; CHAT__ROLE_NONE: none any more. */
struct chat__store_standing {
    uint64_t user;
    enum chat__role role;
};

/* At most the two users of a `dm` change by one entry. */
#define CHAT__STORE_STANDINGS_MAX 2

/* What an entry does to the message that it is about, `ref`. */
enum chat__fold {
    CHAT__FOLD_NONE,
    CHAT__FOLD_EDIT,     /* `text` */
    CHAT__FOLD_DELETE,   /* erases: chat__event_erase */
    CHAT__FOLD_REACT_ON, /* `emoji`, by the entry's user */
    CHAT__FOLD_REACT_OFF
};

/*
 * An entry and what it changes beside the log, in the same transaction:
 *   standings: memberships, invitations and bans. The read marker of one who
 *     becomes a member is this entry: what was there before is not unread. Who
 *     stands by whom is remembered: `user` is the inviter.
 *   topic: the room's, "" for none; NULL leaves it.
 *   mentions: users, members after this entry, who have it to read.
 *   fold: how `ref`, an earlier message of this room, looks from now on. An
 *     edit, delete or react about a message that is deleted, or is none, is the
 *     caller's mistake: FAILED. A delete erases the text of the message and of
 *     its edits from the file, copies and free space included, before long.
 */
struct chat__store_entry {
    uint64_t seq;
    uint64_t n; /* messages in the log up to and with this entry */
    int64_t ts;
    uint64_t user;
    const char *key;
    unsigned char digest[CHAT__BODY_DIGEST_BYTES]; /* of the request's body */
    const char *bytes;                             /* the encoded event */
    size_t length;
    bool message; /* it counts in n */
    struct chat__store_standing standings[CHAT__STORE_STANDINGS_MAX];
    size_t standing_count;
    const char *topic;
    const uint64_t *mentions;
    size_t mention_count;
    enum chat__fold fold;
    uint64_t ref;
    const char *text;
    const char *emoji;
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

/*
 * What a key was used for. OK, NOT_FOUND (also: no such room), BUSY, FAILED.
 * A store that other servers write as well tells the log's newest seq.
 */
struct chat__store_find_key {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    uint64_t user;
    const char *key;
    struct chat__store_keyed entry; /* out */
    uint64_t head;                  /* out; 0: not told */
};

/*
 * The message that an edit, a delete or a react names, as the log up to the
 * read has left it. OK, NOT_FOUND (no such room, or no message there), BUSY,
 * FAILED.
 */
struct chat__store_find_message {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    uint64_t ref;
    uint64_t reactor;  /* of `emoji` */
    const char *emoji; /* NULL: edits are counted, no reactions */
    uint64_t user;     /* out: who wrote it */
    bool deleted;      /* out */
    size_t edits;      /* out */
    size_t reactions;  /* out: all that are on */
    size_t kinds;      /* out: different emoji among them */
    bool kind_is_on;   /* out: somebody has this emoji on */
    bool is_on;        /* out: the reactor has it on */
};

/* In `members`: those who stand to the room in any way. */
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
    struct chat__store_standing *members;
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
 * `from` up to `to`. Backward: the newest ones of that range. With `changes`:
 * also how the messages among them were left by the log up to `upto`, its head
 * at the time of the read, in order of ref. OK (maybe empty), NOT_FOUND (no
 * such room), BUSY, FAILED.
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
    bool with_changes;
    struct chat__store_log_entry *entries; /* out, all below */
    size_t count;
    struct chat__change *changes;
    size_t change_count;
    uint64_t upto;
    char *arena; /* entries' bytes; text and reactions have their own */
};

struct chat__store_membership {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    enum chat__role role;
    uint64_t read;     /* the user's read marker, 0: nothing read */
    uint64_t read_n;   /* messages in the log up to the marker */
    uint64_t mentions; /* of the user, behind the marker */
};

struct chat__store_invite {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    uint64_t by;
    char by_name[CHAT__USER_NAME_BYTES_MAX + 1];
};

enum chat__store_credential {
    CHAT__STORE_TOKEN,   /* token_hash is known and not expired: slides */
    CHAT__STORE_GUEST,   /* name, skeleton, key: the key's user, or a new one */
    CHAT__STORE_USER,    /* user, proved_hash: whose password was right */
    CHAT__STORE_REGISTER /* name, skeleton, key, password_hash: a new account */
};

/*
 * Who is this? But for TOKEN the token hash becomes valid for the user until
 * `expires_ms`, and the user counts as seen at `now_ms`. USER with an end of 0
 * only reads, also of one who is banned. OK; NOT_FOUND (no such token or user,
 * or the account's hash is not `proved_hash` any more); TAKEN (a new guest's or
 * account's skeleton is an account's); BANNED; BUSY, FAILED.
 */
struct chat__store_sign_in {
    struct chat__completion completion;
    enum chat__store_result result;
    enum chat__store_credential credential;
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    const char *display_name; /* GUEST, REGISTER */
    const char *skeleton;
    const char *key;
    const char *password_hash; /* REGISTER */
    const char *proved_hash;   /* USER; NULL: any */
    int64_t now_ms;
    int64_t expires_ms;
    uint64_t user; /* in for USER; out, all below */
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    bool guest;
    uint64_t rooms_rev;
    struct chat__store_membership *memberships; /* by room name */
    size_t membership_count;
    struct chat__store_invite *invites; /* by room name, at most
                                           CHAT__INVITES_MAX */
    size_t invite_count;
};

/* The account of a name. OK, NOT_FOUND, BUSY, FAILED. */
struct chat__store_find_account {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *skeleton;
    uint64_t user; /* out, all below */
    char password_hash[CHAT__PASSWORD_HASH_SIZE];
    char register_key[CHAT__KEY_BYTES_MAX + 1];
    int64_t registered_ms;
};

/* Who an id is. OK, NOT_FOUND, BUSY, FAILED. */
struct chat__store_find_user {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    char name[CHAT__USER_NAME_BYTES_MAX + 1]; /* out, all below */
    bool guest;
    char skeleton[CHAT__SKELETON_SIZE]; /* of an account, else "" */
    uint64_t rooms;                     /* that the user is a member of */
    int64_t banned_ms;                  /* since when, 0: not */
};

/*
 * Ends tokens: the one of the hash, or all of the user. With `password_hash`
 * that becomes the account's, all tokens end, and `token_hash` becomes the one
 * that is valid, until `expires_ms`. OK, NOT_FOUND (also: the account's hash is
 * not `proved_hash` any more), BUSY, FAILED.
 */
struct chat__store_end_tokens {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    bool all;
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    const char *password_hash; /* NULL: stays */
    const char *proved_hash;   /* with password_hash; NULL: any */
    int64_t expires_ms;
};

/*
 * A session goes on, or has just ended: its token slides to `expires_ms`, its
 * user was seen at `now_ms`. OK, NOT_FOUND (the token has ended), BUSY,
 * FAILED.
 */
struct chat__store_keep_session {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    int64_t now_ms;
    int64_t expires_ms;
};

struct chat__store_guest_membership {
    uint64_t user;
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
};

/*
 * Memberships of guests who were last seen before `before_ms`, in any order.
 * OK (maybe none), BUSY, FAILED.
 */
struct chat__store_idle_guests {
    struct chat__completion completion;
    enum chat__store_result result;
    int64_t before_ms;
    size_t limit;
    struct chat__store_guest_membership *memberships; /* out */
    size_t count;
};

struct chat__store_member_row {
    uint64_t user;
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    enum chat__role role;
};

/*
 * Who stands to a room, by user id, behind `after`. OK (maybe none),
 * NOT_FOUND (no such room), BUSY, FAILED.
 */
struct chat__store_list_members {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *room;
    enum chat__member_list list;
    uint64_t after; /* 0: from the first */
    size_t limit;
    struct chat__store_member_row *rows; /* out */
    size_t count;
    bool more;
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
    uint64_t mentions; /* out: what is left behind it */
};

struct chat__store_room_row {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char *topic;
    uint64_t members;
    bool private_room; /* with `all`, as what follows */
    uint64_t head;
    uint64_t n;
    int64_t last_ts;
};

/* Public rooms by name, or all. OK, BUSY, FAILED. */
struct chat__store_list_rooms {
    struct chat__completion completion;
    enum chat__store_result result;
    bool all;
    const char *prefix; /* NULL: all */
    const char *after;  /* NULL: from the first */
    size_t limit;
    struct chat__store_room_row *rows; /* out */
    size_t count;
    bool more;
};

struct chat__store_user_row {
    uint64_t user;
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    bool guest;
    uint64_t rooms; /* that the user is a member of */
    int64_t seen_ms;
    int64_t banned_ms; /* since when, 0: not */
};

/* All users, by id, behind `after`. OK (maybe none), BUSY, FAILED. */
struct chat__store_list_users {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t after; /* 0: from the first */
    size_t limit;
    struct chat__store_user_row *rows; /* out */
    size_t count;
    bool more;
};

/*
 * From now on the user's sign-ins are refused as BANNED, also by tokens, which
 * are valid again when the ban ends. OK, NOT_FOUND, BUSY, FAILED.
 */
struct chat__store_set_banned {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    int64_t banned_ms; /* since when, 0: not any more */
};

struct chat__store_head {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    uint64_t head;
    int64_t last_ts;
};

/*
 * The heads of a user's rooms whose last entry is at or after `since_ms`, by
 * name, behind `after`. OK, NOT_FOUND (the token has ended), BUSY, FAILED.
 */
struct chat__store_heads {
    struct chat__completion completion;
    enum chat__store_result result;
    uint64_t user;
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    int64_t since_ms;
    const char *after; /* NULL: from the first */
    size_t limit;
    struct chat__store_head *heads; /* out */
    size_t count;
    bool more;
    uint64_t rooms_rev;
};

/*
 * The heads of these rooms, of those that there are, in the order asked. Only
 * of a store that several servers write: others do not have the operation. OK,
 * BUSY, FAILED.
 */
struct chat__store_room_heads {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *const *rooms;
    size_t room_count;
    struct chat__store_head *heads; /* out */
    size_t count;
};

/*
 * Whether what is written now would be kept: a write that changes nothing. OK,
 * BUSY, FAILED.
 */
struct chat__store_probe {
    struct chat__completion completion;
    enum chat__store_result result;
};

struct chat__store;

struct chat__store_operations {
    void (*append)(struct chat__store *, struct chat__store_append *);
    void (*find_key)(struct chat__store *, struct chat__store_find_key *);
    void (*open_room)(struct chat__store *, struct chat__store_open_room *);
    void (*read_log)(struct chat__store *, struct chat__store_read_log *);
    void (*sign_in)(struct chat__store *, struct chat__store_sign_in *);
    void (*find_message)(struct chat__store *,
                         struct chat__store_find_message *);
    void (*find_account)(struct chat__store *,
                         struct chat__store_find_account *);
    void (*find_user)(struct chat__store *, struct chat__store_find_user *);
    void (*end_tokens)(struct chat__store *, struct chat__store_end_tokens *);
    void (*keep_session)(struct chat__store *,
                         struct chat__store_keep_session *);
    void (*idle_guests)(struct chat__store *, struct chat__store_idle_guests *);
    void (*list_members)(struct chat__store *,
                         struct chat__store_list_members *);
    void (*mark_read)(struct chat__store *, struct chat__store_mark_read *);
    void (*list_rooms)(struct chat__store *, struct chat__store_list_rooms *);
    void (*heads)(struct chat__store *, struct chat__store_heads *);
    void (*list_users)(struct chat__store *, struct chat__store_list_users *);
    void (*set_banned)(struct chat__store *, struct chat__store_set_banned *);
    void (*probe)(struct chat__store *, struct chat__store_probe *);
    void (*room_heads)(struct chat__store *, struct chat__store_room_heads *);
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
void chat__store_list_users_release(struct chat__store_list_users *request);
void chat__store_heads_release(struct chat__store_heads *request);
void chat__store_room_heads_release(struct chat__store_room_heads *request);
void chat__store_idle_guests_release(struct chat__store_idle_guests *request);
void chat__store_list_members_release(struct chat__store_list_members *request);

#endif
