#include "server/core/expiry.h"

#include "server/core/action.h"
#include "server/core/elsewhere.h"
#include "server/core/operation.h"
#include "server/core/room.h"
#include "server/core/secret.h"
#include "server/core/session.h"
#include "server/core/sign_in.h"
#include "server/core/user.h"

#include <stdio.h>
#include <stdlib.h>

#define INTERVAL_MS     60000
#define MEMBERSHIPS_MAX 100
#define KEY_BYTES       12

struct chat__expiry {
    struct chat__core *core;
    struct chat__store_idle_guests guests;
    size_t at; /* of the guests, the one whose sign-in is asked for */
    struct chat__store_sign_in sign_in;
    struct chat__sign_in in_flight;
};

/* A leave that nobody asked for. */
struct departure {
    struct chat__operation operation;
    char key[CHAT__BASE64URL_SIZE(KEY_BYTES)];
};

static void expire_next(struct chat__expiry *expiry);

/* ---- one room of one guest ---- */

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    if (result == CHAT__STORE_OK)
        operation->row->start(operation);
    else
        chat__operation_end(operation);
}

static void depart(struct chat__user *user, struct chat__room *room)
{
    const struct chat__action_row *row = &chat__actions[CHAT__ACTION_LEAVE];
    struct departure *departure = (struct departure *)chat__operation_make(
        user->core, user, row, sizeof(*departure));
    struct chat__operation *operation = &departure->operation;

    if (departure == NULL)
        return;
    if (!chat__random_name(user->core, departure->key, KEY_BYTES)) {
        chat__operation_end(operation);
        return;
    }
    operation->request.action = CHAT__ACTION_LEAVE;
    operation->request.body.leave.room = room->name;
    operation->request.body.leave.key = departure->key;
    operation->room = room;
    chat__room_hold(room);
    operation->loaded = room_loaded;
    chat__room_await(operation);
}

/* ---- one guest ---- */

/* Leaving takes memberships away, so the rooms are held first. */
static void depart_everywhere(struct chat__user *user)
{
    uint32_t count = user->membership_count;
    struct chat__room **rooms = calloc(count + 1, sizeof(struct chat__room *));

    if (rooms == NULL)
        return;
    for (uint32_t i = 0; i < count; i++) {
        rooms[i] = user->memberships[i].room;
        chat__room_hold(rooms[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        depart(user, rooms[i]);
        chat__room_release(rooms[i]);
    }
    free(rooms);
}

static void signed_in(struct chat__completion *completion)
{
    struct chat__expiry *expiry =
        CHAT__CONTAINER(completion, struct chat__expiry, sign_in.completion);
    struct chat__core *core = expiry->core;
    struct chat__user *user = NULL;

    chat__store_answered(core);
    /* An old answer is as good as none: the next look finds the guest again. */
    if (expiry->sign_in.result == CHAT__STORE_OK &&
        !chat__sign_in_is_old(core, &expiry->in_flight, expiry->sign_in.user))
        user = chat__user_acquire(core, &expiry->sign_in,
                                  expiry->in_flight.number);
    chat__sign_in_end(core, &expiry->in_flight);
    chat__store_sign_in_release(&expiry->sign_in);
    if (user != NULL && user->connections == NULL)
        depart_everywhere(user);
    chat__user_release(user);
    expiry->at++;
    expire_next(expiry);
}

/* Reads the guest's rooms; the token's end of 0 makes no token. */
static void read_rooms(struct chat__expiry *expiry, uint64_t user)
{
    struct chat__core *core = expiry->core;
    struct chat__store *store = core->options.store;

    expiry->sign_in = (struct chat__store_sign_in){
        .credential = CHAT__STORE_USER, .user = user};
    expiry->sign_in.completion.run = signed_in;
    chat__sign_in_begin(core, &expiry->in_flight);
    chat__store_asked(core);
    store->operations->sign_in(store, &expiry->sign_in);
}

/* One who is here counts as seen: else whoever never pings would stay among
 * the first that each look finds. */
static bool is_next(const struct chat__expiry *expiry)
{
    const struct chat__store_guest_membership *rows =
        expiry->guests.memberships;
    const struct chat__user *user =
        chat__user_find(expiry->core, rows[expiry->at].user);

    if (expiry->at > 0 && rows[expiry->at - 1].user == rows[expiry->at].user)
        return false;
    if (user == NULL || user->connections == NULL)
        return chat__elsewhere_presence(expiry->core, rows[expiry->at].user) ==
               CHAT__PRESENCE_OFFLINE;
    chat__session_keep(user->connections);
    return false;
}

static void end(struct chat__expiry *expiry)
{
    struct chat__core *core = expiry->core;

    core->expiry = NULL;
    /* There are more: the next tick goes on. */
    if (expiry->guests.count == MEMBERSHIPS_MAX)
        core->expiry_ms = chat__monotonic_ms(core);
    chat__store_idle_guests_release(&expiry->guests);
    free(expiry);
}

static void expire_next(struct chat__expiry *expiry)
{
    while (expiry->at < expiry->guests.count && !is_next(expiry))
        expiry->at++;
    if (expiry->at < expiry->guests.count)
        read_rooms(expiry, expiry->guests.memberships[expiry->at].user);
    else
        end(expiry);
}

/* ---- the look ---- */

static void found(struct chat__completion *completion)
{
    struct chat__expiry *expiry =
        CHAT__CONTAINER(completion, struct chat__expiry, guests.completion);

    chat__store_answered(expiry->core);
    /* What fails is tried at the next look. */
    if (expiry->guests.result == CHAT__STORE_OK)
        expire_next(expiry);
    else
        end(expiry);
}

static int64_t interval_ms(const struct chat__core *core)
{
    int64_t part = core->options.settings.guest_idle_ms / 4;

    return part < INTERVAL_MS ? part : INTERVAL_MS;
}

void chat__expiry_tick(struct chat__core *core, int64_t now_ms)
{
    struct chat__store *store = core->options.store;
    struct chat__expiry *expiry;

    if (core->options.settings.guest_idle_ms == 0 || core->expiry != NULL ||
        now_ms < core->expiry_ms)
        return;
    core->expiry_ms = now_ms + interval_ms(core);
    expiry = calloc(1, sizeof(*expiry));
    if (expiry == NULL)
        return;
    core->expiry = expiry;
    expiry->core = core;
    expiry->guests.completion.run = found;
    expiry->guests.before_ms =
        chat__wall_ms(core) - core->options.settings.guest_idle_ms;
    expiry->guests.limit = MEMBERSHIPS_MAX;
    chat__store_asked(core);
    store->operations->idle_guests(store, &expiry->guests);
}
