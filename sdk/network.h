/*
 * The network thread: one for all handles of the process, with one
 * libwebsockets context. It starts with the first member and is joined with
 * the last.
 *
 * A member is embedded in a handle. Its `step` runs on the network thread
 * after it was woken, after each of its `due` times, and after the callbacks
 * of its sockets have woken it. All libwebsockets calls happen there; other
 * threads only wake.
 *
 * What libwebsockets shares with the whole process is left alone: SIGPIPE's
 * disposition is put back after its start. Its log level is set to nothing
 * while the thread runs if the program has left it at the default, and put
 * back at the end; a program that has set a level of its own keeps it.
 */
#ifndef CHAT_SDK_NETWORK_H
#define CHAT_SDK_NETWORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct lws_context;
struct chat__network;

/* Handles that may be connected at a time. */
#define CHAT__MEMBERS_MAX 1000

struct chat__member {
    /* Set before joining. */
    void (*step)(struct chat__member *member, uint64_t now);
    void (*end)(struct chat__member *member); /* it leaves; must not wait */
    /* Set by `step`: when to run again, UINT64_MAX: when woken. */
    uint64_t due;
    /* The network's. */
    struct chat__network *network;
    struct chat__member *next;
    atomic_bool woken;
    bool leaving;
};

/*
 * Joins, and starts the thread if need be. False: the system refused a
 * thread, memory or descriptors, or there are CHAT__MEMBERS_MAX.
 */
bool chat__network_join(struct chat__member *member);

/*
 * Leaves. When it returns `end` has run, and no callback runs or will run.
 * Not from the network thread.
 */
void chat__network_leave(struct chat__member *member);

/* Any thread, while the member has joined. Never blocks. */
void chat__network_wake(struct chat__member *member);

/* For use on the network thread: step it when the running callback is over. */
void chat__network_step_soon(struct chat__member *member);

/* For use on the network thread. */
struct lws_context *chat__network_context(const struct chat__member *member);

#endif
