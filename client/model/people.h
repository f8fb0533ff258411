/*
 * Who is known in a room: its members, and who only said something in it.
 * Members come first, by role (owners first) and name; the others follow.
 *
 * At most CHAT__PEOPLE_MAX; who is beyond is not known. What is returned is
 * valid until the next change. Owned by whoever initialised it, by zeroing.
 * For one thread.
 */
#ifndef CHAT_CLIENT_MODEL_PEOPLE_H
#define CHAT_CLIENT_MODEL_PEOPLE_H

#include "client/model/room_log.h"

#define CHAT__PEOPLE_MAX   2000
#define CHAT__MENTIONS_MAX 20

enum chat__rank {
    CHAT__RANK_NONE, /* no member, as far as is known */
    CHAT__RANK_MEMBER,
    CHAT__RANK_MODERATOR,
    CHAT__RANK_OWNER
};

enum chat__presence {
    CHAT__PRESENCE_OFFLINE,
    CHAT__PRESENCE_ONLINE,
    CHAT__PRESENCE_AWAY,
    CHAT__PRESENCE_DND
};

struct chat__person {
    char id[CHAT__USER_ID_BYTES];
    struct chat__safe_text name;
    enum chat__rank rank;
    enum chat__presence presence;
};

struct chat__people {
    struct chat__person *data;
    size_t count;
    size_t capacity;
    size_t members; /* the first so many */
};

void chat__people_release(struct chat__people *people);

/* NULL: not known. */
struct chat__person *chat__people_find(const struct chat__people *people,
                                       const char *id);

/*
 * Makes a person known under a name. A rank of NONE leaves the one that is
 * known. False without memory, or when there are too many.
 */
bool chat__people_put(struct chat__people *people, const char *id,
                      const char *name, enum chat__rank rank);

/* The person is no member any more; the name stays known. */
void chat__people_leave(struct chat__people *people, const char *id);

void chat__people_set_presence(struct chat__people *people, const char *id,
                               enum chat__presence presence);

/* Nobody counts as a member: their list is to be told anew. */
void chat__people_forget_members(struct chat__people *people);

/*
 * Who is meant by the start of a text: "name", "name#id" or "#id"; the
 * longest name wins. `length` gets the bytes that say so. Returns how many
 * people are meant, `person` the first of them.
 */
size_t chat__people_match(const struct chat__people *people, const char *text,
                          size_t *length, const struct chat__person **person);

/* Whether a name alone does not say who is meant. */
bool chat__people_is_ambiguous(const struct chat__people *people,
                               const struct chat__person *person);

/*
 * The ids of those whom a text names after '@', each once, at most
 * CHAT__MENTIONS_MAX; all who have a name that does not say which. The ids
 * are the people's.
 */
size_t chat__people_mentioned(const struct chat__people *people,
                              const char *text,
                              const char *ids[CHAT__MENTIONS_MAX]);

#endif
