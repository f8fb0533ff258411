#include "tests/bench/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) != 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t process_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t process_cpu(pid_t pid)
{
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0)
        return 0;
    return read_clock(clock);
}

static uint64_t read_status(pid_t pid, const char *name)
{
    char path[64], line[256];
    uint64_t value = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoull(line + strlen(name), NULL, 10);
    }
    fclose(file);
    return value;
}

uint64_t process_resident(pid_t pid)
{
    return read_status(pid, "VmRSS:");
}

uint64_t process_resident_highest(pid_t pid)
{
    return read_status(pid, "VmHWM:");
}
