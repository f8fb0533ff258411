#include "tests/simulation/operator.h"

#include "server/core/admin.h"
#include "tests/simulation/dynamodb.h"
#include "tests/simulation/model.h"
#include "tests/simulation/program.h"
#include "tests/simulation/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERATE_MS 4000

struct deed {
    struct chat__admin_act act;
    struct simulation *simulation;
    char who[24];
};

/*
 * Its account is made when all programs have theirs, and once. Of DynamoDB each
 * server takes ids in blocks.
 */
static uint64_t operator_id(const struct simulation *simulation)
{
    if (simulation->dynamodb != NULL)
        return dynamodb_account(simulation);
    return simulation->plan.programs + 1;
}

bool operator_made(const struct simulation *simulation,
                   const struct chat__event *event)
{
    return simulation->plan.operates &&
           event->from.id == operator_id(simulation) &&
           (event->kind == CHAT__EVENT_KICK || event->kind == CHAT__EVENT_BAN ||
            event->kind == CHAT__EVENT_ROLE);
}

/* ---- its end ---- */

/* Done: so the disk has it at this seq, by the operator. */
static void check_entry(const struct simulation *simulation,
                        const struct chat__admin_act *act)
{
    const char *bytes;
    char from[40];

    if (act->seq > fake_store_head(simulation->disk, act->room))
        model_violation(simulation,
                        "an operator's entry %" PRIu64 " of %s is not durable",
                        act->seq, act->room);
    bytes = fake_store_bytes(simulation->disk, act->room, act->seq);
    snprintf(from, sizeof(from), "\"from\":{\"id\":\"%" PRIu64 "\"",
             operator_id(simulation));
    if (strstr(bytes, from) == NULL)
        model_violation(simulation,
                        "an operator's entry %" PRIu64 " of %s is %s", act->seq,
                        act->room, bytes);
}

/* Who has gone from a room meanwhile is not there to be kicked. */
static void done(struct chat__admin_act *act)
{
    struct deed *deed = (struct deed *)act;
    struct simulation *simulation = deed->simulation;

    simulation_trace(simulation, "operated", (uint64_t)act->error.code,
                     act->seq, act->error.message, strlen(act->error.message));
    simulation->operating--;
    if (act->error.code == CHAT__ERROR_NONE && act->seq != 0)
        check_entry(simulation, act);
    else if (act->error.code != CHAT__ERROR_NONE &&
             act->error.code != CHAT__ERROR_BUSY &&
             act->error.code != CHAT__ERROR_STORAGE &&
             (act->error.code != CHAT__ERROR_NOT_FOUND || act->room == NULL))
        model_violation(simulation, "an operator is refused: %s",
                        act->error.message);
    free(deed);
}

/* ---- its beginning ---- */

static bool all_signed_in(const struct simulation *simulation)
{
    for (unsigned int i = 0; i < simulation->plan.programs; i++)
        if (simulation->programs[i]->user == 0)
            return false;
    return true;
}

/* A ban is lifted more often than made, so that rooms do not empty. */
static enum chat__admin_kind draw_kind(struct simulation *simulation)
{
    static const enum chat__admin_kind kinds[] = {
        CHAT__ADMIN_KICK,  CHAT__ADMIN_KICK,  CHAT__ADMIN_BAN,
        CHAT__ADMIN_UNBAN, CHAT__ADMIN_UNBAN, CHAT__ADMIN_ROLE,
        CHAT__ADMIN_ROLE,
    };

    return kinds[simulation_draw(simulation, sizeof(kinds) / sizeof(kinds[0]))];
}

static void begin(struct simulation *simulation, struct server *server)
{
    struct deed *deed = calloc(1, sizeof(*deed));
    bool from_server;

    if (deed == NULL)
        abort();
    deed->simulation = simulation;
    deed->act.kind = draw_kind(simulation);
    from_server = deed->act.kind == CHAT__ADMIN_KICK &&
                  simulation_chance(simulation, 300);
    if (!from_server)
        deed->act.room =
            simulation_rooms[simulation_draw(simulation, PRIVATE_ROOM + 1)];
    deed->act.reason = simulation_chance(simulation, 500) ? "why" : NULL;
    deed->act.role =
        (enum chat__role)(CHAT__ROLE_MEMBER + simulation_draw(simulation, 3));
    deed->act.who = deed->who;
    deed->act.done = done;
    snprintf(deed->who, sizeof(deed->who), "%" PRIu64,
             1 + simulation_draw(simulation, simulation->plan.programs));
    simulation_trace(simulation, "operate", server->number,
                     (uint64_t)deed->act.kind, deed->who, strlen(deed->who));
    simulation->operating++;
    chat__admin_begin(server->core, &deed->act);
    server_touched(server);
}

void operator_act(struct simulation *simulation)
{
    struct server *server;

    if (simulation->healed)
        return;
    server = server_choose(simulation);
    if (server != NULL && all_signed_in(simulation))
        begin(simulation, server);
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(simulation, OPERATE_MS),
                     EVENT_OPERATE, NULL, 0);
}
