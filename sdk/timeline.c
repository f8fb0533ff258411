#include "sdk/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void chat__timeline_init(struct chat__timeline *timeline)
{
    memset(timeline, 0, sizeof(*timeline));
    timeline->gap_due = CHAT__NEVER;
}

/* Lets go of the first `count` held entries. */
static void drop_held(struct chat__timeline *timeline, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        timeline->held_bytes -= timeline->held[i].length;
        free(timeline->held[i].bytes);
    }
    timeline->held_count -= count;
    if (timeline->held_count > 0 && count > 0)
        memmove(timeline->held, timeline->held + count,
                timeline->held_count * sizeof(*timeline->held));
}

void chat__timeline_release(struct chat__timeline *timeline)
{
    drop_held(timeline, timeline->held_count);
    free(timeline->held);
    chat__timeline_init(timeline);
}

bool chat__timeline_started(const struct chat__timeline *timeline)
{
    return timeline->epoch[0] != '\0';
}

/* Drops what is held at or below `last`, and says again if there is a gap. */
static void settle(struct chat__timeline *timeline, uint64_t due)
{
    size_t seen = 0;

    while (seen < timeline->held_count &&
           timeline->held[seen].seq <= timeline->last)
        seen++;
    if (seen > 0)
        drop_held(timeline, seen);
    if (timeline->head <= timeline->last) {
        timeline->head = timeline->last;
        timeline->gap_due = CHAT__NEVER;
        timeline->page_failures = 0;
    } else if (timeline->gap_due == CHAT__NEVER) {
        timeline->gap_due = due;
    }
}

void chat__timeline_start(struct chat__timeline *timeline, const char *epoch,
                          uint64_t head)
{
    bool same = strcmp(timeline->epoch, epoch) == 0;

    if (chat__timeline_started(timeline) && !same)
        drop_held(timeline, timeline->held_count);
    if (!same) /* else `epoch` may be the timeline's own */
        snprintf(timeline->epoch, sizeof(timeline->epoch), "%s", epoch);
    timeline->last = head;
    timeline->head = head;
    if (timeline->held_count > 0)
        timeline->head = timeline->held[timeline->held_count - 1].seq;
    timeline->gap_due = CHAT__NEVER;
    timeline->page_id = 0;
    timeline->page_failures = 0;
    settle(timeline, 0);
}

/* Where `seq` is or belongs among the held ones. */
static size_t held_position(const struct chat__timeline *timeline, uint64_t seq)
{
    size_t low = 0;
    size_t high = timeline->held_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (timeline->held[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool reserve_held(struct chat__timeline *timeline)
{
    size_t capacity =
        timeline->held_capacity > 0 ? timeline->held_capacity * 2 : 8;
    struct chat__held *held;

    if (timeline->held_count < timeline->held_capacity)
        return true;
    held = realloc(timeline->held, capacity * sizeof(*held));
    if (held == NULL)
        return false;
    timeline->held = held;
    timeline->held_capacity = capacity;
    return true;
}

static void hold(struct chat__timeline *timeline, uint64_t seq,
                 const char *bytes, size_t length)
{
    size_t position = held_position(timeline, seq);
    char *copy;

    if (position < timeline->held_count && timeline->held[position].seq == seq)
        return;
    if (timeline->held_count >= CHAT__HELD_ENTRIES_MAX ||
        timeline->held_bytes + length > CHAT__HELD_BYTES_MAX) {
        drop_held(timeline, timeline->held_count);
        return;
    }
    copy = malloc(length);
    if (copy == NULL)
        return;
    if (!reserve_held(timeline)) {
        free(copy);
        return;
    }
    memcpy(copy, bytes, length);
    memmove(timeline->held + position + 1, timeline->held + position,
            (timeline->held_count - position) * sizeof(*timeline->held));
    timeline->held[position] =
        (struct chat__held){.seq = seq, .bytes = copy, .length = length};
    timeline->held_count++;
    timeline->held_bytes += length;
}

enum chat__verdict chat__timeline_offer(struct chat__timeline *timeline,
                                        uint64_t seq, const char *bytes,
                                        size_t length, bool ordered,
                                        uint64_t now)
{
    uint64_t due = ordered ? now : now + CHAT__GAP_WAIT_MS;

    if (!chat__timeline_started(timeline)) {
        hold(timeline, seq, bytes, length);
        return CHAT__VERDICT_HELD;
    }
    if (seq <= timeline->last)
        return CHAT__VERDICT_DROP;
    if (seq == timeline->last + 1)
        return CHAT__VERDICT_APPLY;
    hold(timeline, seq, bytes, length);
    if (seq > timeline->head)
        timeline->head = seq;
    if (due < timeline->gap_due && timeline->page_failures == 0)
        timeline->gap_due = due;
    return CHAT__VERDICT_HELD;
}

void chat__timeline_advance(struct chat__timeline *timeline, uint64_t now)
{
    timeline->last++;
    settle(timeline, now + CHAT__GAP_WAIT_MS);
}

bool chat__timeline_next_held(const struct chat__timeline *timeline,
                              const char **bytes, size_t *length)
{
    if (timeline->held_count == 0 ||
        timeline->held[0].seq != timeline->last + 1)
        return false;
    *bytes = timeline->held[0].bytes;
    *length = timeline->held[0].length;
    return true;
}

void chat__timeline_learn_head(struct chat__timeline *timeline, uint64_t head,
                               uint64_t now)
{
    if (!chat__timeline_started(timeline) || head <= timeline->head)
        return;
    timeline->head = head;
    settle(timeline, now + CHAT__GAP_WAIT_MS);
}

bool chat__timeline_wants_page(const struct chat__timeline *timeline,
                               uint64_t now)
{
    return timeline->page_id == 0 && timeline->gap_due <= now;
}

void chat__timeline_page_asked(struct chat__timeline *timeline, uint32_t id,
                               uint64_t now)
{
    timeline->page_id = id;
    timeline->page_sent = now;
}

void chat__timeline_page_done(struct chat__timeline *timeline, bool progress,
                              uint64_t now)
{
    if (!progress) {
        chat__timeline_page_failed(timeline, 0, now);
        return;
    }
    timeline->page_id = 0;
    timeline->page_failures = 0;
    if (timeline->gap_due != CHAT__NEVER)
        timeline->gap_due = now;
}

void chat__timeline_page_failed(struct chat__timeline *timeline,
                                uint64_t wait_ms, uint64_t now)
{
    uint64_t wait = CHAT__GAP_WAIT_MS;

    timeline->page_id = 0;
    if (timeline->gap_due == CHAT__NEVER)
        return;
    for (unsigned int n = 0; n < timeline->page_failures; n++)
        wait *= 2;
    if (wait > CHAT__BACKOFF_MAX_MS)
        wait = CHAT__BACKOFF_MAX_MS;
    if (wait < CHAT__BACKOFF_MAX_MS)
        timeline->page_failures++;
    timeline->gap_due = now + (wait_ms > wait ? wait_ms : wait);
}

void chat__timeline_page_lost(struct chat__timeline *timeline, uint64_t now)
{
    timeline->page_id = 0;
    timeline->page_failures = 0;
    if (timeline->gap_due != CHAT__NEVER)
        timeline->gap_due = now;
}

uint64_t chat__timeline_deadline(const struct chat__timeline *timeline)
{
    return timeline->page_id == 0 ? timeline->gap_due : CHAT__NEVER;
}
