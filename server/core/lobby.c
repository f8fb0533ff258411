#include "server/core/room.h"

#include "server/core/secret.h"

#include <stdlib.h>
#include <string.h>

#define LOBBY "lobby"

struct making {
    struct chat__store_append append;
    struct chat__room *room; /* referenced; LOADING meanwhile */
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
};

static void made(struct chat__completion *completion)
{
    struct making *making =
        CHAT__CONTAINER(completion, struct making, append.completion);
    struct chat__room *room = making->room;
    struct chat__core *core = room->core;

    chat__store_answered(core);
    core->lobby = CHAT__LOBBY_THERE;
    core->lobby_failed = false;
    switch (making->append.result) {
    case CHAT__STORE_OK:
        memcpy(room->epoch, making->epoch, sizeof(room->epoch));
        room->first = 1;
        chat__room_settle(room, CHAT__STORE_OK);
        break;
    case CHAT__STORE_CONFLICT:
        chat__room_reload(room);
        break;
    default:
        chat__core_log(core, "lobby_failed", "it is tried again");
        core->lobby = CHAT__LOBBY_MISSING;
        core->lobby_failed = true;
        chat__room_settle(room, making->append.result);
        break;
    }
    chat__store_append_release(&making->append);
    free(making);
    chat__room_release(room);
}

static struct making *new_making(struct chat__core *core)
{
    struct making *making = calloc(1, sizeof(*making));

    if (making == NULL)
        return NULL;
    if (chat__random_name(core, making->epoch, CHAT__EPOCH_RANDOM_BYTES))
        making->room = chat__room_acquire(core, LOBBY);
    if (making->room == NULL) {
        free(making);
        return NULL;
    }
    return making;
}

void chat__lobby_make(struct chat__core *core)
{
    struct chat__store *store = core->options.store;
    struct making *making;

    if (core->lobby != CHAT__LOBBY_MISSING)
        return;
    making = new_making(core);
    if (making == NULL)
        return;
    if (making->room->state != CHAT__ROOM_UNLOADED) {
        /* A client's request has it in hand. */
        chat__room_release(making->room);
        free(making);
        return;
    }
    core->lobby = CHAT__LOBBY_ASKED;
    making->room->state = CHAT__ROOM_LOADING;
    making->append.completion.run = made;
    making->append.room = making->room->name;
    making->append.create_epoch = making->epoch;
    chat__store_asked(core);
    store->operations->append(store, &making->append);
}
