/*
 * Members whose strings follow a rule of text.h, for the parsers of requests,
 * replies and events. Errors name the member: "room: use 1 to 64 of ...".
 * Strings are borrowed from the tree, as in json.h.
 */
#ifndef CHAT_PROTOCOL_MEMBER_H
#define CHAT_PROTOCOL_MEMBER_H

#include "protocol/json.h"

/* As chat__json_string, and `check` must be content with it. */
bool chat__member_checked(const cJSON *object, const char *key,
                          enum chat__json_presence presence,
                          const char *(*check)(const char *),
                          const char **value, struct chat__error *error);

/*
 * A required room, also a reserved one: what servers send, and what clients
 * give back to them as a place to go on from.
 */
bool chat__member_any_room(const cJSON *object, const char **room,
                           struct chat__error *error);

/*
 * The required name of a user as a server tells it. Only its length is held
 * to: which characters are assigned, the server's Unicode version decides.
 */
bool chat__member_person_name(const cJSON *object, const char **name,
                              struct chat__error *error);

/* A required seq: 1 or more. */
bool chat__member_seq(const cJSON *object, const char *key, uint64_t *seq,
                      struct chat__error *error);

/* A required time in milliseconds since the epoch. */
bool chat__member_time(const cJSON *object, const char *key, int64_t *time,
                       struct chat__error *error);

/*
 * Puts the outer member before the name in a refusal, "epoch: missing" to
 * "since.epoch: missing". Returns false, for `return`.
 */
bool chat__member_within(const char *outer, struct chat__error *error);

#endif
