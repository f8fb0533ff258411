#include "server/ops/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS "/proc/self/fd"

static uint64_t us_of(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static uint64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    uint64_t pages = 0;

    if (file == NULL)
        return 0;
    /* The first number is the size of the address space. */
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void chat__process_read(struct chat__process *process)
{
    struct rusage usage = {0};
    struct rlimit limit = {0};

    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &limit);
    process->cpu_us = us_of(&usage.ru_utime) + us_of(&usage.ru_stime);
    process->resident_bytes = resident_bytes();
    process->descriptors_max = limit.rlim_cur;
}

uint64_t chat__process_count_descriptors(void)
{
    DIR *folder = opendir(DESCRIPTORS);
    uint64_t count = 0;

    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    /* Without `.`, `..` and the folder itself. */
    return count < 3 ? 0 : count - 3;
}

bool chat__process_descriptors(uint64_t *count)
{
    struct stat folder;

    if (stat(DESCRIPTORS, &folder) != 0 || folder.st_size <= 0)
        return false;
    *count = (uint64_t)folder.st_size;
    return true;
}
