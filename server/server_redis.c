/*
 * The bus and the cache over a Redis: what they need of the process. The key by
 * which tasks seal is asked of the tables first; until it is there, and
 * whenever the Redis is not, the server does without.
 */
#include "server/server_private.h"

#include "server/bus/redis.h"
#include "server/environment.h"
#include "server/store/dynamodb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_WAIT_MIN_MS 1000
#define KEY_WAIT_MAX_MS 30000

struct chat__server_redis {
    struct chat__redis *redis;
    uv_timer_t timer; /* until the tables are asked for the key again */
    uint64_t wait_ms;
    bool asking;
    bool told; /* that they do not give it */
    bool ending;
};

/* ---- what it has to say ---- */

static void report(void *context, const char *why)
{
    struct chat__server *server = context;
    struct chat__log_line line;

    if (server->redis->ending)
        return;
    chat__log_begin(&line, why == NULL ? CHAT__LOG_INFO : CHAT__LOG_WARNING,
                    why == NULL ? "redis_reached" : "redis_lost");
    if (why != NULL)
        chat__log_string(&line, "detail", why);
    chat__log_end(&line);
}

static void on_notice(void *context, const struct chat__bus_notice *notice)
{
    struct chat__server *server = context;

    if (!server->redis->ending)
        chat__core_notice(server->core, notice);
}

/* ---- the key ---- */

static void ask_for_key(struct chat__server *server);

static void on_timer(uv_timer_t *timer)
{
    ask_for_key(timer->data);
}

static void ask_later(struct chat__server *server)
{
    struct chat__server_redis *redis = server->redis;

    if (!redis->told)
        report(server, "the tables do not give the key for it");
    redis->told = true;
    uv_timer_start(&redis->timer, on_timer, redis->wait_ms, 0);
    redis->wait_ms *= 2;
    if (redis->wait_ms > KEY_WAIT_MAX_MS)
        redis->wait_ms = KEY_WAIT_MAX_MS;
}

static void on_key(void *context, const unsigned char *key)
{
    _Static_assert(CHAT__DYNAMODB_SHARED_KEY_BYTES == CHAT__SEAL_KEY_BYTES,
                   "the tables keep a key to seal with");
    struct chat__server *server = context;
    struct chat__server_redis *redis = server->redis;

    redis->asking = false;
    if (redis->ending)
        return;
    if (key == NULL)
        ask_later(server);
    else if (!chat__redis_start(redis->redis, key))
        report(server, "out of memory");
}

static void ask_for_key(struct chat__server *server)
{
    server->redis->asking = true;
    chat__dynamodb_shared_key(server->store, on_key, server);
}

/* ---- life ---- */

static bool open_redis(struct chat__server *server, char *message, size_t size)
{
    const struct chat__options *told = server->options;
    struct chat__redis_options options = {
        .loop = &server->loop,
        .ca_file = told->redis_ca,
        .prefix = told->table_prefix,
        .sink = {.notice = on_notice, .context = server},
        .fill = chat__random_fill,
        .report = report,
        .context = server,
    };
    const char *wrong = chat__redis_url_parse(&options.url, told->redis_url);

    if (wrong != NULL) {
        snprintf(message, size, "--redis-url %s", wrong);
        return false;
    }
    server->redis->redis = chat__redis_new(&options, message, size);
    explicit_bzero(&options.url, sizeof options.url);
    return server->redis->redis != NULL;
}

bool chat__server_open_redis(struct chat__server *server)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    if (server->options->redis_url == NULL)
        return true;
    server->redis = calloc(1, sizeof *server->redis);
    if (server->redis == NULL)
        return chat__server_log_failure("start_failed", "out of memory");
    uv_timer_init(&server->loop, &server->redis->timer);
    server->redis->timer.data = server;
    server->redis->wait_ms = KEY_WAIT_MIN_MS;
    if (!open_redis(server, message, sizeof message))
        return chat__server_log_failure("start_failed", message);
    ask_for_key(server);
    return true;
}

struct chat__bus *chat__server_bus(const struct chat__server *server)
{
    return server->redis == NULL ? NULL : chat__redis_bus(server->redis->redis);
}

struct chat__cache *chat__server_cache(const struct chat__server *server)
{
    return server->redis == NULL ? NULL
                                 : chat__redis_cache(server->redis->redis);
}

const char *chat__server_redis_detail(const struct chat__server *server)
{
    if (server->redis == NULL || chat__redis_is_reached(server->redis->redis))
        return NULL;
    return "not reachable, heads are polled";
}

static void set_as(struct chat__server *server, enum chat__metric metric,
                   int value, uint64_t number)
{
    chat__metrics_set(&server->metrics, (enum chat__metric)(metric + value),
                      number);
}

void chat__server_collect_redis(struct chat__server *server)
{
    struct chat__redis_counts counts;

    if (server->redis == NULL)
        return;
    counts = chat__redis_counts(server->redis->redis);
    chat__metrics_set(&server->metrics, CHAT__METRIC_REDIS_CONNECTED,
                      chat__redis_is_reached(server->redis->redis));
    chat__metrics_set(&server->metrics, CHAT__METRIC_REDIS_LOST, counts.lost);
    chat__metrics_set(&server->metrics, CHAT__METRIC_REDIS_REFUSED,
                      counts.refused);
    set_as(server, CHAT__METRIC_BUS_NOTICES, CHAT__NOTICES_SENT, counts.sent);
    set_as(server, CHAT__METRIC_BUS_NOTICES, CHAT__NOTICES_RECEIVED,
           counts.received);
    set_as(server, CHAT__METRIC_BUS_NOTICES, CHAT__NOTICES_DROPPED,
           counts.dropped);
    set_as(server, CHAT__METRIC_BUS_NOTICES, CHAT__NOTICES_IGNORED,
           counts.ignored);
    set_as(server, CHAT__METRIC_CACHE_ANSWERS, CHAT__CACHED_FOUND,
           counts.cache_found);
    set_as(server, CHAT__METRIC_CACHE_ANSWERS, CHAT__CACHED_MISSING,
           counts.cache_missing);
    set_as(server, CHAT__METRIC_CACHE_ANSWERS, CHAT__CACHED_UNKNOWN,
           counts.cache_unknown);
}

void chat__server_flush_redis(struct chat__server *server)
{
    if (server->redis != NULL)
        chat__redis_flush(server->redis->redis);
}

void chat__server_finish_redis(struct chat__server *server)
{
    struct chat__server_redis *redis = server->redis;

    if (redis == NULL)
        return;
    redis->ending = true;
    uv_timer_stop(&redis->timer);
    while (redis->asking)
        uv_run(&server->loop, UV_RUN_ONCE);
    if (redis->redis != NULL) {
        chat__redis_finish(redis->redis);
        while (!chat__redis_is_finished(redis->redis))
            uv_run(&server->loop, UV_RUN_ONCE);
    }
    chat__redis_close(redis->redis);
    uv_close((uv_handle_t *)&redis->timer, NULL);
}

void chat__server_free_redis(struct chat__server *server)
{
    if (server->redis == NULL)
        return;
    chat__redis_free(server->redis->redis);
    free(server->redis);
}
