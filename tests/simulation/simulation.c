#include "tests/simulation/simulation.h"

#include "tests/simulation/dynamodb.h"
#include "tests/simulation/link.h"
#include "tests/simulation/model.h"
#include "tests/simulation/operator.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/program.h"
#include "tests/simulation/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const simulation_rooms[ROOMS_MAX] = {
    "lobby",  "den",    "hall",   "vault",  "dm.1.2",
    "dm.1.3", "dm.1.4", "dm.2.3", "dm.2.4", "dm.3.4"};

/* ---- chance, time, trace ---- */

/* splitmix64 */
uint64_t simulation_draw(struct simulation *simulation, uint64_t below)
{
    uint64_t z = simulation->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return below == 0 ? 0 : (z ^ z >> 31) % below;
}

bool simulation_chance(struct simulation *simulation, unsigned int of_1000)
{
    return simulation_draw(simulation, 1000) < of_1000;
}

bool simulation_fault(struct simulation *simulation, unsigned int of_1000)
{
    return !simulation->healed && of_1000 > 0 &&
           simulation_chance(simulation, of_1000);
}

void simulation_after(struct simulation *simulation, int64_t in,
                      enum event_kind kind, void *subject, unsigned int number)
{
    schedule_put(&simulation->schedule, (struct event){
                                            .at = simulation->now + in,
                                            .kind = kind,
                                            .subject = subject,
                                            .number = number,
                                        });
}

/* FNV-1a, by words. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * UINT64_C(0x100000001b3);
}

void simulation_trace(struct simulation *simulation, const char *what,
                      uint64_t a, uint64_t b, const char *bytes, size_t length)
{
    uint64_t hash = mix(simulation->trace, (uint64_t)simulation->now);

    hash = mix(mix(mix(hash, (unsigned char)what[0]), a), b);
    for (size_t i = 0; i < length; i++)
        hash = mix(hash, (unsigned char)bytes[i]);
    simulation->trace = hash ^ hash >> 29;
    if (simulation->verbose)
        printf("%7lld %-9s %3llu %3llu %.*s\n", (long long)simulation->now,
               what, (unsigned long long)a, (unsigned long long)b,
               (int)(length < 400 ? length : 400), length > 0 ? bytes : "");
}

unsigned int simulation_room(const char *name, size_t length)
{
    unsigned int room = 0;

    while (room < ROOMS_MAX &&
           (strlen(simulation_rooms[room]) != length ||
            memcmp(simulation_rooms[room], name, length) != 0))
        room++;
    return room;
}

/* ---- one step ---- */

static void to_server(struct simulation *simulation, struct event *event)
{
    struct link *link = event->subject;

    simulation_trace(simulation, "->", link->number, 0, event->bytes,
                     event->length);
    link_arrive(link, event->bytes, event->length);
}

static void to_client(struct simulation *simulation, struct event *event)
{
    struct link *link = event->subject;

    simulation_trace(simulation, "<-", link->number, 0, event->bytes,
                     event->length);
    program_receive(link->program, link, event->bytes, event->length);
}

static void client_closed(struct event *event)
{
    struct link *link = event->subject;

    program_closed(link->program, link, event->number);
}

static void happen(struct simulation *simulation, struct event *event)
{
    switch (event->kind) {
    case EVENT_OPEN:
        link_open(event->subject);
        break;
    case EVENT_TO_SERVER:
        to_server(simulation, event);
        break;
    case EVENT_TO_CLIENT:
        to_client(simulation, event);
        break;
    case EVENT_CLIENT_CLOSED:
        client_closed(event);
        break;
    case EVENT_SERVER_CLOSED:
        link_lost(event->subject);
        break;
    case EVENT_WRITABLE:
        link_writable(event->subject);
        break;
    case EVENT_EXECUTE:
        job_execute(event->subject);
        break;
    case EVENT_COMPLETE:
        job_complete(event->subject);
        break;
    case EVENT_REQUEST:
        service_execute(event->subject);
        break;
    case EVENT_RESPONSE:
        service_respond(event->subject);
        break;
    case EVENT_POSTED:
        dynamodb_complete(event->subject);
        break;
    case EVENT_PASS:
        server_pass(event->subject);
        break;
    case EVENT_TICK:
        server_tick(event->subject);
        break;
    case EVENT_START:
        if (!simulation->ending &&
            server_count_up(simulation) < simulation->plan.servers)
            (void)server_start(simulation);
        break;
    case EVENT_HINT:
        server_hint(event->subject, event->number);
        break;
    case EVENT_NOTICE:
        bus_deliver(event->subject);
        break;
    case EVENT_BUS:
        bus_happen(simulation);
        break;
    case EVENT_CACHE_SET:
        cache_keep(simulation, event->subject);
        break;
    case EVENT_CACHE_GET:
        cache_answer(event->subject);
        break;
    case EVENT_WAKE:
        program_wake(event->subject);
        break;
    case EVENT_ACT:
        script_act(event->subject);
        break;
    case EVENT_FAULT:
        fault_happen(simulation);
        break;
    case EVENT_FOREIGN:
        fault_append_foreign(simulation);
        break;
    case EVENT_OPERATE:
        operator_act(simulation);
        break;
    case EVENT_HEAL:
        fault_heal(simulation);
        break;
    }
}

