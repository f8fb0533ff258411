/* What a copy has in it, and whether that is sound. */
#ifndef CHAT_SERVER_BACKUP_CONTENTS_H
#define CHAT_SERVER_BACKUP_CONTENTS_H

#include "server/backup/backup.h"
#include "server/store/sqlite_file.h"

/* How a copy is checked, and who hears of it. */
struct chat__contents_check {
    const volatile sig_atomic_t *stop;
    void (*finding)(void *context, const struct chat__verify_finding *finding);
    void *context;
};

/* FOUND: `findings` is set. FAILED: the message is. */
enum chat__backup_result
chat__contents_check(const struct chat__contents_check *check, const char *path,
                     uint64_t *findings,
                     const struct chat__sqlite_message *message);

typedef void chat__contents_room(void *context, const char *room,
                                 uint64_t head);

/* Sets all but the findings. `room`, which may be NULL, is called for each. */
bool chat__contents_read(const char *path, struct chat__backup_counts *counts,
                         chat__contents_room *room, void *context,
                         const struct chat__sqlite_message *message);

#endif
