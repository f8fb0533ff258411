/*
 * Preloaded into a chatd, it has each sync of a database wait for as long as
 * somebody else holds the lock of the file that CHAT_STALL names.
 */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static void wait_for_lock(void)
{
    const char *path = getenv("CHAT_STALL");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);

    if (file < 0)
        abort();
    flock(file, LOCK_EX);
    close(file);
}

#define REPLACES    __attribute__((visibility("default")))
#define REAL(name_) (__extension__(__typeof__(&name_)) dlsym(RTLD_NEXT, #name_))

REPLACES int fdatasync(int descriptor)
{
    wait_for_lock();
    return REAL(fdatasync)(descriptor);
}

REPLACES int fsync(int descriptor)
{
    wait_for_lock();
    return REAL(fsync)(descriptor);
}
