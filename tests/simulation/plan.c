#include "tests/simulation/plan.h"

#include "tests/simulation/dynamodb.h"
#include "tests/simulation/link.h"
#include "tests/simulation/log.h"
#include "tests/simulation/program.h"

#include <stdio.h>
#include <string.h>

#define WALL_MS INT64_C(1795363200000)

#define BLOCK_MS   30000
#define RESTART_MS 4000
#define JUMP_MS    7200000
#define STALL_MS   8000
#define FOREIGN_MS 3000
#define OPERATE_MS 4000

/* ---- the plan ---- */

/* A chance of up to `most` of a thousand, in one of three runs. */
static unsigned int maybe(struct simulation *simulation, unsigned int most)
{
    if (!simulation_chance(simulation, 333))
        return 0;
    return 1 + (unsigned int)simulation_draw(simulation, most);
}

static bool half(struct simulation *simulation)
{
    return simulation_chance(simulation, 500);
}

static void draw_size(struct simulation *simulation, struct plan *plan)
{
    plan->servers = 1 + (unsigned int)simulation_draw(simulation, 3);
    plan->programs = 2 + (unsigned int)simulation_draw(simulation, 3);
    plan->rooms = 1 + (unsigned int)simulation_draw(simulation, PUBLIC_MAX);
    plan->gateway = half(simulation);
    plan->in_flight = plan->gateway ? 1 : half(simulation) ? 4 : 64;
    plan->fault_ms = 5000 + (int64_t)simulation_draw(simulation, 40000);
    plan->action_ms = half(simulation) ? 3000 : 1500;
    plan->gather_max_ms = half(simulation) ? 0 : 4000;
}

static void draw_chances(struct simulation *simulation, struct plan *plan)
{
    plan->delay_ms = half(simulation) ? 20 : half(simulation) ? 200 : 2000;
    plan->store_ms = half(simulation) ? 5 : half(simulation) ? 50 : 1000;
    plan->drop = maybe(simulation, 200);
    plan->duplicate = maybe(simulation, 200);
    plan->unsure = maybe(simulation, 50);
    plan->busy = maybe(simulation, 100);
    plan->fail_before = maybe(simulation, 100);
    plan->fail_after = maybe(simulation, 100);
    plan->no_memory = maybe(simulation, 10);
}

static void draw_faults(struct simulation *simulation, struct plan *plan)
{
    plan->fault_every_ms = half(simulation) ? 4000 : 15000;
    plan->cuts = half(simulation);
    plan->partitions = half(simulation);
    plan->crashes = half(simulation);
    plan->late_writes = half(simulation);
    plan->drains = half(simulation);
    plan->jumps = simulation_chance(simulation, 250);
    plan->stalls = simulation_chance(simulation, 250);
    plan->leaves = half(simulation);
    plan->moderates = half(simulation);
    /* The lobby has no owner. */
    if (plan->moderates && plan->rooms == 1)
        plan->rooms = 2;
    plan->secrets = half(simulation);
    plan->guests_expire = simulation_chance(simulation, 300);
    plan->hints = half(simulation);
    plan->later_version = simulation_chance(simulation, 300);
    plan->slow_readers = simulation_chance(simulation, 30);
    plan->dynamodb = simulation->seed % 4 == 0;
}

/* Beside the rest, so that a seed without it plays as it always has. */
static void draw_operator(struct simulation *simulation, struct plan *plan)
{
    uint64_t random = simulation->random;

    plan->operates = simulation_chance(simulation, 300);
    simulation->random = random;
    if (plan->operates)
        simulation_after(simulation, OPERATE_MS, EVENT_OPERATE, NULL, 0);
}

static void draw_bus(struct simulation *simulation, struct plan *plan)
{
    uint64_t random = simulation->random;

    simulation->random ^= UINT64_C(0x9e3779b97f4a7c15);
    plan->bus = simulation_chance(simulation, 400);
    plan->watches = simulation_chance(simulation, 400);
    simulation->random = random;
    if (plan->bus)
        simulation_after(simulation, 1, EVENT_BUS, NULL, 0);
}

static void draw_cache(struct simulation *simulation, struct plan *plan)
{
    uint64_t random = simulation->random;

    simulation->random ^= UINT64_C(0xbf58476d1ce4e5b9);
    plan->cache = half(simulation);
    simulation->random = random;
}

