#include "tests/simulation/server.h"

#include "server/core/room.h"
#include "tests/simulation/link.h"
#include "tests/simulation/model.h"

#include <stdlib.h>
#include <string.h>

#define WALL_MS INT64_C(1795363200000)

/* The longest pass of a loop, and the way of a hint. */
#define PASS_MS 2
#define HINT_MS 50

/* A server that goes has forgotten everybody after this. */
#define EMPTY_MS 200000

/* Only clocks that jump take guests so far. */
#define GUEST_IDLE_MS 3600000

/* Hints that are lost, of a thousand. */
#define HINTS_LOST 200

/* ---- what the core is given ---- */

static int64_t wall_ms(void *context)
{
    const struct server *server = context;

    return WALL_MS + server->simulation->now + server->wall_offset;
}

static int64_t monotonic_us(void *context)
{
    const struct server *server = context;

    return server->simulation->now * 1000;
}

static bool fill(void *context, void *bytes, size_t length)
{
    const struct server *server = context;
    unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++)
        at[i] = (unsigned char)simulation_draw(server->simulation, 256);
    return true;
}

static void discard_log(void *context, const char *event, const char *detail)
{
    (void)context;
    (void)event;
    (void)detail;
}

/* ---- coming ---- */

/* With slow readers the pool is crowded, so that little is allowed to each. */
static size_t first_charge(const struct simulation *simulation)
{
    return simulation->plan.slow_readers && !simulation->healed
               ? CHAT__OUTPUT_POOL_BYTES_MAX + 1
               : 0;
}

struct server *server_start(struct simulation *simulation)
{
    struct server *server = calloc(1, sizeof(*server));
    struct chat__core_options options = {
        .clock = {wall_ms, monotonic_us, server},
        .random = {fill, server},
        .log = {discard_log, server},
        .server_version = "1.2.3",
        .server_task = "simulated",
        .in_flight = simulation->plan.in_flight,
        .settings.gather_max_ms = simulation->plan.gather_max_ms,
        .settings.guest_idle_ms =
            simulation->plan.guests_expire ? GUEST_IDLE_MS : 0,
    };

    if (server == NULL)
        abort();
    server->simulation = simulation;
    server->number = ++simulation->server_count;
    server->next = simulation->servers;
    simulation->servers = server;
    server->later_version =
        simulation->plan.later_version && simulation_chance(simulation, 500);
    options.metrics = server->pool.metrics = &server->metrics;
    server->pool.write = link_write;
    server->pool.charge = first_charge(simulation);
    store_init(&server->store, server);
    options.store = &server->store.base;
    if (simulation->plan.dynamodb)
        options.store = dynamodb_open(&server->dynamodb, server);
    options.shared = simulation->plan.watches;
    if (simulation->plan.bus)
        options.bus = bus_open(&server->bus, server);
    if (simulation->plan.cache)
        options.cache = cache_open(&server->cache, server);
    server->core = chat__core_new(&options);
    if (server->core == NULL)
        abort();
    simulation_trace(simulation, "start", server->number, 0, NULL, 0);
    server_touched(server);
    simulation_after(simulation, 1000, EVENT_TICK, server, 0);
    return server;
}

void server_heal(struct simulation *simulation)
{
    simulation->healed = true;
    for (struct server *server = simulation->servers; server != NULL;
         server = server->next)
        if (simulation->plan.slow_readers)
            server->pool.charge -= CHAT__OUTPUT_POOL_BYTES_MAX + 1;
    while (server_count_up(simulation) < simulation->plan.servers)
        (void)server_start(simulation);
}

/* ---- going ---- */

/* A crashed or drained core ends when the store has answered everything. */
static void end_if_done(struct server *server)
{
    struct chat__core_counts counts = chat__core_counts(server->core);

    if (server->state == SERVER_UP || counts.connections > 0 ||
        !chat__core_idle(server->core))
        return;
    chat__core_flush(server->core);
    if (!chat__core_idle(server->core))
        return;
    counts = chat__core_counts(server->core);
    /* Who went is still shown as present for a while. */
    if ((counts.users > 0 || counts.rooms > 0) &&
        server->simulation->now < server->empty_by)
        return;
    if (counts.users > 0 || counts.rooms > 0)
        model_violation(server->simulation,
                        "server %u ends with %zu users and %zu rooms in memory",
                        server->number, counts.users, counts.rooms);
    if (server->pool.charge != first_charge(server->simulation))
        model_violation(server->simulation,
                        "server %u ends with %zu bytes of output",
                        server->number, server->pool.charge);
    simulation_trace(server->simulation, "end", server->number, 0, NULL, 0);
    chat__core_free(server->core);
    server->core = NULL;
    dynamodb_close(&server->dynamodb);
}

