#include "server/core/core.h"

#include "server/core/action.h"
#include "server/core/admin_operator.h"
#include "server/core/answer.h"
#include "server/core/catch_up.h"
#include "server/core/connection.h"
#include "server/core/elsewhere.h"
#include "server/core/expiry.h"
#include "server/core/hint.h"
#include "server/core/meter.h"
#include "server/core/observe.h"
#include "server/core/presence.h"
#include "server/core/recall.h"
#include "server/core/relay.h"
#include "server/core/room.h"
#include "server/core/spending.h"
#include "server/core/user.h"
#include "server/core/watch.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* The longest that the core goes without a tick. */
#define TICK_MS 1000

/* Replies and pieces of a log are built here; each is one frame at most. */
#define SCRATCH_BYTES_MAX (64 * 1024)

static void free_core(struct chat__core *core)
{
    chat__presence_release(core);
    chat__elsewhere_release(core);
    chat__spending_release(core);
    chat__hints_release(core);
    chat__recalls_release(core);
    chat__meters_release(core);
    chat__table_release(&core->rooms);
    chat__table_release(&core->users);
    chat__table_release(&core->connections);
    chat__buffer_release(&core->scratch);
    EVP_MD_CTX_free(core->digest);
    EVP_MD_free(core->sha256);
    free(core);
}

static bool prepare(struct chat__core *core)
{
    const struct chat__random *random = &core->options.random;

    chat__buffer_init(&core->scratch, SCRATCH_BYTES_MAX);
    core->digest = EVP_MD_CTX_new();
    core->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    return core->digest != NULL && core->sha256 != NULL &&
           chat__admin_reserve_name(core) &&
           random->fill(random->context, &core->hash_seed,
                        sizeof(core->hash_seed));
}

struct chat__core *chat__core_new(const struct chat__core_options *options)
{
    struct chat__core *core = calloc(1, sizeof(*core));

    if (core == NULL)
        return NULL;
    core->options = *options;
    if (!prepare(core)) {
        free_core(core);
        return NULL;
    }
    chat__lobby_make(core);
    return core;
}

void chat__core_apply(struct chat__core *core,
                      const struct chat__core_settings *settings)
{
    /* The next look at guests was planned by the time before. */
    if (settings->guest_idle_ms != core->options.settings.guest_idle_ms)
        core->expiry_ms = 0;
    core->options.settings = *settings;
}

void chat__core_free(struct chat__core *core)
{
    if (core != NULL)
        free_core(core);
}

bool chat__core_idle(const struct chat__core *core)
{
    return core->outstanding == 0 && core->gathering == NULL &&
           core->relayed == NULL;
}

void chat__core_log(struct chat__core *core, const char *event,
                    const char *detail)
{
    if (core->options.log.write != NULL)
        core->options.log.write(core->options.log.context, event, detail);
}

static void refuse_bad(struct chat__connection *connection,
                       const struct chat__request *request,
                       const struct chat__error *error)
{
    chat__answer_refusal(connection, request, error);
    if (error->code == CHAT__ERROR_VERSION)
        chat__connection_close(connection, CHAT__CLOSE_VERSION, error->message);
    else if (!error->temporary)
        chat__connection_strike(connection);
}

/* What no operation has taken is over. */
static void return_ticket(struct chat__connection *connection)
{
    void *ticket = connection->ticket;

    connection->ticket = NULL;
    if (ticket != NULL)
        chat__connection_front(connection)->done(connection->handle, ticket);
}

void chat__core_ask(struct chat__connection *connection, const char *bytes,
                    size_t length, const struct chat__remote_context *remote,
                    void *ticket)
{
    connection->ticket = ticket;
    chat__core_receive(connection, bytes, length, remote);
    return_ticket(connection);
}

int64_t chat__core_wall_ms(const struct chat__core *core)
{
    return chat__wall_ms(core);
}

bool chat__core_has_session(const struct chat__connection *connection)
{
    return connection->ready;
}

void chat__core_receive(struct chat__connection *connection, const char *bytes,
                        size_t length,
                        const struct chat__remote_context *remote)
{
    struct chat__request request = {0};
    struct chat__error error = {0};

    if (connection->closing)
        return;
    connection->request_count++;
    if (chat__request_parse(&request, bytes, length, &error)) {
        chat__action_run(connection, &request, length, remote);
    } else {
        chat__observe_refusal(connection, &request, false, NULL, &error, length,
                              remote);
        refuse_bad(connection, &request, &error);
    }
    chat__request_release(&request);
}

int64_t chat__core_flush(struct chat__core *core)
{
    /* First, for the store works while the rooms are delivered in. */
    int64_t due_ms = chat__append_gathered(core);
    int64_t hints_ms = chat__hints_follow(core);
    int64_t recalls_ms = chat__recalls_follow(core);

    chat__rooms_flush(core);
    chat__relays_ask(core);
    if (hints_ms < due_ms)
        due_ms = hints_ms;
    return recalls_ms < due_ms ? recalls_ms : due_ms;
}

int64_t chat__core_tick(struct chat__core *core)
{
    int64_t now = chat__monotonic_ms(core);
    int64_t due = chat__connection_expire(core, now);
    int64_t presence;
    int64_t watch = chat__watch_tick(core, now);
    int64_t spending = chat__spending_tick(core, now);

    chat__elsewhere_tick(core, now);
    presence = chat__presence_tick(core, now);
    if (presence < due)
        due = presence;
    if (watch < due)
        due = watch;
    if (spending < due)
        due = spending;
    chat__catch_up_retry(core);
    chat__meters_sweep(core);
    if (!core->draining) {
        chat__lobby_make(core);
        chat__expiry_tick(core, now);
    }
    return core->stalled != NULL || due - now > TICK_MS ? TICK_MS : due - now;
}

static void for_each_user(struct chat__core *core,
                          void (*visit)(struct chat__connection *first))
{
    for (size_t i = 0; i < core->users.size; i++)
        for (struct chat__table_link *link = core->users.slots[i]; link != NULL;
             link = link->next)
            visit(CHAT__CONTAINER(link, struct chat__user, link)->connections);
}

static void drain_list(struct chat__connection *connection)
{
    while (connection != NULL) {
        struct chat__connection *next = connection->next;

        chat__connection_drain(connection);
        connection = next;
    }
}

/* Of the object in the scratch buffer. */
static void tell_list(struct chat__connection *connection)
{
    for (; connection != NULL; connection = connection->next)
        if (connection->ready && !chat__connection_is_relayed(connection))
            chat__tell_bytes(connection, connection->core->scratch.data,
                             connection->core->scratch.length);
}

void chat__core_announce_drain(struct chat__core *core, const char *reason,
                               uint64_t spread_ms)
{
    struct chat__event event = {
        .kind = CHAT__EVENT_DRAIN, .reason = reason, .spread_ms = spread_ms};

    chat__buffer_clear(&core->scratch);
    chat__event_encode(&event, &core->scratch);
    chat__buffer_append_byte(&core->scratch, '\n');
    if (!core->scratch.failed)
        for_each_user(core, tell_list);
}

void chat__core_drain(struct chat__core *core)
{
    core->draining = true;
    chat__core_flush(core);
    drain_list(core->greeting_first);
    for_each_user(core, drain_list);
}

struct chat__core_counts chat__core_counts(const struct chat__core *core)
{
    return (struct chat__core_counts){
        .connections = core->connections.count,
        .sessions = core->session_count,
        .users = core->users.count,
        .rooms = core->rooms.count,
        .lobby_failed = core->lobby_failed,
        .waiting_bytes = core->waiting_bytes,
    };
}
