/*
 * Events: what a server tells without being asked. An event with seq is an
 * entry of a room's log; one without may be dropped on the way.
 *
 * One flat struct serves all kinds; the comments name the kinds that use a
 * member, a kind leaves the others zero. A parsed event borrows every string
 * from its JSON tree.
 */
#ifndef CHAT_PROTOCOL_EVENT_H
#define CHAT_PROTOCOL_EVENT_H

#include "protocol/buffer.h"
#include "protocol/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum chat__event_kind {
    /* entries */
    CHAT__EVENT_MESSAGE,
    CHAT__EVENT_JOIN,
    CHAT__EVENT_LEAVE,
    /* without seq */
    CHAT__EVENT_TYPING,
    CHAT__EVENT_READ,
    CHAT__EVENT_MEMBERSHIP,
    CHAT__EVENT_CLOSE,
    /* from a newer server: with seq it still moves the log */
    CHAT__EVENT_UNKNOWN,
    CHAT__EVENT_COUNT
};

enum chat__membership_state { CHAT__MEMBERSHIP_JOINED, CHAT__MEMBERSHIP_LEFT };

struct chat__person {
    uint64_t id; /* 0: not given */
    const char *name;
};

struct chat__event {
    enum chat__event_kind kind;
    const char *room;         /* all but close */
    uint64_t seq;             /* entries, and only they */
    uint64_t n;               /* message: its number among messages */
    int64_t ts;               /* entries: ms since the epoch, by the server */
    struct chat__person from; /* entries, typing */
    const char *key;          /* entries: the sender's key */
    const char *text;         /* message; absent once deleted */
    uint64_t reply_to;        /* message: 0 for none */
    bool deleted;             /* message */
    const char *epoch;        /* membership */
    uint64_t head;            /* membership */
    uint64_t read;            /* membership: joined; read: the marker */
    uint64_t unread;          /* membership: joined; read: what is left */
    enum chat__membership_state state; /* membership */
    uint64_t code;                     /* close: 4000 to 4999 */
    const char *message;               /* close: for people */
    bool has_retry;                    /* close */
    uint64_t retry_ms;                 /* close */
};

/* The name on the wire, such as "message". */
const char *chat__event_name(enum chat__event_kind kind);

/* True for the kinds that live in a room's log. */
bool chat__event_is_entry(const struct chat__event *event);

/* Appends one object, without '\n'. Errors are the buffer's. */
void chat__event_encode(const struct chat__event *event,
                        struct chat__buffer *buffer);

/* From a tree that chat__json_parse made and that has the key `event`. */
bool chat__event_parse(struct chat__event *event, const cJSON *json,
                       struct chat__error *error);

#endif
