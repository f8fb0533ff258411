/*
 * The newest entries of a room, as the tasks that appended them have left them
 * in the cache: who missed some reads them there instead of in the store.
 *
 * A value is what one append made, sealed by the task that made it, so it is
 * the log's; it is found by its last seq, and a chain of them is followed from
 * the room's head down to what is wanted. What a chain does not have, or has of
 * another log, the store is asked for. So the cache may lose, hide and repeat
 * as it likes.
 *
 * An append that deletes leaves none. No chain leads over it to what it has
 * deleted.
 */
#ifndef CHAT_SERVER_CORE_TAIL_H
#define CHAT_SERVER_CORE_TAIL_H

#include "server/core/batch.h"

/* A room has as many places; an append's is its last seq, modulo this. So the
 * cache has the newest entries, so many at least, and of each place as many
 * bytes as a value may have. */
#define CHAT__TAIL_PLACES 128
/* What is not needed by then will not be. */
#define CHAT__TAIL_EXPIRY_MS 30000
/* Links of a chain that a read follows, what it takes of them, and its time
 * for that. */
#define CHAT__TAIL_LINKS_MAX 16
#define CHAT__TAIL_BYTES_MAX (64 * 1024)
#define CHAT__TAIL_READ_MS   200

/* The batch's entries are in the log. */
void chat__tail_leave(const struct chat__batch *batch);

/*
 * As the store's read_log, forward and without changes. `room` is the one that
 * is read, and is held until the completion.
 */
void chat__tail_read_log(struct chat__room *room,
                         struct chat__store_read_log *read);

#endif
