/*
 * The storage below a process: open, write, truncate, sync and unlink of the
 * files with one prefix come through here, are failed on demand, and are
 * written to a tape. Everything else passes.
 *
 * The calls of the C library are replaced, not SQLite's own layer, so that
 * what is tested is what the kernel would have been asked for: also the
 * syncs of folders, and our own calls beside SQLite's. A program that links
 * medium.c has its own calls replaced; as a preloaded library (preload.c) it
 * does the same to a chatd.
 */
#ifndef CHAT_TESTS_CRASH_MEDIUM_H
#define CHAT_TESTS_CRASH_MEDIUM_H

#include "tests/crash/tape.h"

#include <stdatomic.h>

enum medium_call {
    MEDIUM_OPEN = 1, /* to write */
    MEDIUM_WRITE = 2,
    MEDIUM_TRUNCATE = 4,
    MEDIUM_SYNC = 8,
    MEDIUM_UNLINK = 16
};

#define MEDIUM_FOR_EVER (1 << 30)

/*
 * Of the calls of these kinds, `pass` go well and the next `times` fail with
 * `error`. A write that fails for ENOSPC writes half of its bytes as long as
 * there are two, as a disk that fills does. May be shared with another
 * process; set `kinds` last.
 */
struct medium_fault {
    atomic_int kinds; /* enum medium_call, or'ed; 0: none fails */
    atomic_int error;
    atomic_int pass;
    atomic_int times;
    atomic_int seen; /* calls of these kinds */
    atomic_int hits; /* calls that failed */
};

/*
 * The prefix is an absolute path. NULLs: no fault, no tape. Of a database that
 * is there already, and open nowhere, the tape begins with its files, synced.
 */
void medium_watch(const char *prefix, struct medium_fault *fault,
                  struct tape *tape);
void medium_forget(void);

/* The length of the tape now; from any thread. */
size_t medium_position(void);

#endif
