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
#include "protocol/limits.h"
#include "protocol/standing.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum chat__event_kind {
    /* entries */
    CHAT__EVENT_MESSAGE,
    CHAT__EVENT_JOIN,
    CHAT__EVENT_LEAVE,
    CHAT__EVENT_EDIT,
    CHAT__EVENT_DELETE,
    CHAT__EVENT_REACT,
    CHAT__EVENT_TOPIC,
    CHAT__EVENT_INVITE,
    CHAT__EVENT_KICK,
    CHAT__EVENT_BAN,
    CHAT__EVENT_ROLE,
    /* without seq */
    CHAT__EVENT_TYPING,
    CHAT__EVENT_PRESENCE,
    CHAT__EVENT_READ,
    CHAT__EVENT_MEMBERSHIP,
    CHAT__EVENT_DRAIN,
    CHAT__EVENT_CLOSE,
    /* from a newer server: with seq it still moves the log */
    CHAT__EVENT_UNKNOWN,
    CHAT__EVENT_COUNT
};

enum chat__membership_state {
    CHAT__MEMBERSHIP_JOINED,
    CHAT__MEMBERSHIP_INVITED,
    CHAT__MEMBERSHIP_LEFT,
    CHAT__MEMBERSHIP_REMOVED
};

struct chat__person {
    uint64_t id; /* 0: not given */
    const char *name;
};

/* What one user shows, in the event `presence`. */
struct chat__user_presence {
    uint64_t id;
    enum chat__presence presence;
};

struct chat__event {
    enum chat__event_kind kind;
    const char *room;         /* all but drain and close */
    uint64_t seq;             /* entries, and only they */
    uint64_t n;               /* message: its number among messages */
    int64_t ts;               /* entries: ms since the epoch, by the server */
    struct chat__person from; /* entries, typing */
    const char *key;          /* entries: the sender's key */
    const char *text;         /* message, edit; absent once deleted */
    uint64_t reply_to;        /* message: 0 for none */
    uint64_t mentions[CHAT__MENTIONS_MAX]; /* message */
    size_t mention_count;
    bool deleted;             /* message, edit */
    uint64_t ref;             /* edit, delete, react: the message's seq */
    const char *emoji;        /* react */
    bool on;                  /* react, ban */
    struct chat__person with; /* join by `dm`: the other user */
    struct chat__person user; /* invite, kick, ban, role: whom it is about */
    const char *reason;       /* kick, ban: NULL for none; drain: a word */
    const char *topic;        /* topic: "" for none */
    enum chat__role role;     /* role */
    const struct chat__user_presence *presences; /* presence: to encode */
    const cJSON *presences_json;                 /* presence: parsed */
    size_t presence_count;    /* at most CHAT__PRESENCE_ROOM_MAX */
    const char *epoch;        /* membership */
    uint64_t head;            /* membership */
    uint64_t read;            /* membership: joined; read: the marker */
    uint64_t unread;          /* membership: joined; read: what is left */
    uint64_t mentions_unread; /* membership: joined; read */
    struct chat__person by;   /* membership: invited, removed */
    enum chat__membership_state state; /* membership */
    uint64_t reconnect_in_ms;          /* drain */
    uint64_t spread_ms;                /* drain */
    const char *url;                   /* drain: NULL for the same */
    uint64_t code;                     /* close: 1003 to 4999 */
    const char *message;               /* close: for people */
    bool has_retry;                    /* close */
    uint64_t retry_ms;                 /* close */
};

/*
 * What is left of an entry when its message has been deleted: a message
 * without text and mentions, an edit without text, each with `deleted`.
 * `bytes` is one encoded entry; appends one object, without '\n'. False when
 * the bytes are no message or edit, or when memory is short.
 */
bool chat__event_erase(const char *bytes, size_t length,
                       struct chat__buffer *buffer);

/*
 * The names on the wire, such as "message" and "joined"; CHAT__EVENT_UNKNOWN
 * for a kind that this version does not know.
 */
const char *chat__event_name(enum chat__event_kind kind);
enum chat__event_kind chat__event_kind_from_name(const char *name);
const char *chat__membership_name(enum chat__membership_state state);

/* True for the kinds that live in a room's log. */
bool chat__event_is_entry(const struct chat__event *event);

/* Appends one object, without '\n'. Errors are the buffer's. */
void chat__event_encode(const struct chat__event *event,
                        struct chat__buffer *buffer);

/* From a tree that chat__json_parse made and that has the key `event`. */
bool chat__event_parse(struct chat__event *event, const cJSON *json,
                       struct chat__error *error);

/*
 * The next user of a parsed event `presence`, NULL behind the last; begin
 * with `json` NULL.
 */
const cJSON *chat__event_next_presence(const struct chat__event *event,
                                       const cJSON *json,
                                       struct chat__user_presence *presence);

#endif
