/*
 * What was asked of the storage, in order, and what of it a loss of power at
 * some step leaves.
 *
 * The model: what was written before a sync began that has succeeded is there.
 * Of the rest each piece of 512 bytes or 4 KiB is there or not, by chance; so
 * is a change of a file's length. Names made or removed since the last sync of
 * the folder are there up to a random one of them. A sync that failed promises
 * nothing of what it covered, nor does a later one, since the kernel marks the
 * pages clean: only what is written anew can be there again.
 */
#ifndef CHAT_TESTS_CRASH_TAPE_H
#define CHAT_TESTS_CRASH_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAPE_SUFFIX_BYTES 16
#define TAPE_FILES_MAX    256

enum tape_kind {
    TAPE_LINK,   /* the name `suffix` is a new, empty file */
    TAPE_UNLINK, /* the name `suffix` is gone */
    TAPE_WRITE,
    TAPE_TRUNCATE, /* to `length` */
    TAPE_SYNC,     /* of what came before the step `from` */
    TAPE_SYNC_FAILED,
    TAPE_SYNC_FOLDER
};

struct tape_step {
    enum tape_kind kind;
    int file; /* a number of its own for each file, from 1 */
    size_t offset;
    size_t length;
    size_t from;
    char *bytes; /* owned */
    char suffix[TAPE_SUFFIX_BYTES];
};

/* Zeroed: empty. Not for two threads at once: the medium locks it. */
struct tape {
    struct tape_step *steps;
    size_t count;
    size_t capacity;
    int files;
};

/* Takes over `step.bytes`. A test that is short of memory ends. */
void tape_add(struct tape *tape, struct tape_step step);
void tape_release(struct tape *tape);

/*
 * Writes the files that a loss of power leaves while the step `at` is under
 * way, as `prefix` with their suffixes; files of that prefix are removed first.
 */
void tape_restore(const struct tape *tape, size_t at, uint64_t seed,
                  const char *prefix);

/* A small generator, so that a seed means the same everywhere. */
uint64_t tape_random(uint64_t *state);

#endif
