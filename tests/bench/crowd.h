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

/* Lets `seconds` pass, and does what the sockets ask meanwhile. */
bool crowd_wait(struct load *load, double seconds);

/* Closes all; returns when the server has dealt with it. */
bool crowd_drop(struct load *load, size_t first, size_t count);

/* Connections of those that have all entries up to `seq`. */
size_t crowd_count_at(const struct load *load, size_t first, size_t count,
                      uint64_t seq);

#endif
