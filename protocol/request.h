/*
 * Requests: what a client may ask. One struct an action, used by both sides:
 * the server parses them, clients encode them.
 *
 * A parsed request owns its JSON tree; every string in it points into that
 * tree and lives until chat__request_release. To encode, fill the struct with
 * borrowed strings and leave `json` and `resume` storage to the caller.
 */
#ifndef CHAT_PROTOCOL_REQUEST_H
#define CHAT_PROTOCOL_REQUEST_H

#include "protocol/buffer.h"
#include "protocol/error.h"
#include "protocol/limits.h"
#include "protocol/standing.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chat__action {
    CHAT__ACTION_HELLO,
    CHAT__ACTION_LOGOUT,
    CHAT__ACTION_PASSWORD,
    CHAT__ACTION_ROOMS,
    CHAT__ACTION_JOIN,
    CHAT__ACTION_DM,
    CHAT__ACTION_LEAVE,
    CHAT__ACTION_SEND,
    CHAT__ACTION_EDIT,
    CHAT__ACTION_DELETE,
    CHAT__ACTION_REACT,
    CHAT__ACTION_TOPIC,
    CHAT__ACTION_INVITE,
    CHAT__ACTION_KICK,
    CHAT__ACTION_BAN,
    CHAT__ACTION_ROLE,
    CHAT__ACTION_HISTORY,
    CHAT__ACTION_MEMBERS,
    CHAT__ACTION_READ,
    CHAT__ACTION_TYPING,
    CHAT__ACTION_PRESENCE,
    CHAT__ACTION_PING,
    CHAT__ACTION_COUNT
};

/* A place in a room's log: the last entry that the client has. */
struct chat__position {
    const char *room;
    const char *epoch;
    uint64_t seq;
};

enum chat__credential {
    CHAT__CREDENTIAL_TOKEN,
    CHAT__CREDENTIAL_GUEST,
    CHAT__CREDENTIAL_LOGIN,
    CHAT__CREDENTIAL_REGISTER
};

struct chat__hello {
    uint64_t version;
    enum chat__credential credential;
    const char *token;    /* CREDENTIAL_TOKEN */
    const char *guest;    /* CREDENTIAL_GUEST: the display name */
    const char *user;     /* LOGIN, REGISTER: the account's name ... */
    const char *password; /* ... and password */
    const char *key;      /* GUEST, REGISTER: the same key, the same user */
    const char *agent;    /* optional */
    struct chat__position *resume;
    size_t resume_count;
};

struct chat__logout {
    bool all; /* every token of the user */
};

struct chat__password {
    const char *old;
    const char *new;
};

struct chat__rooms {
    const char *prefix; /* optional */
    const char *after;  /* optional: names behind this one */
};

struct chat__join {
    const char *room;
    const char *key;
    bool create;
    bool private_room;
    const char *since_epoch; /* NULL: no since */
    uint64_t since_seq;
    uint64_t limit; /* entries of the page, 0 to 200; 50 when absent */
};

struct chat__dm {
    uint64_t user;
    const char *key;
    uint64_t limit; /* as join's */
};

struct chat__leave {
    const char *room;
    const char *key;
};

struct chat__send {
    const char *room;
    const char *key;
    const char *text;
    uint64_t reply_to;                     /* 0: none */
    uint64_t mentions[CHAT__MENTIONS_MAX]; /* user ids, each once */
    size_t mention_count;
};

struct chat__edit {
    const char *room;
    const char *key;
    uint64_t ref;
    const char *text;
};

struct chat__delete {
    const char *room;
    const char *key;
    uint64_t ref;
};

struct chat__react {
    const char *room;
    const char *key;
    uint64_t ref;
    const char *emoji;
    bool on;
};

struct chat__topic {
    const char *room;
    const char *key;
    const char *topic; /* "": none */
};

/* The requests about a member or a stranger: invite, kick, ban, role. */
struct chat__moderate {
    const char *room;
    const char *key;
    uint64_t user;
    bool on;              /* ban */
    const char *reason;   /* kick, ban; optional */
    enum chat__role role; /* role: MEMBER, MODERATOR or OWNER */
};

enum chat__history_direction {
    CHAT__HISTORY_BEFORE,
    CHAT__HISTORY_AFTER,
    CHAT__HISTORY_AROUND
};

struct chat__history {
    const char *room;
    const char *epoch; /* optional */
    enum chat__history_direction direction;
    uint64_t seq;
    uint64_t limit; /* 1 to 200; 50 when absent */
};

enum chat__member_list {
    CHAT__MEMBER_LIST_MEMBERS,
    CHAT__MEMBER_LIST_INVITED,
    CHAT__MEMBER_LIST_BANNED
};

struct chat__members_request {
    const char *room;
    uint64_t after; /* user id; 0: from the first */
    enum chat__member_list list;
};

struct chat__read {
    const char *room;
    uint64_t seq;
};

struct chat__typing {
    const char *room;
};

struct chat__presence_request {
    enum chat__presence state; /* not OFFLINE */
};

struct chat__ping {
    bool has_since;
    uint64_t since;    /* `now` of an earlier reply */
    const char *after; /* optional: goes on behind this room */
};

struct chat__request {
    enum chat__action action;
    bool has_id; /* false: no reply is wanted */
    uint32_t id;
    union {
        struct chat__hello hello;
        struct chat__logout logout;
        struct chat__password password;
        struct chat__rooms rooms;
        struct chat__join join;
        struct chat__dm dm;
        struct chat__leave leave;
        struct chat__send send;
        struct chat__edit edit;
        struct chat__delete delete;
        struct chat__react react;
        struct chat__topic topic;
        struct chat__moderate invite;
        struct chat__moderate kick;
        struct chat__moderate ban;
        struct chat__moderate role;
        struct chat__history history;
        struct chat__members_request members;
        struct chat__read read;
        struct chat__typing typing;
        struct chat__presence_request presence;
        struct chat__ping ping;
    } body;
    cJSON *json; /* owned when parsed, else NULL */
};

/* The name on the wire, such as "send". */
const char *chat__action_name(enum chat__action action);

/* True for the keyed actions whose `ok` is only an entry's seq and ts. */
bool chat__action_makes_entry(enum chat__action action);

/*
 * One client frame to a request. On failure `error` says why, and `has_id`
 * and `id` are set when the frame held a usable id, so that the refusal can
 * be answered. Limits of names, texts and counts hold for what is returned.
 */
bool chat__request_parse(struct chat__request *request, const char *bytes,
                         size_t length, struct chat__error *error);

/* Appends one object, without '\n'. Errors are the buffer's. */
void chat__request_encode(const struct chat__request *request,
                          struct chat__buffer *buffer);

/* Frees what parsing took; safe on a zeroed struct and after a failure. */
void chat__request_release(struct chat__request *request);

#endif
