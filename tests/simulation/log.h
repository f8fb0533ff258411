/*
 * The logs as the model has them: each entry with the bytes that were
 * appended, what it says, who is in the room behind it, and what it makes of
 * the message that it is about. The model judges by these, not by the disk's
 * own idea of them.
 *
 * Owned by the simulation; grows only.
 */
#ifndef CHAT_TESTS_SIMULATION_LOG_H
#define CHAT_TESTS_SIMULATION_LOG_H

#include "protocol/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ids of users are below this; a later server's own user is not. */
#define LOG_USERS 8

#define EMOJI_COUNT 3
extern const char *const log_emoji[EMOJI_COUNT];

struct simulation;

/* How entries up to `upto` left a message. */
struct fold {
    uint64_t upto;
    uint64_t edit;                /* seq of the newest edit, 0: none */
    uint64_t text;                /* of that, as log_digest */
    unsigned int on[EMOJI_COUNT]; /* a bit a user */
    bool deleted;
    bool changed; /* some entry is about it */
};

struct log_entry {
    char *bytes; /* as appended */
    enum chat__event_kind kind;
    uint64_t from;
    uint64_t about; /* another user, 0: none */
    uint64_t ref;
    uint64_t text; /* as log_digest */
    unsigned int emoji;
    bool on;
    bool long_text;
    bool erased; /* text and mentions, by a delete */
    int64_t erased_at;
    unsigned int members; /* behind it, a bit a user */
};

struct log {
    struct log_entry *entries; /* entries[seq - 1] */
    size_t count;
    size_t capacity;
    bool private_room;
    bool ownerless; /* a server made it, nobody joined then */
    enum chat__role roles[LOG_USERS];
};

/* A room comes to be; without an entry a server made it. */
void log_made(struct log *log, bool private_room, bool ownerless);

/* One more entry, which must be one that the log allows. */
void log_append(struct simulation *simulation, unsigned int room,
                const char *bytes, size_t length);
void log_release(struct log *log);

bool log_is_member(const struct log *log, uint64_t user);

/*
 * May the user be sent this entry? Who is in the room there, ends its
 * membership by it, or has come in later.
 */
bool log_may_see(const struct log *log, uint64_t user, uint64_t seq);

/* The message `ref` as entries up to `upto` left it. */
struct fold log_fold(const struct log *log, uint64_t ref, uint64_t upto);
/* The same for one more entry, the one at `seq`, if it is about it. */
void log_fold_entry(struct fold *fold, const struct log_entry *entry,
                    uint64_t seq);
bool log_fold_same(const struct fold *a, const struct fold *b);

uint64_t log_digest(const char *text);
/* The index, or EMOJI_COUNT. */
unsigned int log_find_emoji(const char *emoji);

#endif
