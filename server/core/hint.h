/*
 * Rooms that other tasks say have more than is known here, and that were not
 * read anew yet. A hint may be wrong, so it costs little: a room is read once
 * for all hints that come meanwhile, at least CHAT__HINT_INTERVAL_MS after the
 * time before, and CHAT__HINT_IDLE_MS where that brought nothing.
 *
 * A room with a hint is in the core's list of them, which has a reference.
 */
#ifndef CHAT_SERVER_CORE_HINT_H
#define CHAT_SERVER_CORE_HINT_H

#include "server/core/room.h"

#define CHAT__HINT_INTERVAL_MS 20
#define CHAT__HINT_IDLE_MS     1000

/* The log has entries up to `last`, says somebody; CHAT__HINT_ANY: or is
 * another log. */
#define CHAT__HINT_ANY UINT64_MAX
void chat__hint(struct chat__room *room, uint64_t last);

/* Reads the rooms that are due. Returns the milliseconds until the next is,
 * INT64_MAX: none waits for time. */
int64_t chat__hints_follow(struct chat__core *core);

/* Lets go of them. */
void chat__hints_release(struct chat__core *core);

#endif
