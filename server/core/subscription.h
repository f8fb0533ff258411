/*
 * A connection's place in a room's stream of entries.
 *
 * It is either live (in room->live: it has everything up to room->head but
 * what is pending, and gets each flush) or catching up: it reads the log from
 * `next` in pieces and goes live in the same step in which it has met
 * room->head. So nothing is missed or sent twice, whatever was appended in
 * the meantime. `until` ends it: the entry of one's own leave, kick or ban is
 * the last one that is sent.
 *
 * Owned by its connection. A read of the log outlives it: the catch-up that
 * holds the read (catch_up.h) has a list of the subscriptions that wait for it,
 * which they leave when they end. Functions that say so may end the
 * subscription or close its connection: the caller must not touch it
 * afterwards.
 */
#ifndef CHAT_SERVER_CORE_SUBSCRIPTION_H
#define CHAT_SERVER_CORE_SUBSCRIPTION_H

#include "server/core/connection.h"
#include "server/core/room.h"

#define CHAT__NOT_LIVE UINT32_MAX

struct chat__subscription {
    struct chat__connection *connection;
    struct chat__room *room;                /* referenced */
    struct chat__catch_up *catch_up;        /* the read under way, or NULL */
    struct chat__subscription *next_reader; /* of that read */
    uint64_t next;       /* catching up: the next seq to send */
    uint64_t until;      /* the last seq to send */
    uint64_t parting;    /* the last one is at this seq or behind; 0: none is */
    uint32_t live_index; /* in room->live, or CHAT__NOT_LIVE */
    uint16_t index;      /* in connection->subscriptions */
    bool held;           /* waits until a join's page has been sent */
    bool tell_end;       /* its end is told as that of a membership */
    struct chat__user *ended_by; /* referenced; NULL: the own user */
};

/* NULL when there is none. */
struct chat__subscription *
chat__subscription_find(const struct chat__connection *connection,
                        const struct chat__room *room);

/*
 * Subscribes from `next` on, in place of a subscription that may be there.
 * May close the connection when memory is short.
 */
void chat__subscribe(struct chat__connection *connection,
                     struct chat__room *room, uint64_t next, bool held);

/* Lets a held one go on from `next`. May end it. */
void chat__subscription_go(struct chat__subscription *subscription,
                           uint64_t next);

/*
 * Ends it with the entry at `until`, at once when that was sent. `tell`: the
 * event `membership` follows that entry; `by` is who made it, NULL: the own
 * user.
 */
void chat__subscription_finish(struct chat__subscription *subscription,
                               uint64_t until, bool tell,
                               struct chat__user *by);

/*
 * One that is to end ends now, without the entries that are left, and that is
 * told: another join's answer may have said that the user is a member.
 */
void chat__subscription_drop(struct chat__subscription *subscription);

/*
 * One of the entries from `from` on has ended the membership, which one is not
 * known: it is looked for, and ends the subscription as `until` does. May end
 * it.
 */
void chat__subscription_part(struct chat__subscription *subscription,
                             uint64_t from);

/* Ends it now; what is pending in the room does not reach it. */
void chat__subscription_end(struct chat__subscription *subscription);

/* A live one reads the log from `next` instead. May end it. */
void chat__subscription_fall_back(struct chat__subscription *subscription,
                                  uint64_t next);

/* The piece of the log that it has waited for. May end it. */
void chat__subscription_take(struct chat__subscription *subscription,
                             const struct chat__store_read_log *read);

#endif
