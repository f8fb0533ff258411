#include "tests/core/tasks.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const char *bytes, size_t length)
{
    char *copied = bytes == NULL ? NULL : calloc(1, length + 1);

    if (copied != NULL)
        memcpy(copied, bytes, length);
    return copied;
}

static char *copy_string(const char *string)
{
    return copy(string, string == NULL ? 0 : strlen(string));
}

static void publish(struct chat__bus *base,
                    const struct chat__bus_notice *notice)
{
    struct fake_bus *bus = (struct fake_bus *)base;
    struct tasks *tasks = bus->tasks;
    struct parcel *parcel;

    if (bus->down)
        return;
    if (notice->kind == CHAT__BUS_GUESS)
        tasks->guessed = notice->user;
    tasks->parcels =
        realloc(tasks->parcels, (tasks->parcel_count + 1) * sizeof(*parcel));
    assert_non_null(tasks->parcels);
    parcel = &tasks->parcels[tasks->parcel_count++];
    *parcel = (struct parcel){.notice = *notice,
                              .from = (size_t)(bus - tasks->buses),
                              .room = copy_string(notice->room),
                              .epoch = copy_string(notice->epoch),
                              .objects = copy(notice->objects, notice->length)};
}

static bool listens(const struct chat__bus *base)
{
    return !((const struct fake_bus *)base)->down;
}

struct tasks *tasks_new_with(const struct chat__core_options *changes)
{
    static const struct chat__bus_operations operations = {publish, listens};
    struct tasks *tasks = calloc(1, sizeof(*tasks));
    struct chat__core_options options = *changes;

    assert_non_null(tasks);
    for (size_t i = 0; i < 2; i++)
        tasks->buses[i] =
            (struct fake_bus){.base.operations = &operations, .tasks = tasks};
    options.bus = &tasks->buses[0].base;
    tasks->world = world_new_with(&options);
    tasks->cores[0] = tasks->world->core;
    tasks->world->options.bus = &tasks->buses[1].base;
    tasks->cores[1] = chat__core_new(&tasks->world->options);
    assert_non_null(tasks->cores[1]);
    tasks_run(tasks);
    return tasks;
}

struct tasks *tasks_new(void)
{
    struct chat__core_options options = {.in_flight = 64};

    return tasks_new_with(&options);
}

struct world *tasks_at(struct tasks *tasks, size_t task)
{
    tasks->world->core = tasks->cores[task];
    return tasks->world;
}

static void release(struct parcel *parcel)
{
    free(parcel->room);
    free(parcel->epoch);
    free(parcel->objects);
}

void tasks_say(struct tasks *tasks, size_t task,
               const struct chat__bus_notice *notice)
{
    world_in_core = true;
    chat__core_notice(tasks->cores[task], notice);
    chat__core_flush(tasks->cores[task]);
    world_in_core = false;
}

void tasks_carry(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->parcel_count; i++) {
        struct parcel parcel = tasks->parcels[i];

        parcel.notice.room = parcel.room;
        parcel.notice.epoch = parcel.epoch;
        parcel.notice.objects = parcel.objects;
        if (!tasks->buses[1 - parcel.from].down)
            tasks_say(tasks, 1 - parcel.from, &parcel.notice);
        release(&parcel);
    }
    tasks->parcel_count = 0;
}

void tasks_lose(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->parcel_count; i++)
        release(&tasks->parcels[i]);
    tasks->parcel_count = 0;
}

void tasks_run_stores(struct tasks *tasks)
{
    do {
        world_run(tasks_at(tasks, 0));
        world_run(tasks_at(tasks, 1));
    } while (fake_store_waiting(tasks->world->store) > 0);
}

void tasks_run(struct tasks *tasks)
{
    do {
        tasks_run_stores(tasks);
        tasks_carry(tasks);
    } while (tasks->parcel_count > 0 ||
             fake_store_waiting(tasks->world->store) > 0);
}

void tasks_advance(struct tasks *tasks, int64_t ms)
{
    world_advance(tasks_at(tasks, 0), ms);
    world_advance(tasks_at(tasks, 1), 0);
}

void tasks_free(struct tasks *tasks)
{
    tasks_run(tasks);
    tasks_advance(tasks, CHAT__PRESENCE_OFFLINE_MS);
    tasks_advance(tasks, CHAT__PRESENCE_GATHER_MS);
    tasks_run(tasks);
    assert_true(chat__core_idle(tasks->cores[1]));
    assert_int_equal(chat__core_counts(tasks->cores[1]).users, 0);
    assert_int_equal(chat__core_counts(tasks->cores[1]).rooms, 0);
    chat__core_free(tasks->cores[1]);
    tasks_lose(tasks);
    world_free(tasks_at(tasks, 0));
    tasks_lose(tasks);
    free(tasks->parcels);
    free(tasks);
}

struct client *tasks_member(struct tasks *tasks, size_t task, const char *name)
{
    struct client *client = client_hello(tasks_at(tasks, task), name);

    client_say(client, "{'action':'join','room':'lobby','key':'join'}");
    tasks_run(tasks);
    client_skip(client);
    return client;
}
