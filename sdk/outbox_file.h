/*
 * The file that keeps an outbox: read whole, replaced whole.
 *
 * A lock file beside it (its name and ".lock") makes sure that two handles,
 * in one process or two, never share it; the lock goes with the descriptor, so
 * a crash frees it. The lock file itself stays.
 *
 * A save writes "NAME.tmp" with mode 0600, syncs it, renames it over the file
 * and syncs the directory: after a crash there is the old content or the new.
 *
 * One thread at a time.
 */
#ifndef CHAT_SDK_OUTBOX_FILE_H
#define CHAT_SDK_OUTBOX_FILE_H

#include "protocol/buffer.h"

#include <stddef.h>

struct chat__outbox_file {
    char *path;
    char *temporary;
    int lock;
};

/*
 * Locks it for this handle. CHAT_OK, CHAT_ERROR_MEMORY, CHAT_ERROR_STATE
 * (somebody else has it), CHAT_ERROR_SYSTEM.
 */
int chat__outbox_file_open(struct chat__outbox_file *file, const char *path);
void chat__outbox_file_close(struct chat__outbox_file *file);

/*
 * Appends the content to `buffer`, nothing when there is no file yet. CHAT_OK,
 * CHAT_ERROR_SYSTEM, CHAT_ERROR_MEMORY (also beyond the buffer's limit).
 */
int chat__outbox_file_load(const struct chat__outbox_file *file,
                           struct chat__buffer *buffer);

/* Replaces the content. CHAT_OK or CHAT_ERROR_SYSTEM: then it is unchanged. */
int chat__outbox_file_save(const struct chat__outbox_file *file,
                           const char *bytes, size_t length);

#endif
