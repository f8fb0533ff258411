/* What the command line of the load generator says. */
#ifndef CHAT_TESTS_BENCH_OPTIONS_H
#define CHAT_TESTS_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    const char *adapter;
    const char *workload;
    uint64_t port;
    uint64_t server_pid; /* 0: its CPU time and memory are not known */
    double warmup;       /* seconds */
    double seconds;
    uint64_t text_bytes;
    uint64_t receivers;
    uint64_t rooms;
    uint64_t members;
    uint64_t window; /* messages of a publisher that are under way */
    double rate;     /* messages a second of all; 0: closed loop */
    uint64_t concurrency;
    uint64_t publishers; /* of the one room */
    uint64_t connections;
    uint64_t rooms_of; /* connections */
    bool returns;
    uint64_t clients;
    uint64_t missed;  /* entries */
    const char *room; /* NULL: one of this run alone */
    uint64_t entries;
    uint64_t limit;
    double slow_share;
};

/* False: said on standard error what is wrong. */
bool options_parse(struct options *options, int count, char **arguments);

#endif
