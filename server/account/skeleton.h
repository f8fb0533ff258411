/*
 * Which names a reader may take for each other: the skeleton of UTS #39, of
 * the name in lower case. So "Admin", "ADMIN" and one with a Cyrillic "а" have
 * the same. Any thread may use a checker at the same time.
 */
#ifndef CHAT_SERVER_ACCOUNT_SKELETON_H
#define CHAT_SERVER_ACCOUNT_SKELETON_H

#include "server/account/account.h"

struct chat__skeletons;

/* NULL when ICU has no data or memory is short. */
struct chat__skeletons *chat__skeletons_new(void);
void chat__skeletons_free(struct chat__skeletons *skeletons);

/* As struct chat__accounts wants it; `context` is the checker. */
bool chat__skeleton(void *context, const char *name,
                    char skeleton[CHAT__SKELETON_SIZE]);

#endif
