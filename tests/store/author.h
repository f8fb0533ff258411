/*
 * Writes a room's log as the core would: true events, each with the effects
 * that it names, so that what a store does with their bytes can be tested.
 */
#ifndef CHAT_TESTS_STORE_AUTHOR_H
#define CHAT_TESTS_STORE_AUTHOR_H

#include "protocol/event.h"
#include "tests/store/harness.h"

struct author {
    struct harness *harness;
    const char *room;
    uint64_t head;
    uint64_t n;
};

/* Makes a public room that `owner` joins by its first entry. */
void author_begin(struct author *author, struct harness *harness,
                  const char *room, uint64_t owner);

/*
 * Appends entries whose `user`, `message`, `text` and effects are given; all
 * else, the event's bytes too, is made from them: a message of `text` when
 * `message` is set, the kind that its effects say, or a join. The result may
 * be any; a DUPLICATE's entries are released.
 */
enum chat__store_result author_append(struct author *author,
                                      struct chat__store_entry *entries,
                                      size_t count);

/* One entry each, which must be OK; they return its seq. */
uint64_t author_say(struct author *author, uint64_t user, const char *text);
uint64_t author_mention(struct author *author, uint64_t user,
                        const uint64_t *mentions, size_t count);
uint64_t author_edit(struct author *author, uint64_t user, uint64_t ref,
                     const char *text);
uint64_t author_delete(struct author *author, uint64_t user, uint64_t ref);
uint64_t author_react(struct author *author, uint64_t user, uint64_t ref,
                      const char *emoji, bool on);
uint64_t author_topic(struct author *author, uint64_t user, const char *topic);
uint64_t author_stand(struct author *author, uint64_t by, uint64_t user,
                      enum chat__role role);

/* Reads the whole log with its changes; release it. */
struct chat__store_read_log author_read(const struct author *author);

/* The change of a message; NULL when the page has none. */
const struct chat__change *find_change(const struct chat__store_read_log *read,
                                       uint64_t ref);

/* Signs in users 1 to `count`, guests "u1", "u2", … with tokens 1, 2, … */
void sign_in_users(struct harness *harness, uint64_t count);

#endif
