#include "server/bus/redis_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A set of the cache with all its members is the largest reply. */
#define REPLY_BYTES_MAX    (4 * 1024 * 1024)
#define REPLY_ELEMENTS_MAX (2 * CHAT__CACHE_MEMBERS_MAX)

#define COMMAND_BYTES_MAX (CHAT__PACKET_BYTES_MAX + 1024)

#define TICK_MS 500

_Static_assert(CHAT__CACHE_MEMBERS_MAX *(CHAT__CACHE_MEMBER_BYTES_MAX +
                                         CHAT__SEAL_BYTES) <= REPLY_BYTES_MAX,
               "a set is a reply");

/* ---- whether the whole way works ---- */

bool chat__redis_is_reached(const struct chat__redis *redis)
{
    return redis->subscribed && redis->signed_in && redis->heard;
}

void chat__redis_settle(struct chat__redis *redis, const char *why)
{
    bool reached = chat__redis_is_reached(redis);

    if (!reached && why == NULL)
        return; /* while it begins there is nothing to say yet */
    if (redis->reported && reached == redis->reached)
        return;
    redis->reported = true;
    redis->reached = reached;
    redis->options.report(redis->options.context, reached ? NULL : why);
}

static bool listens(const struct chat__bus *bus)
{
    const struct chat__redis *redis =
        CHAT__CONTAINER(bus, const struct chat__redis, bus);

    return chat__redis_is_reached(redis);
}

/* ---- to publish ---- */

struct publication {
    struct chat__redis *redis;
    size_t count; /* of notices */
};

static void on_published(void *context, const struct chat__redis_reply *reply)
{
    struct publication *publication = context;
    struct chat__redis *redis = publication->redis;
    char word[CHAT__REDIS_WORD_BYTES], why[80];

    if (reply != NULL && reply->kind == CHAT__REDIS_INTEGER) {
        redis->counts.sent += publication->count;
    } else {
        redis->counts.dropped += publication->count;
    }
    if (reply != NULL && reply->kind == CHAT__REDIS_ERROR) {
        chat__redis_error_word(reply, word);
        snprintf(why, sizeof why, "it refuses PUBLISH: %s", word);
        chat__redis_connection_break(redis->commands, why);
    }
    free(publication);
}

static bool send_sealed(struct chat__redis *redis,
                        struct publication *publication)
{
    const struct chat__packet *packet = &redis->packet;
    const char *const words[] = {"PUBLISH", redis->channel,
                                 packet->buffer.data};
    const size_t lengths[] = {strlen("PUBLISH"), strlen(redis->channel),
                              packet->buffer.length};
    struct chat__buffer command;
    bool sent;

    chat__buffer_init(&command, COMMAND_BYTES_MAX);
    chat__redis_command(&command, 3, words, lengths);
    sent = chat__redis_connection_send(redis->commands, &command, 1,
                                       on_published, publication);
    chat__buffer_release(&command);
    return sent;
}

/* All notices that wait, or none: then it is only to be heard. */
static void send_packet(struct chat__redis *redis)
{
    struct publication *publication = malloc(sizeof *publication);
    size_t count = redis->packet.count;

    if (publication != NULL)
        *publication = (struct publication){.redis = redis, .count = count};
    if (publication == NULL ||
        !chat__packet_seal(&redis->packet, redis->sealer, redis->channel,
                           redis->task, ++redis->number) ||
        !send_sealed(redis, publication)) {
        free(publication);
        redis->counts.dropped += count;
    }
    redis->published_ms = uv_now(redis->options.loop);
    chat__packet_clear(&redis->packet);
}

static void publish(struct chat__bus *bus,
                    const struct chat__bus_notice *notice)
{
    struct chat__redis *redis = CHAT__CONTAINER(bus, struct chat__redis, bus);

    if (!redis->signed_in) {
        redis->counts.dropped++;
        return;
    }
    if (chat__packet_add(&redis->packet, notice))
        return;
    send_packet(redis);
    if (!chat__packet_add(&redis->packet, notice))
        redis->counts.dropped++;
}

void chat__redis_flush(struct chat__redis *redis)
{
    if (redis->packet.count > 0)
        send_packet(redis);
}

/* ---- to be heard ---- */

static bool stands(const struct chat__redis *redis)
{
    return redis->subscribed && redis->signed_in;
}

void chat__redis_stand(struct chat__redis *redis)
{
    if (!stands(redis))
        return;
    redis->stood_ms = uv_now(redis->options.loop);
    send_packet(redis);
}

/* A listener may hang at a machine that is no part of it any more. */
static void look_for_echo(struct chat__redis *redis, uint64_t now)
{
    uint64_t since =
        redis->heard_ms > redis->stood_ms ? redis->heard_ms : redis->stood_ms;

    if (now - since < CHAT__REDIS_UNHEARD_MS)
        return;
    redis->stood_ms = now;
    chat__redis_connection_break(redis->listener,
                                 "it does not pass on what is published");
}

