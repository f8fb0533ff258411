#include "server/core/presence.h"

#include "server/core/connection.h"
#include "server/core/elsewhere.h"
#include "server/core/publish.h"
#include "server/core/relay.h"

#include <stdlib.h>

/* ---- rooms that are to be told ---- */

static struct chat__stir *stir(struct chat__room *room)
{
    struct chat__core *core = room->core;
    struct chat__stir *stir = calloc(1, sizeof(*stir));

    if (stir == NULL)
        return NULL;
    chat__room_hold(room);
    stir->room = room;
    stir->due_ms = chat__monotonic_ms(core) + CHAT__PRESENCE_GATHER_MS;
    if (core->stirred_last == NULL)
        core->stirred_first = stir;
    else
        core->stirred_last->next = stir;
    core->stirred_last = stir;
    room->stir = stir;
    return stir;
}

/* NULL when there is no place for one more. */
static struct chat__stirred *stirred(struct chat__stir *stir, uint64_t user)
{
    for (size_t i = 0; i < stir->count; i++)
        if (stir->users[i].id == user)
            return &stir->users[i];
    if (stir->count == CHAT__PRESENCE_ROOM_MAX)
        return NULL;
    stir->users[stir->count] = (struct chat__stirred){.id = user};
    return &stir->users[stir->count++];
}

/* Presence may be lost, so want of memory is no failure. */
void chat__presence_note(struct chat__room *room, uint64_t user, bool own)
{
    struct chat__stir *noted = room->stir;
    struct chat__stirred *changed;

    if ((room->live_count == 0 && room->core->options.relay == NULL) ||
        room->members.member_count > CHAT__PRESENCE_ROOM_MAX)
        return;
    if (noted == NULL)
        noted = stir(room);
    if (noted == NULL)
        return;
    changed = stirred(noted, user);
    if (changed != NULL)
        changed->own = changed->own || own;
}

static struct chat__stir *take_first_stir(struct chat__core *core)
{
    struct chat__stir *stir = core->stirred_first;

    core->stirred_first = stir->next;
    if (core->stirred_first == NULL)
        core->stirred_last = NULL;
    stir->room->stir = NULL;
    return stir;
}

static void free_stir(struct chat__stir *stir)
{
    chat__room_release(stir->room);
    free(stir);
}

/* The event about all who have changed, or the own ones among them, in the
 * scratch buffer. False when there are none, or no memory. */
static bool encode(const struct chat__stir *stir, bool only_own)
{
    struct chat__core *core = stir->room->core;
    struct chat__user_presence presences[CHAT__PRESENCE_ROOM_MAX];
    struct chat__event event = {.kind = CHAT__EVENT_PRESENCE,
                                .room = stir->room->name,
                                .presences = presences};

    for (size_t i = 0; i < stir->count; i++)
        if (stir->users[i].own || !only_own)
            presences[event.presence_count++] = (struct chat__user_presence){
                .id = stir->users[i].id,
                .presence = chat__user_presence(core, stir->users[i].id)};
    chat__buffer_clear(&core->scratch);
    chat__event_encode(&event, &core->scratch);
    chat__buffer_append_byte(&core->scratch, '\n');
    return event.presence_count > 0 && !core->scratch.failed;
}

static void tell(const struct chat__stir *stir)
{
    const struct chat__buffer *scratch = &stir->room->core->scratch;

    if (encode(stir, false))
        chat__room_broadcast(stir->room, 0, scratch->data, scratch->length);
    /* The clients that API Gateway holds hear it from one task. */
    if (stir->room->core->options.relay != NULL && encode(stir, true))
        chat__relay_event(stir->room, 0, scratch->data, scratch->length);
}

static int64_t tell_due(struct chat__core *core, int64_t now_ms)
{
    while (core->stirred_first != NULL) {
        struct chat__stir *stir = core->stirred_first;

        if (stir->due_ms > now_ms)
            return stir->due_ms;
        (void)take_first_stir(core);
        tell(stir);
        free_stir(stir);
    }
    return INT64_MAX;
}

/* ---- users ---- */

enum chat__presence chat__user_presence(const struct chat__core *core,
                                        uint64_t id)
{
    const struct chat__user *user = chat__user_find(core, id);

    return user == NULL || !user->there ? chat__elsewhere_presence(core, id)
                                        : user->presence;
}

void chat__presence_enter(struct chat__user *user, struct chat__room *room)
{
    if (user->there)
        chat__presence_note(room, user->id, true);
}

static void note_everywhere(const struct chat__user *user, bool own)
{
    for (uint32_t i = 0; i < user->membership_count; i++)
        chat__presence_note(user->memberships[i].room, user->id, own);
}

static void show(struct chat__user *user, enum chat__presence presence,
                 bool own)
{
    if (user->presence == presence)
        return;
    user->presence = presence;
    note_everywhere(user, own);
}

void chat__presence_arrive(struct chat__user *user)
{
    if (user->there)
        return;
    user->there = true;
    user->presence = CHAT__PRESENCE_ONLINE;
    note_everywhere(user, chat__elsewhere_presence(user->core, user->id) !=
                              user->presence);
    chat__publish_presence(user->core, user->id, user->presence, false);
}

void chat__presence_set(struct chat__user *user, enum chat__presence presence)
{
    if (user->presence != presence)
        chat__publish_presence(user->core, user->id, presence, true);
    show(user, presence, true);
}

void chat__presence_follow(struct chat__user *user,
                           enum chat__presence presence)
{
    show(user, presence, false);
}

static void wait_to_part(struct chat__user *user)
{
    user->parting_after = user->core->parting;
    user->core->parting = user;
}

void chat__presence_part(struct chat__user *user)
{
    if (!user->there || user->connections != NULL)
        return;
    user->offline_ms =
        chat__monotonic_ms(user->core) + CHAT__PRESENCE_OFFLINE_MS;
    if (user->parting)
        return;
    user->parting = true;
    chat__user_hold(user);
    wait_to_part(user);
}

static void let_go(struct chat__user *user)
{
    user->parting = false;
    chat__user_release(user);
}

/* Those who came back, maybe to go again, are found by a look at each. */
static int64_t part_due(struct chat__core *core, int64_t now_ms)
{
    struct chat__user *list = core->parting;
    int64_t next_ms = INT64_MAX;

    core->parting = NULL;
    while (list != NULL) {
        struct chat__user *user = list;

        list = user->parting_after;
        if (user->connections == NULL && user->offline_ms > now_ms) {
            wait_to_part(user);
            if (user->offline_ms < next_ms)
                next_ms = user->offline_ms;
            continue;
        }
        if (user->connections == NULL) {
            user->there = false;
            note_everywhere(user, true);
            chat__publish_presence(core, user->id, CHAT__PRESENCE_OFFLINE,
                                   false);
        }
        let_go(user);
    }
    return next_ms;
}

int64_t chat__presence_tick(struct chat__core *core, int64_t now_ms)
{
    int64_t part = part_due(core, now_ms);
    int64_t told = tell_due(core, now_ms);

    return part < told ? part : told;
}

void chat__presence_release(struct chat__core *core)
{
    while (core->stirred_first != NULL)
        free_stir(take_first_stir(core));
    while (core->parting != NULL) {
        struct chat__user *user = core->parting;

        core->parting = user->parting_after;
        let_go(user);
    }
}
