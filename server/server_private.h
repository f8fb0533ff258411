/*
 * What the files of the server share: server.c has the loop, server_open.c
 * makes the parts, server_stop.c ends them, server_reload.c renews them,
 * server_health.c says how they are.
 *
 * A part is NULL until it was opened and is freed by chat__server_free, each
 * before what it stands on. Loop thread only, unless said otherwise.
 */
#ifndef CHAT_SERVER_SERVER_PRIVATE_H
#define CHAT_SERVER_SERVER_PRIVATE_H

#include "server/account/account.h"
#include "server/account/password.h"
#include "server/account/skeleton.h"
#include "server/bus/cache.h"
#include "server/completion_queue.h"
#include "server/control/control.h"
#include "server/core/core.h"
#include "server/deadline.h"
#include "server/front/front.h"
#include "server/inherit.h"
#include "server/ops/health.h"
#include "server/ops/metrics_emf.h"
#include "server/options/options.h"
#include "server/server.h"
#include "server/server_gateway.h"
#include "server/store/metered.h"
#include "server/store/store.h"

#include <stdbool.h>
#include <uv.h>

#define CHAT__SERVER_MESSAGE_BYTES 512

struct chat__server_health {
    struct chat__health record;
    struct chat__store_probe probe;
    bool probing;      /* the store has the probe ... */
    int64_t probed_ms; /* ... and this is when it got it; monotonic */
};

/* What server_metrics.c keeps beside the numbers. */
struct chat__server_meter {
    struct chat__metered_store store; /* the core's, over the real one */
    uint64_t passwords_waiting;
    uint64_t descriptors; /* open before there were clients */
    struct chat__metrics_emf emf;
    uv_timer_t emf_timer;
    uv_timer_t lag;
    int64_t lag_due_us;
    int64_t worked_us; /* when the pass began: without waiting for events */
};

struct chat__server {
    struct chat__options *options;
    uv_loop_t loop;
    bool loop_is_open;
    struct chat__completion_queue completions;
    bool completions_are_open;
    struct chat__metrics metrics;
    struct chat__server_meter meter;
    struct chat__store *store;
    char *store_path;                       /* NULL: the store is no file */
    struct chat__server_dynamodb *dynamodb; /* NULL: it is one */
    struct chat__server_gateway *gateway;   /* NULL: there is none */
    struct chat__skeletons *skeletons;
    struct chat__passwords *passwords;
    struct chat__accounts accounts; /* over the two */
    struct chat__core *core;
    struct chat__front *front;
    struct chat__control *control;
    struct chat__server_traces *traces;        /* NULL: nobody wants them */
    struct chat__server_redis *redis;          /* NULL: nobody wants it */
    const struct chat__observer *observers[3]; /* of the core, then NULL */
    struct chat__inherited inherited;          /* until the front has them */
    char address[INET6_ADDRSTRLEN];            /* where clients connect */
    bool raw_writes;                           /* of the library hold */
    char task[17];
    struct chat__server_health health;
    uint64_t started_ms; /* by the loop */

    uv_async_t wake;      /* completions wait */
    uv_prepare_t prepare; /* before the loop waits ... */
    uv_check_t check;     /* ... and after it has served */
    uv_timer_t tick;
    uv_timer_t gathered; /* ends the wait of requests for others */
    uv_timer_t patience; /* of a drain */
    uv_signal_t terminate, interrupt, hang_up;
    struct chat__deadline deadline; /* of the whole stop */
    bool draining;
    bool handed_over;
    bool all_told; /* and the last moment runs */
    bool cut_short;
};

/* server_open.c: false when a part cannot be; the log says why. */
bool chat__server_open(struct chat__server *server);
/* What the parts are told of the options that may change while they serve. */
struct chat__core_settings
chat__server_core_settings(const struct chat__options *options);
struct chat__front_settings
chat__server_front_settings(const struct chat__options *options);
void chat__server_log_listening(const struct chat__server *server);
/* Always false. */
bool chat__server_log_failure(const char *event, const char *detail);
int64_t chat__server_wall_ms(void *context);

/*
 * server_health.c: for the front, whose context is the server; and what must
 * be looked after though nobody asks.
 */
bool chat__server_is_ready(void *context);
bool chat__server_page(void *context, const char *path, size_t length,
                       struct chat__ops_page *page);
void chat__server_health_tick(struct chat__server *server);

/* server_metrics.c: the text of /metrics; `context` is the server. */
void chat__server_write_metrics(void *context, struct chat__buffer *body);
int64_t chat__server_now_us(void *context); /* monotonic */
/* Each once: with the loop, once there is a store, once all is open. */
void chat__server_meter_init(struct chat__server *server);
void chat__server_meter_store(struct chat__server *server);
void chat__server_meter_start(struct chat__server *server);
/* A job on its way to its thread. */
void chat__server_meter_password(struct chat__server *server,
                                 struct chat__password_job *job);
/* What --emf has to say at the end. */
void chat__server_meter_end(struct chat__server *server);
/* Before the loop waits. */
void chat__server_meter_pass(struct chat__server *server);

/*
 * server_traces.c: open is false when it cannot be, and the log says why.
 * Finish sends the last spans, for which it runs the loop a little; close frees
 * what the loop then has no more handles of.
 */
bool chat__server_open_traces(struct chat__server *server);
/* NULL: nobody watches. */
const struct chat__observer *
chat__server_trace_observer(const struct chat__server *server);
/* Sets the metrics of what was sent. */
void chat__server_collect_traces(struct chat__server *server);
void chat__server_reload_traces(struct chat__server *server, double sample);
void chat__server_flush_traces(struct chat__server *server);
void chat__server_finish_traces(struct chat__server *server);
void chat__server_close_traces(struct chat__server *server);

/*
 * server_redis.c: open is false when it cannot be, and the log says why. Finish
 * sends what waits, for which it runs the loop a little: it comes when the core
 * publishes no more, and before the store is closed. Free comes when the loop
 * has no more handles of it.
 */
bool chat__server_open_redis(struct chat__server *server);
/* NULL: there is none. */
struct chat__bus *chat__server_bus(const struct chat__server *server);
struct chat__cache *chat__server_cache(const struct chat__server *server);
/* NULL: it works, or there is none. */
const char *chat__server_redis_detail(const struct chat__server *server);
void chat__server_collect_redis(struct chat__server *server);
void chat__server_flush_redis(struct chat__server *server);
void chat__server_finish_redis(struct chat__server *server);
void chat__server_free_redis(struct chat__server *server);

/* server_stop.c */
void chat__server_watch_signals(struct chat__server *server);
/*
 * Tells clients to go within `spread_s`, and ends the loop once they have; 0
 * closes them at once.
 */
void chat__server_drain(struct chat__server *server, const char *why,
                        uint32_t spread_s);

/* After each loop pass: ends the loop when a drain has come to its end. */
void chat__server_end_drain(struct chat__server *server);

/* Leaves the listening sockets to another process, and drains at once. */
void chat__server_hand_over(struct chat__server *server);

/*
 * server_reload.c: loads the options anew, from where they came, and takes over
 * what may change. False, with a sentence in `message`, when something is
 * wrong; then all stays as it was. The log has it in either case.
 */
bool chat__server_reload(struct chat__server *server, char *message,
                         size_t size);

#endif
