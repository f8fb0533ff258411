/*
 * Who writes in a room right now. What the server said lives six seconds or
 * until the person's message comes. Times are the caller's, monotonic.
 */
#ifndef CHAT_CLIENT_MODEL_TYPING_H
#define CHAT_CLIENT_MODEL_TYPING_H

#include "client/model/text_safe.h"

#include <stdint.h>

#define CHAT__TYPING_PEOPLE_MAX 8
#define CHAT__TYPING_LIVES_MS   6000

struct chat__typist {
    char id[24];
    struct chat__safe_text name;
    int64_t until_ms;
};

struct chat__typing {
    struct chat__typist people[CHAT__TYPING_PEOPLE_MAX];
    size_t count;
};

void chat__typing_release(struct chat__typing *typing);

/* Beyond CHAT__TYPING_PEOPLE_MAX people nothing is kept. */
void chat__typing_add(struct chat__typing *typing, const char *user_id,
                      const char *user_name, int64_t now_ms);

void chat__typing_remove(struct chat__typing *typing, const char *user_id);

/* Drops who has stopped; true when somebody has. */
bool chat__typing_expire(struct chat__typing *typing, int64_t now_ms);

/* Milliseconds until the next one stops; -1: nobody writes. */
int64_t chat__typing_wait(const struct chat__typing *typing, int64_t now_ms);

/* "ann and bob are typing"; an empty text for nobody. */
bool chat__typing_describe(const struct chat__typing *typing,
                           struct chat__safe_text *text);

#endif
