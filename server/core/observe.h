/*
 * The core's side of observer.h: what is noted of a request on its way, so that
 * observers can be told in the end. Without observers nothing is.
 */
#ifndef CHAT_SERVER_CORE_OBSERVE_H
#define CHAT_SERVER_CORE_OBSERVE_H

#include "server/core/observer.h"
#include "server/core/state.h"

#include "protocol/reply.h"

struct chat__committed;
struct chat__hello_operation;
struct chat__operation;
struct chat__room;

/* A context that connections and operations share, by counted references. */
struct chat__remote {
    size_t references;
    struct chat__remote_context context;
};

/* NULL for NULL, and when memory is short: names are then the core's own. */
struct chat__remote *
chat__remote_new(const struct chat__remote_context *context);
struct chat__remote *chat__remote_hold(struct chat__remote *remote);
void chat__remote_release(struct chat__remote *remote); /* also NULL */

/* What an operation remembers of itself. */
struct chat__observation {
    bool watched; /* a client asked, and somebody watches */
    bool answered;
    bool dup;
    bool has_id;
    enum chat__error_code result;
    uint32_t number;
    uint64_t connection;
    struct chat__remote *connection_remote; /* NULL: none */
    struct chat__remote *remote;            /* the request's; NULL: none */
    uint64_t seq;
    size_t bytes;
    int64_t store_began_us;
    int64_t store_asked_us;
    int64_t store_us;
    int64_t append_began_us;
    int64_t append_ended_us;
    size_t append_entries;
};

static inline bool chat__is_observed(const struct chat__core *core)
{
    return core->options.observers != NULL;
}

/* Now, or 0 when nobody watches. */
static inline int64_t chat__observe_now(const struct chat__core *core)
{
    return chat__is_observed(core) ? chat__monotonic_us(core) : 0;
}

/* An operation's way: it begins, is answered, makes an entry, ends. */
void chat__observe_begin(struct chat__operation *operation, size_t bytes,
                         const struct chat__remote_context *remote);
void chat__observe_answer(struct chat__operation *operation,
                          const struct chat__reply *reply);
void chat__observe_entry(struct chat__operation *operation,
                         const struct chat__committed *entry);
void chat__observe_end(struct chat__operation *operation);

/* Around what it asks of the store. */
void chat__observe_store_asked(struct chat__operation *operation,
                               int64_t now_us);
void chat__observe_store_answered(struct chat__operation *operation,
                                  int64_t now_us);

/* Its entry is one of so many that the store was asked to append, and did. */
void chat__observe_append(struct chat__operation *operation, size_t entries,
                          int64_t began_us, int64_t ended_us);

void chat__observe_delivered(const struct chat__room *room, uint64_t first,
                             uint64_t last, uint64_t connections,
                             int64_t began_us);

/* A request that became no operation. `room` may be NULL; `action_is_known`:
 * it could be read. */
void chat__observe_refusal(struct chat__connection *connection,
                           const struct chat__request *request,
                           bool action_is_known, const char *room,
                           const struct chat__error *error, size_t bytes,
                           const struct chat__remote_context *remote);

void chat__observe_opened(const struct chat__connection *connection,
                          const unsigned char *address);
void chat__observe_closed(const struct chat__connection *connection,
                          unsigned int code, const char *reason);
void chat__observe_sign_in(const struct chat__hello_operation *hello,
                           size_t resumed);

#endif
