/*
 * How the tasks of one log tell each other what happened. The core and the bus
 * see only this header.
 *
 * Nothing that comes over a bus is believed. It may be lost, late, repeated,
 * out of order, or about what never was; it makes a core look into the store
 * sooner than it would, or shows what may be wrong for a while (who is there,
 * who types). Without a bus a server is slower, never wrong.
 *
 * One exception is entries: a bus hands those over only that another task has
 * sealed with a key that the store keeps, so they are the log's, and a core may
 * deliver them without a read. Old ones and repeated ones are told by their seq
 * and epoch.
 *
 * Loop thread only. No operation calls back before it has returned.
 */
#ifndef CHAT_SERVER_BUS_BUS_H
#define CHAT_SERVER_BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chat__bus_kind {
    CHAT__BUS_ENTRIES,  /* room, epoch, first, last; objects: maybe none */
    CHAT__BUS_USER,     /* user: rooms, invitations, markers; read it anew */
    CHAT__BUS_SESSIONS, /* user: tokens, password, ban; look at them anew */
    CHAT__BUS_PRESENCE, /* user, state; repeated while it lasts */
    CHAT__BUS_TYPING,   /* room, user, objects: the event */
    CHAT__BUS_GUESS,    /* user: 64 bits of the hash of an account's name, for
                           which somebody has just given a wrong password */
    CHAT__BUS_SPENDING, /* user: the id of a user or an address; state: whose,
                           and of what; last: how many requests it had */
    CHAT__BUS_MISSED    /* never published: a bus tells its own core that
                           notices of others may have been lost until now */
};

struct chat__bus_notice {
    enum chat__bus_kind kind;
    const char *room;
    const char *epoch;
    uint64_t first;
    uint64_t last;
    const char
        *objects; /* NDJSON as clients get it; NULL: too long for a bus */
    size_t length;
    uint64_t user;
    /* PRESENCE: enum chat__presence, and SET when the user has asked for it
     * just now */
    unsigned int state;
};

#define CHAT__BUS_PRESENCE_SET 0x80u

struct chat__bus {
    const struct chat__bus_operations *operations;
};

struct chat__bus_operations {
    /* To all other tasks; copied. What cannot go now is dropped and counted. */
    void (*publish)(struct chat__bus *bus,
                    const struct chat__bus_notice *notice);
    /* Whether notices of others come at present. */
    bool (*listens)(const struct chat__bus *bus);
};

/* Where notices of other tasks go: chat__core_notice of server/core/core.h. */
struct chat__bus_sink {
    void (*notice)(void *context, const struct chat__bus_notice *notice);
    void *context;
};

#endif
