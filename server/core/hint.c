#include "server/core/hint.h"

static void put(struct chat__room *room)
{
    room->next_hinted = room->core->hinted;
    room->core->hinted = room;
}

void chat__hint(struct chat__room *room, uint64_t last)
{
    if (last > room->hint)
        room->hint = last;
    if (room->hinted)
        return;
    room->hinted = true;
    chat__room_hold(room);
    put(room);
}

static void drop(struct chat__room *room)
{
    room->hinted = false;
    room->hint = 0;
    chat__room_release(room);
}

/* The next hint is followed sooner when this one was true. */
static void follow(struct chat__room *room, int64_t now)
{
    bool vain = room->hint_head == room->head;

    room->hint_head = room->head;
    room->hint_ms = now + (vain ? CHAT__HINT_IDLE_MS : CHAT__HINT_INTERVAL_MS);
    chat__room_refresh(room);
}

/* True when it stays in the list. */
static bool consider(struct chat__room *room, int64_t now, int64_t *due_ms)
{
    if (room->state == CHAT__ROOM_LOADING)
        return true;
    /* Who needs one that is not loaded reads it. */
    if (room->state != CHAT__ROOM_READY || room->hint <= room->head)
        return false;
    if (room->hint_ms > now) {
        if (room->hint_ms - now < *due_ms)
            *due_ms = room->hint_ms - now;
        return true;
    }
    follow(room, now);
    return false;
}

int64_t chat__hints_follow(struct chat__core *core)
{
    struct chat__room *room = core->hinted;
    int64_t now = room == NULL ? 0 : chat__monotonic_ms(core);
    int64_t due_ms = INT64_MAX;

    core->hinted = NULL;
    while (room != NULL) {
        struct chat__room *next = room->next_hinted;

        if (consider(room, now, &due_ms))
            put(room);
        else
            drop(room);
        room = next;
    }
    return due_ms;
}

void chat__hints_release(struct chat__core *core)
{
    while (core->hinted != NULL) {
        struct chat__room *room = core->hinted;

        core->hinted = room->next_hinted;
        drop(room);
    }
}
