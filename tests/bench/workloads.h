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
bool workload_slow(struct load *load);
bool workload_soak(struct load *load);
bool workload_idle(struct load *load);
bool workload_resume(struct load *load);
bool workload_join_storm(struct load *load);
bool workload_history(struct load *load);

#endif
