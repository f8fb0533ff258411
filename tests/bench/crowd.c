#include "tests/bench/crowd.h"

#include "tests/bench/connection.h"
#include "tests/bench/process.h"

/* A server that takes hardly any CPU time has nothing left to do. */
#define QUIET_SECONDS   0.2
#define QUIET_CPU       4000000u /* nanoseconds of that time */
#define QUIET_TURNS_MAX 50

bool crowd_open(struct load *load, size_t first, size_t count,
                size_t concurrency)
{
    size_t before = load->ready;
    size_t opened = 0;

    load->heard = load->now = process_now();
    while (load->ready - before < count && !load->failed) {
        while (opened < count && opened - (load->ready - before) < concurrency)
            connection_open(&load->connections[first + opened++]);
        load_turn(load, load->now + LOAD_SECOND);
    }
    return !load->failed;
}

bool crowd_wait(struct load *load, double seconds)
{
    uint64_t end;

    load->heard = load->now = process_now();
    end = load->now + (uint64_t)(seconds * LOAD_SECOND);
    while (load->now < end && load_turn(load, end))
        ;
    return !load->failed;
}

bool crowd_drop(struct load *load, size_t first, size_t count)
{
    pid_t server = (pid_t)load->options.server_pid;
    uint64_t before, spent = UINT64_MAX;
    size_t i;
    int turns;

    for (i = first; i < first + count; i++)
        connection_close(&load->connections[i]);
    if (server == 0)
        return crowd_wait(load, 2);
    for (turns = 0; turns < QUIET_TURNS_MAX && spent > QUIET_CPU; turns++) {
        before = process_cpu(server);
        if (!crowd_wait(load, QUIET_SECONDS))
            return false;
        spent = process_cpu(server) - before;
    }
    return true;
}

size_t crowd_count_at(const struct load *load, size_t first, size_t count,
                      uint64_t seq)
{
    size_t i, there = 0;

    for (i = first; i < first + count; i++)
        there += load->connections[i].seq >= seq;
    return there;
}
