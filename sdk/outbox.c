#include "sdk/outbox.h"

#include <stdlib.h>
#include <string.h>

struct chat__lane {
    struct chat__lane *next;
    size_t items;
    size_t joins;       /* of the items */
    uint64_t in_flight; /* ordered ones */
    uint64_t not_before;
    bool one_by_one; /* after a temporary refusal, while items wait */
    char room[];
};

void chat__outbox_init(struct chat__outbox *outbox)
{
    memset(outbox, 0, sizeof(*outbox));
    outbox->messages_max = CHAT__OUTBOX_MESSAGES_DEFAULT;
    outbox->message_bytes_max = CHAT__OUTBOX_BYTES_DEFAULT;
    outbox->in_flight_max = 1;
}

void chat__outbox_release(struct chat__outbox *outbox)
{
    while (outbox->first != NULL)
        chat__outbox_remove(outbox, outbox->first);
}

static bool is_join(const struct chat__item *item)
{
    return item->request.action == CHAT__ACTION_JOIN;
}

/* Does it keep its place among the requests of its room? */
static bool is_ordered(const struct chat__item *item)
{
    return item->key != NULL && item->lane != NULL;
}

bool chat__outbox_has_room(const struct chat__outbox *outbox,
                           const struct chat__item *item)
{
    if (!chat__item_is_message(item))
        return outbox->others < CHAT__OUTBOX_REQUESTS_MAX;
    return outbox->messages < outbox->messages_max &&
           item->bytes <= outbox->message_bytes_max &&
           outbox->message_bytes <= outbox->message_bytes_max - item->bytes;
}

static struct chat__lane *find_lane(const struct chat__outbox *outbox,
                                    const char *room)
{
    struct chat__lane *lane = outbox->lanes;

    while (lane != NULL && strcmp(lane->room, room) != 0)
        lane = lane->next;
    return lane;
}

static struct chat__lane *enter_lane(struct chat__outbox *outbox,
                                     const char *room)
{
    struct chat__lane *lane = find_lane(outbox, room);

    if (lane == NULL) {
        size_t length = strlen(room) + 1;

        lane = calloc(1, sizeof(*lane) + length);
        if (lane == NULL)
            return NULL;
        memcpy(lane->room, room, length);
        lane->next = outbox->lanes;
        outbox->lanes = lane;
    }
    lane->items++;
    return lane;
}

static void leave_lane(struct chat__outbox *outbox, struct chat__lane *lane)
{
    struct chat__lane **link = &outbox->lanes;

    if (--lane->items > 0)
        return;
    while (*link != lane)
        link = &(*link)->next;
    *link = lane->next;
    free(lane);
}

bool chat__outbox_add(struct chat__outbox *outbox, struct chat__item *item)
{
    if (item->room != NULL) {
        item->lane = enter_lane(outbox, item->room);
        if (item->lane == NULL)
            return false;
        item->lane->joins += is_join(item);
    }
    item->next = NULL;
    item->previous = outbox->last;
    if (outbox->last != NULL)
        outbox->last->next = item;
    else
        outbox->first = item;
    outbox->last = item;
    if (chat__item_is_message(item)) {
        outbox->messages++;
        outbox->message_bytes += item->bytes;
    } else {
        outbox->others++;
    }
    return true;
}

/* May an ordered request of the lane go out? */
static bool lane_is_open(const struct chat__outbox *outbox,
                         const struct chat__lane *lane, uint64_t now)
{
    uint64_t window = lane->one_by_one ? 1 : outbox->in_flight_max;

    return lane->in_flight < window && lane->not_before <= now;
}

static bool may_go(const struct chat__outbox *outbox,
                   const struct chat__item *item, uint64_t now)
{
    if (item->in_flight)
        return false;
    if (is_ordered(item))
        return lane_is_open(outbox, item->lane, now);
    return item->not_before <= now &&
           (item->lane == NULL || item->lane->joins == 0);
}

/*
 * A lane that is closed stays so during the search, and its items stand in
 * order: the first ordered one that may go is the first of its lane that
 * waits.
 */
struct chat__item *chat__outbox_next(struct chat__outbox *outbox, uint64_t now)
{
    struct chat__item *item;

    if (now < outbox->not_before)
        return NULL;
    for (item = outbox->first; item != NULL; item = item->next) {
        if (may_go(outbox, item, now))
            return item;
    }
    return NULL;
}

