/*
 * Two cores on one store, as two tasks have them, with a bus between them that
 * carries notices when a test says so.
 */
#ifndef CHAT_TESTS_CORE_TASKS_H
#define CHAT_TESTS_CORE_TASKS_H

#include "tests/core/world.h"

struct tasks;

struct fake_bus {
    struct chat__bus base;
    struct tasks *tasks;
    bool down;
};

/* What waits on the bus, with copies of what it points to. */
struct parcel {
    struct chat__bus_notice notice;
    size_t from;
    char *room;
    char *epoch;
    char *objects;
};

struct tasks {
    struct world *world; /* `core` is that of the task at hand */
    struct chat__core *cores[2];
    struct fake_bus buses[2];
    struct parcel *parcels;
    size_t parcel_count;
    uint64_t guessed; /* the account of the newest wrong password */
};

struct tasks *tasks_new(void);
/* With these, but for what the harness sets. */
struct tasks *tasks_new_with(const struct chat__core_options *changes);
/* Clients must be closed. */
void tasks_free(struct tasks *tasks);

/* From now on what is done is done at this task; its world. */
struct world *tasks_at(struct tasks *tasks, size_t task);

/* Everything that the store owes and the bus carries, to the end. */
void tasks_run(struct tasks *tasks);
/* Only the store's part, at both. */
void tasks_run_stores(struct tasks *tasks);
/* ... and only the bus's; the passes end. */
void tasks_carry(struct tasks *tasks);
/* What the bus carries is lost. */
void tasks_lose(struct tasks *tasks);
void tasks_advance(struct tasks *tasks, int64_t ms);

/* Says it to a task as if the other had. */
void tasks_say(struct tasks *tasks, size_t task,
               const struct chat__bus_notice *notice);

/* At the task, signed in as this guest, and a member of the lobby. */
struct client *tasks_member(struct tasks *tasks, size_t task, const char *name);

#endif
