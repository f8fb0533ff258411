/*
 * What programs ask, at random: the seed's script.
 */
#ifndef CHAT_TESTS_SIMULATION_SCRIPT_H
#define CHAT_TESTS_SIMULATION_SCRIPT_H

#include "tests/simulation/program.h"

/* Numbers of requests that no record stands for. */
#define OTHER_REQUEST    (RECORDS_MAX + 1)
#define READ_ALL_REQUEST (RECORDS_MAX + 2)

/* Does something, and plans the next time. */
void script_act(struct program *program);

/* Asks for older pages until it has the whole log of a room. */
void script_read_all(struct program *program, unsigned int room);

#endif
