/*
 * Guests who are gone: one who was not seen for settings.guest_idle_ms leaves
 * all rooms, by entries like those of a leave of his own. Nobody else is told;
 * the name and the token stay, so that he may come back.
 *
 * At most one look at the store is under way, core->expiry; it is asked for at
 * most once a minute, but at the next tick when the last one found all that it
 * asked for.
 */
#ifndef CHAT_SERVER_CORE_EXPIRY_H
#define CHAT_SERVER_CORE_EXPIRY_H

#include "server/core/state.h"

/* Looks when it is time to. */
void chat__expiry_tick(struct chat__core *core, int64_t now_ms);

#endif