void server_crash(struct server *server)
{
    struct simulation *simulation = server->simulation;

    simulation_trace(simulation, "crash", server->number, 0, NULL, 0);
    server->state = SERVER_DEAD;
    dynamodb_crash(&server->dynamodb);
    server->empty_by = simulation->now + EMPTY_MS;
    for (struct link *link = simulation->links; link != NULL; link = link->next)
        if (link->server == server && link->connection != NULL)
            link_break(link);
    server_touched(server);
}

void server_drain(struct server *server)
{
    simulation_trace(server->simulation, "drain", server->number, 0, NULL, 0);
    server->state = SERVER_DRAINING;
    server->empty_by = server->simulation->now + EMPTY_MS;
    chat__core_drain(server->core);
    server_touched(server);
}

void server_free(struct server *server)
{
    if (server->core != NULL)
        model_violation(server->simulation, "server %u does not end",
                        server->number);
    free(server);
}

/* ---- its loop ---- */

void server_touched(struct server *server)
{
    struct simulation *simulation = server->simulation;

    if (server->pass_is_due || server->core == NULL)
        return;
    server->pass_is_due = true;
    simulation_after(simulation,
                     (int64_t)simulation_draw(simulation, PASS_MS + 1),
                     EVENT_PASS, server, 0);
}

void server_pass(struct server *server)
{
    struct simulation *simulation = server->simulation;
    int64_t held_ms;

    server->pass_is_due = false;
    if (server->core == NULL)
        return;
    held_ms = chat__core_flush(server->core);
    if (held_ms <= 0)
        model_violation(simulation, "a flush that is due at once");
    if (held_ms != INT64_MAX)
        simulation_after(simulation, held_ms, EVENT_PASS, server, 0);
    for (struct link *link = simulation->links; link != NULL; link = link->next)
        if (link->server == server && link->connection != NULL) {
            link_flush(link);
            model_check_bounds(link);
        }
    end_if_done(server);
}

void server_tick(struct server *server)
{
    int64_t wait;

    if (server->core == NULL)
        return;
    wait = chat__core_tick(server->core);
    if (wait <= 0)
        model_violation(server->simulation, "a tick that is due at once");
    link_expire(server);
    server_touched(server);
    simulation_after(server->simulation, wait, EVENT_TICK, server, 0);
}

/* ---- others ---- */

void server_appended(struct server *server,
                     const struct chat__store_append *append)
{
    struct simulation *simulation = server->simulation;

    model_appended(simulation, append);
    for (struct server *other = simulation->servers; other != NULL;
         other = other->next)
        if (simulation->plan.hints && other != server &&
            other->state == SERVER_UP &&
            !simulation_fault(simulation, HINTS_LOST))
            simulation_after(
                simulation, (int64_t)simulation_draw(simulation, HINT_MS),
                EVENT_HINT, other,
                simulation_room(append->room, strlen(append->room)));
}

void server_hint(struct server *server, unsigned int room)
{
    struct chat__room *found;

    if (server->core == NULL || server->state != SERVER_UP)
        return;
    found = chat__room_find(server->core, simulation_rooms[room]);
    if (found != NULL)
        chat__room_refresh(found);
    server_touched(server);
}

unsigned int server_count_up(const struct simulation *simulation)
{
    unsigned int count = 0;

    for (const struct server *server = simulation->servers; server != NULL;
         server = server->next)
        count += server->state == SERVER_UP;
    return count;
}

struct server *server_choose(struct simulation *simulation)
{
    unsigned int count = server_count_up(simulation);
    uint64_t chosen;

    if (count == 0)
        return NULL;
    chosen = simulation_draw(simulation, count);
    for (struct server *server = simulation->servers; server != NULL;
         server = server->next)
        if (server->state == SERVER_UP && chosen-- == 0)
            return server;
    return NULL;
}
