/*
 * Connections of API Gateway that this task has seen come, until they have had
 * the time for a hello. It may have been said to any task, so the directory has
 * the last word; a connection without a session is reported, once.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_GREETING_H
#define CHAT_SERVER_FRONT_GATEWAY_GREETING_H

#include "server/store/directory.h"
#include "server/table.h"

/* 10 s as on a socket, and some for the task that works on the hello. */
#define CHAT__GATEWAY_HELLO_MS 12000

/* Beyond, one that says no hello ends when API Gateway finds it idle. */
#define CHAT__GATEWAY_GREETINGS_MAX 65536

struct chat__greetings_options {
    struct chat__directory *directory; /* borrowed */
    size_t *outstanding; /* of the owner: what the directory is asked */
    void (*silent)(void *context, const char *id); /* it said no hello */
    void *context;
};

/* To be zeroed but for its options. */
struct chat__greetings {
    struct chat__greetings_options options;
    struct chat__table by_id;
    struct chat__greeting *first; /* in the order of time */
    struct chat__greeting *last;
};

/* What does not fit is not watched. */
void chat__greetings_add(struct chat__greetings *greetings, const char *id,
                         int64_t now_ms);

/* It has gone. */
void chat__greetings_forget(struct chat__greetings *greetings, const char *id);

/* Asks about those whose time is over; `wall_ms` is since the epoch. */
void chat__greetings_expire(struct chat__greetings *greetings, int64_t now_ms,
                            int64_t wall_ms);

/* Those that are asked about go by themselves. */
void chat__greetings_release(struct chat__greetings *greetings);

#endif
