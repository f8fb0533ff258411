/*
 * Preloaded into chatctl: writes down each step that it takes on the disk, and
 * ends the process before one of them, as a crash would.
 *
 * CHAT_STEPS_LOG names the file that gets a line for each step, "CALL PATH";
 * CHAT_STEPS_KILL is the number of the step that is not taken, from 1.
 */
/* Before all else: other forms of these calls would be others' names. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REPLACES   __attribute__((visibility("default")))
#define PATH_BYTES 512

#define REAL(name_) (__extension__(__typeof__(&name_)) dlsym(RTLD_NEXT, #name_))

static int log_file = -1;
static long kill_at;
static long taken;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CHAT_STEPS_LOG");
    const char *number = getenv("CHAT_STEPS_KILL");

    if (path == NULL)
        abort();
    log_file = (int)syscall(SYS_openat, AT_FDCWD, path,
                            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    kill_at = number == NULL ? 0 : strtol(number, NULL, 10);
}

static void step(const char *call, const char *path)
{
    char line[PATH_BYTES + 32];
    int length = snprintf(line, sizeof line, "%s %s\n", call, path);

    if (++taken == kill_at)
        raise(SIGKILL);
    syscall(SYS_write, log_file, line, (size_t)length);
}

static void step_on(const char *call, int descriptor)
{
    char name[64];
    char path[PATH_BYTES];
    ssize_t length;

    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    length = readlink(name, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = '\0';
    if (path[0] == '/')
        step(call, path);
}

/* ---- by descriptor ---- */

#define ON_DESCRIPTOR(result_, name_, call_, parameters_, arguments_)          \
    REPLACES result_ name_ parameters_;                                        \
    REPLACES result_ name_ parameters_                                         \
    {                                                                          \
        step_on(call_, descriptor);                                            \
        return REAL(name_) arguments_;                                         \
    }

ON_DESCRIPTOR(ssize_t, write, "write",
              (int descriptor, const void *bytes, size_t length),
              (descriptor, bytes, length))
ON_DESCRIPTOR(ssize_t, pwrite, "write",
              (int descriptor, const void *bytes, size_t length, off_t offset),
              (descriptor, bytes, length, offset))
ON_DESCRIPTOR(ssize_t, pwrite64, "write",
              (int descriptor, const void *bytes, size_t length,
               off64_t offset),
              (descriptor, bytes, length, offset))
ON_DESCRIPTOR(int, ftruncate, "truncate", (int descriptor, off_t length),
              (descriptor, length))
ON_DESCRIPTOR(int, ftruncate64, "truncate", (int descriptor, off64_t length),
              (descriptor, length))
ON_DESCRIPTOR(int, fsync, "sync", (int descriptor), (descriptor))
ON_DESCRIPTOR(int, fdatasync, "sync", (int descriptor), (descriptor))

/* ---- by name ---- */

REPLACES int rename(const char *from, const char *to)
{
    step("rename", to);
    return REAL(rename)(from, to);
}

REPLACES int renameat2(int from_folder, const char *from, int to_folder,
                       const char *to, unsigned int flags)
{
    step("rename", to);
    return REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

REPLACES int unlink(const char *path)
{
    step("unlink", path);
    return REAL(unlink)(path);
}
