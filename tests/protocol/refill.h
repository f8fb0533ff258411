/*
 * What an encoder needs and a parser does not yield: a server holds entries as
 * bytes and presences in an array, a client reads both out of the tree.
 */
#ifndef TESTS_PROTOCOL_REFILL_H
#define TESTS_PROTOCOL_REFILL_H

#include "protocol/event.h"
#include "protocol/reply.h"

#define REFILL_ENTRIES_MAX   16
#define REFILL_PRESENCES_MAX 16

/* Does nothing for other events. `presences` has REFILL_PRESENCES_MAX. */
void refill_presences(struct chat__event *event,
                      struct chat__user_presence *presences);

/* Takes the bytes out of `wire`. `entries` has REFILL_ENTRIES_MAX. */
void refill_entries(struct chat__page *page, struct chat__entry_bytes *entries,
                    const char *wire);

#endif
