/*
 * A file that is made under a name of its own, and gets the name it is for when
 * it is whole and on disk. Whatever ends the process meanwhile, that name has
 * what it had before, or all of the new.
 *
 * The file is locked against another process that makes the same one; what an
 * ended process left of it is taken over.
 */
#ifndef CHAT_SERVER_BACKUP_PARTIAL_H
#define CHAT_SERVER_BACKUP_PARTIAL_H

#include "server/store/sqlite_file.h"

struct chat__partial {
    char *path;
    int file;
};

/* Mode 0600, empty. Takes over `path`, which is freed in any case. */
bool chat__partial_open(struct chat__partial *partial, char *path,
                        const struct chat__sqlite_message *message);

/* On disk, under the name that it has now. */
bool chat__partial_sync(const struct chat__partial *partial,
                        const struct chat__sqlite_message *message);

/* Syncs it, and names it; what is there is replaced only when asked for. */
bool chat__partial_place(const struct chat__partial *partial, const char *path,
                         bool replace,
                         const struct chat__sqlite_message *message);

/* Removes it if it still has its own name. */
void chat__partial_close(struct chat__partial *partial);

/* The folder of a path, to be freed; NULL: no memory. */
char *chat__folder_of(const char *path);

/* What has been named and unnamed in the folder of a path is on disk. */
bool chat__sync_folder_of(const char *path,
                          const struct chat__sqlite_message *message);

/* Always false. Says what failed, by errno. */
bool chat__refuse_errno(const struct chat__sqlite_message *message,
                        const char *what, const char *path);

#endif
