/*
 * Entries that another task has appended and handed over: bus.h says why they
 * may be delivered as they are. Those that change who stands to the room how,
 * or its topic, are left to the store.
 */
#ifndef CHAT_SERVER_CORE_HEARD_H
#define CHAT_SERVER_CORE_HEARD_H

#include "server/bus/bus.h"
#include "server/core/room.h"

/*
 * Delivers those that follow on the room's head, up to the first that has to
 * be read. True when that was all.
 */
bool chat__heard_entries(struct chat__room *room,
                         const struct chat__bus_notice *notice);

/* The event `typing` of a member, to those who listen; too many are dropped. */
void chat__heard_typing(struct chat__room *room,
                        const struct chat__bus_notice *notice);

#endif
