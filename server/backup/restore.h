/*
 * A restore: a backup takes the place of a server's database, renewed (see
 * renew.h) and checked. No server has the database meanwhile; it is locked as a
 * server locks it.
 *
 * One call, one thread; nothing is kept between calls.
 */
#ifndef CHAT_SERVER_BACKUP_RESTORE_H
#define CHAT_SERVER_BACKUP_RESTORE_H

#include "server/backup/backup.h"

struct chat__restore_options {
    const char *file;
    const char *database; /* need not be there; its folder must */
    bool discard;         /* what is there, which is kept beside it otherwise */
    bool end_tokens;      /* nobody stays signed in */
    const volatile sig_atomic_t *stop; /* set: give up. NULL: never */
    void (*finding)(void *context, const struct chat__verify_finding *finding);
    void *context;
};

/*
 * FOUND: of the backup, and what is there was left alone. After DONE `replaced`
 * is where the database from before is, to be freed; NULL: nowhere.
 */
enum chat__backup_result
chat__restore(const struct chat__restore_options *options,
              struct chat__backup_counts *counts, char **replaced, char *text,
              size_t text_size);

#endif
