/*
 * An operator, who kicks, bans and appoints in rooms and closes connections, by
 * server/core/admin.h on a server that the seed chooses. Whoever it meets comes
 * back: nobody is banned from a server, which would end a program.
 */
#ifndef CHAT_TESTS_SIMULATION_OPERATOR_H
#define CHAT_TESTS_SIMULATION_OPERATOR_H

#include "tests/simulation/simulation.h"

struct chat__event;

/* Does something, and plans the next time, until the faults have stopped. */
void operator_act(struct simulation *simulation);

/* The entry is by the operator's account, of a kind that may be. */
bool operator_made(const struct simulation *simulation,
                   const struct chat__event *event);

#endif