static bool step(struct simulation *simulation)
{
    struct event event;

    if (!schedule_take(&simulation->schedule, &event))
        return false;
    simulation->now = event.at;
    if (++simulation->steps > STEPS_MAX)
        model_violation(simulation, "it does not come to rest");
    happen(simulation, &event);
    free(event.bytes);
    return true;
}

/* ---- to the end ---- */

static bool all_have_all(const struct simulation *simulation)
{
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        if (!program_has_all(simulation->programs[i]))
            return false;
    return true;
}

static void tell_who_lacks(const struct simulation *simulation)
{
    for (unsigned int i = 0; i < simulation->plan.programs; i++) {
        const struct program *program = simulation->programs[i];

        fprintf(stderr, "program %u: state %d, %u requests wait\n", i,
                (int)chat__session_state(program->session), program->waiting);
        for (unsigned int room = 0; room < ROOMS_MAX; room++)
            fprintf(stderr, "  %s: %s at %llu; the disk: %s at %llu\n",
                    simulation_rooms[room],
                    program->views[room].joined ? "joined" : "left",
                    (unsigned long long)program->views[room].shown,
                    fake_store_is_member(simulation->disk,
                                         simulation_rooms[room], program->user)
                        ? "member"
                        : "no member",
                    (unsigned long long)fake_store_head(
                        simulation->disk, simulation_rooms[room]));
    }
}

static void settle(struct simulation *simulation)
{
    while (!simulation->healed || !all_have_all(simulation)) {
        (void)step(simulation);
        if (!simulation->healed ||
            simulation->now - simulation->healed_at <= SETTLE_MS)
            continue;
        tell_who_lacks(simulation);
        model_violation(simulation, "not all have all, %d s after the faults",
                        SETTLE_MS / 1000);
    }
}

/* A program reads a room from its head to its first entry. */
static void read_all(struct simulation *simulation, struct program *program)
{
    unsigned int room = (unsigned int)simulation_draw(simulation, ROOMS_MAX);
    const struct view *view = &program->views[room];

    while (view->joined && view->oldest != 1) {
        uint64_t before = view->oldest;

        script_read_all(program, room);
        while (view->joined && view->oldest == before)
            (void)step(simulation);
    }
}

static void read_and_fold(struct simulation *simulation)
{
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        read_all(simulation, simulation->programs[i]);
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        for (unsigned int room = 0; room < ROOMS_MAX; room++)
            if (simulation->programs[i]->views[room].joined)
                model_fold_check(simulation->programs[i], room);
}

static void end(struct simulation *simulation)
{
    simulation->ending = true;
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        program_stop(simulation->programs[i]);
    for (struct server *server = simulation->servers; server != NULL;
         server = server->next)
        if (server->state == SERVER_UP)
            server_drain(server);
    while (step(simulation))
        ;
    if (simulation->operating > 0)
        model_violation(simulation, "an operator waits for ever");
    model_check_logs(simulation);
    if (simulation->plan.dynamodb)
        dynamodb_check_tables(simulation);
}

static void begin(struct simulation *simulation)
{
    plan_draw(simulation);
    if (simulation->plan.dynamodb)
        dynamodb_begin(simulation);
    for (unsigned int i = 0; i < simulation->plan.servers; i++)
        (void)server_start(simulation);
    for (unsigned int i = 0; i < simulation->plan.programs; i++) {
        simulation->programs[i] = program_new(simulation, i);
        simulation_after(simulation, i, EVENT_ACT, simulation->programs[i], 0);
    }
}

static void release(struct simulation *simulation)
{
    struct server *server = simulation->servers;
    struct link *link = simulation->links;

    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        program_free(simulation->programs[i]);
    while (link != NULL) {
        struct link *next = link->next;

        link_free(link);
        link = next;
    }
    while (server != NULL) {
        struct server *next = server->next;

        server_free(server);
        server = next;
    }
    for (unsigned int room = 0; room < ROOMS_MAX; room++)
        log_release(&simulation->logs[room]);
    schedule_release(&simulation->schedule);
    bus_end(simulation);
    cache_empty(simulation);
    fake_store_free(simulation->disk);
    if (simulation->dynamodb != NULL)
        dynamodb_end(simulation);
}

uint64_t simulation_play(uint64_t seed, bool verbose, struct totals *totals)
{
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    uint64_t settled_ms;
    uint64_t trace;

    if (simulation == NULL)
        abort();
    simulation->seed = seed;
    simulation->random = seed * UINT64_C(0xd1342543de82ef95);
    simulation->verbose = verbose;
    simulation->now = 1000;
    simulation->disk = fake_store_new();
    begin(simulation);
    settle(simulation);
    settled_ms = (uint64_t)(simulation->now - simulation->healed_at);
    read_and_fold(simulation);
    end(simulation);
    totals->steps += simulation->steps;
    totals->virtual_ms += (uint64_t)simulation->now;
    totals->entries += simulation->entries;
    if (settled_ms > totals->settle_ms)
        totals->settle_ms = settled_ms;
    trace = simulation->trace;
    release(simulation);
    free(simulation);
    return trace;
}
