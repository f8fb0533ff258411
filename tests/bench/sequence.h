/*
 * Whether each receiver got each message of each publisher once and in order.
 *
 * One number for each pair of a receiver and a publisher: the sequence that is
 * expected next. What was passed over is in a list of holes, so that a late
 * message is told from a doubled one; the list is bounded, and what does not
 * fit counts as lost at once.
 */
#ifndef CHAT_TESTS_BENCH_SEQUENCE_H
#define CHAT_TESTS_BENCH_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQUENCE_HOLES_MAX 65536

struct sequence_hole {
    uint32_t pair;
    uint32_t sequence;
};

struct sequences {
    uint32_t *next; /* by pair */
    size_t pairs;
    struct sequence_hole *holes;
    size_t hole_count;
    uint64_t lost;
    uint64_t doubled;
    uint64_t reordered;
};

/* False without memory. */
bool sequences_init(struct sequences *sequences, size_t pairs);
void sequences_release(struct sequences *sequences);

/* What is not the next one of its pair: see sequences_see. */
void sequences_see_other(struct sequences *sequences, uint32_t pair,
                         uint32_t sequence);

/* A pair's receiver got this message of its publisher. */
static inline void sequences_see(struct sequences *sequences, uint32_t pair,
                                 uint32_t sequence)
{
    if (sequences->next[pair] == sequence)
        sequences->next[pair]++;
    else
        sequences_see_other(sequences, pair, sequence);
}

/* At the end: a pair's publisher has sent that many. */
void sequences_end(struct sequences *sequences, uint32_t pair, uint32_t sent);

/* After the last sequences_end: all that never came. */
uint64_t sequences_lost(const struct sequences *sequences);

#endif
