/*
 * The thread that writes: lines of the log to standard error, lines of metrics
 * to standard output.
 *
 * Who logs must not wait for who reads: a pipe that nobody empties, a journal
 * that stalls. So a line is copied into its stream's ring, and one thread
 * writes. The ring is guarded by a mutex that is held for a copy and never for
 * a write; a lock-free one would save nothing where one thread logs nearly
 * everything.
 *
 * The thread waits until a descriptor takes bytes and writes PIPE_BUF of them
 * at most, as whole lines where they fit: that much never blocks on a pipe or a
 * socket, and never mixes with what other processes write there. So a
 * descriptor needs no O_NONBLOCK, which standard error would share with a
 * terminal, and may have it. One stuck stream does not hold up the other. Where
 * both go to the same place, a line that is longer than PIPE_BUF stays whole.
 *
 * When a ring is full, lines are dropped and counted, until half of it is free;
 * then the log says `log_lines_dropped` with their number, at that very place.
 * Lines that are written whatever the level is, such as of what an operator
 * does, have a part of the ring to themselves: an operator is not to be held up
 * by a reader, nor to act unseen because nobody reads.
 *
 * Before start and after stop lines are written by the caller, so that what a
 * process says when it cannot start is not lost.
 */
#ifndef CHAT_SERVER_OPS_LOG_WRITER_H
#define CHAT_SERVER_OPS_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What waits in each ring. */
#define CHAT__LOG_RING_BYTES (1024 * 1024)

/* Of those for reserved lines alone: some 200 that say what an operator did. */
#define CHAT__LOG_RESERVE_BYTES (64 * 1024)

/* How long the end of the process waits for a reader. */
#define CHAT__LOG_END_TIMEOUT_MS 1000

/* How long a crash waits for it. */
#define CHAT__LOG_CRASH_TIMEOUT_MS 100

enum chat__log_stream {
    CHAT__LOG_STREAM_LOG,     /* standard error */
    CHAT__LOG_STREAM_METRICS, /* standard output */
    CHAT__LOG_STREAM_COUNT
};

/*
 * Starts the thread, and has signals that end the process by a fault wait a
 * moment for it. False with errno; lines are then written by their callers.
 */
bool chat__log_start(void);

/*
 * Ends the thread once what waits is written. False when a reader did not take
 * it in time: what is left is dropped, as is what is logged after.
 */
bool chat__log_stop(void);

/* One whole line with its '\n'; copied. Any thread. */
void chat__log_emit(enum chat__log_stream stream, const char *line,
                    size_t length, bool reserved);

/* Lines of all streams that were dropped since the process began. */
uint64_t chat__log_dropped(void);

/* Where a stream goes; before start only. */
void chat__log_set_descriptor(enum chat__log_stream stream, int descriptor);

#endif
