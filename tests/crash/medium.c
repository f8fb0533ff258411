/* Before all else: the checked forms of these calls would be others' names. */
#undef _FORTIFY_SOURCE

#include "tests/crash/medium.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 1024
#define PATH_BYTES      256

#define REPLACES __attribute__((visibility("default")))

/* What a descriptor is, beside a file's number on the tape. */
enum { NOT_WATCHED = 0, FOLDER = -1, NOT_TAPED = -2 };

static struct {
    pthread_mutex_t mutex; /* a call and its step are one */
    char prefix[PATH_BYTES];
    char folder[PATH_BYTES];
    struct medium_fault *fault;
    struct tape *tape;
    int opened[DESCRIPTORS_MAX];
    unsigned int told[DESCRIPTORS_MAX]; /* of the failed syncs of its file */
    unsigned int failed[TAPE_FILES_MAX];
    struct {
        char suffix[TAPE_SUFFIX_BYTES];
        int file;
    } names[TAPE_FILES_MAX];
} medium = {.mutex = PTHREAD_MUTEX_INITIALIZER};

#define REAL(name_) (__extension__(__typeof__(&name_)) dlsym(RTLD_NEXT, #name_))

static void lock(void)
{
    pthread_mutex_lock(&medium.mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&medium.mutex);
}

size_t medium_position(void)
{
    size_t position;

    lock();
    position = medium.tape == NULL ? 0 : medium.tape->count;
    unlock();
    return position;
}

/* ---- which file is it? ---- */

static const char *suffix_of(const char *path)
{
    size_t length = strlen(medium.prefix);
    bool is_ours = length > 0 && strncmp(path, medium.prefix, length) == 0;

    return is_ours ? path + length : NULL;
}

/* What a loss of power may take: not shared memory, and nothing in the lock. */
static bool is_taped(const char *suffix)
{
    return medium.tape != NULL && strcmp(suffix, "-shm") != 0 &&
           strcmp(suffix, ".lock") != 0;
}

static int watched(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS_MAX
               ? medium.opened[descriptor]
               : NOT_WATCHED;
}

/* The file that the name means on the tape; a new one when it was not there. */
static int file_of(const char *suffix, bool is_new)
{
    struct tape_step step = {.kind = TAPE_LINK};
    size_t i = 0;

    while (medium.names[i].file != 0 &&
           strcmp(medium.names[i].suffix, suffix) != 0)
        i++;
    if (!is_new && medium.names[i].file != 0)
        return medium.names[i].file;
    if (i + 1 == TAPE_FILES_MAX || strlen(suffix) >= TAPE_SUFFIX_BYTES ||
        medium.tape->files + 1 == TAPE_FILES_MAX)
        abort();
    step.file = medium.names[i].file = ++medium.tape->files;
    memcpy(medium.names[i].suffix, suffix, strlen(suffix) + 1);
    memcpy(step.suffix, suffix, strlen(suffix) + 1);
    tape_add(medium.tape, step);
    return step.file;
}

static void note_open(int descriptor, const char *path, bool is_new)
{
    const char *suffix = suffix_of(path);
    int what = NOT_WATCHED;

    if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX)
        return;
    if (suffix != NULL)
        what = is_taped(suffix) ? file_of(suffix, is_new) : NOT_TAPED;
    else if (medium.folder[0] != '\0' && strcmp(path, medium.folder) == 0)
        what = FOLDER;
    medium.opened[descriptor] = what;
    if (what > 0)
        medium.told[descriptor] = medium.failed[what];
}

static void tape_write(int file, const void *bytes, size_t length,
                       size_t offset)
{
    struct tape_step step = {
        .kind = TAPE_WRITE, .file = file, .offset = offset, .length = length};

    step.bytes = malloc(length);
    if (step.bytes == NULL)
        abort();
    memcpy(step.bytes, bytes, length);
    tape_add(medium.tape, step);
}

/* ---- beginning and end ---- */

static void tape_file(const char *suffix)
{
    char path[2 * PATH_BYTES];
    char bytes[4096];
    size_t offset = 0;
    size_t length;
    struct tape_step sync = {.kind = TAPE_SYNC};
    FILE *file;

    snprintf(path, sizeof(path), "%s%s", medium.prefix, suffix);
    file = fopen(path, "r");
    if (file == NULL)
        return;
    sync.file = file_of(suffix, true);
    for (; (length = fread(bytes, 1, sizeof(bytes), file)) > 0;
         offset += length)
        tape_write(sync.file, bytes, length, offset);
    fclose(file);
    sync.from = medium.tape->count;
    tape_add(medium.tape, sync);
}

static void tape_files(void)
{
    struct tape_step sync = {.kind = TAPE_SYNC_FOLDER, .file = FOLDER};

    tape_file("");
    tape_file("-wal");
    tape_file("-journal");
    sync.from = medium.tape->count;
    tape_add(medium.tape, sync);
}

void medium_watch(const char *prefix, struct medium_fault *fault,
                  struct tape *tape)
{
    const char *slash = strrchr(prefix, '/');

    if (slash == NULL || strlen(prefix) >= PATH_BYTES)
        abort();
    medium_forget();
    memcpy(medium.folder, prefix, (size_t)(slash - prefix));
    memcpy(medium.prefix, prefix, strlen(prefix) + 1);
    medium.fault = fault;
    medium.tape = tape;
    if (tape != NULL)
        tape_files();
}

