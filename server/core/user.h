/*
 * A user who is online here, or for whom an operation is under way: the
 * connections, and the rooms that the user is a member of.
 *
 * While the struct lives, `memberships` is the truth: it is filled from the
 * store by the sign-in that makes it and then follows every commit. A sign-in
 * that was asked for before a commit may bring an older list, so a user
 * without references stays (idle) until the sign-ins that were in flight at
 * that time have returned.
 *
 * Held by references: one a connection, one an operation.
 */
#ifndef CHAT_SERVER_CORE_USER_H
#define CHAT_SERVER_CORE_USER_H

#include "server/core/state.h"

struct chat__room;

struct chat__membership {
    struct chat__room *room; /* referenced */
    uint64_t read;
    uint64_t read_n;
    int64_t typing_ms; /* monotonic, when typing may be told again */
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
    uint32_t joining;         /* joins that a batch in flight holds */
    bool idle;                /* in the core's list of idle users */
    uint64_t idle_since;      /* the newest sign-in at that time */
    struct chat__user *after; /* in that list */
    bool guest;
    char name[];
};

/* A sign-in that the store works on. */
struct chat__sign_in {
    struct chat__sign_in *previous;
    struct chat__sign_in *next;
    uint64_t number;
};
void chat__sign_in_begin(struct chat__core *core, struct chat__sign_in *entry);
void chat__sign_in_end(struct chat__core *core, struct chat__sign_in *entry);

/* The user that signed in, referenced; NULL when memory is short. */
struct chat__user *
chat__user_acquire(struct chat__core *core,
                   const struct chat__store_sign_in *sign_in);
void chat__user_hold(struct chat__user *user);
void chat__user_release(struct chat__user *user);

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
 * The user left with the entry at `room->head`: it is the last that any
 * connection gets. Those but `requester` are told behind it.
 */
void chat__user_left(struct chat__user *user, struct chat__room *room,
                     struct chat__connection *requester);

/* The user was found to be no member any more, and gets nothing further. */
void chat__user_gone(struct chat__user *user, struct chat__room *room);

/* The store's marker; the connections but `requester` hear of a change. */
void chat__user_marked(struct chat__user *user, struct chat__room *room,
                       uint64_t read, uint64_t read_n,
                       struct chat__connection *requester);

/* The messages of a room that the user has not read. */
uint64_t chat__membership_unread(const struct chat__membership *membership);

/* Tells of a membership as if it began now. */
void chat__membership_tell(struct chat__connection *connection,
                           const struct chat__membership *membership);
void chat__membership_tell_left(struct chat__connection *connection,
                                const struct chat__room *room, uint64_t head);

#endif
