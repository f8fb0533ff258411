/*
 * A user who is online here, or for whom an operation is under way: the
 * connections, and the rooms that the user is a member of.
 *
 * While the struct lives, `memberships` and `invitations` are the truth: they
 * are filled from the store by the sign-in that makes it and then follow every
 * commit, also those of others about this user, and later sign-ins, for other
 * servers commit too. A sign-in that was asked for before a commit may bring
 * older lists (sign_in.h): it changes nothing, and a user without references
 * stays (idle) until the sign-ins that were in flight at that time have
 * returned.
 *
 * `mentions` counts as the store did when it was asked, and each mention since;
 * a store whose answers overtake each other may have one counted twice, until
 * the next read marker.
 *
 * Held by references: one a connection, one an operation, one a subscription
 * that the user ends by a kick or a ban.
 */
#ifndef CHAT_SERVER_CORE_USER_H
#define CHAT_SERVER_CORE_USER_H

#include "protocol/event.h"
#include "server/core/invitation.h"
#include "server/core/operation.h"
#include "server/core/rate.h"

struct chat__room;

struct chat__membership {
    struct chat__room *room; /* referenced */
    uint64_t read;
    uint64_t read_n;
    uint64_t mentions;  /* behind the marker */
    uint64_t mentioned; /* the newest of them that was seen to be made */
    int64_t typing_ms;  /* monotonic, when typing may be told again */
    bool listed;        /* scratch: the sign-in that is compared has it */
    bool doubted;       /* scratch: its room was read anew for a hello */
};

struct chat__user {
    struct chat__table_link link;
    struct chat__core *core;
    uint64_t id;
    size_t references;
    struct chat__connection *connections;
    struct chat__membership *memberships;
    uint32_t membership_count;
    uint32_t membership_capacity;
    struct chat__invitations invitations;
    struct chat__buckets buckets;
    uint32_t joining;     /* joins that a batch in flight holds */
    uint32_t looking;     /* operations in queues of lookup.h */
    uint64_t changed;     /* the newest sign-in at the last change */
    uint64_t ended;       /* ... when tokens of the user last ended */
    bool behind;          /* the store's lists were not all taken over */
    bool is_recalled;     /* in the core's list, see recall.h */
    unsigned int recall;  /* what is to be looked at */
    unsigned int recalls; /* looks under way */
    int64_t recall_ms;    /* monotonic, when the next may begin */
    struct chat__user *next_recalled; /* in that list */
    bool idle;                        /* in the core's list of idle users */
    uint64_t idle_since;              /* the newest sign-in at that time */
    struct chat__user *after;         /* in that list */
    bool forgotten;                   /* not in the core's table any more */
    bool guest;
    bool is_operator;                 /* acts in rooms without being a member */
    bool there;                       /* shows `presence`, see presence.h */
    bool parting;                     /* in the core's list */
    enum chat__presence presence;     /* not OFFLINE */
    int64_t offline_ms;               /* when parting: monotonic */
    struct chat__user *parting_after; /* in that list */
    char name[];
};

/* One in memory, without a reference; NULL: none. */
struct chat__user *chat__user_find(const struct chat__core *core, uint64_t id);

/* The user of sign-in `number`, referenced; NULL when memory is short. */
struct chat__user *chat__user_acquire(struct chat__core *core,
                                      const struct chat__store_sign_in *sign_in,
                                      uint64_t number);
void chat__user_hold(struct chat__user *user);
void chat__user_release(struct chat__user *user);

/* Frees the idle users that no sign-in in flight can be about. */
void chat__user_sweep(struct chat__core *core);

/*
 * Memory is too short to follow a commit: the connections are closed, and who
 * signs in next is read from the store.
 */
void chat__user_forget(struct chat__user *user);

/*
 * Takes over what the store says of the user's rooms and invitations. False
 * when something under way may say otherwise, or memory is short: to be read
 * again.
 */
bool chat__user_follow(struct chat__user *user,
                       const struct chat__store_sign_in *sign_in,
                       uint64_t number);

/* NULL when the user is no member. */
struct chat__membership *chat__user_membership(const struct chat__user *user,
                                               const struct chat__room *room);

/* After this, `joining` + 1 calls of chat__user_joined cannot fail for want
 * of a membership. */
bool chat__user_reserve(struct chat__user *user);

/*
 * The user became a member: `room->head` is the entry that says so. The other
 * connections are told and subscribed; `requester`, which may be NULL, is held
 * until its page is sent.
 */
void chat__user_joined(struct chat__user *user, struct chat__room *room,
                       struct chat__connection *requester);

/*
 * The entry at `room->head`, made by `operation`, gave the user another
 * standing than `old`. Connections but the one that asked are told of what
 * that changes in the user's list. An entry that ends a membership is the last
 * one that any of them gets.
 */
void chat__user_stands(struct chat__user *user, struct chat__room *room,
                       enum chat__role old, struct chat__operation *operation);

/* The entry at `room->head` mentions the user. */
void chat__user_mentioned(struct chat__user *user,
                          const struct chat__room *room);

/*
 * The user was found to be no member any more, and gets nothing further; where
 * the room here does not know of it yet, once it was read anew.
 */
void chat__user_gone(struct chat__user *user, struct chat__room *room);

/* The same by one of the entries from `from` on, which is the last one sent. */
void chat__user_parts(struct chat__user *user, struct chat__room *room,
                      uint64_t from);

/* The store's marker; the connections but `requester` hear of a change. */
void chat__user_marked(struct chat__user *user, struct chat__room *room,
                       const struct chat__store_mark_read *mark,
                       struct chat__connection *requester);

/* Tells the connections that the user is invited to the room, or no more. */
void chat__user_tell_invitation(struct chat__user *user,
                                struct chat__room *room);

/* The messages of a room that the user has not read. */
uint64_t chat__membership_unread(const struct chat__membership *membership);

/* What the relay tells of it: that it begins, with everything read; that one
 * is invited; that it ends, NULL: by one's own leave; how far one has read. */
struct chat__event chat__membership_begun(const struct chat__room *room);
struct chat__event chat__membership_invited(const struct chat__room *room,
                                            uint64_t by, const char *by_name);
struct chat__event chat__membership_ended(const struct chat__room *room,
                                          const struct chat__user *by);
struct chat__event
chat__membership_read(const struct chat__membership *membership);

/* Tells of a membership as if it began now. */
void chat__membership_tell(struct chat__connection *connection,
                           const struct chat__membership *membership);
/* ... or of its end; `by` is NULL for one's own leave. */
void chat__membership_tell_end(struct chat__connection *connection,
                               const struct chat__room *room, uint64_t head,
                               const struct chat__user *by);

#endif
