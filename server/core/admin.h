/*
 * What an operator sees of a core, and does to it. Nothing here knows how the
 * operator asks.
 *
 * Lists are walked in pieces, so that none holds the core for long, while the
 * core goes on: whoever is there from the first piece to the last is visited
 * exactly once, whoever comes or goes meanwhile once at most (table.h).
 *
 * An act in a room is an entry in its log, like any other change of a room: it
 * waits for the append in flight, is judged at that head, is durable before
 * anybody hears of it. Its user is the operator's account, which the core makes
 * when it is first needed. That account has no password, so nobody signs in
 * with it; its name is nobody else's; it need be no member of a room to kick,
 * ban and appoint there (permission.c); clients see a user like others. Acts on
 * a user's connections and tokens are about no room and leave no entry.
 */
#ifndef CHAT_SERVER_CORE_ADMIN_H
#define CHAT_SERVER_CORE_ADMIN_H

#include "server/core/core.h"

/* ---- lists ---- */

struct chat__admin_connection {
    uint64_t id;   /* as observers have it */
    uint64_t user; /* 0: no hello yet, as what follows */
    const char *name;
    bool guest;
    size_t rooms; /* whose entries it gets */
    int64_t age_ms;
    struct chat__front_look look;
};

struct chat__admin_user {
    uint64_t user;
    const char *name;
    bool guest;
    size_t rooms; /* that the user is a member of */
    size_t connections;
};

/*
 * Visits a few, and returns where to go on: 0 is the beginning, and the end.
 * Users are those who have connections.
 */
uint64_t chat__admin_connections(
    const struct chat__core *core, uint64_t cursor,
    void (*visit)(void *context, const struct chat__admin_connection *row),
    void *context);
uint64_t chat__admin_users(const struct chat__core *core, uint64_t cursor,
                           void (*visit)(void *context,
                                         const struct chat__admin_user *row),
                           void *context);

/* What is only in memory; all zero for a room or user that is not there. */
struct chat__admin_room {
    size_t listeners;
    size_t waiting; /* requests for the append in flight */
};
struct chat__admin_room chat__admin_room(const struct chat__core *core,
                                         const char *name);
size_t chat__admin_connection_count(const struct chat__core *core,
                                    uint64_t user);

/* ---- pages of what the store has ---- */

/* Left alone until `listed` has run, which may free it. The caller fills in
 * what is asked for, and releases what came. */
struct chat__admin_rooms {
    struct chat__core *core;
    struct chat__store_list_rooms list;
    void (*listed)(struct chat__admin_rooms *page);
};
struct chat__admin_store_users {
    struct chat__core *core;
    struct chat__store_list_users list;
    void (*listed)(struct chat__admin_store_users *page);
};
void chat__admin_list_rooms(struct chat__core *core,
                            struct chat__admin_rooms *page);
void chat__admin_list_users(struct chat__core *core,
                            struct chat__admin_store_users *page);

/* ---- acts ---- */

/* Users of one name that are told apart at most. */
#define CHAT__ADMIN_MATCHES_MAX 16

enum chat__admin_kind {
    CHAT__ADMIN_KICK, /* from `room`; without one closes the connections */
    CHAT__ADMIN_BAN,  /* from `room`; without one from the server */
    CHAT__ADMIN_UNBAN,
    CHAT__ADMIN_ROLE,      /* `role` in `room` */
    CHAT__ADMIN_END_TOKENS /* all of the user's, and the connections */
};

struct chat__admin_match {
    uint64_t user;
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    bool guest;
};

/* Strings are borrowed until `done` has run, once, maybe before begin returns.
 */
struct chat__admin_act {
    enum chat__admin_kind kind;
    const char *who; /* an id, else a name */
    const char *room;
    const char *reason; /* NULL: none */
    enum chat__role role;
    void (*done)(struct chat__admin_act *act);

    /* Out. Who it was, in matches[0]; more of them: nobody knows who. */
    struct chat__error error; /* code NONE: it is done */
    struct chat__admin_match matches[CHAT__ADMIN_MATCHES_MAX];
    size_t match_count;
    bool changed;       /* false: it was so already */
    uint64_t seq;       /* of the entry in the room */
    size_t connections; /* that were closed */
};

void chat__admin_begin(struct chat__core *core, struct chat__admin_act *act);

#endif
