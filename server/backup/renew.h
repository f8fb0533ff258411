/*
 * What must differ between a restored database and the one that it takes the
 * place of, since clients remember the latter.
 *
 *   Epochs      A client that has seen entries which are lost would take the
 *               new ones of the same seq for them: each room gets another
 *               epoch, and clients read it anew.
 *   rooms_rev   It would come to numbers again that clients connect with other
 *               rooms: it goes far beyond them.
 *   Users' ids  One that was given to somebody who is lost must not be given to
 *               somebody else: the next is beyond all of them.
 *   Seen        Guests who were not seen for a day leave their rooms; after a
 *               restore nobody was, so they count as seen now.
 *
 * An older schema is brought to that of today, as a server does.
 */
#ifndef CHAT_SERVER_BACKUP_RENEW_H
#define CHAT_SERVER_BACKUP_RENEW_H

#include "server/store/sqlite_file.h"

#include <stdint.h>

struct chat__renewal {
    const char *path;   /* open nowhere */
    const char *name;   /* what messages call it */
    uint64_t last_user; /* the last id known to have been given; 0: none */
    bool end_tokens;    /* nobody stays signed in */
};

/* On failure the file is half renewed. It is left without a log beside it. */
bool chat__renew(const struct chat__renewal *renewal,
                 const struct chat__sqlite_message *message);

#endif
