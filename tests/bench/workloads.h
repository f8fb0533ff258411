/*
 * What may be asked of a server. Each makes its connections, runs, and adds
 * to the report; false: load->failure says why.
 */
#ifndef CHAT_TESTS_BENCH_WORKLOADS_H
#define CHAT_TESTS_BENCH_WORKLOADS_H

#include "tests/bench/load.h"

#include <stdbool.h>

bool workload_fanout(struct load *load);
bool workload_rooms(struct load *load);
bool workload_ack(struct load *load);

#endif
