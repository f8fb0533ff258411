/*
 * A read of a piece of a room's log, for the subscriptions that want it. Who
 * wants the same piece while it is read waits for it as well: when a room was
 * read anew, all who listen do.
 *
 * It outlives subscriptions, which leave it when they end. One that the store
 * was too busy for is tried again by the next tick, while somebody waits.
 */
#ifndef CHAT_SERVER_CORE_CATCH_UP_H
#define CHAT_SERVER_CORE_CATCH_UP_H

#include "server/core/subscription.h"

/* A piece. */
#define CHAT__CATCH_UP_ENTRIES 500
#define CHAT__CATCH_UP_BYTES   (128 * 1024)

/* From the subscription's `next` to `to`; chat__subscription_take gets it.
 * False when memory is short. */
bool chat__catch_up_read(struct chat__subscription *subscription, uint64_t to);

/* The subscription, which waits for one, does not any more. */
void chat__catch_up_leave(struct chat__subscription *subscription);

/* Tries the refused reads again; each tick does. */
void chat__catch_up_retry(struct chat__core *core);

#endif
