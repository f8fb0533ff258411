/*
 * usage: floor [--mode direct|coalesce|durable] [--listen PORT] [--file PATH]
 *              [--flush-ms N] [--pad BYTES]
 *
 * --file is where `durable` writes. With --flush-ms rooms wait so long between
 * two flushes. --pad puts so many bytes behind each payload that goes to a
 * room. Port 0, the default, is a free one.
 */
#ifndef CHAT_TESTS_BENCH_FLOOR_OPTIONS_H
#define CHAT_TESTS_BENCH_FLOOR_OPTIONS_H

#include "tests/bench/floor.h"

struct floor_options {
    enum floor_mode mode;
    uint16_t port;
    const char *file;
    int64_t flush_ns; /* 0: a room is flushed at the end of each pass */
    size_t pad;
};

/* What is wrong ends the process with the usage and status 2. */
struct floor_options floor_read_options(int count, char **arguments);

#endif
