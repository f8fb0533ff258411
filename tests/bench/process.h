/* What the kernel says about a process: its CPU time and its memory. */
#ifndef CHAT_TESTS_BENCH_PROCESS_H
#define CHAT_TESTS_BENCH_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds of a clock that only goes forward. */
uint64_t process_now(void);

/* CPU time, user and system, of all threads: nanoseconds; 0: no such process.
 * The process 0 is this one. */
uint64_t process_cpu(pid_t pid);

/* Resident memory, now and at its highest: KiB; 0: no such process. */
uint64_t process_resident(pid_t pid);
uint64_t process_resident_highest(pid_t pid);

#endif
