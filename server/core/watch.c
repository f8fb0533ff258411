#include "server/core/watch.h"

#include "server/core/hint.h"

#include <stdlib.h>
#include <string.h>

/* A round: all rooms that had listeners when it began, some at a time. */
struct chat__watch {
    struct chat__core *core;
    struct chat__store_room_heads heads;
    const char *names[CHAT__WATCH_ROOMS_MAX];
    size_t asked; /* of the rooms */
    size_t count;
    struct chat__room *rooms[]; /* referenced */
};

static void end(struct chat__watch *watch)
{
    watch->core->watch = NULL;
    for (size_t i = 0; i < watch->count; i++)
        chat__room_release(watch->rooms[i]);
    free(watch);
}

static void compare(struct chat__core *core,
                    const struct chat__store_head *head)
{
    struct chat__room *room = chat__room_find(core, head->room);

    if (room == NULL)
        return;
    if (strcmp(room->epoch, head->epoch) != 0)
        chat__hint(room, CHAT__HINT_ANY);
    else if (head->head > room->head)
        chat__hint(room, head->head);
}

static void ask(struct chat__watch *watch);

/* What fails is asked for again in the next round. */
static void answered(struct chat__completion *completion)
{
    struct chat__watch *watch =
        CHAT__CONTAINER(completion, struct chat__watch, heads.completion);

    chat__store_answered(watch->core);
    if (watch->heads.result == CHAT__STORE_OK)
        for (size_t i = 0; i < watch->heads.count; i++)
            compare(watch->core, &watch->heads.heads[i]);
    chat__store_room_heads_release(&watch->heads);
    ask(watch);
}

static void ask(struct chat__watch *watch)
{
    struct chat__store *store = watch->core->options.store;
    size_t count = watch->count - watch->asked;

    if (count == 0) {
        end(watch);
        return;
    }
    if (count > CHAT__WATCH_ROOMS_MAX)
        count = CHAT__WATCH_ROOMS_MAX;
    for (size_t i = 0; i < count; i++)
        watch->names[i] = watch->rooms[watch->asked++]->name;
    watch->heads = (struct chat__store_room_heads){
        .completion.run = answered, .rooms = watch->names, .room_count = count};
    chat__store_asked(watch->core);
    store->operations->room_heads(store, &watch->heads);
}

static void take_rooms(struct chat__watch *watch)
{
    const struct chat__table *table = &watch->core->rooms;

    for (size_t i = 0; i < table->size; i++)
        for (struct chat__table_link *link = table->slots[i]; link != NULL;
             link = link->next) {
            struct chat__room *room =
                CHAT__CONTAINER(link, struct chat__room, link);

            if (room->live_count == 0 || room->state != CHAT__ROOM_READY)
                continue;
            chat__room_hold(room);
            watch->rooms[watch->count++] = room;
        }
}

static void begin(struct chat__core *core)
{
    size_t most = core->rooms.count;
    struct chat__watch *watch =
        calloc(1, sizeof(*watch) + most * sizeof(struct chat__room *));

    if (watch == NULL)
        return;
    core->watch = watch;
    watch->core = core;
    take_rooms(watch);
    ask(watch);
}

/* Whether there is something to find out, as far as the bus is concerned. */
static bool is_deaf(struct chat__core *core)
{
    const struct chat__bus *bus = core->options.bus;
    bool listens = bus != NULL && bus->operations->listens(bus);
    bool missed = core->missed || !listens;

    core->missed = !listens; /* what came until it does again */
    return missed;
}

int64_t chat__watch_tick(struct chat__core *core, int64_t now_ms)
{
    if (!core->options.shared || core->draining)
        return INT64_MAX;
    if (core->watch == NULL && now_ms >= core->watch_ms && is_deaf(core)) {
        core->watch_ms = now_ms + CHAT__WATCH_MS;
        begin(core);
    }
    return now_ms < core->watch_ms ? core->watch_ms : INT64_MAX;
}

void chat__watch_missed(struct chat__core *core)
{
    core->missed = true;
}
