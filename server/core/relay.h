/*
 * To the clients that API Gateway holds. The task that commits an entry hands
 * it to all of the room's connections, wherever they last spoke: it reads them
 * from the directory (store/directory.h) and gives each its objects.
 *
 * A room with something to relay has a queue. One read of the room's rows is
 * in flight; what is queued while it is shares the next, so that who enrolled
 * before an entry was committed is always among the rows. The room's standings
 * say who of them is a member; who has left since gets what was queued before.
 *
 * Without a relay in the core's options all of this does nothing.
 */
#ifndef CHAT_SERVER_CORE_RELAY_H
#define CHAT_SERVER_CORE_RELAY_H

#include "protocol/event.h"
#include "server/core/operation.h"

/* What waits for a read in one room; more is lost, and found by its seq. */
#define CHAT__RELAY_ROOM_BYTES_MAX (1024 * 1024)

struct chat__room;

/* An entry that this core has committed, with its '\n'. */
void chat__relay_entry(struct chat__room *room, const char *bytes,
                       size_t length);

/* An event that may be lost, to all but `except`. */
void chat__relay_event(struct chat__room *room, uint64_t except,
                       const char *objects, size_t length);

/* The entry at the head, made by `operation`, gave the user another standing
 * than `old`: where the user's connections get entries of, and what they are
 * told. */
void chat__relay_stands(struct chat__room *room, uint64_t user,
                        enum chat__role old,
                        const struct chat__operation *operation);

/* To the connections of a user but `except`, which may be NULL. */
void chat__relay_tell(struct chat__core *core, uint64_t user,
                      const struct chat__connection *except,
                      const struct chat__event *event);

/* Closes those that were opened with the token of `hash`; NULL: all. */
void chat__relay_end(struct chat__core *core, uint64_t user,
                     const unsigned char *hash,
                     const struct chat__connection *stays, unsigned int code,
                     const char *message);

/* Asks for the rows of the rooms that have something new. */
void chat__relays_ask(struct chat__core *core);

#endif
