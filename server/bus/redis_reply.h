/*
 * Reads what a Redis answers: hiredis' reader, with limits that hold before
 * memory is taken. What is larger ends the connection that it came on.
 *
 * Replies are read whole; their bytes belong to them. For one thread.
 */
#ifndef CHAT_SERVER_BUS_REDIS_REPLY_H
#define CHAT_SERVER_BUS_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum chat__redis_kind {
    CHAT__REDIS_NIL,
    CHAT__REDIS_TEXT, /* a string, or a status such as OK */
    CHAT__REDIS_ERROR,
    CHAT__REDIS_INTEGER,
    CHAT__REDIS_ARRAY
};

struct chat__redis_reply {
    enum chat__redis_kind kind;
    long long integer;
    size_t count; /* of an array */
    struct chat__redis_reply **elements;
    size_t length; /* of a text or an error */
    char bytes[];  /* with a NUL behind them */
};

/* Whether it is a text of these very bytes. */
bool chat__redis_reply_is(const struct chat__redis_reply *reply,
                          const char *text);
void chat__redis_reply_free(struct chat__redis_reply *reply);

struct chat__redis_limits {
    size_t bytes_max;    /* of a reply, and of what is read ahead of it */
    size_t elements_max; /* of a reply, in all its arrays */
};

struct chat__redis_reader;

/* NULL when memory is short. */
struct chat__redis_reader *
chat__redis_reader_new(const struct chat__redis_limits *limits);
void chat__redis_reader_free(struct chat__redis_reader *reader);

/* False when it is too much, or nothing that a Redis says. */
bool chat__redis_reader_feed(struct chat__redis_reader *reader,
                             const char *bytes, size_t length);

/* The next whole reply, or NULL for now; it is the caller's. False as above. */
bool chat__redis_reader_next(struct chat__redis_reader *reader,
                             struct chat__redis_reply **reply);

/* Whether it failed because something was too large. */
bool chat__redis_reader_overflowed(const struct chat__redis_reader *reader);

#endif
