/*
 * Lines that were sent and are not acknowledged: key -> number of the line.
 * Acknowledgements come nearly in order, so the search from the oldest on is
 * short. Owned by whoever initialised it, by zeroing.
 */
#ifndef CHAT_CLIENT_OUTSTANDING_H
#define CHAT_CLIENT_OUTSTANDING_H

#include <chat/client.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__sent_line {
    char key[CHAT_KEY_SIZE];
    uint64_t number;
};

struct chat__outstanding {
    struct chat__sent_line *lines;
    size_t count;
    size_t capacity;
};

void chat__outstanding_release(struct chat__outstanding *outstanding);

/* Makes room for one more; false without memory. */
bool chat__outstanding_reserve(struct chat__outstanding *outstanding);

/* There must be room. */
void chat__outstanding_add(struct chat__outstanding *outstanding,
                           const char *key, uint64_t number);

/* Takes a line out; its number, 0 for an unknown key. */
uint64_t chat__outstanding_take(struct chat__outstanding *outstanding,
                                const char *key);

#endif
