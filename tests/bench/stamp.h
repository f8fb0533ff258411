/*
 * The mark in the text of a message: who sent it, which of the sender's it is,
 * and when it was (or should have been) sent.
 *
 * `^`, 24 letters of a to p that are four bits each, `^`. No server escapes
 * these bytes, and none makes such a run by itself, so a receiver finds the
 * mark without parsing what is around it.
 */
#ifndef CHAT_TESTS_BENCH_STAMP_H
#define CHAT_TESTS_BENCH_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_BYTES 26

struct stamp {
    uint16_t publisher;
    uint32_t sequence; /* 0, 1, 2, … of the publisher */
    uint64_t time;     /* nanoseconds; 48 bits of it are kept */
};

/* Eight letters, as all numbers in a mark. */
void stamp_write_number(char letters[8], uint32_t number);

void stamp_write(char bytes[STAMP_BYTES], const struct stamp *stamp);

/* The first mark that is whole in `length` bytes: where it ends, or NULL. */
const char *stamp_find(const char *data, size_t length, struct stamp *stamp);

#endif
