#include "server/core/actions/actions.h"

#include "server/core/append.h"
#include "server/core/session.h"

#include <string.h>

/* So many heads fit one object whatever the names are. */
#define HEADS_MAX 100

static struct chat__ping_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__ping_operation, operation);
}

/*
 * The time before which nothing is appended any more. An entry has the time
 * of its composition: one in flight now must not fall before the next ping's
 * `since`.
 */
static int64_t settled_ms(const struct chat__operation *operation)
{
    const struct chat__user *user = operation->user;
    int64_t now = chat__wall_ms(operation->core);

    for (uint32_t i = 0; i < user->membership_count; i++) {
        int64_t ts = chat__append_ts(user->memberships[i].room, now);

        if (ts < now)
            now = ts;
    }
    return now;
}

/* The token was ended elsewhere: by another server, or by an operator. */
static void end_session(struct chat__operation *operation)
{
    struct chat__connection *connection = operation->connection;

    if (connection != NULL && chat__connection_is_relayed(connection)) {
        chat__operation_refuse(operation, CHAT__ERROR_HELLO_REQUIRED,
                               "this session has ended: say hello");
        chat__connection_hand_back(connection);
        return;
    }
    chat__operation_end(operation);
    if (connection != NULL)
        chat__connection_close(connection, CHAT__CLOSE_SIGNED_OUT,
                               "this session has ended: sign in again");
}

/*
 * The store may have entries that this core was not told of: another server's,
 * or those of an append that failed and took effect all the same. The client
 * will ask for them, and the room must know them then.
 */
static void refresh_rooms(struct chat__core *core,
                          const struct chat__store_heads *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct chat__room *room = chat__room_find(core, list->heads[i].room);

        if (room != NULL && (room->head < list->heads[i].head ||
                             strcmp(room->epoch, list->heads[i].epoch) != 0))
            chat__room_refresh(room);
    }
}

static void answered(struct chat__completion *completion)
{
    struct chat__ping_operation *ping = CHAT__CONTAINER(
        completion, struct chat__ping_operation, heads.completion);
    const struct chat__store_heads *list = &ping->heads;
    struct chat__head heads[HEADS_MAX];
    struct chat__reply reply = {0};
    struct chat__ping_ok *ok = &reply.body.ping;

    chat__operation_hears(&ping->operation);
    if (list->result == CHAT__STORE_NOT_FOUND) {
        end_session(&ping->operation);
        return;
    }
    if (list->result != CHAT__STORE_OK) {
        chat__operation_fail(&ping->operation, list->result);
        return;
    }
    refresh_rooms(ping->operation.core, list);
    ok->now = ping->now;
    ok->heads = heads;
    ok->head_count = list->count < HEADS_MAX ? list->count : HEADS_MAX;
    ok->rooms_rev = list->rooms_rev;
    for (size_t i = 0; i < ok->head_count; i++)
        heads[i] = (struct chat__head){.room = list->heads[i].room,
                                       .epoch = list->heads[i].epoch,
                                       .head = list->heads[i].head};
    if (list->more && ok->head_count > 0) {
        ok->more = true;
        ok->after = heads[ok->head_count - 1].room;
    }
    chat__operation_succeed(&ping->operation, &reply, false);
}

static void release(struct chat__operation *operation)
{
    chat__store_heads_release(&of(operation)->heads);
}

void chat__ping_start(struct chat__operation *operation)
{
    struct chat__ping_operation *ping = of(operation);
    const struct chat__ping *request = &operation->request.body.ping;
    struct chat__store *store = operation->core->options.store;

    operation->release = release;
    ping->now = settled_ms(operation);
    ping->heads.completion.run = answered;
    ping->heads.user = operation->user->id;
    memcpy(ping->heads.token_hash, operation->connection->token_hash,
           sizeof(ping->heads.token_hash));
    ping->heads.since_ms = (int64_t)request->since;
    ping->heads.after = request->after;
    ping->heads.limit = HEADS_MAX;
    chat__session_keep(operation->connection);
    chat__operation_asks(operation);
    store->operations->heads(store, &ping->heads);
}
