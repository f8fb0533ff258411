/* Shared by redis.c, redis_listen.c and redis_cache.c only. */
#ifndef CHAT_SERVER_BUS_REDIS_PRIVATE_H
#define CHAT_SERVER_BUS_REDIS_PRIVATE_H

#include "server/bus/packet.h"
#include "server/bus/redis.h"
#include "server/bus/redis_connection.h"
#include "server/table.h"

/* The newest packets of so many tasks are remembered. */
#define CHAT__REDIS_PEERS_MAX 256

struct chat__redis_peer {
    uint64_t task;
    uint64_t number; /* of its last packet */
    uint64_t used;   /* grows with each use */
};

struct chat__redis_cache_call;

struct chat__redis_cache_calls {
    struct chat__redis_cache_call *first;
    struct chat__redis_cache_call **last;
};

struct chat__redis_cache {
    struct chat__cache base;
    struct chat__redis_cache_calls sent;    /* replies come in this order */
    struct chat__redis_cache_calls refused; /* UNKNOWN at the next turn */
    size_t count;                           /* of both */
    uv_timer_t timer;
    bool closed;
};

struct chat__redis {
    struct chat__bus bus;
    struct chat__redis_cache cache;
    struct chat__redis_options options;
    struct chat__redis_tls_context *tls; /* NULL: none */
    struct chat__sealer *sealer;         /* NULL: not started */
    struct chat__redis_connection *listener;
    struct chat__redis_connection *commands;
    char channel[80];
    struct chat__packet packet;
    uint64_t task;
    uint64_t number;
    struct chat__redis_peer peers[CHAT__REDIS_PEERS_MAX];
    size_t peer_count;
    uint64_t peer_uses;
    struct chat__redis_counts counts;
    uv_timer_t beat;
    uint64_t published_ms;
    uint64_t heard_ms; /* this task's own packet */
    uint64_t stood_ms; /* since when both connections stand */
    bool subscribed;
    bool signed_in; /* for commands */
    bool heard;     /* since both connections stand */
    bool reported;  /* something, which was: */
    bool reached;
    bool finishing;
    uint64_t finish_ms;
};

/* redis_listen.c: what comes over the listening connection. */
bool chat__redis_listener_start(struct chat__redis *redis);

/*
 * redis.c: settle says whether the whole way works, if that has changed; `why`
 * NULL: nothing was lost. Stand is for when a connection came to stand.
 */
void chat__redis_settle(struct chat__redis *redis, const char *why);
void chat__redis_stand(struct chat__redis *redis);

/* redis_cache.c: close answers all calls. */
void chat__redis_cache_init(struct chat__redis *redis);
void chat__redis_cache_close(struct chat__redis *redis);

#endif
