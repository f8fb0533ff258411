#include "client/outstanding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 64

void chat__outstanding_release(struct chat__outstanding *outstanding)
{
    free(outstanding->lines);
    memset(outstanding, 0, sizeof(*outstanding));
}

bool chat__outstanding_reserve(struct chat__outstanding *outstanding)
{
    size_t capacity =
        outstanding->capacity == 0 ? CAPACITY_MIN : outstanding->capacity * 2;
    struct chat__sent_line *lines;

    if (outstanding->count < outstanding->capacity) {
        return true;
    }
    lines = reallocarray(outstanding->lines, capacity, sizeof(*lines));
    if (lines == NULL) {
        return false;
    }
    outstanding->lines = lines;
    outstanding->capacity = capacity;
    return true;
}

void chat__outstanding_add(struct chat__outstanding *outstanding,
                           const char *key, uint64_t number)
{
    struct chat__sent_line *line = &outstanding->lines[outstanding->count++];

    snprintf(line->key, sizeof(line->key), "%s", key);
    line->number = number;
}

uint64_t chat__outstanding_take(struct chat__outstanding *outstanding,
                                const char *key)
{
    size_t i;

    for (i = 0; i < outstanding->count; i++) {
        struct chat__sent_line *line = &outstanding->lines[i];
        if (strcmp(line->key, key) == 0) {
            uint64_t number = line->number;
            outstanding->count--;
            memmove(line, line + 1, (outstanding->count - i) * sizeof(*line));
            return number;
        }
    }
    return 0;
}
