/*
 * The emoji that people put on one message, and who they are. In the order in
 * which each emoji first came; one that nobody has on any more goes.
 *
 * Bounded as docs/protocol.md bounds a server: what is beyond is left out.
 * Owned by whoever initialised it, by zeroing. For one thread.
 */
#ifndef CHAT_CLIENT_MODEL_REACTIONS_H
#define CHAT_CLIENT_MODEL_REACTIONS_H

#include "client/model/text_safe.h"

#include <stddef.h>
#include <stdint.h>

#define CHAT__EMOJI_BYTES         33 /* with its NUL */
#define CHAT__REACTION_KINDS_MAX  50
#define CHAT__REACTION_PEOPLE_MAX 500 /* of one message, over all emoji */

struct chat__reaction {
    char emoji[CHAT__EMOJI_BYTES]; /* as it was sent */
    uint64_t *people;              /* their ids as numbers */
    size_t count;
};

struct chat__reactions {
    struct chat__reaction *kinds;
    size_t count;
    size_t people; /* over all emoji */
};

/* A user's id as a number; ids are decimal digits below 2^53. */
uint64_t chat__person_number(const char *user_id);

void chat__reactions_release(struct chat__reactions *reactions);

/* Puts an emoji on or takes it off; false without memory. */
bool chat__reactions_set(struct chat__reactions *reactions, const char *emoji,
                         uint64_t person, bool on);

bool chat__reactions_has(const struct chat__reactions *reactions,
                         const char *emoji, uint64_t person);

/* What they count towards the limit of a log. */
size_t chat__reactions_bytes(const struct chat__reactions *reactions);

/* "👍 2  [🎉 1]": in brackets what `me` has on. Empty for none. */
bool chat__reactions_describe(const struct chat__reactions *reactions,
                              uint64_t me, struct chat__safe_text *text);

#endif
