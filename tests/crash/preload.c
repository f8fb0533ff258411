/*
 * medium.c as a library that is preloaded into a chatd. CHAT_MEDIUM_PREFIX is
 * what it watches, CHAT_MEDIUM_FAULT a file that holds a struct medium_fault,
 * which the test shares and changes while the server runs.
 */
#undef _FORTIFY_SOURCE

#include "tests/crash/medium.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void)
{
    const char *prefix = getenv("CHAT_MEDIUM_PREFIX");
    const char *path = getenv("CHAT_MEDIUM_FAULT");
    int descriptor = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    struct medium_fault *fault;

    if (prefix == NULL || descriptor < 0)
        abort();
    fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED,
                 descriptor, 0);
    close(descriptor);
    if (fault == MAP_FAILED)
        abort();
    medium_watch(prefix, fault, NULL);
}
