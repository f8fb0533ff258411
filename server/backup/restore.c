#include "server/backup/restore.h"

#include "server/backup/contents.h"
#include "server/backup/copy.h"
#include "server/backup/partial.h"
#include "server/backup/place.h"
#include "server/backup/renew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made, and then renewed, under this name beside the database. */
#define SUFFIX ".restoring"

static bool check_file(const struct chat__restore_options *options,
                       const char *database,
                       const struct chat__sqlite_message *message)
{
    struct stat file;
    struct stat there;

    if (stat(options->file, &file) != 0)
        return chat__refuse_errno(message, "read", options->file);
    if (stat(database, &there) == 0 && file.st_dev == there.st_dev &&
        file.st_ino == there.st_ino)
        return chat__sqlite_refuse(message, "%s is the database itself",
                                   options->file);
    return true;
}

/*
 * Files made by root belong to the server's user all the same: to whom the
 * database belongs, or else its folder. The mode stays what it was, too.
 */
static bool give(const struct chat__sqlite_file *file,
                 const struct chat__partial *copy,
                 const struct chat__sqlite_message *message)
{
    struct stat like;
    bool present = stat(file->path, &like) == 0;
    char *folder = present ? NULL : chat__folder_of(file->path);
    bool known = present || (folder != NULL && stat(folder, &like) == 0);

    free(folder);
    if (!known)
        return chat__refuse_errno(message, "look at", file->path);
    if (present && fchmod(copy->file, like.st_mode & 0777) != 0)
        return chat__refuse_errno(message, "set the mode of", copy->path);
    if (geteuid() != 0)
        return true;
    return (fchown(copy->file, like.st_uid, like.st_gid) == 0 &&
            fchown(file->lock, like.st_uid, like.st_gid) == 0) ||
           chat__refuse_errno(message, "give away", copy->path);
}

/* What a restore that was cut off may have left beside its copy. */
static bool remove_remains(const char *copy,
                           const struct chat__sqlite_message *message)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *name = NULL;

        if (asprintf(&name, "%s%s", copy, suffixes[i]) < 0)
            return chat__sqlite_refuse(message, "memory is short");
        unlink(name);
        free(name);
    }
    return true;
}

static enum chat__backup_result
fill(const struct chat__restore_options *options,
     const struct chat__partial *partial, uint64_t last_user,
     struct chat__backup_counts *counts,
     const struct chat__sqlite_message *message)
{
    const struct chat__copy copy = {.source = options->file,
                                    .target = partial->path,
                                    .file = partial->file,
                                    .stop = options->stop};
    const struct chat__renewal renewal = {.path = partial->path,
                                          .name = options->file,
                                          .last_user = last_user,
                                          .end_tokens = options->end_tokens};
    const struct chat__contents_check check = {.stop = options->stop,
                                               .finding = options->finding,
                                               .context = options->context};
    enum chat__backup_result result;

    if (!chat__copy_run(&copy, message) || !chat__renew(&renewal, message))
        return CHAT__BACKUP_FAILED;
    result =
        chat__contents_check(&check, partial->path, &counts->findings, message);
    if (result == CHAT__BACKUP_DONE &&
        !chat__contents_read(partial->path, counts, NULL, NULL, message))
        return CHAT__BACKUP_FAILED;
    return result;
}

/* The copy is open and empty. */
static enum chat__backup_result
replace(const struct chat__restore_options *options,
        const struct chat__sqlite_file *file, const struct chat__partial *copy,
        struct chat__place *place, struct chat__backup_counts *counts,
        const struct chat__sqlite_message *message)
{
    uint64_t last_user = 0;
    enum chat__backup_result result;

    if (!remove_remains(copy->path, message) ||
        !chat__place_prepare(place, &last_user, message))
        return CHAT__BACKUP_FAILED;
    result = fill(options, copy, last_user, counts, message);
    if (result != CHAT__BACKUP_DONE)
        return result;
    return give(file, copy, message) && chat__place_change(place, copy, message)
               ? CHAT__BACKUP_DONE
               : CHAT__BACKUP_FAILED;
}

/* The database is locked. */
static enum chat__backup_result
restore(const struct chat__restore_options *options,
        const struct chat__sqlite_file *file,
        struct chat__backup_counts *counts, char **replaced,
        const struct chat__sqlite_message *message)
{
    struct chat__place place = {.database = file->path,
                                .discard = options->discard};
    struct chat__partial copy;
    enum chat__backup_result result;
    char *path = NULL;

    if (!check_file(options, file->path, message))
        return CHAT__BACKUP_FAILED;
    if (asprintf(&path, "%s" SUFFIX, file->path) < 0)
        path = NULL;
    if (!chat__partial_open(&copy, path, message))
        return CHAT__BACKUP_FAILED;
    result = replace(options, file, &copy, &place, counts, message);
    remove_remains(copy.path, message);
    chat__partial_close(&copy);
    if (result == CHAT__BACKUP_DONE && !options->discard) {
        *replaced = place.replaced;
        place.replaced = NULL;
    }
    chat__place_release(&place);
    return result;
}

enum chat__backup_result
chat__restore(const struct chat__restore_options *options,
              struct chat__backup_counts *counts, char **replaced, char *text,
              size_t text_size)
{
    const struct chat__sqlite_message message = {text, text_size};
    struct chat__sqlite_file file;
    enum chat__backup_result result;

    *counts = (struct chat__backup_counts){0};
    *replaced = NULL;
    if (!chat__sqlite_file_claim(&file, options->database, &message))
        return CHAT__BACKUP_FAILED;
    result = restore(options, &file, counts, replaced, &message);
    chat__sqlite_file_close(&file);
    return result;
}