void chat__outbox_handed(struct chat__outbox *outbox, struct chat__item *item,
                         uint32_t id, uint64_t now)
{
    (void)outbox;
    item->request.id = id;
    item->in_flight = true;
    item->handed = true;
    item->sent = now;
    if (is_ordered(item))
        item->lane->in_flight++;
}

struct chat__item *chat__outbox_find(const struct chat__outbox *outbox,
                                     uint32_t id)
{
    struct chat__item *item = outbox->first;

    while (item != NULL && !(item->in_flight && item->request.id == id))
        item = item->next;
    return item;
}

struct chat__item *chat__outbox_find_leave(const struct chat__outbox *outbox,
                                           const char *key)
{
    struct chat__item *item;

    for (item = outbox->first; item != NULL; item = item->next) {
        if (item->request.action == CHAT__ACTION_LEAVE &&
            strcmp(item->key, key) == 0)
            return item;
    }
    return NULL;
}

struct chat__item *chat__outbox_find_message(const struct chat__outbox *outbox,
                                             const char *key)
{
    struct chat__item *item;

    for (item = outbox->first; item != NULL; item = item->next) {
        if (chat__item_is_message(item) && strcmp(item->key, key) == 0)
            return item;
    }
    return NULL;
}

struct chat__item *chat__outbox_find_handed(const struct chat__outbox *outbox,
                                            enum chat__action action)
{
    struct chat__item *item = outbox->first;

    while (item != NULL && !(item->handed && item->request.action == action))
        item = item->next;
    return item;
}

bool chat__outbox_has(const struct chat__outbox *outbox,
                      enum chat__action action, const char *room)
{
    const struct chat__item *item;

    for (item = outbox->first; item != NULL; item = item->next) {
        if (item->request.action == action && strcmp(item->room, room) == 0)
            return true;
    }
    return false;
}

static void take_back(struct chat__item *item)
{
    if (!item->in_flight)
        return;
    item->in_flight = false;
    if (is_ordered(item))
        item->lane->in_flight--;
}

void chat__outbox_refused(struct chat__outbox *outbox, struct chat__item *item,
                          uint64_t wait_ms, uint64_t now)
{
    uint64_t due = now + wait_ms;

    (void)outbox;
    take_back(item);
    item->not_before = due;
    if (!is_ordered(item))
        return;
    item->lane->one_by_one = true;
    if (item->lane->not_before < due)
        item->lane->not_before = due;
}

void chat__outbox_unsure(struct chat__outbox *outbox, uint64_t not_before)
{
    struct chat__item *item;

    for (item = outbox->first; item != NULL; item = item->next)
        take_back(item);
    outbox->not_before = not_before;
}

void chat__outbox_remove(struct chat__outbox *outbox, struct chat__item *item)
{
    take_back(item);
    if (item->previous != NULL)
        item->previous->next = item->next;
    else
        outbox->first = item->next;
    if (item->next != NULL)
        item->next->previous = item->previous;
    else
        outbox->last = item->previous;
    if (chat__item_is_message(item)) {
        outbox->messages--;
        outbox->message_bytes -= item->bytes;
    } else {
        outbox->others--;
    }
    if (item->lane != NULL) {
        item->lane->joins -= is_join(item);
        leave_lane(outbox, item->lane);
    }
    chat__item_free(item);
}

uint64_t chat__outbox_oldest(const struct chat__outbox *outbox)
{
    const struct chat__item *item;
    uint64_t oldest = UINT64_MAX;

    for (item = outbox->first; item != NULL; item = item->next) {
        if (item->in_flight && item->sent < oldest)
            oldest = item->sent;
    }
    return oldest;
}

/* When an item that waits may go out; UINT64_MAX: not by time alone. */
static uint64_t ready_at(const struct chat__outbox *outbox,
                         const struct chat__item *item, uint64_t now)
{
    bool ordered = is_ordered(item);
    uint64_t own = ordered ? item->lane->not_before : item->not_before;
    uint64_t due = own > outbox->not_before ? own : outbox->not_before;

    if (ordered && item->lane->in_flight > 0)
        return UINT64_MAX;
    return due > now ? due : UINT64_MAX;
}

uint64_t chat__outbox_deadline(const struct chat__outbox *outbox, uint64_t now)
{
    const struct chat__item *item;
    uint64_t deadline = UINT64_MAX;

    for (item = outbox->first; item != NULL; item = item->next) {
        uint64_t due;

        if (item->in_flight)
            continue;
        due = ready_at(outbox, item, now);
        if (due < deadline)
            deadline = due;
    }
    return deadline;
}
