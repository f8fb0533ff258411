/*
 * The requests of the program that have no answer yet, in the order of the
 * calls. It decides which goes out next, and brings back what has to be
 * repeated.
 *
 * Rules
 *   Keyed requests of one room (all that make an entry of its log, but `dm`,
 *   which does not name it) go out in their order, at
 *   most `in_flight_max` unanswered. After a temporary refusal the room sends
 *   one at a time until its queue is empty: what is behind a refused request
 *   must not overtake it.
 *   Other requests about a room wait until no join of it is unanswered.
 *   What was in flight when a connection broke, or has become unsure, goes
 *   out again with the same key, before what is behind it.
 *   Messages (chat__item_is_message) are bounded in number and bytes, all
 *   others together in number.
 *
 * Pure: time comes as an argument. Owns its items. Belongs to one session.
 */
#ifndef CHAT_SDK_OUTBOX_H
#define CHAT_SDK_OUTBOX_H

#include "sdk/item.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__OUTBOX_MESSAGES_DEFAULT 1000
#define CHAT__OUTBOX_BYTES_DEFAULT    ((size_t)1024 * 1024)
#define CHAT__OUTBOX_REQUESTS_MAX     256 /* beside the messages */

/* What a program may set at most. */
#define CHAT__OUTBOX_MESSAGES_LIMIT 10000
#define CHAT__OUTBOX_BYTES_LIMIT    ((size_t)8 * 1024 * 1024)

struct chat__outbox {
    struct chat__item *first;
    struct chat__item *last;
    struct chat__lane *lanes;
    size_t messages;
    size_t message_bytes;
    size_t others;
    size_t messages_max;
    size_t message_bytes_max;
    uint64_t in_flight_max; /* keyed ones of a room, at least 1 */
    uint64_t not_before;    /* nothing goes out earlier */
};

void chat__outbox_init(struct chat__outbox *outbox);
void chat__outbox_release(struct chat__outbox *outbox);

/* Would such an item be taken? */
bool chat__outbox_has_room(const struct chat__outbox *outbox,
                           const struct chat__item *item);

/* Puts an item at the end and owns it. False: no memory, still the caller's. */
bool chat__outbox_add(struct chat__outbox *outbox, struct chat__item *item);

/* The item to hand to the connection now, or NULL. */
struct chat__item *chat__outbox_next(struct chat__outbox *outbox, uint64_t now);

/* `item` went out as request `id`. */
void chat__outbox_handed(struct chat__outbox *outbox, struct chat__item *item,
                         uint32_t id, uint64_t now);

/* The item in flight with this id, or NULL. */
struct chat__item *chat__outbox_find(const struct chat__outbox *outbox,
                                     uint32_t id);

/* A leave by its key, or NULL. */
struct chat__item *chat__outbox_find_leave(const struct chat__outbox *outbox,
                                           const char *key);

/* A message by its key, or NULL. */
struct chat__item *chat__outbox_find_message(const struct chat__outbox *outbox,
                                             const char *key);

/* A request of this kind that was given to a connection, or NULL. */
struct chat__item *chat__outbox_find_handed(const struct chat__outbox *outbox,
                                            enum chat__action action);

/* Is there a request of this kind, one about a room, for the room? */
bool chat__outbox_has(const struct chat__outbox *outbox,
                      enum chat__action action, const char *room);

/* It was refused for the time being: again, after `wait_ms`. */
void chat__outbox_refused(struct chat__outbox *outbox, struct chat__item *item,
                          uint64_t wait_ms, uint64_t now);

/* Everything in flight goes out again, in order, not before `not_before`. */
void chat__outbox_unsure(struct chat__outbox *outbox, uint64_t not_before);

/* It is answered, or taken back. Frees it. */
void chat__outbox_remove(struct chat__outbox *outbox, struct chat__item *item);

/* When the request in flight that waits longest went out; UINT64_MAX: none. */
uint64_t chat__outbox_oldest(const struct chat__outbox *outbox);

/* When chat__outbox_next changes by time alone, UINT64_MAX: it does not. */
uint64_t chat__outbox_deadline(const struct chat__outbox *outbox, uint64_t now);

#endif