void medium_forget(void)
{
    lock();
    memset(medium.folder, 0, sizeof(medium.folder));
    memset(medium.prefix, 0, sizeof(medium.prefix));
    memset(medium.opened, 0, sizeof(medium.opened));
    memset(medium.names, 0, sizeof(medium.names));
    memset(medium.failed, 0, sizeof(medium.failed));
    medium.fault = NULL;
    medium.tape = NULL;
    unlock();
}

/* ---- faults ---- */

/* 0, or the errno with which the call has to fail. */
static int error_of(enum medium_call call)
{
    struct medium_fault *fault = medium.fault;

    if (fault == NULL || (atomic_load(&fault->kinds) & (int)call) == 0)
        return 0;
    atomic_fetch_add(&fault->seen, 1);
    if (atomic_fetch_sub(&fault->pass, 1) > 0 ||
        atomic_fetch_sub(&fault->times, 1) <= 0)
        return 0;
    atomic_fetch_add(&fault->hits, 1);
    return atomic_load(&fault->error);
}

/* ---- the calls ---- */

REPLACES int open64(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;
    bool is_new;
    int descriptor = -1;

    va_start(arguments, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    lock();
    is_new = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    errno = (flags & O_ACCMODE) != O_RDONLY && suffix_of(path) != NULL
                ? error_of(MEDIUM_OPEN)
                : 0;
    if (errno == 0)
        descriptor = REAL(open64)(path, flags, mode);
    note_open(descriptor, path, is_new);
    unlock();
    return descriptor;
}

REPLACES int close(int descriptor)
{
    int result;

    lock();
    if (watched(descriptor) != NOT_WATCHED)
        medium.opened[descriptor] = NOT_WATCHED;
    result = REAL(close)(descriptor);
    unlock();
    return result;
}

static ssize_t write_watched(int descriptor, const void *bytes, size_t length,
                             off64_t offset)
{
    int error = error_of(MEDIUM_WRITE);
    ssize_t written;

    if (error == ENOSPC && length > 1)
        length /= 2;
    else if (error != 0) {
        errno = error;
        return -1;
    }
    written = REAL(pwrite64)(descriptor, bytes, length, offset);
    if (written > 0 && watched(descriptor) > 0)
        tape_write(watched(descriptor), bytes, (size_t)written, (size_t)offset);
    return written;
}

REPLACES ssize_t pwrite64(int descriptor, const void *bytes, size_t length,
                          off64_t offset)
{
    ssize_t written;

    lock();
    written = watched(descriptor) == NOT_WATCHED
                  ? REAL(pwrite64)(descriptor, bytes, length, offset)
                  : write_watched(descriptor, bytes, length, offset);
    unlock();
    return written;
}

REPLACES int ftruncate64(int descriptor, off64_t length)
{
    struct tape_step step = {.kind = TAPE_TRUNCATE, .length = (size_t)length};
    int result = -1;

    lock();
    step.file = watched(descriptor);
    errno = step.file != NOT_WATCHED ? error_of(MEDIUM_TRUNCATE) : 0;
    if (errno == 0)
        result = REAL(ftruncate64)(descriptor, length);
    if (result == 0 && step.file > 0)
        tape_add(medium.tape, step);
    unlock();
    return result;
}

/*
 * As Linux since 4.13: what could not be written back is told once to every
 * descriptor of the file that was open, whoever's sync met it.
 */
static int sync_error(int descriptor)
{
    int file = watched(descriptor);
    int error = file != NOT_WATCHED ? error_of(MEDIUM_SYNC) : 0;

    if (file <= 0)
        return error;
    if (error != 0)
        medium.failed[file]++;
    else if (medium.told[descriptor] != medium.failed[file])
        error = EIO;
    medium.told[descriptor] = medium.failed[file];
    return error;
}

/*
 * Tapes a sync of what was written up to now, or its failure; false when it
 * has to fail, with errno.
 */
static bool may_sync(int descriptor)
{
    struct tape_step step = {.kind = TAPE_SYNC};
    int error;

    lock();
    step.file = watched(descriptor);
    error = sync_error(descriptor);
    step.from = medium.tape == NULL ? 0 : medium.tape->count;
    if (step.file == FOLDER)
        step.kind = TAPE_SYNC_FOLDER;
    else if (error != 0)
        step.kind = TAPE_SYNC_FAILED;
    if (medium.tape != NULL &&
        (step.file > 0 || (step.file == FOLDER && error == 0)))
        tape_add(medium.tape, step);
    unlock();
    errno = error;
    return error == 0;
}

REPLACES int fdatasync(int descriptor)
{
    return may_sync(descriptor) ? REAL(fdatasync)(descriptor) : -1;
}

REPLACES int fsync(int descriptor)
{
    return may_sync(descriptor) ? REAL(fsync)(descriptor) : -1;
}

REPLACES int unlink(const char *path)
{
    struct tape_step step = {.kind = TAPE_UNLINK};
    const char *suffix;
    int result = -1;

    lock();
    suffix = suffix_of(path);
    errno = suffix != NULL ? error_of(MEDIUM_UNLINK) : 0;
    if (errno == 0)
        result = REAL(unlink)(path);
    if (result == 0 && suffix != NULL && is_taped(suffix)) {
        memcpy(step.suffix, suffix, strlen(suffix) + 1);
        tape_add(medium.tape, step);
    }
    unlock();
    return result;
}
