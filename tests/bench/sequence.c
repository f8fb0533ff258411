#include "tests/bench/sequence.h"

#include <stdlib.h>
#include <string.h>

bool sequences_init(struct sequences *sequences, size_t pairs)
{
    memset(sequences, 0, sizeof(*sequences));
    sequences->pairs = pairs;
    sequences->next = calloc(pairs, sizeof(*sequences->next));
    sequences->holes = calloc(SEQUENCE_HOLES_MAX, sizeof(*sequences->holes));
    return sequences->next != NULL && sequences->holes != NULL;
}

void sequences_release(struct sequences *sequences)
{
    free(sequences->next);
    free(sequences->holes);
    memset(sequences, 0, sizeof(*sequences));
}

static void skip(struct sequences *sequences, uint32_t pair, uint32_t sequence)
{
    if (sequences->hole_count == SEQUENCE_HOLES_MAX) {
        sequences->lost++;
        return;
    }
    sequences->holes[sequences->hole_count++] =
        (struct sequence_hole){.pair = pair, .sequence = sequence};
}

static bool fill(struct sequences *sequences, uint32_t pair, uint32_t sequence)
{
    struct sequence_hole *hole;
    size_t i;

    for (i = 0; i < sequences->hole_count; i++) {
        hole = &sequences->holes[i];
        if (hole->pair == pair && hole->sequence == sequence) {
            *hole = sequences->holes[--sequences->hole_count];
            return true;
        }
    }
    return false;
}

void sequences_see_other(struct sequences *sequences, uint32_t pair,
                         uint32_t sequence)
{
    uint32_t *next = &sequences->next[pair];

    if (sequence < *next) {
        if (fill(sequences, pair, sequence))
            sequences->reordered++;
        else
            sequences->doubled++;
        return;
    }
    while (*next != sequence)
        skip(sequences, pair, (*next)++);
    (*next)++;
}

void sequences_end(struct sequences *sequences, uint32_t pair, uint32_t sent)
{
    if (sequences->next[pair] >= sent)
        return;
    sequences->lost += sent - sequences->next[pair];
    sequences->next[pair] = sent;
}

uint64_t sequences_lost(const struct sequences *sequences)
{
    return sequences->lost + sequences->hole_count;
}
