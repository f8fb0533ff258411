#include "tests/simulation/store.h"

#include "tests/simulation/model.h"
#include "tests/simulation/server.h"

#include <stdlib.h>
#include <string.h>

/* A late write comes so much later, at most. */
#define LATE_MS 30000

/*
 * Each operation of a store, how the disk counts it, and whether a failure
 * after its effect can happen: of reads that would be one before it.
 */
#define OPERATIONS(X)                                                          \
    X(append, true)                                                            \
    X(find_key, false)                                                         \
    X(open_room, false)                                                        \
    X(read_log, false)                                                         \
    X(sign_in, true)                                                           \
    X(find_message, false)                                                     \
    X(find_account, false)                                                     \
    X(find_user, false)                                                        \
    X(end_tokens, true)                                                        \
    X(keep_session, true)                                                      \
    X(idle_guests, false)                                                      \
    X(list_members, false)                                                     \
    X(mark_read, true)                                                         \
    X(list_rooms, false)                                                       \
    X(heads, false)                                                            \
    X(list_users, false)                                                       \
    X(set_banned, true)                                                        \
    X(room_heads, false)

enum operation {
#define NAME(name, writes) OPERATION_##name,
    OPERATIONS(NAME)
#undef NAME
};

struct row {
    const char *name;
    size_t result_at;
    bool writes;
    void (*execute)(struct chat__store *disk, void *request);
};

#define EXECUTE(name, writes)                                                  \
    static void execute_##name(struct chat__store *disk, void *request)        \
    {                                                                          \
        disk->operations->name(disk, request);                                 \
    }
OPERATIONS(EXECUTE)
#undef EXECUTE

static const struct row rows[] = {
#define ROW(name, writes)                                                      \
    {#name, offsetof(struct chat__store_##name, result), writes,               \
     execute_##name},
    OPERATIONS(ROW)
#undef ROW
};

enum fate { FATE_FINE, FATE_BEFORE, FATE_AFTER, FATE_BUSY };

struct job {
    struct server *server;
    enum operation operation;
    void *request; /* begins with its completion */
    enum fate fate;
};

/* ---- asking ---- */

static enum fate draw_fate(struct simulation *simulation)
{
    const struct plan *plan = &simulation->plan;

    if (simulation_fault(simulation, plan->busy))
        return FATE_BUSY;
    if (simulation_fault(simulation, plan->fail_before))
        return FATE_BEFORE;
    if (simulation_fault(simulation, plan->fail_after))
        return FATE_AFTER;
    return FATE_FINE;
}

static int64_t draw_delay(struct simulation *simulation)
{
    int64_t delay =
        (int64_t)simulation_draw(simulation, simulation->plan.store_ms + 1);

    if (simulation->healed)
        return delay % 10;
    if (simulation->store_stalls_until > simulation->now)
        delay += simulation->store_stalls_until - simulation->now;
    return delay;
}

static void ask(struct chat__store *base, enum operation operation,
                void *request)
{
    struct store *store = (struct store *)base;
    struct simulation *simulation = store->server->simulation;
    struct job *job = malloc(sizeof(*job));

    if (job == NULL)
        abort();
    *job = (struct job){.server = store->server,
                        .operation = operation,
                        .request = request,
                        .fate = draw_fate(simulation)};
    /* What the dead ask for nobody hears. */
    if (store->server->state == SERVER_DEAD)
        job->fate = FATE_BEFORE;
    simulation_after(simulation, draw_delay(simulation), EVENT_EXECUTE, job, 0);
}

#define ASK(name, writes)                                                      \
    static void ask_##name(struct chat__store *store,                          \
                           struct chat__store_##name *request)                 \
    {                                                                          \
        ask(store, OPERATION_##name, request);                                 \
    }
OPERATIONS(ASK)
#undef ASK

static const struct chat__store_operations operations = {
#define OPERATION(name, writes) .name = ask_##name,
    OPERATIONS(OPERATION)
#undef OPERATION
};

void store_init(struct store *store, struct server *server)
{
    store->base.operations = &operations;
    store->server = server;
}

/* ---- carrying out ---- */

static void set_result(struct job *job, enum chat__store_result result)
{
    memcpy((char *)job->request + rows[job->operation].result_at, &result,
           sizeof(result));
}

static enum chat__store_result get_result(const struct job *job)
{
    enum chat__store_result result;

    memcpy(&result, (char *)job->request + rows[job->operation].result_at,
           sizeof(result));
    return result;
}

static void answer_nobody(struct chat__completion *completion)
{
    (void)completion;
}

/* The disk does it now, and its own completion goes nowhere. */
static void carry_out(struct job *job)
{
    struct simulation *simulation = job->server->simulation;
    struct chat__completion *completion = job->request;
    void (*run)(struct chat__completion *) = completion->run;

    completion->run = answer_nobody;
    rows[job->operation].execute(fake_store_interface(simulation->disk),
                                 job->request);
    fake_store_complete(simulation->disk, 0);
    completion->run = run;
    if (job->operation == OPERATION_append && get_result(job) == CHAT__STORE_OK)
        server_appended(job->server, job->request);
}

/* The server is gone, its packet may be still on its way: was it? */
static bool is_lost(struct job *job)
{
    struct simulation *simulation = job->server->simulation;

    return job->server->state == SERVER_DEAD &&
           (!simulation->plan.late_writes ||
            simulation_chance(simulation, 300));
}

static bool is_late(struct job *job)
{
    struct simulation *simulation = job->server->simulation;

    return job->server->state == SERVER_DEAD && !simulation->healed &&
           simulation_chance(simulation, 500);
}

void job_execute(struct job *job)
{
    struct simulation *simulation = job->server->simulation;
    const struct row *row = &rows[job->operation];

    if (job->fate == FATE_FINE && is_late(job)) {
        simulation_after(simulation,
                         (int64_t)simulation_draw(simulation, LATE_MS),
                         EVENT_EXECUTE, job, 0);
        return;
    }
    if (job->fate == FATE_FINE && is_lost(job))
        job->fate = FATE_BEFORE;
    if (job->fate == FATE_AFTER && !row->writes)
        job->fate = FATE_BEFORE;
    if (job->fate == FATE_FINE || job->fate == FATE_AFTER)
        carry_out(job);
    if (job->fate == FATE_BUSY)
        set_result(job, CHAT__STORE_BUSY);
    else if (job->fate != FATE_FINE)
        set_result(job, CHAT__STORE_FAILED);
    simulation_trace(simulation, row->name, job->server->number,
                     get_result(job), NULL, 0);
    simulation_after(simulation, draw_delay(simulation), EVENT_COMPLETE, job,
                     0);
}

void job_complete(struct job *job)
{
    struct server *server = job->server;
    struct chat__completion *completion = job->request;

    simulation_trace(server->simulation, "answered", server->number,
                     job->operation, NULL, 0);
    free(job);
    completion->run(completion);
    server_touched(server);
}
