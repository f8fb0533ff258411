#include "sdk/outbox_file.h"

#include "chat/client.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int take_lock(struct chat__outbox_file *file)
{
    char *name = NULL;

    if (asprintf(&name, "%s.lock", file->path) < 0)
        return CHAT_ERROR_MEMORY;
    file->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    free(name);
    if (file->lock < 0)
        return CHAT_ERROR_SYSTEM;
    if (flock(file->lock, LOCK_EX | LOCK_NB) == 0)
        return CHAT_OK;
    return errno == EWOULDBLOCK ? CHAT_ERROR_STATE : CHAT_ERROR_SYSTEM;
}

int chat__outbox_file_open(struct chat__outbox_file *file, const char *path)
{
    int result = CHAT_ERROR_MEMORY;

    file->lock = -1;
    file->temporary = NULL;
    file->path = strdup(path);
    if (file->path != NULL && asprintf(&file->temporary, "%s.tmp", path) < 0)
        file->temporary = NULL;
    if (file->temporary != NULL)
        result = take_lock(file);
    if (result != CHAT_OK)
        chat__outbox_file_close(file);
    return result;
}

void chat__outbox_file_close(struct chat__outbox_file *file)
{
    if (file->lock >= 0)
        close(file->lock);
    file->lock = -1;
    free(file->path);
    free(file->temporary);
    file->path = NULL;
    file->temporary = NULL;
}

/* ---- load ---- */

static int read_all(int fd, struct chat__buffer *buffer)
{
    char chunk[16 * 1024];
    ssize_t got;

    while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return CHAT_ERROR_SYSTEM;
        chat__buffer_append(buffer, chunk, (size_t)got);
        if (buffer->failed)
            return CHAT_ERROR_MEMORY;
    }
    return CHAT_OK;
}

int chat__outbox_file_load(const struct chat__outbox_file *file,
                           struct chat__buffer *buffer)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    int result;

    if (fd < 0)
        return errno == ENOENT ? CHAT_OK : CHAT_ERROR_SYSTEM;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        result = CHAT_ERROR_SYSTEM;
    else
        result = read_all(fd, buffer);
    close(fd);
    return result;
}

/* ---- save ---- */

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_temporary(const struct chat__outbox_file *file,
                            const char *bytes, size_t length)
{
    int fd;
    bool good;

    /* One that a crash has left behind; the lock says that it is ours. */
    unlink(file->temporary);
    fd = open(file->temporary,
              O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    good = write_all(fd, bytes, length) && fsync(fd) == 0;
    return close(fd) == 0 && good;
}

/* The rename is done; a directory that cannot be synced does not undo it. */
static void sync_directory(const struct chat__outbox_file *file)
{
    char *copy = strdup(file->path);
    int fd;

    if (copy == NULL)
        return;
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int chat__outbox_file_save(const struct chat__outbox_file *file,
                           const char *bytes, size_t length)
{
    if (!write_temporary(file, bytes, length) ||
        rename(file->temporary, file->path) != 0) {
        unlink(file->temporary);
        return CHAT_ERROR_SYSTEM;
    }
    sync_directory(file);
    return CHAT_OK;
}
