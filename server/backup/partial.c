#include "server/backup/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool chat__refuse_errno(const struct chat__sqlite_message *message,
                        const char *what, const char *path)
{
    char reason[128];
    return chat__sqlite_refuse(message, "cannot %s %s: %s", what, path,
                               strerror_r(errno, reason, sizeof reason));
}

char *chat__folder_of(const char *path)
{
    const char *end = strrchr(path, '/');

    if (end == NULL)
        return strdup(".");
    return end == path ? strdup("/") : strndup(path, (size_t)(end - path));
}

bool chat__sync_folder_of(const char *path,
                          const struct chat__sqlite_message *message)
{
    char *name = chat__folder_of(path);
    int folder = -1;
    bool synced = false;

    if (name != NULL)
        folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        synced = fsync(folder) == 0;
    if (!synced)
        chat__refuse_errno(message, "sync the folder of", path);
    if (folder >= 0)
        close(folder);
    free(name);
    return synced;
}

/* Whether the path names the file that was opened, which may have moved. */
static bool is_file_at(int file, const char *path)
{
    struct stat opened;
    struct stat named;

    return fstat(file, &opened) == 0 && lstat(path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static bool take(int file, const char *path,
                 const struct chat__sqlite_message *message)
{
    bool locked = flock(file, LOCK_EX | LOCK_NB) == 0;

    if (!locked && errno != EWOULDBLOCK)
        return chat__refuse_errno(message, "lock", path);
    if (!locked || !is_file_at(file, path))
        return chat__sqlite_refuse(message, "another process is writing %s",
                                   path);
    return (fchmod(file, 0600) == 0 && ftruncate(file, 0) == 0) ||
           chat__refuse_errno(message, "write", path);
}

bool chat__partial_open(struct chat__partial *partial, char *path,
                        const struct chat__sqlite_message *message)
{
    int file =
        path == NULL
            ? -1
            : open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    *partial = (struct chat__partial){.path = path, .file = file};
    errno = path == NULL ? ENOMEM : errno;
    if (file < 0)
        chat__refuse_errno(message, "make", path == NULL ? "a file" : path);
    else if (take(file, path, message))
        return true;
    else
        close(file);
    free(path);
    return false;
}

bool chat__partial_sync(const struct chat__partial *partial,
                        const struct chat__sqlite_message *message)
{
    return fsync(partial->file) == 0 ||
           chat__refuse_errno(message, "sync", partial->path);
}

/* Not every file system can refuse to replace; the caller has looked. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
}

bool chat__partial_place(const struct chat__partial *partial, const char *path,
                         bool replace,
                         const struct chat__sqlite_message *message)
{
    if (!chat__partial_sync(partial, message))
        return false;
    if ((replace ? rename(partial->path, path)
                 : rename_new(partial->path, path)) != 0)
        return chat__refuse_errno(message, "make", path);
    return chat__sync_folder_of(path, message);
}

void chat__partial_close(struct chat__partial *partial)
{
    if (is_file_at(partial->file, partial->path))
        unlink(partial->path);
    close(partial->file);
    free(partial->path);
}