static void on_beat(uv_timer_t *timer)
{
    struct chat__redis *redis = timer->data;
    uint64_t now = uv_now(redis->options.loop);

    if (!stands(redis) || redis->finishing)
        return;
    if (now - redis->published_ms >= CHAT__REDIS_BEAT_MS)
        send_packet(redis);
    look_for_echo(redis, now);
}

/* ---- the connection for commands ---- */

static void on_ready(void *context)
{
    struct chat__redis *redis = context;

    redis->signed_in = true;
    chat__redis_stand(redis);
}

static void on_lost(void *context, const char *why)
{
    struct chat__redis *redis = context;

    redis->counts.lost += redis->signed_in;
    redis->signed_in = redis->heard = false;
    redis->counts.dropped += redis->packet.count;
    chat__packet_clear(&redis->packet);
    chat__redis_settle(redis, why);
}

static bool start_commands(struct chat__redis *redis)
{
    const struct chat__redis_connection_options options = {
        .loop = redis->options.loop,
        .url = &redis->options.url,
        .tls = redis->tls,
        .limits = {.bytes_max = REPLY_BYTES_MAX,
                   .elements_max = REPLY_ELEMENTS_MAX},
        .fill = redis->options.fill,
        .ready = on_ready,
        .lost = on_lost,
        .context = redis,
    };

    redis->commands = chat__redis_connection_new(&options);
    return redis->commands != NULL;
}

/* ---- life ---- */

static const struct chat__bus_operations operations = {
    .publish = publish,
    .listens = listens,
};

static bool init(struct chat__redis *redis, char *message, size_t size)
{
    const struct chat__redis_options *options = &redis->options;
    int length = snprintf(redis->channel, sizeof redis->channel, "%sbus",
                          options->prefix);

    snprintf(message, size, "a long --table-prefix, or no random bytes");
    if (length < 0 || (size_t)length >= sizeof redis->channel ||
        !options->fill(NULL, &redis->task, sizeof redis->task))
        return false;
    if (!options->url.tls)
        return true;
    redis->tls = chat__redis_tls_context_new(options->ca_file, message, size);
    return redis->tls != NULL;
}

struct chat__redis *chat__redis_new(const struct chat__redis_options *options,
                                    char *message, size_t size)
{
    struct chat__redis *redis = calloc(1, sizeof *redis);

    if (redis == NULL) {
        snprintf(message, size, "out of memory");
        return NULL;
    }
    redis->bus.operations = &operations;
    redis->options = *options;
    chat__packet_init(&redis->packet);
    if (!init(redis, message, size)) {
        chat__redis_free(redis);
        return NULL;
    }
    uv_timer_init(options->loop, &redis->beat);
    redis->beat.data = redis;
    chat__redis_cache_init(redis);
    return redis;
}

bool chat__redis_start(struct chat__redis *redis,
                       const unsigned char key[CHAT__SEAL_KEY_BYTES])
{
    redis->sealer = chat__sealer_new(key);
    if (redis->sealer == NULL || !chat__redis_listener_start(redis) ||
        !start_commands(redis))
        return false;
    uv_timer_start(&redis->beat, on_beat, TICK_MS, TICK_MS);
    return true;
}

struct chat__bus *chat__redis_bus(struct chat__redis *redis)
{
    return &redis->bus;
}

struct chat__cache *chat__redis_cache(struct chat__redis *redis)
{
    return &redis->cache.base;
}

struct chat__redis_counts chat__redis_counts(const struct chat__redis *redis)
{
    return redis->counts;
}

void chat__redis_finish(struct chat__redis *redis)
{
    redis->finishing = true;
    redis->finish_ms = uv_now(redis->options.loop);
    chat__redis_flush(redis);
}

bool chat__redis_is_finished(const struct chat__redis *redis)
{
    return !redis->signed_in ||
           chat__redis_connection_is_idle(redis->commands) ||
           uv_now(redis->options.loop) - redis->finish_ms >=
               CHAT__REDIS_FINISH_MS;
}

void chat__redis_close(struct chat__redis *redis)
{
    if (redis == NULL)
        return;
    redis->subscribed = redis->signed_in = false;
    chat__redis_connection_close(redis->listener);
    chat__redis_connection_close(redis->commands);
    redis->listener = redis->commands = NULL;
    chat__redis_cache_close(redis);
    uv_close((uv_handle_t *)&redis->beat, NULL);
}

void chat__redis_free(struct chat__redis *redis)
{
    if (redis == NULL)
        return;
    chat__packet_release(&redis->packet);
    chat__sealer_free(redis->sealer);
    chat__redis_tls_context_free(redis->tls);
    explicit_bzero(&redis->options.url, sizeof redis->options.url);
    free(redis);
}
