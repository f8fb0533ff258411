/*
 * What a seed chooses: the plan of a run, and the faults of its first part.
 */
#ifndef CHAT_TESTS_SIMULATION_PLAN_H
#define CHAT_TESTS_SIMULATION_PLAN_H

#include "tests/simulation/simulation.h"

void plan_draw(struct simulation *simulation);

/* Breaks something, and plans the next time. */
void fault_happen(struct simulation *simulation);

/* A server of a later version appends what this one does not know. */
void fault_append_foreign(struct simulation *simulation);

/* The faults stop: the network is whole, all servers are up. */
void fault_heal(struct simulation *simulation);

#endif
