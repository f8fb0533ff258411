/*
 * What users and addresses take from their buckets at one task counts at all: a
 * task counts what it lets pass and tells the others over the bus, once a
 * second, of those who took an eighth of their rate or more. So one who
 * spreads over up to eight tasks has the rate of one, but for a second and what
 * each bucket had; no request waits for that. Without a bus each task counts
 * for itself.
 *
 * What is heard is taken from the bucket, down to CHAT__RATE_OWED_MS below
 * empty (rate.h): that is all that a notice can do which comes again or late.
 */
#ifndef CHAT_SERVER_CORE_SPENDING_H
#define CHAT_SERVER_CORE_SPENDING_H

#include "server/core/rate.h"
#include "server/core/state.h"

#define CHAT__SPENDING_MS 1000

/* Counted in a second; what others take is not told. */
#define CHAT__SPENDINGS_MAX 4096

/* One was taken from the buckets of a user, by its id, or of an address, by its
 * meter's. */
void chat__spend(struct chat__core *core, enum chat__rate_scope scope,
                 uint64_t id, enum chat__rate_class class);

/* Tells the others when it is time. Returns when it is next, INT64_MAX: there
 * is nothing to tell. */
int64_t chat__spending_tick(struct chat__core *core, int64_t now_ms);

/* Another task tells: `state` has scope and class, four bits each. */
void chat__spending_hear(struct chat__core *core, uint64_t id,
                         unsigned int state, uint64_t count);

void chat__spending_release(struct chat__core *core);

#endif
