#include "server/backup/backup.h"

#include "server/backup/contents.h"
#include "server/backup/copy.h"
#include "server/backup/partial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where it may go ---- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool is_same_folder(const char *one, const char *other)
{
    char *first = chat__folder_of(one);
    char *second = chat__folder_of(other);
    struct stat status[2];
    bool same = first != NULL && second != NULL &&
                stat(first, &status[0]) == 0 && stat(second, &status[1]) == 0 &&
                status[0].st_dev == status[1].st_dev &&
                status[0].st_ino == status[1].st_ino;

    free(first);
    free(second);
    return same;
}

/* Names beside the database that begin with its own are SQLite's and ours. */
static bool is_taken(const struct chat__backup_options *options)
{
    const char *name = base_of(options->database);

    return strncmp(base_of(options->file), name, strlen(name)) == 0 &&
           is_same_folder(options->file, options->database);
}

/* What SQLite would read together with the backup, though of another file. */
static bool has_remains(const char *path, const char *suffix,
                        const struct chat__sqlite_message *message)
{
    char *name = NULL;
    bool has;

    if (asprintf(&name, "%s%s", path, suffix) < 0)
        return !chat__sqlite_refuse(message, "memory is short");
    has = access(name, F_OK) == 0;
    if (has)
        chat__sqlite_refuse(message,
                            "%s is there, and would be read as a part of the "
                            "backup: move it away, or name another file",
                            name);
    free(name);
    return has;
}

static bool check_file(const struct chat__backup_options *options,
                       const struct chat__sqlite_message *message)
{
    const char *file = options->file;
    struct stat status;
    bool present = lstat(file, &status) == 0;

    if (!present && errno != ENOENT)
        return chat__refuse_errno(message, "make", file);
    if (is_taken(options))
        return chat__sqlite_refuse(message,
                                   "%s is a name that the server uses: put the "
                                   "backup in another folder",
                                   file);
    if (present && !S_ISREG(status.st_mode))
        return chat__sqlite_refuse(message, "%s is not a regular file", file);
    if (present && !options->replace)
        return chat__sqlite_refuse(
            message, "%s is there already: --force replaces it", file);
    return !has_remains(file, "-wal", message) &&
           !has_remains(file, "-journal", message);
}

/* ---- the backup ---- */

static enum chat__backup_result fill(const struct chat__backup_options *options,
                                     const struct chat__partial *partial,
                                     struct chat__backup_counts *counts,
                                     const struct chat__sqlite_message *message)
{
    const struct chat__copy copy = {.source = options->database,
                                    .target = partial->path,
                                    .file = partial->file,
                                    .stop = options->stop};
    const struct chat__contents_check check = {.stop = options->stop,
                                               .finding = options->finding,
                                               .context = options->context};
    enum chat__backup_result result = CHAT__BACKUP_DONE;

    if (!chat__copy_run(&copy, message))
        return CHAT__BACKUP_FAILED;
    if (!options->unchecked)
        result = chat__contents_check(&check, partial->path, &counts->findings,
                                      message);
    if (result == CHAT__BACKUP_DONE &&
        !chat__contents_read(partial->path, counts, options->room,
                             options->context, message))
        result = CHAT__BACKUP_FAILED;
    return result;
}

enum chat__backup_result
chat__backup_make(const struct chat__backup_options *options,
                  struct chat__backup_counts *counts, char *text,
                  size_t text_size)
{
    const struct chat__sqlite_message message = {text, text_size};
    struct chat__partial partial;
    char *path = NULL;
    enum chat__backup_result result;

    *counts = (struct chat__backup_counts){0};
    if (!check_file(options, &message))
        return CHAT__BACKUP_FAILED;
    if (asprintf(&path, "%s.partial", options->file) < 0)
        path = NULL;
    if (!chat__partial_open(&partial, path, &message))
        return CHAT__BACKUP_FAILED;
    result = fill(options, &partial, counts, &message);
    if (result == CHAT__BACKUP_DONE &&
        !chat__partial_place(&partial, options->file, options->replace,
                             &message))
        result = CHAT__BACKUP_FAILED;
    chat__partial_close(&partial);
    return result;
}
