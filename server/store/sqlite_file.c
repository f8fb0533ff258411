#include "server/store/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define REASON_BYTES 128

bool chat__sqlite_refuse(const struct chat__sqlite_message *message,
                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, message->size, format, arguments);
    va_end(arguments);
    return false;
}

static bool refuse_for(const struct chat__sqlite_message *message,
                       const char *what, const char *path, int error)
{
    char reason[REASON_BYTES];
    return chat__sqlite_refuse(message, "cannot %s %s: %s", what, path,
                               strerror_r(error, reason, sizeof reason));
}

/*
 * Only a file that was not there is opened here: closing one that SQLite has
 * open in this process would drop SQLite's locks. So does O_EXCL.
 */
static bool make_file(const char *path,
                      const struct chat__sqlite_message *message)
{
    int descriptor =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (descriptor >= 0) {
        close(descriptor);
        return true;
    }
    return errno == EEXIST || refuse_for(message, "make", path, errno);
}

static bool check_file(const char *path,
                       const struct chat__sqlite_message *message)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return refuse_for(message, "open", path, errno);
    if (!S_ISREG(status.st_mode))
        return chat__sqlite_refuse(message, "%s is not a regular file", path);
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
        return refuse_for(message, "write", path, errno);
    return true;
}

/* Says who has the lock; the holder wrote its number into the lock file. */
static bool refuse_locked(const struct chat__sqlite_message *message,
                          const char *path, int lock)
{
    char holder[24] = "";
    ssize_t length = pread(lock, holder, sizeof holder - 1, 0);
    holder[length > 0 ? length : 0] = '\0';
    long process = strtol(holder, NULL, 10);
    if (process <= 0)
        return chat__sqlite_refuse(message, "%s is in use by another process",
                                   path);
    return chat__sqlite_refuse(message,
                               "%s is in use by process %ld: two servers must "
                               "not share a file, stop that one first",
                               path, process);
}

static bool take_lock(struct chat__sqlite_file *file, const char *lock_path,
                      const struct chat__sqlite_message *message)
{
    int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return refuse_for(message, "make", lock_path, errno);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        if (held)
            refuse_locked(message, file->path, lock);
        else
            refuse_for(message, "lock", lock_path, errno);
        close(lock);
        return false;
    }
    /* The number only serves the sentence above: a full disk is no matter. */
    if (ftruncate(lock, 0) == 0)
        dprintf(lock, "%ld\n", (long)getpid());
    file->lock = lock;
    return true;
}

static bool lock_file(struct chat__sqlite_file *file,
                      const struct chat__sqlite_message *message)
{
    char *lock_path = NULL;
    if (asprintf(&lock_path, "%s.lock", file->path) < 0)
        return refuse_for(message, "lock", file->path, ENOMEM);
    bool locked = take_lock(file, lock_path, message);
    free(lock_path);
    return locked;
}

bool chat__sqlite_file_open(struct chat__sqlite_file *file, const char *path,
                            const struct chat__sqlite_message *message)
{
    if (!make_file(path, message))
        return false;
    file->path = realpath(path, NULL);
    if (file->path == NULL)
        return refuse_for(message, "open", path, errno);
    if (check_file(file->path, message) && lock_file(file, message))
        return true;
    free(file->path);
    file->path = NULL;
    return false;
}

/* As realpath(3), of a file that may be absent in a folder that is there. */
static char *resolve(const char *path)
{
    char *found = realpath(path, NULL);
    if (found != NULL || errno != ENOENT)
        return found;
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char *folder =
        slash == NULL ? strdup(".") : strndup(path, (size_t)(name - path));
    char *real = folder == NULL ? NULL : realpath(folder, NULL);
    if (real == NULL || asprintf(&found, "%s/%s", real, name) < 0)
        found = NULL;
    free(folder);
    free(real);
    return found;
}

bool chat__sqlite_file_claim(struct chat__sqlite_file *file, const char *path,
                             const struct chat__sqlite_message *message)
{
    file->path = resolve(path);
    if (file->path == NULL)
        return refuse_for(message, "open", path, errno);
    if (lock_file(file, message))
        return true;
    free(file->path);
    file->path = NULL;
    return false;
}

void chat__sqlite_file_close(struct chat__sqlite_file *file)
{
    close(file->lock);
    free(file->path);
    file->path = NULL;
}
