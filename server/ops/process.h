/*
 * What the system says about this process. Reading takes some 20 us; nothing
 * here blocks for longer. Any thread.
 */
#ifndef CHAT_SERVER_OPS_PROCESS_H
#define CHAT_SERVER_OPS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct chat__process {
    uint64_t cpu_us;          /* of the program, and of the kernel for it */
    uint64_t resident_bytes;  /* 0: not known */
    uint64_t descriptors_max; /* that may be open */
};

void chat__process_read(struct chat__process *process);

/*
 * Open descriptors, by counting them: 10,000 take 10 ms. From Linux 6.2 on the
 * system keeps the count; false where it does not.
 */
uint64_t chat__process_count_descriptors(void);
bool chat__process_descriptors(uint64_t *count);

#endif
