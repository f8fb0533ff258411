#include "tests/simulation/bus.h"

#include "tests/simulation/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MS     20
#define LATE_MS      20000
#define DOWN_MS      10000
#define HAPPEN_MS    500
#define BEYOND       40
#define USER_IDS_MAX 8

/* Of a thousand notices. */
#define LOST     50
#define REPEATED 50
#define LATE     50

/* A notice with what it points to, for one server. */
struct packet {
    struct server *server;
    struct chat__bus_notice notice;
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    char objects[];
};

static struct packet *copy(const struct chat__bus_notice *notice,
                           struct server *server)
{
    struct packet *packet = calloc(1, sizeof(*packet) + notice->length);

    if (packet == NULL)
        abort();
    packet->server = server;
    packet->notice = *notice;
    if (notice->room != NULL) {
        snprintf(packet->room, sizeof(packet->room), "%s", notice->room);
        packet->notice.room = packet->room;
    }
    if (notice->epoch != NULL) {
        snprintf(packet->epoch, sizeof(packet->epoch), "%s", notice->epoch);
        packet->notice.epoch = packet->epoch;
    }
    if (notice->objects != NULL) {
        memcpy(packet->objects, notice->objects, notice->length);
        packet->notice.objects = packet->objects;
    }
    return packet;
}

static bool is_down(const struct simulation *simulation)
{
    return simulation->bus_down_until > simulation->now;
}

/* ---- on its way ---- */

static void carry(const struct chat__bus_notice *notice, struct server *server)
{
    struct simulation *simulation = server->simulation;
    bool late = simulation_fault(simulation, LATE);
    int64_t delay =
        (int64_t)simulation_draw(simulation, late ? LATE_MS : DELAY_MS);

    simulation_after(simulation, delay, EVENT_NOTICE, copy(notice, server), 0);
}

/* To all servers but `except`, which may be NULL. */
static void spread(struct simulation *simulation,
                   const struct chat__bus_notice *notice,
                   const struct server *except)
{
    for (struct server *server = simulation->servers; server != NULL;
         server = server->next) {
        if (server == except || server->state == SERVER_DEAD ||
            simulation_fault(simulation, LOST))
            continue;
        carry(notice, server);
        if (simulation_fault(simulation, REPEATED))
            carry(notice, server);
    }
}

static void remember(struct simulation *simulation,
                     const struct chat__bus_notice *notice)
{
    struct packet **place =
        &simulation->bus_said[simulation->bus_said_count++ % BUS_REMEMBERED];

    free(*place);
    *place = copy(notice, NULL);
}

static void publish(struct chat__bus *base,
                    const struct chat__bus_notice *notice)
{
    struct server *server = ((struct bus *)base)->server;
    struct simulation *simulation = server->simulation;

    if (server->state == SERVER_DEAD || is_down(simulation))
        return;
    simulation_trace(simulation, "publish", server->number, notice->kind, NULL,
                     0);
    remember(simulation, notice);
    spread(simulation, notice, server);
}

static bool listens(const struct chat__bus *base)
{
    const struct bus *bus = (const struct bus *)base;

    return !is_down(bus->server->simulation);
}

struct chat__bus *bus_open(struct bus *bus, struct server *server)
{
    static const struct chat__bus_operations operations = {publish, listens};

    bus->base.operations = &operations;
    bus->server = server;
    return &bus->base;
}

void bus_deliver(void *subject)
{
    struct packet *packet = subject;
    struct server *server = packet->server;

    if (server->core != NULL && server->state != SERVER_DEAD &&
        !is_down(server->simulation)) {
        chat__core_notice(server->core, &packet->notice);
        server_touched(server);
    }
    free(packet);
}

/* ---- what it does by itself ---- */

static void go_down(struct simulation *simulation)
{
    simulation->bus_down_until =
        simulation->now + (int64_t)simulation_draw(simulation, DOWN_MS);
}

/* Some notice of before, maybe without its entries. */
static void say_again(struct simulation *simulation)
{
    uint64_t count = simulation->bus_said_count < BUS_REMEMBERED
                         ? simulation->bus_said_count
                         : BUS_REMEMBERED;
    struct chat__bus_notice notice;

    if (count == 0)
        return;
    notice = simulation->bus_said[simulation_draw(simulation, count)]->notice;
    if (simulation_chance(simulation, 300)) {
        notice.objects = NULL;
        notice.length = 0;
    }
    spread(simulation, &notice, NULL);
}

static void lie(struct simulation *simulation)
{
    static const char garbage[] = "{\"event\":\"typing\",\"room\":7}\n";
    unsigned int room = (unsigned int)simulation_draw(simulation, ROOMS_MAX);
    const char *name = simulation_rooms[room];
    uint64_t head = fake_store_head(simulation->disk, name);
    struct chat__bus_notice notice = {
        .kind = (enum chat__bus_kind)simulation_draw(simulation,
                                                     CHAT__BUS_MISSED + 1),
        .room = name,
        .epoch = "nowhere",
        .first = head + simulation_draw(simulation, BEYOND),
        .user = simulation_draw(simulation, USER_IDS_MAX),
        .state = (unsigned int)simulation_draw(simulation, 6),
    };

    notice.last = notice.first + simulation_draw(simulation, BEYOND);
    if (head > 0 && !simulation_chance(simulation, 100))
        notice.epoch = fake_store_epoch(simulation->disk, name);
    if (notice.kind != CHAT__BUS_ENTRIES) {
        notice.objects = garbage;
        notice.length = sizeof(garbage) - 1;
    }
    spread(simulation, &notice, NULL);
}

void bus_happen(struct simulation *simulation)
{
    uint64_t chosen = simulation_draw(simulation, 10);

    if (simulation->healed)
        return;
    if (chosen == 0)
        go_down(simulation);
    else if (chosen < 6)
        say_again(simulation);
    else
        lie(simulation);
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(simulation, HAPPEN_MS),
                     EVENT_BUS, NULL, 0);
}

void bus_end(struct simulation *simulation)
{
    for (size_t i = 0; i < BUS_REMEMBERED; i++)
        free(simulation->bus_said[i]);
}
