/* Sets many connections up, a bounded number at a time. */
#ifndef CHAT_TESTS_BENCH_CROWD_H
#define CHAT_TESTS_BENCH_CROWD_H

#include "tests/bench/load.h"

/*
 * Opens the connections `first` and on, and returns when `count` of them are
 * ready. `concurrency` are in set-up at once. False: load->failure says why.
 */
bool crowd_open(struct load *load, size_t first, size_t count,
                size_t concurrency);

#endif
