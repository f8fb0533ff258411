/*
 * The entry of another server by which somebody ceased to be a member: a leave,
 * a kick or a ban that was read from the log and not made here.
 */
#ifndef CHAT_SERVER_CORE_PARTING_H
#define CHAT_SERVER_CORE_PARTING_H

#include "protocol/event.h"
#include "server/core/connection.h"
#include "server/core/room.h"

struct chat__parting {
    size_t index; /* in what was read */
    struct chat__event event;
    cJSON *json; /* owned; what the event borrows is in it */
};

/* The first from seq `from` on that ends the user's membership; false: none of
 * what was read does. */
bool chat__parting_find(struct chat__parting *parting,
                        const struct chat__store_read_log *read, uint64_t from,
                        uint64_t user);

/* Tells one of the user's connections by the event `membership`. */
void chat__parting_tell(const struct chat__parting *parting,
                        struct chat__connection *connection,
                        const struct chat__room *room);

void chat__parting_release(struct chat__parting *parting);

#endif
