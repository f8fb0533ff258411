/*
 * The messages of a room that were deleted while operations about messages
 * (edit, delete, react) wait. Such an operation looked its message up in the
 * store when the room's head was at `head`; the log since then is in here, so
 * that it can be judged at the head that it meets.
 *
 * Complete for deletes behind the entry `since`: an operation that looked
 * before that has to look again. Nothing is kept while nobody watches.
 */
#ifndef CHAT_SERVER_CORE_DELETIONS_H
#define CHAT_SERVER_CORE_DELETIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond this many they are forgotten, and who waits looks again. */
#define CHAT__DELETIONS_MAX 512

struct chat__deletions {
    uint64_t *refs;
    size_t count;
    size_t capacity;
    size_t watchers; /* operations that looked, or are looking */
    uint64_t since;
};

void chat__deletions_release(struct chat__deletions *deletions);

void chat__deletions_watch(struct chat__deletions *deletions);
void chat__deletions_unwatch(struct chat__deletions *deletions);

/* The entry `seq` deleted `ref`. */
void chat__deletions_add(struct chat__deletions *deletions, uint64_t seq,
                         uint64_t ref);

/* What was deleted up to `seq` is not known. */
void chat__deletions_forget(struct chat__deletions *deletions, uint64_t seq);

bool chat__deletions_has(const struct chat__deletions *deletions, uint64_t ref);

#endif