void plan_draw(struct simulation *simulation)
{
    draw_size(simulation, &simulation->plan);
    draw_chances(simulation, &simulation->plan);
    draw_faults(simulation, &simulation->plan);
    draw_operator(simulation, &simulation->plan);
    draw_bus(simulation, &simulation->plan);
    draw_cache(simulation, &simulation->plan);
    if (simulation->plan.later_version)
        simulation_after(simulation, FOREIGN_MS, EVENT_FOREIGN, NULL, 0);
    simulation_after(simulation, simulation->plan.fault_every_ms, EVENT_FAULT,
                     NULL, 0);
    simulation_after(simulation, simulation->plan.fault_ms, EVENT_HEAL, NULL,
                     0);
}

/* ---- faults ---- */

static struct program *choose_program(struct simulation *simulation)
{
    return simulation
        ->programs[simulation_draw(simulation, simulation->plan.programs)];
}

static void restart_later(struct simulation *simulation)
{
    simulation_after(simulation,
                     (int64_t)simulation_draw(simulation, RESTART_MS),
                     EVENT_START, NULL, 0);
}

static void crash(struct simulation *simulation)
{
    struct server *server = server_choose(simulation);

    if (server == NULL)
        return;
    server_crash(server);
    restart_later(simulation);
}

/* A task is replaced: the new one is up first, or the old one is gone. */
static void replace(struct simulation *simulation)
{
    struct server *server = server_choose(simulation);

    if (server == NULL)
        return;
    if (half(simulation))
        (void)server_start(simulation);
    else
        restart_later(simulation);
    server_drain(server);
}

static void jump(struct simulation *simulation)
{
    struct server *server = server_choose(simulation);

    if (server != NULL)
        server->wall_offset +=
            (int64_t)simulation_draw(simulation, 2 * JUMP_MS) - JUMP_MS;
}

static void block(struct simulation *simulation)
{
    program_block(choose_program(simulation),
                  (int64_t)simulation_draw(simulation, BLOCK_MS));
}

static void cut(struct simulation *simulation)
{
    struct program *program = choose_program(simulation);

    if (program->link != NULL && !program->link->broken)
        link_cut(program->link);
}

void fault_happen(struct simulation *simulation)
{
    const struct plan *plan = &simulation->plan;
    uint64_t chosen = simulation_draw(simulation, 6);

    if (simulation->healed)
        return;
    if (chosen == 0 && plan->cuts)
        cut(simulation);
    else if (chosen == 1 && plan->partitions)
        block(simulation);
    else if (chosen == 2 && plan->crashes)
        crash(simulation);
    else if (chosen == 3 && plan->drains)
        replace(simulation);
    else if (chosen == 4 && plan->jumps)
        jump(simulation);
    else if (chosen == 5 && plan->stalls)
        simulation->store_stalls_until =
            simulation->now + (int64_t)simulation_draw(simulation, STALL_MS);
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(
                             simulation, (uint64_t)plan->fault_every_ms),
                     EVENT_FAULT, NULL, 0);
}

static void append_foreign(struct simulation *simulation, unsigned int room,
                           const char *bytes)
{
    if (simulation->plan.dynamodb) {
        dynamodb_append_foreign(simulation, simulation_rooms[room], bytes);
        return;
    }
    fake_store_append_foreign(simulation->disk, simulation_rooms[room], 4711,
                              bytes, simulation->disk_ts);
    log_append(simulation, room, bytes, strlen(bytes));
    simulation->entries++;
}

void fault_append_foreign(struct simulation *simulation)
{
    unsigned int number =
        (unsigned int)simulation_draw(simulation, simulation->plan.rooms);
    const char *room = simulation_rooms[number];
    uint64_t head = fake_store_head(simulation->disk, room);
    char bytes[400];

    if (simulation->healed)
        return;
    if (head > 0) {
        if (simulation->disk_ts < WALL_MS + simulation->now)
            simulation->disk_ts = WALL_MS + simulation->now;
        snprintf(bytes, sizeof(bytes),
                 "{\"event\":\"poll\",\"room\":\"%s\",\"seq\":%llu,\"ts\":%lld,"
                 "\"from\":{\"id\":\"4711\",\"name\":\"later\",\"hat\":true},"
                 "\"key\":\"f%u\",\"text\":7,\"options\":[\"a\",{\"b\":[]}]}",
                 room, (unsigned long long)head + 1,
                 (long long)simulation->disk_ts, simulation->foreign_count++);
        append_foreign(simulation, number, bytes);
    }
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(simulation, FOREIGN_MS),
                     EVENT_FOREIGN, NULL, 0);
}

void fault_heal(struct simulation *simulation)
{
    simulation_trace(simulation, "heal", 0, 0, NULL, 0);
    simulation->healed_at = simulation->now;
    simulation->store_stalls_until = simulation->now;
    simulation->bus_down_until = simulation->now;
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        program_block(simulation->programs[i], 0);
    server_heal(simulation);
}
