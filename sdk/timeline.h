/*
 * One room's log as this client has it: what came last, what came too early,
 * and whether something is missing. The transport may lose, reorder and
 * duplicate; what leaves a timeline is seq 1, 2, 3, … of one epoch, each once.
 *
 * Rules (docs/protocol.md, "The room log")
 *   seq == last + 1  apply it, then what was held behind it;
 *   seq <= last      drop it;
 *   seq > last + 1   hold it, and ask history when the gap has stood.
 *
 * Invariants
 *   Held entries are sorted, unique, and all above `last`; at most
 *   CHAT__HELD_ENTRIES_MAX of them and CHAT__HELD_BYTES_MAX bytes. Beyond
 *   that they are let go, since the pages of history bring them again.
 *   `head` is the newest seq known to exist; head > last is a gap.
 *   One page is asked for at a time, until head is reached.
 *   Before the start (the room's head is not known yet) everything is held.
 *
 * Pure: time comes as an argument. Belongs to one session.
 */
#ifndef CHAT_SDK_TIMELINE_H
#define CHAT_SDK_TIMELINE_H

#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__HELD_BYTES_MAX ((size_t)256 * 1024)
#define CHAT__NEVER          UINT64_MAX

struct chat__held {
    uint64_t seq;
    char *bytes; /* owned */
    size_t length;
};

struct chat__timeline {
    char epoch[CHAT__EPOCH_BYTES_MAX + 1]; /* "": not started */
    uint64_t last;
    uint64_t head;
    struct chat__held *held;
    size_t held_count;
    size_t held_capacity;
    size_t held_bytes;
    uint64_t gap_due; /* when history is asked, CHAT__NEVER: not at all */
    uint32_t page_id; /* of the request in flight, 0: none */
    uint64_t page_sent;
    unsigned int page_failures; /* in a row */
};

enum chat__verdict {
    CHAT__VERDICT_APPLY, /* show it, then chat__timeline_advance */
    CHAT__VERDICT_DROP,
    CHAT__VERDICT_HELD
};

void chat__timeline_init(struct chat__timeline *timeline);
void chat__timeline_release(struct chat__timeline *timeline);

/*
 * The log is `epoch`, and everything up to `head` counts as seen. Held entries
 * above it stay when the timeline was not started or the epoch is the same.
 */
void chat__timeline_start(struct chat__timeline *timeline, const char *epoch,
                          uint64_t head);

bool chat__timeline_started(const struct chat__timeline *timeline);

/*
 * What to do with an entry that came. `ordered`: the transport keeps order,
 * so a hole is a loss, and history is due at once. A held entry is copied; if
 * there is no memory for it, it counts as lost.
 */
enum chat__verdict chat__timeline_offer(struct chat__timeline *timeline,
                                        uint64_t seq, const char *bytes,
                                        size_t length, bool ordered,
                                        uint64_t now);

/* The entry last + 1 was shown. */
void chat__timeline_advance(struct chat__timeline *timeline, uint64_t now);

/* The held entry that is next; it stays valid until advance. */
bool chat__timeline_next_held(const struct chat__timeline *timeline,
                              const char **bytes, size_t *length);

/* Somebody says that the log reaches `head`; older news are ignored. */
void chat__timeline_learn_head(struct chat__timeline *timeline, uint64_t head,
                               uint64_t now);

/* The page after `last` is wanted now. */
bool chat__timeline_wants_page(const struct chat__timeline *timeline,
                               uint64_t now);
void chat__timeline_page_asked(struct chat__timeline *timeline, uint32_t id,
                               uint64_t now);

/* The page came and was offered; ask on at once if it moved `last`. */
void chat__timeline_page_done(struct chat__timeline *timeline, bool progress,
                              uint64_t now);

/* The page will not come; try again in `wait_ms`, at least a back-off. */
void chat__timeline_page_failed(struct chat__timeline *timeline,
                                uint64_t wait_ms, uint64_t now);

/* The connection is gone, and the request with it. */
void chat__timeline_page_lost(struct chat__timeline *timeline, uint64_t now);

/* When chat__timeline_wants_page may become true, CHAT__NEVER if never. */
uint64_t chat__timeline_deadline(const struct chat__timeline *timeline);

#endif
