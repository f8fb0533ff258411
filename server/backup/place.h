/*
 * Puts one database in the place of another, which nobody uses meanwhile.
 *
 * A log beside a database would be read as its own by the next that opens it,
 * so the name never has a file beside another file's log. In this order, and
 * each step on disk before the next:
 *
 *   1. The old database's log is moved into it, and is gone. A database that
 *      SQLite cannot open has its log set aside instead.
 *   2. The new file gets the name that the old one shall have, and the two
 *      change names, in one call of the kernel.
 *   3. What was set aside gets its name beside the old one.
 *
 * Whatever ends the process or the machine, the name has the old database or
 * the new one. Between the two halves of 2 the new one stands under the name
 * for the old: a whole database, which nobody uses.
 */
#ifndef CHAT_SERVER_BACKUP_PLACE_H
#define CHAT_SERVER_BACKUP_PLACE_H

#include "server/backup/partial.h"

#include <stdint.h>

struct chat__place {
    const char *database; /* where: absolute, links resolved, locked */
    char *replaced;       /* the old one's new name; NULL: there was none */
    bool discard;         /* the old one is not kept */
    bool openable;        /* by SQLite */
};

/*
 * Looks at what is there, and moves its log into it. Refuses another program's
 * database, and one that is open anywhere. `last_user`: the last id that it
 * gave to a user, 0 when that cannot be told.
 */
bool chat__place_prepare(struct chat__place *place, uint64_t *last_user,
                         const struct chat__sqlite_message *message);

/* Nothing may have the new database open, and it has no log. */
bool chat__place_change(struct chat__place *place,
                        const struct chat__partial *database,
                        const struct chat__sqlite_message *message);

void chat__place_release(struct chat__place *place);

#endif
