/*
 * Members whose strings follow a rule of text.h, for the parsers of requests,
 * replies and events. Errors name the member: "room: use 1 to 64 of ...".
 * Strings are borrowed from the tree, as in json.h.
 */
#ifndef CHAT_PROTOCOL_MEMBER_H
#define CHAT_PROTOCOL_MEMBER_H

#include "protocol/json.h"
#include "protocol/standing.h"

#include <stddef.h>

bool chat__member_is_there(const cJSON *object, const char *key);

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

/* The required key of an entry or of a request for one. */
bool chat__member_key(const cJSON *object, const char **key,
                      struct chat__error *error);

/* The required emoji as a server tells it: only its length is held to. */
bool chat__member_emoji(const cJSON *object, const char **emoji,
                        struct chat__error *error);

/* True for an object, as the elements of the lists of the wire are. */
bool chat__member_element(const cJSON *element, struct chat__error *error);

/*
 * The optional `mentions`: at most CHAT__MENTIONS_MAX user ids, each once.
 * `count` is 0 without it.
 */
bool chat__member_mentions(const cJSON *object, uint64_t *mentions,
                           size_t *count, struct chat__error *error);

/*
 * The optional presence of a user; of a name that this version does not know
 * is said only that the user is there.
 */
bool chat__member_presence(const cJSON *object, const char *key,
                           enum chat__presence *presence,
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
