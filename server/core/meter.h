/*
 * Buckets of those who outlive their connections: addresses, and names that
 * somebody signs in with. Without them a stranger would get full buckets by
 * coming again.
 *
 * A meter is found by scope and 64 bits of the SHA-256 of its name, which all
 * tasks know it by; two names with the same would share a meter. It is held
 * by references; without one it is idle and stays until its buckets are full
 * again, at most CHAT__METERS_IDLE_MAX of them: beyond, the one that is idle
 * longest is forgotten.
 */
#ifndef CHAT_SERVER_CORE_METER_H
#define CHAT_SERVER_CORE_METER_H

#include "server/core/rate.h"
#include "server/core/state.h"

#define CHAT__METERS_IDLE_MAX 65536

struct chat__meter {
    struct chat__table_link link;
    struct chat__core *core;
    size_t references;
    enum chat__rate_scope scope;
    uint64_t id;
    struct chat__buckets buckets;
    struct chat__meter *previous; /* in the core's list of idle ones */
    struct chat__meter *next;
};

/* The meter of a name's chat__name_id, referenced; NULL when memory is short.
 */
struct chat__meter *chat__meter_acquire(struct chat__core *core,
                                        enum chat__rate_scope scope,
                                        uint64_t id);
struct chat__meter *chat__meter_hold(struct chat__meter *meter); /* also NULL */
void chat__meter_release(struct chat__meter *meter); /* NULL is fine */

/* Forgets those idle longest, up to one whose buckets are not full; each tick
 * does. */
void chat__meters_sweep(struct chat__core *core);

/* Forgets all; none may be held. */
void chat__meters_release(struct chat__core *core);

#endif
