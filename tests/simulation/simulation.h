/*
 * A run: several cores of the server on one store, programs with the SDK's
 * session, timeline and outbox, and between them a network, a clock and faults
 * that a seed chooses. One thread; the same seed plays the same way for ever.
 *
 * What is real: server/core, server/front/output and frame, protocol, and the
 * SDK's model. What is modelled:
 *   the store    tests/core/fake_store, behind store.c: each server has its
 *                own queue of jobs in front of the one disk; a job is carried
 *                out and answered in two steps, late, with faults, and also
 *                after the server that asked has crashed. In one of four runs
 *                it is the store on DynamoDB itself, on a model of the tables:
 *                dynamodb.h
 *   the network  link.c: a direct socket keeps order and only breaks; a
 *                gateway (as API Gateway) loses, repeats and reorders frames in
 *                both directions, and servers then allow one keyed request in
 *                flight
 *   the clock    one monotonic clock; the servers' wall clocks jump
 *   later versions  faults.c: entries of unknown kinds, events, members
 *
 * Servers learn what others appended from the store: CONFLICT, and what a
 * client's ping finds. In some runs a hint (chat__room_refresh) is passed
 * between them, which may come late or not at all; in some they have a bus,
 * bus.h, and in some a cache, cache.h. Nothing leans on any of them.
 *
 * model.c holds the run to docs/protocol.md, "Promises of the server", on
 * every object that leaves a server and every event that a program is told.
 * After EVENT_HEAL faults end, and within SETTLE_MS all must have converged.
 *
 * A broken promise ends the process by model_violation, which says how to
 * play the seed again.
 */
#ifndef CHAT_TESTS_SIMULATION_SIMULATION_H
#define CHAT_TESTS_SIMULATION_SIMULATION_H

#include "tests/core/fake_store.h"
#include "tests/simulation/log.h"
#include "tests/simulation/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAMS_MAX 4
#define RECORDS_MAX  1024

/* Public ones, a private one, and one for each two of the programs' users. */
#define PUBLIC_MAX   3
#define PRIVATE_ROOM PUBLIC_MAX
#define ROOMS_MAX    10

/* Notices that a bus may say again. */
#define BUS_REMEMBERED 64

/* Everybody has everything so long after the faults have stopped, at most. */
#define SETTLE_MS 300000

/* More steps than a run can need. */
#define STEPS_MAX 400000

/* What the seed chose for the whole run. Chances are of a thousand. */
struct plan {
    unsigned int servers; /* at the same time */
    unsigned int programs;
    unsigned int rooms; /* public ones */
    bool gateway;
    unsigned int in_flight;
    int64_t fault_ms;  /* how long there are faults */
    int64_t action_ms; /* between two actions of a program, at most */
    int64_t gather_max_ms;
    int64_t delay_ms; /* on the network, at most */
    int64_t store_ms; /* of a job, at most */
    unsigned int drop;
    unsigned int duplicate;
    unsigned int unsure; /* a gateway's own error instead of a reply */
    unsigned int busy;
    unsigned int fail_before;
    unsigned int fail_after;
    unsigned int no_memory; /* a program's event */
    int64_t fault_every_ms; /* 0: none of those below */
    bool cuts;
    bool partitions;
    bool crashes;
    bool late_writes;
    bool drains;
    bool jumps;
    bool stalls;    /* the store answers nothing for a while */
    bool leaves;    /* programs leave rooms, too */
    bool moderates; /* they invite, kick, ban, give roles */
    bool operates;  /* an operator does, in every room */
    bool secrets;   /* they use the private room, and dm */
    bool guests_expire;
    bool hints;         /* servers tell each other */
    bool later_version; /* some of them, and some clients */
    bool slow_readers;
    bool bus;      /* they have one: bus.h */
    bool watches;  /* they ask for heads where it is silent */
    bool cache;    /* they have one: cache.h */
    bool dynamodb; /* the store is server/store/dynamodb.c, all of it */
};

/* A keyed request of a program, by the number in its key. */
struct record {
    /* ENTRY: not ended by a room that comes or goes, so it ends once. */
    enum { RECORD_SEND, RECORD_ENTRY, RECORD_JOIN, RECORD_LEAVE } kind;
    enum { RECORD_WAITS, RECORD_DONE, RECORD_REFUSED } state;
    unsigned int program;
    unsigned int room;
    bool own;          /* about the user itself */
    uint64_t seq;      /* DONE; 0: it was so already */
    unsigned int seen; /* in the logs */
};

struct totals {
    uint64_t steps;
    uint64_t virtual_ms;
    uint64_t entries;
    uint64_t settle_ms; /* of the slowest run */
};

struct server;
struct service;
struct link;
struct packet;
struct cached;
struct program;

struct simulation {
    uint64_t seed;
    uint64_t random;
    int64_t now;
    struct schedule schedule;
    struct plan plan;
    struct fake_store *disk;    /* with DynamoDB: what the chunks say */
    struct service *dynamodb;   /* NULL without it */
    struct log logs[ROOMS_MAX]; /* what the disk must have */
    struct server *servers;     /* newest first; kept until the end */
    unsigned int server_count;
    struct link *links; /* newest first; kept until the end */
    unsigned int link_count;
    struct program *programs[PROGRAMS_MAX];
    struct record records[RECORDS_MAX];
    unsigned int record_count;
    unsigned int foreign_count;
    unsigned int operating; /* acts of the operator under way */
    int64_t store_stalls_until;
    int64_t bus_down_until;
    struct packet *bus_said[BUS_REMEMBERED];
    uint64_t bus_said_count;
    struct cached *cached; /* what the cache has, the newest first */
    int64_t disk_ts;       /* of the newest entry of any room */
    int64_t healed_at;
    bool healed;
    bool ending;
    uint64_t steps;
    uint64_t entries;
    uint64_t trace; /* of all that happened */
    bool verbose;
};

extern const char *const simulation_rooms[ROOMS_MAX];

/* Plays a seed to its end; its trace. */
uint64_t simulation_play(uint64_t seed, bool verbose, struct totals *totals);

/* ---- chance and time ---- */

uint64_t simulation_draw(struct simulation *simulation, uint64_t below);
bool simulation_chance(struct simulation *simulation, unsigned int of_1000);
/* The same, but nothing breaks once the faults have stopped. */
bool simulation_fault(struct simulation *simulation, unsigned int of_1000);

/* Puts an event `in` milliseconds from now. */
void simulation_after(struct simulation *simulation, int64_t in,
                      enum event_kind kind, void *subject, unsigned int number);

/* Adds to the trace, and prints it in a verbose run. */
void simulation_trace(struct simulation *simulation, const char *what,
                      uint64_t a, uint64_t b, const char *bytes, size_t length);

/* The index of a room, or of ROOMS_MAX. */
unsigned int simulation_room(const char *name, size_t length);

#endif
