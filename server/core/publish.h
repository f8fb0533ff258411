/*
 * What this core tells the others over the bus, if there is one: server/bus.
 * What is published is true and durable, but for presence and typing.
 */
#ifndef CHAT_SERVER_CORE_PUBLISH_H
#define CHAT_SERVER_CORE_PUBLISH_H

#include "server/core/batch.h"
#include "server/core/rate.h"
#include "server/core/state.h"

/* The batch's entries are in the log. */
void chat__publish_batch(const struct chat__batch *batch);

/* The user's rooms, invitations or read markers have changed. */
void chat__publish_user(struct chat__core *core, uint64_t user);

/* Tokens of the user have ended, or the user was banned from the server. */
void chat__publish_sessions(struct chat__core *core, uint64_t user);

/* Somebody gave a wrong password for an account, named by 64 bits. */
void chat__publish_guess(struct chat__core *core, uint64_t account);

/* So many were taken from the buckets of this user or address: spending.h. */
void chat__publish_spending(struct chat__core *core, uint64_t id,
                            enum chat__rate_scope scope,
                            enum chat__rate_class class, uint64_t count);

/* `set`: the user has just asked for it. */
void chat__publish_presence(struct chat__core *core, uint64_t user,
                            enum chat__presence presence, bool set);

/* The event `typing` of a user in a room. */
void chat__publish_typing(const struct chat__room *room, uint64_t user,
                          const char *objects, size_t length);

#endif
