#include "tests/bench/crowd.h"

#include "tests/bench/connection.h"

bool crowd_open(struct load *load, size_t first, size_t count,
                size_t concurrency)
{
    size_t before = load->ready;
    size_t opened = 0;

    while (load->ready - before < count && !load->failed) {
        while (opened < count && opened - (load->ready - before) < concurrency)
            connection_open(&load->connections[first + opened++]);
        load_turn(load, load->now + LOAD_SECOND);
    }
    return !load->failed;
}
